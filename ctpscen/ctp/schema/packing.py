"""Records as the bytes that a C++ program has in memory, and back.

A text is GB18030 and ends at its first zero byte; one that is too long is cut at a whole character, and an array keeps
a byte for the end mark. Bytes that are no text are shown as U+FFFD. Numbers are passed as they are, also the largest
double, with which CTP says that there is no price.
"""

import struct
from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from ctpscen.ctp.schema.layouts import Field, Record
from ctpscen.ctp.schema.texts import ENCODING, Fragment

_FORMATS: Mapping[str | int, str] = {"char": "c", "short": "h", "int": "i", "double": "d"}
_DECODER = getincrementaldecoder(ENCODING)


def pack(record: Record, fields: Mapping[str, object]) -> bytes:
    """The record's bytes: what `fields` says, zeros elsewhere; names that this version's record lacks are left out.

    Raises ValueError for a value that the field cannot hold.
    """
    return _codec(record).pack(fields)


def unpack(record: Record, content: bytes) -> dict[str, Any]:
    """The fields that differ from their default, by name. Raises ValueError for bytes of another size."""
    return _codec(record).unpack(content)


@cache
def _codec(record: Record) -> "_Codec":
    return _Codec(record)


class _Codec:
    """One record's conversion, with all that can be worked out beforehand."""

    def __init__(self, record: Record) -> None:
        fields = tuple(record.fields.values())
        self._record = record
        self._struct = struct.Struct("<" + "".join(_format(record)))
        assert self._struct.size == record.size
        self._zeros = self._struct.unpack(bytes(record.size))
        self._places = {field.name: (place, _room(field)) for place, field in enumerate(fields)}
        self._kinds = tuple((field.name, field.is_text) for field in fields)

    def pack(self, fields: Mapping[str, object]) -> bytes:
        values: list[Any] = list(self._zeros)
        try:
            for name, value in fields.items():
                if (found := self._places.get(name)) is not None:
                    place, room = found
                    values[place] = value if room is None else _encoded(value, room)
            return self._struct.pack(*values)
        except (AttributeError, TypeError, struct.error, OverflowError):
            raise ValueError(self._unfit(fields)) from None

    def unpack(self, content: bytes) -> dict[str, Any]:
        try:
            values = self._struct.unpack(content)
        except struct.error:
            size = self._record.size
            raise ValueError(f"{self._record.name} has {size} bytes, and {len(content)} were passed") from None
        found = {}
        for (name, is_text), value, zero in zip(self._kinds, values, self._zeros, strict=True):
            if value != zero:
                if is_text:
                    value = value.decode().rstrip("\0") if value.isascii() else _decoded(value)
                    if "\0" in value:  # the end mark, and what stood there before
                        value = value.partition("\0")[0]
                    if not value:
                        continue
                found[name] = value
        return found

    def _unfit(self, fields: Mapping[str, object]) -> str:
        """What is wrong with the first value that its field cannot hold."""
        for name, value in fields.items():
            field = self._record.fields.get(name)
            if field is not None and not _fits(field, value):
                return f"{self._record.name}.{name} is {field.c_type} and cannot hold {value!r}"
        raise AssertionError("every value fits")


def _format(record: Record) -> Iterator[str]:
    """The parts of a format for `struct`, gaps included."""
    end = 0
    for field in record.fields.values():
        yield f"{field.offset - end}x"
        yield _FORMATS.get(field.storage) or f"{field.storage}s"
        end = field.offset + field.size
    yield f"{record.size - end}x"


def _room(field: Field) -> int | None:
    """How many bytes of text a field has room for; None for a number."""
    if not field.is_text:
        return None
    return 1 if field.storage == "char" else field.size - 1


def _encoded(value: Any, room: int) -> bytes:
    if value.isascii():
        content: bytes = value.encode()
    else:
        content = value.content if isinstance(value, Fragment) else value.encode(ENCODING, "replace")
    if len(content) > room:
        content = _DECODER().decode(content[:room]).encode(ENCODING)
    return content or b"\0"


def _decoded(value: bytes) -> str:
    return value.partition(b"\0")[0].decode(ENCODING, "replace")


def _fits(field: Field, value: object) -> bool:
    if field.is_text:
        return isinstance(value, str)
    try:
        struct.pack(_FORMATS[field.storage], value)
    except (struct.error, OverflowError):
        return False
    return True
