"""Expressions, conditions and patterns, compiled to closures."""
