"""Waiting for a condition, and looking at it no more often than it can have changed."""

from ctpscen.ctp.times import MILLISECOND
from ctpscen.engine.expressions.conditions import Condition
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.waits import Wait, Waiting

CLOCK_INTERVAL = 100 * MILLISECOND
"""How often a condition that reads the clock is looked at."""


def await_condition(context: Context, condition: Condition, deadline: int) -> Waiting:
    """True as soon as the condition holds, False where it does not by the deadline.

    It is looked at now, after every report of any session, and once more at the deadline. One that asks the front is
    asked again only after a report that the acting session got: what others hear is no concern of its account.
    """
    run, compiled = context.run, condition.compiled
    asks, times = compiled.asks or compiled.runs, compiled.times
    history = context.acting.inbox.history if asks else None
    while True:
        seen, changes = (len(history) if history is not None else 0), run.changes
        if (yield from condition.holds(context)):
            return True
        if run.now >= deadline:
            return False
        until = deadline
        if times:
            until = min(until, run.now + CLOCK_INTERVAL)
        if history is not None:
            yield Wait(lambda seen=seen: len(history) > seen, until)  # type: ignore[misc]
        else:
            yield Wait(lambda changes=changes: run.changes > changes, until)  # type: ignore[misc]
