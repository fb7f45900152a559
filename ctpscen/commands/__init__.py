"""The commands, one a module; each is imported only when it is used.

`execute` of each takes the parsed command line and gives one of these exit codes.
"""

PASSED, FAILED, USAGE, ERROR, BLOCKED, NOTHING_SELECTED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
