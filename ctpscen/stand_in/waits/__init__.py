"""Python's clocks and waits in the venue's time: they last as long as the venue says, and who waits is known."""
