"""A limit of wall time on a scenario in which only virtual time passes: one that has lost its way is ended."""

from __future__ import annotations  # types alone

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

from ctpscen.engine.state.outcomes import ScenarioError

CLEANING_UP = 60.0
"""Seconds that `after` has once the limit was reached."""


class OutOfTime(ScenarioError):
    """The limit was reached."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises OutOfTime inside the block once it has taken so long; 0 is without limit.

    It works on the main thread, and where the system has timers for processes: not on Windows.
    """
    if not seconds or not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def over(_: int, __: FrameType | None) -> NoReturn:
        raise OutOfTime(reason=f"it took longer than {seconds:g} s of wall time, which --time-limit allows")

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds, CLEANING_UP)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
