"""CTP's records as classes: their fields are read and set as the binding's are, and take what those take.

A text that is set is kept as UTF-8 and read as GB18030, and one that fills its field is refused, as the binding has it.
"""

import struct
from codecs import getincrementaldecoder
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

_DECODER = getincrementaldecoder("gb18030")
_NO_CHARACTERS = (b"\x80", b"\xff")

Declared = Sequence[Any]
"""A field: its name, how it is stored (`char`, `short`, `int`, `double`, or a text's bytes), the name of its type."""

_FORMATS = {"char": "c", "short": "h", "int": "i", "double": "d"}
_SIZES = {"char": 1, "short": 2, "int": 4, "double": 8}
_ZEROS: dict[str, Any] = {"char": b"\0", "short": 0, "int": 0, "double": 0.0}
_RANGES = {"short": 1 << 15, "int": 1 << 31}


class Layout:
    """A record's bytes. `struct` aligns as C does, and fills the end up where it is told to."""

    def __init__(self, name: str, fields: Sequence[Declared]) -> None:
        self.class_name = f"CThostFtdc{name}Field"
        self.fields = fields

    @cached_property
    def _struct(self) -> struct.Struct:
        widest = max((storage for _, storage, _ in self.fields), key=lambda storage: _SIZES.get(storage, 1))
        end = f"0{_FORMATS[widest]}" if widest in _FORMATS else ""
        return struct.Struct("@" + "".join(_FORMATS.get(each) or f"{each}s" for _, each, _ in self.fields) + end)

    @cached_property
    def _zeros(self) -> list[tuple[str, Any]]:
        return [(name, _ZEROS.get(storage, b"")) for name, storage, _ in self.fields]

    def pack(self, values: dict[str, Any]) -> bytes:
        return self._struct.pack(*(values.get(name, zero) for name, zero in self._zeros))

    def unpack(self, content: bytes) -> dict[str, Any]:
        found = self._struct.unpack(content)
        return {name: value for (name, zero), value in zip(self._zeros, found, strict=True) if value != zero}


class Record:
    """What all records have. A value that is not set is zero."""

    _layout: Layout
    _values: dict[str, Any]
    thisown = True


def record_class(name: str, fields: Sequence[Declared]) -> type[Record]:
    """The class of a record, by its name without `CThostFtdc` and `Field`."""
    layout = Layout(name, fields)

    def begin(self: Record) -> None:
        self.__dict__.update(this=True, _values={})

    begin.__name__, begin.__qualname__ = "__init__", f"{layout.class_name}.__init__"
    body: dict[str, Any] = {"_layout": layout, "__module__": "openctp_ctp.thosttraderapi", "__init__": begin}
    for field, storage, kind in fields:
        body[field] = property(_getter(field, storage), _setter(layout.class_name, field, storage, kind))
    return type(layout.class_name, (Record,), body)


def packed(record: Record | None) -> bytes | None:
    """A record's bytes."""
    return None if record is None else record._layout.pack(record._values)


def fill(record: Record, content: bytes) -> Record:
    """Sets a record to what came over the wire."""
    record._values = record._layout.unpack(content)
    return record


def class_name(kind: type[Record]) -> str:
    return kind._layout.class_name


def _getter(name: str, storage: Any) -> Callable[[Record], Any]:
    if storage in _ZEROS and storage != "char":
        zero = _ZEROS[storage]
        return lambda self: self._values.get(name, zero)

    def read(self: Record) -> str:
        value: bytes = self._values.get(name, b"")
        text = value.partition(b"\0")[0]
        return text.decode() if text.isascii() else _decoded(text)

    return read


def _decoded(text: bytes) -> str:
    """As Linux's C library has it: half a character at the end is dropped, a byte that is none stands for itself."""
    decoder = _DECODER("surrogateescape")
    whole = decoder.decode(text)
    rest = decoder.getstate()[0]
    return whole + rest.decode("ascii", "surrogateescape") if rest in _NO_CHARACTERS else whole


def _setter(class_name: str, name: str, storage: Any, kind: str) -> Callable[[Record, Any], None]:
    convert: Callable[[Any, Any], Any] = _CONVERSIONS.get(storage, _text)
    c_type = f"TThostFtdc{kind}Type" if storage in _FORMATS else f"char [{storage}]"

    def write(self: Record, value: Any) -> None:
        try:
            self._values[name] = convert(value, storage)
        except (TypeError, OverflowError, UnicodeError) as reason:
            error: type[Exception] = OverflowError if isinstance(reason, OverflowError) else TypeError
            raise error(f"in method '{class_name}_{name}_set', argument 2 of type '{c_type}'") from None

    return write


def _text(value: Any, size: int) -> bytes:
    if value is None:
        return b""
    if not isinstance(value, str):
        raise TypeError
    content = value.encode()
    if len(content) >= size:
        raise TypeError
    return content


def _character(value: Any, _: str) -> bytes:
    if value is None:
        return b"\0"
    if isinstance(value, int):
        if not -128 <= value < 128:
            raise OverflowError
        return value.to_bytes(1, "little", signed=True)
    if not isinstance(value, str) or len(value.encode()) > 1:
        raise TypeError
    return value.encode() or b"\0"


def _integer(value: Any, storage: str) -> int:
    if not isinstance(value, int):
        raise TypeError
    limit = _RANGES[storage]
    if not -limit <= value < limit:
        raise OverflowError
    return int(value)


def _double(value: Any, _: str) -> float:
    if not isinstance(value, int | float):
        raise TypeError
    return float(value)


_CONVERSIONS: dict[Any, Callable[[Any, Any], Any]] = {
    "char": _character,
    "short": _integer,
    "int": _integer,
    "double": _double,
}
