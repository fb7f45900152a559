"""Money and positions of one account."""
