"""What a tapped process wrote down, read as it grows (`native/tap/events.c`)."""

import os
import struct
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path

from attrs import define, field, frozen

_HEAD = struct.Struct("=IHHIIQqii")
PORTION = 1 << 20


class TapKind(IntEnum):
    """What an event is."""

    CALL = 1
    RETURNED = 2
    CALLBACK = 3
    DONE = 4
    REFUSED = 5
    MISUSE = 6


@frozen
class TapEvent:
    """One event. `time` is nanoseconds of the machine's monotonic clock; `value` and `second` are the kind's own."""

    kind: TapKind
    slot: int
    api: int
    thread: int
    sequence: int
    time: int
    value: int
    second: int
    body: bytes


@define(eq=False)
class EventFile:
    """The file of one process. `missing` counts the events that are not in it and should be."""

    path: Path
    process: int
    missing: int = 0
    _descriptor: int = field(init=False)
    _waiting: bytearray = field(factory=bytearray)
    _sequence: int = 0

    def __attrs_post_init__(self) -> None:
        self._descriptor = os.open(self.path, os.O_RDONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def read(self) -> Iterator[TapEvent]:
        """The events that have come."""
        while portion := os.read(self._descriptor, PORTION):
            self._waiting += portion
            yield from self._whole()

    def _whole(self) -> Iterator[TapEvent]:
        waiting, start = bytes(self._waiting), 0
        while len(waiting) - start >= _HEAD.size:
            length, kind, slot, api, thread, sequence, time, value, second = _HEAD.unpack_from(waiting, start)
            end = start + _HEAD.size + length
            if end > len(waiting):
                break
            body = waiting[start + _HEAD.size : end]
            start = end
            self.missing += sequence - self._sequence - 1
            self._sequence = sequence
            yield TapEvent(TapKind(kind), slot, api, thread, sequence, time, value, second, body)
        del self._waiting[:start]

    @property
    def has_rest(self) -> bool:
        """Whether it ends within an event: the process was killed while it wrote."""
        return bool(self._waiting)

    def close(self) -> None:
        os.close(self._descriptor)
