"""The frames between ctpscen and a program, as `native/wire.c` and `stand_in/wire.py` have them.

A frame is its length, its kind, a slot, a value, and a body. Both ends are on one machine, and the numbers are in its
own order.
"""

import struct
from collections.abc import Iterator
from enum import IntEnum

from attrs import define, field, frozen

PROTOCOL = 1
LONGEST = 1 << 20

_HEAD = struct.Struct("=IHHi")


class Kind(IntEnum):
    """What a frame is. Those below 16 open a connection."""

    HELLO_OBJECT = 1
    TABLE = 2
    REFUSED = 3
    HELLO_CALLBACKS = 4
    HELLO_DOORBELL = 5
    HELLO_MISUSE = 6
    HELLO_TAP = 7
    HELLO_EVENTS = 8
    HELLO_PROCESS = 9
    HELLO_TOKEN = 10
    CALL = 16
    RETURNED = 17
    CALLBACK = 18
    DONE = 19
    RING = 20
    IDLE = 32
    BUSY = 33
    WAKE = 34
    SIGNAL = 35


class BadFrame(Exception):
    """Bytes that are no frame; the text says why."""


@frozen
class Frame:
    kind: int
    slot: int
    value: int
    body: bytes


@define(eq=False)
class Reader:
    """Makes frames of the bytes that come in, in whatever portions."""

    _waiting: bytearray = field(factory=bytearray)

    def feed(self, portion: bytes) -> Iterator[Frame]:
        """The frames that are whole now. Raises BadFrame."""
        waiting = self._waiting
        waiting += portion
        while len(waiting) >= _HEAD.size:
            length, kind, slot, value = _HEAD.unpack_from(waiting)
            if length > LONGEST:
                raise BadFrame(f"a frame of {length} bytes; none is longer than {LONGEST}")
            end = _HEAD.size + length
            if len(waiting) < end:
                return
            body = bytes(waiting[_HEAD.size : end])
            del waiting[:end]
            yield Frame(kind, slot, value, body)


def frame(kind: Kind, body: bytes = b"", *, slot: int = 0, value: int = 0) -> bytes:
    """A frame's bytes."""
    return _HEAD.pack(len(body), kind, slot, value) + body
