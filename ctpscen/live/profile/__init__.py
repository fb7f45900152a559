"""Whom a live run logs in as, and where: profiles, their import, addresses, secrets."""
