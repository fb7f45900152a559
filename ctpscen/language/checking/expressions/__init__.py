"""Checking expressions: what each name means, and whether the types go together."""
