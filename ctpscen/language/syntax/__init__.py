"""Text to tree: tokens, the grammar and its automaton, the tree, and the layout that `fmt` writes."""
