"""The page of memory by which programs read the venue's clock and publish their waits (`native/shim.h`).

Times are nanoseconds of the programs' monotonic clock. It starts at the machine's own, and from there follows the
venue: still, at some speed of the wall's clock, or in jumps. Their real-time clock is at a fixed distance of it.
"""

import contextlib
import ctypes
import mmap
import os
import platform
import struct
import sys
import time
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path

from attrs import define, field, frozen

MAGIC, LAYOUT = 0x43505443, 1

_HEAD_SIZE = 4096
_SLOT = struct.Struct("=iiIIqqQQ16x")
_SLOT_COUNT = 4096
SIZE = _HEAD_SIZE + _SLOT_COUNT * _SLOT.size

# Where the fields stand, in units of their own size.
_SEQUENCE, _JUMPS, _USED_SLOTS = 2, 3, 12
_REAL_BASE, _VENUE_BASE, _REALTIME_OFFSET, _SPEED = 2, 3, 4, 5
_SLOT_INTS, _WORD, _KIND = _SLOT.size // 4, 2, 3

_FUTEX = {"x86_64": 202, "aarch64": 98}
_FUTEX_WAKE = 1
_PRIVATE = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0)
_EVERYBODY = 2**31 - 1


class WaitKind(IntEnum):
    """How whoever waits is woken."""

    ON_WORD = 0
    ON_DOORBELL = 1
    TIMER = 2


@frozen
class Wait:
    """A wait that a program has published. `ticket` is another one each time it begins anew."""

    slot: int
    process: int
    thread: int
    kind: int
    deadline: int
    interval: int
    ticket: int


@define(eq=False)
class ClockPage:
    """The page. Nobody but the one who made it moves the clock."""

    path: Path
    now_at_start: int
    realtime_offset: int
    jumps: bool
    speed: float = 0.0
    _real_base: int = 0
    _venue_base: int = 0
    _memory: mmap.mmap = field(init=False)
    _ints: "memoryview[int]" = field(init=False)
    _longs: "memoryview[int]" = field(init=False)
    _doubles: "memoryview[float]" = field(init=False)
    _address: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _PRIVATE, 0o600)
        try:
            os.ftruncate(descriptor, SIZE)
            self._memory = mmap.mmap(descriptor, SIZE)
        finally:
            os.close(descriptor)
        anchor = ctypes.c_char.from_buffer(self._memory)
        self._address = ctypes.addressof(anchor)
        del anchor  # or the page could not be closed
        view = memoryview(self._memory)
        self._ints, self._longs, self._doubles = view.cast("I"), view.cast("q"), view.cast("d")
        view.release()
        self._ints[_JUMPS] = self.jumps
        self._write(time.monotonic_ns(), self.now_at_start, self.speed)
        self._ints[1] = LAYOUT
        self._ints[0] = MAGIC

    def close(self) -> None:
        """Lets go of the page and removes its file; programs that still have it see time stand still or run on."""
        for view in (self._ints, self._longs, self._doubles):
            view.release()
        self._memory.close()
        with contextlib.suppress(OSError):  # Windows keeps what a program still has open
            self.path.unlink(missing_ok=True)

    # ------------------------------------------------------------------------------------------------- the clock

    @property
    def now(self) -> int:
        if self.speed == 0:
            return self._venue_base
        passed = time.monotonic_ns() - self._real_base
        return self._venue_base + (passed if self.speed == 1 else int(passed * self.speed))

    def set(self, now: int, speed: float) -> None:
        """Puts the clock to a time that is not before what it shows, from where it runs at `speed`."""
        self._write(time.monotonic_ns(), now, speed)

    def run(self, speed: float) -> None:
        """Lets it run at a speed from what it shows."""
        if speed != self.speed:
            real = time.monotonic_ns()
            passed = real - self._real_base
            now = self._venue_base + (passed if self.speed == 1 else int(passed * self.speed))
            self._write(real, now, speed)

    def move_realtime(self, by: int) -> None:
        """The venue's date was set: the real-time clock moves, what waits is not disturbed."""
        self.realtime_offset += by
        self._write(self._real_base, self._venue_base, self.speed)

    def _write(self, real: int, venue: int, speed: float) -> None:
        self._real_base, self._venue_base, self.speed = real, venue, speed
        self._ints[_SEQUENCE] = (self._ints[_SEQUENCE] + 1) & 0xFFFFFFFF
        self._wake(_SEQUENCE)  # the system call is a memory barrier, too
        self._longs[_REAL_BASE], self._longs[_VENUE_BASE] = real, venue
        self._longs[_REALTIME_OFFSET], self._doubles[_SPEED] = self.realtime_offset, speed
        self._wake(_SEQUENCE)
        self._ints[_SEQUENCE] = (self._ints[_SEQUENCE] + 1) & 0xFFFFFFFF

    # ------------------------------------------------------------------------------------------------- the waits

    def waits(self) -> Iterator[Wait]:
        """Everything that is waited for. What changes meanwhile may be seen half."""
        for slot, (process, thread, _, kind, deadline, interval, _, ticket) in enumerate(self._rows()):
            if process and deadline:
                yield Wait(slot, process, thread, kind, deadline, interval, ticket)

    def taken(self) -> Iterator[tuple[int, int]]:
        """The slots that are in use, also while nothing is waited for, and the process of each."""
        return ((slot, row[0]) for slot, row in enumerate(self._rows()) if row[0])

    def kind(self, slot: int) -> int:
        """What a slot is used for."""
        return self._ints[_HEAD_SIZE // 4 + slot * _SLOT_INTS + _KIND]

    def _rows(self) -> Iterator[tuple[int, ...]]:
        used = min(self._ints[_USED_SLOTS], _SLOT_COUNT)
        return _SLOT.iter_unpack(self._memory[_HEAD_SIZE : _HEAD_SIZE + used * _SLOT.size])

    def wake(self, slot: int) -> None:
        """Wakes the thread that sleeps on a slot, whose deadline has come."""
        self._wake(_HEAD_SIZE // 4 + slot * _SLOT_INTS + _WORD)

    def free(self, slot: int) -> None:
        """Frees the slot of a wait whose process is gone, or of a timer that is closed."""
        start = _HEAD_SIZE + slot * _SLOT.size
        self._memory[start : start + _SLOT.size] = bytes(_SLOT.size)

    def _wake(self, word: int) -> None:
        if sys.platform != "linux":  # where no program sleeps on the page
            return
        _libc().syscall(
            ctypes.c_long(_FUTEX[platform.machine()]),
            ctypes.c_void_p(self._address + 4 * word),
            ctypes.c_int(_FUTEX_WAKE),
            ctypes.c_int(_EVERYBODY),
            None,
            None,
            ctypes.c_int(0),
        )


_loaded: list[ctypes.CDLL] = []


def _libc() -> ctypes.CDLL:
    if not _loaded:
        _loaded.append(ctypes.CDLL(None))
    return _loaded[0]
