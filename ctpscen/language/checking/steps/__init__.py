"""Checking steps: who may do them, what their parts mean, and which names they give a value."""
