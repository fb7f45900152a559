"""A front, an exchange and a ledger that answer as CTP does, in virtual time."""
