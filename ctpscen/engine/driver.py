"""The one loop that moves a scenario: it looks whether what is waited for has come, and if not, lets time pass.

The environment alone moves time. The loop asks it to let the next thing happen, but not beyond the next time at
which somebody wants to be woken: the wait's deadline, a session's, the scenario's.
"""

from collections.abc import Sequence

from ctpscen.client.session import Session
from ctpscen.ctp.times import spoken_duration
from ctpscen.engine.state.context import Run
from ctpscen.engine.state.outcomes import Failed
from ctpscen.engine.state.waits import Nested, Wait, Waiting


def drive(run: Run, steps: Waiting, budget: int | None, what: str = "the scenario") -> None:
    """Runs to the end of the steps, or raises the outcome that ends them.

    `budget` is the time that they may take in all, in microseconds; `what` they are called when they take longer.
    """
    end = None if budget is None else run.now + budget
    stack, answer, raised = [steps], None, None
    try:
        while stack:
            try:
                wanted = stack[-1].send(answer) if raised is None else stack[-1].throw(raised)
            except StopIteration as over:
                stack.pop()
                answer, raised = over.value, None
            except Exception as error:
                stack.pop()
                if not stack:
                    raise
                raised = error
            else:
                raised = None
                if isinstance(wanted, Nested):
                    stack.append(wanted.part)
                    answer = None
                else:
                    answer = _await(run, wanted, end)
                    if run.violation is not None:
                        raise run.violation
                    late = end is not None and run.now >= end and (wanted.deadline is None or wanted.deadline > end)
                    if late and not answer:
                        raise _took_too_long(run, what, budget or 0)
        if run.violation is not None:
            raise run.violation
    finally:
        for part in reversed(stack):
            part.close()


def _took_too_long(run: Run, what: str, budget: int) -> Failed:
    message = f"{what} took longer than {spoken_duration(budget)}"
    located = None if run.place is None else run.place.located("R624", message, label="this step was not done")
    return Failed(located, message)


def _await(run: Run, wait: Wait, end: int | None) -> bool:
    """True as soon as the wait is over, False at its deadline or the end."""
    environment, sessions, ready = run.environment, [actor.session for actor in run.actors.values()], wait.ready
    seen, limit = -1, None
    while True:
        if run.changes != seen or wait.on_venue:
            run.check_size()
            seen = run.changes
            if run.violation is not None or ready():
                return True
            limit = _earliest(wait.deadline, end, sessions)
        if not environment.advance(limit) and not _wake(run):
            return ready()


def _earliest(deadline: int | None, end: int | None, sessions: Sequence[Session]) -> int | None:
    """When somebody next wants to be woken; None where nobody does. It stays so until something has changed."""
    earliest = end if deadline is None or (end is not None and end < deadline) else deadline
    for session in sessions:
        wanted = session.deadline()
        if wanted is not None and (earliest is None or wanted < earliest):
            earliest = wanted
    return earliest


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
