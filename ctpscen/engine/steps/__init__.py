"""What each step does, one module a family."""
