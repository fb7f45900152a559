"""Running many scenarios: which, in what order, with which seeds, in how many processes."""
