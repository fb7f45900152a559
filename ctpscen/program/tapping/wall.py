"""The time of a live run: the wall's, whoever asks, in the trading clock's microseconds."""

import time
from typing import ClassVar

from attrs import define, field

from ctpscen.program.pacing.pacer import BEIJING, MICROSECOND


@define(eq=False)
class WallWorld:
    """What the pacer of live programs moves: nothing, because time passes by itself and nothing happens in it.

    `base` is what the trading clock is ahead of the machine's monotonic one, in microseconds.
    """

    base: int = field(factory=lambda: (time.time_ns() + BEIJING - time.monotonic_ns()) // MICROSECOND)

    set_ahead: ClassVar[int] = 0

    @property
    def now(self) -> int:
        return self.time_of(time.monotonic_ns())

    def time_of(self, moment: int) -> int:
        """The trading clock's time of a moment of the monotonic clock, in nanoseconds."""
        return self.base + moment // MICROSECOND

    def next_time(self) -> None:
        """Nothing happens by itself."""

    def step(self) -> None:
        """There is nothing to do."""

    def rest_until(self, _: int) -> None:
        """Time passes by itself."""
