"""The wire between a live run and its workers: msgpack, each message behind its length in four bytes.

To a worker goes one call a message, `(number, api, kind, name, fields, request_id)`. From it come lists of items:

    ("ready", version)                                                the library is loaded
    ("returned", number, value)                                       what a call gave back
    ("failed", number, text)                                          a call that could not be made
    ("callback", api, kind, time, sequence, name, fields, error, request_id, last)
    ("trouble", text)                                                 a callback that could not be copied

`time` is that of the monotonic clock, in microseconds, which all processes of a machine share.
"""

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

_LENGTH = struct.Struct(">I")


def _plain(value: Any) -> str:
    """A text with a mind of its own, such as an instrument, as a text."""
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"{type(value).__name__} does not go over the wire")


_encoder = msgspec.msgpack.Encoder(enc_hook=_plain)
_decoder = msgspec.msgpack.Decoder()


def write(stream: BinaryIO, message: Any) -> None:
    """Sends one message. Raises OSError where nobody reads any more."""
    body = _encoder.encode(message)
    view = memoryview(_LENGTH.pack(len(body)) + body)
    while view:  # an unbuffered pipe may take less than it is given
        view = view[stream.write(view) :]


def messages(stream: BinaryIO) -> Iterator[Any]:
    """The messages of a stream until its end; half a message at the end is none."""
    while len(head := _exactly(stream, _LENGTH.size)) == _LENGTH.size:
        size = _LENGTH.unpack(head)[0]
        body = _exactly(stream, size)
        if len(body) < size:
            return
        yield _decoder.decode(body)


def _exactly(stream: BinaryIO, size: int) -> bytes:
    """So many bytes, fewer only at the end of the stream."""
    parts: list[bytes] = []
    while size:
        part = stream.read(size)
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
