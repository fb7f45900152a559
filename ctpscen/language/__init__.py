"""The .scn language: text to tree to checked tree, and diagnostics. Knows nothing of sessions, time or terminals."""
