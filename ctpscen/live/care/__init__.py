"""What keeps a live run from harm: permits, locks, keys of orders, masked secrets, and the clean-up."""
