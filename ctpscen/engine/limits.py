"""How much a scenario may take of the machine that it runs on. Whatever needs more has lost its way."""

STEPS_AT_ONE_TIME = 1_000_000
"""Steps in which the clock does not move."""

EVENTS = 2_000_000
"""Events of the journal, which are all kept until the scenario has ended."""

TEXT = 1_000_000
"""Characters of one text."""

LIST = 1_000_000
"""Elements of one list."""

BITS = 1024
"""Binary digits of a whole number: beyond them there is no number with a fraction of that size either."""

DAYS = 3650
"""Days of the trading clock that a step may wait."""
