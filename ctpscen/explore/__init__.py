"""Exploring: each scenario again and again, with faults that it does not name, until an invariant breaks.

A *trial* is one run with a plan of faults. What is found is shrunk to a plan as short as can be, which replays it.
"""
