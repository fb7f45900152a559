"""The venue's time: a page of memory that ctpscen writes (`ctpscen/program/native/clock.c` reads the same).

The machine's monotonic clock is at `real_base` where the venue's is at `venue_base`, and from there the venue's runs at
`speed`. Times are nanoseconds of the program's monotonic clock; its real-time clock is `realtime_offset` ahead of it.
"""

import mmap
import os
import struct
import time

NEVER = 2**63 - 1
MOST_SECONDS = 100_000.0
"""No wait of the machine's is longer; who waits longer begins anew."""

_MAGIC, _LAYOUT, _SIZE = 0x43505443, 1, 4096
_PAGE = struct.Struct("=IIIIqqqd")
_MOST_TRIES = 1000

_real_now = time.monotonic_ns
_real_time = time.time_ns


class Clock:
    """The machine's own clock, for a program that keeps it."""

    def now(self) -> int:
        """The time on the monotonic clock."""
        return _real_now()

    def time(self) -> int:
        """The time on the real-time clock."""
        return _real_time()

    def seconds_until(self, deadline: int) -> float:
        """Seconds of the machine's clock until then, or fewer; -1 where it does not come by itself."""
        if deadline == NEVER:
            return -1
        return min(max(0.0, (deadline - _real_now()) / 1e9), MOST_SECONDS)


class VenueClock(Clock):
    """The clock of a run. Raises OSError and ValueError where there is none."""

    def __init__(self, path: str) -> None:
        with open(path, "rb") as stream:
            self._page = mmap.mmap(stream.fileno(), _SIZE, access=mmap.ACCESS_READ)
        magic, layout, _, jumps, *_ = self._read()
        if (magic, layout) != (_MAGIC, _LAYOUT):
            raise ValueError(f"{path} is not a clock of this version of ctpscen")
        self.jumps = bool(jumps)

    def now(self) -> int:
        return self._now(self._read())

    def time(self) -> int:
        page = self._read()
        realtime_offset: int = page[6]
        return self._now(page) + realtime_offset

    def seconds_until(self, deadline: int) -> float:
        if deadline == NEVER:
            return -1
        page = self._read()
        left = deadline - self._now(page)
        speed = page[7] or 1.0  # it stands still, and may run at any moment; it is told when it jumps
        return min(max(0.0, left / 1e9 / speed), MOST_SECONDS)

    @staticmethod
    def _now(page: tuple[int, int, int, int, int, int, int, float]) -> int:
        real_base, venue_base, speed = page[4], page[5], page[7]
        if speed <= 0:
            return venue_base
        passed = _real_now() - real_base
        return venue_base + (passed if speed == 1 else int(passed * speed))

    def _read(self) -> tuple[int, int, int, int, int, int, int, float]:
        """What the page says, all of one moment. One who died while it wrote must not hold anybody up."""
        for _ in range(_MOST_TRIES):
            before = self._page[8:12]
            page = _PAGE.unpack_from(self._page)
            if not before[0] & 1 and before == self._page[8:12]:
                break
        return page


def clock() -> Clock:
    """The clock by which this program is to live."""
    path = os.environ.get("CTPSCEN_CLOCK")
    return VenueClock(path) if path else Clock()
