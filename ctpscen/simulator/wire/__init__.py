"""From a client's API object to the front: the API, the path, and what a scenario does to reports on it."""
