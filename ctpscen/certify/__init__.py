"""A broker's functional test of a trading program: its points, how they are run, the evidence, and the forms."""
