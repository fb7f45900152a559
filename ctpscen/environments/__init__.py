"""What a scenario runs against: the simulated venue, or live fronts."""
