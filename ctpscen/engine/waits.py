"""What a step waits for. The interpreter yields waits; one driver loop resumes it."""

from collections.abc import Callable, Generator
from typing import Any

from attrs import define

Ready = Callable[[], bool]


def never() -> bool:
    return False


@define(eq=False)
class Wait:
    """Until something is so, or a time comes.

    `ready` is asked at the start and after every event. `deadline` is in microseconds by the trading clock, None for
    no end; `ready` may bring it forward. The interpreter is resumed with True where `ready` was so, with False at the
    deadline.
    """

    ready: Ready = never
    deadline: int | None = None


Waiting = Generator[Wait, bool, Any]
"""A part of the interpreter that takes time. What it returns is its value."""
