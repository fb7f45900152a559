"""The one loop that moves a scenario: it looks whether what is waited for has come, and if not, lets time pass.

The environment alone moves time. The loop asks it to let the next thing happen, but not beyond the next time at
which somebody wants to be woken: the wait's deadline, a session's, the scenario's.
"""

from collections.abc import Generator
from typing import Any

from ctpscen.ctp.times import spoken_duration
from ctpscen.engine.frame import Run
from ctpscen.engine.outcomes import Failed
from ctpscen.engine.waits import Wait


def drive(run: Run, steps: Generator[Wait, bool, Any], budget: int | None) -> None:
    """Runs to the end of the steps, or raises the outcome that ends them.

    `budget` is the time that they may take in all, in microseconds.
    """
    end = None if budget is None else run.now + budget
    try:
        wait = next(steps)
        while True:
            came = _await(run, wait, end)
            if run.violation is not None:
                raise run.violation
            if not came and end is not None and run.now >= end and (wait.deadline is None or wait.deadline > end):
                assert budget is not None
                message = f"the scenario took longer than {spoken_duration(budget)}"
                raise Failed(reason=message)
            wait = steps.send(came)
    except StopIteration:
        if run.violation is not None:
            raise run.violation from None
    finally:
        steps.close()


def _await(run: Run, wait: Wait, end: int | None) -> bool:
    """True as soon as the wait is over, False at its deadline or the end."""
    environment, actors, ready = run.environment, list(run.actors.values()), wait.ready
    seen = -1
    while True:
        if run.changes != seen:
            seen = run.changes
            if run.violation is not None or ready():
                return True
        limits = [wait.deadline, end]
        limits += [actor.session.deadline() for actor in actors]
        known = [limit for limit in limits if limit is not None]
        if environment.advance(min(known) if known else None):
            continue
        if not _wake(run):
            return ready()


def _wake(run: Run) -> bool:
    """Wakes the sessions whose time has come; False where there is none."""
    woken = False
    for actor in run.actors.values():
        deadline = actor.session.deadline()
        if deadline is not None and deadline <= run.now:
            actor.wake()
            run.changed()
            woken = True
    return woken
