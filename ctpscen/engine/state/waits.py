"""What a step waits for. The interpreter yields waits; one driver loop resumes it."""

from collections.abc import Callable, Generator
from typing import Any

from attrs import define

Ready = Callable[[], bool]


def never() -> bool:
    return False


@define(eq=False, repr=False)
class Wait:
    """Until something is so, or a time comes.

    `ready` is asked at the start and after every event of a session or a program; with `on_venue`, after anything that
    happens at the venue, too. `deadline` is in microseconds by the trading clock, None for
    no end; `ready` may bring it forward. The interpreter is resumed with True where `ready` was so, with False at the
    deadline.
    """

    ready: Ready = never
    deadline: int | None = None
    on_venue: bool = False


@define(eq=False, repr=False)
class Nested:
    """A part that is to be done now, on the driver's stack and not on Python's: calls may be a hundred deep.

    The interpreter is resumed with what the part returns, or with what it raises.
    """

    part: "Waiting"


Waiting = Generator[Wait | Nested, Any, Any]
"""A part of the interpreter that takes time. What it returns is its value."""


def nothing() -> Waiting:
    """A part that takes no time."""
    yield from ()


def wait(wanted: Wait) -> Waiting:
    """A part that is a wait and nothing else; its value is whether what was waited for came."""
    return (yield wanted)
