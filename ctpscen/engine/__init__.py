"""Runs a checked scenario: interpreter, inbox and expectations, waits, verdicts, journal."""
