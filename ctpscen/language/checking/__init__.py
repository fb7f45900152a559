"""Tree to checked program: every mistake that can be found without running."""
