"""Steps of trading: orders, what takes several of them, queries, and any request as it is."""
