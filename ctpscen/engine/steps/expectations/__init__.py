"""Expectations: what must come, what must not, what must be so."""
