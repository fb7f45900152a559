"""What keeps a live run from harm: permits, locks, masked secrets, and the clean-up."""
