"""What must hold whatever happens to the messages of a run: invariants, and when they are judged."""
