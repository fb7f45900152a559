"""What each method of an API object means in one version of CTP, for the shim, which knows none of them.

The shim is told an operation and a size for each slot (`native/shim.c`); what it sends of a call is made a request
here, and a callback the bytes that the program's code expects.
"""

import struct
from collections.abc import Sequence
from enum import IntEnum
from functools import cache
from operator import itemgetter
from typing import Any

from attrs import field, frozen

from ctpscen.ctp.messages import Callback, Fields
from ctpscen.ctp.schema.api import ApiKind
from ctpscen.ctp.schema.layouts import Record
from ctpscen.ctp.schema.methods import Argument, Interface, Method, ResultKind
from ctpscen.ctp.schema.packing import pack, unpack
from ctpscen.ctp.schema.texts import ENCODING
from ctpscen.ctp.schema.versions import Tables, tables

LONGEST_TEXT = 64
"""Room for what a method gives as text: GetTradingDay's eight characters."""

MOST_METHODS = 200
"""So many functions the shim has."""

_TABLE_HEAD = struct.Struct("=IIII")
_METHOD = struct.Struct("=II")
_CALL_HEAD = struct.Struct("=IIi")
_NUMBER = struct.Struct("=i")
_NO_ERROR = bytes(256)
_NULL, _IS_NUMBER = _NUMBER.pack(-1), _NUMBER.pack(-2)


class Operation(IntEnum):
    """What the shim does with the arguments of a method."""

    NOTHING = 0
    RECORD = 1
    TEXT = 2
    NUMBER = 3
    TEXTS = 4
    REGISTER_SPI = 5
    INIT = 6
    JOIN = 7
    RELEASE = 8
    GIVES_TEXT = 9
    FILLS = 10


_BY_NAME = {
    "Release": Operation.RELEASE,
    "Init": Operation.INIT,
    "Join": Operation.JOIN,
    "GetFrontInfo": Operation.FILLS,
}
_BY_ARGUMENT = {
    "record": Operation.RECORD,
    "int": Operation.NUMBER,
    "char*": Operation.TEXT,
    "char**": Operation.TEXTS,
    "Spi": Operation.REGISTER_SPI,
}


def operation_of(method: Method) -> Operation:
    """What the shim has to do for a function."""
    if method.name in _BY_NAME:
        return _BY_NAME[method.name]
    if method.result == "char*":
        return Operation.GIVES_TEXT
    return _BY_ARGUMENT[method.arguments[0].kind] if method.arguments else Operation.NOTHING


@frozen
class Call:
    """A call as the shim tells it. `overlong` names texts that fill their field and have no end mark."""

    name: str
    fields: Fields | None
    request_id: int
    in_callback: bool
    overlong: Sequence[str] = ()


@frozen
class Told:
    """A callback as it was made: its name, and what a `Callback` has besides."""

    name: str
    fields: Fields | None
    error: Fields | None
    request_id: int
    last: bool

    @property
    def arguments(self) -> tuple[Fields | None, Fields | None, int, bool]:
        return self.fields, self.error, self.request_id, self.last


@frozen(eq=False)
class Layout:
    """One API in one version."""

    version: str
    kind: ApiKind
    _tables: Tables = field(repr=False)
    _interface: Interface = field(repr=False)
    _operations: tuple[Operation, ...] = field(repr=False)

    def table(self, api: int) -> bytes:
        """What the shim is told when an object is made."""
        connected, disconnected = (self._interface.callback(name).slot for name in _CONNECTION)
        rows = b"".join(map(_METHOD.pack, self._operations, map(self._size, self._interface.functions)))
        return _TABLE_HEAD.pack(api, connected, disconnected, len(self._operations)) + rows

    def _size(self, method: Method) -> int:
        if method.result == "char*":
            return LONGEST_TEXT
        return self._tables.record(method.record).size if method.record else 0

    def name_of(self, slot: int) -> str:
        """The name of the function in a slot; what no version has there is named by its number."""
        functions = self._interface.functions
        return functions[slot].name if slot < len(functions) else f"function {slot}"

    def read(self, slot: int, value: int, body: bytes) -> Call:
        """A call that the shim has sent. Raises ValueError for one that no program can make."""
        if slot >= len(self._operations) or len(body) < _CALL_HEAD.size:
            raise ValueError(f"{self.version} has no function {slot}")
        in_callback, is_null, second = _CALL_HEAD.unpack_from(body)
        method, operation = self._interface.functions[slot], self._operations[slot]
        content = None if is_null else body[_CALL_HEAD.size :]
        fields: Fields | None = None
        overlong: Sequence[str] = ()
        if operation is Operation.RECORD and content is not None:
            record = self._tables.record(method.record or "")
            fields, overlong = unpack(record, content), unterminated(record, content)
        elif operation is Operation.TEXT:
            fields = {method.arguments[0].name: _text(content or b"")}
        elif operation is Operation.NUMBER:
            numbers = (value, second)
            fields = {argument.name: number for argument, number in zip(method.arguments, numbers, strict=False)}
        elif operation is Operation.TEXTS:
            texts = (content or b"").split(b"\0")[:-1]
            fields = {method.arguments[0].name: [_text(text) for text in texts]}
        number = value if operation is Operation.RECORD and method.has_request else 0
        return Call(method.name, fields, number, bool(in_callback), overlong)

    def result_of(self, slot: int) -> ResultKind:
        """What the function in a slot gives."""
        return self._interface.functions[slot].result

    def read_callback(self, slot: int, body: bytes) -> Told:
        """A callback that the tap has seen: the reverse of `callback`. Raises ValueError for what none can be."""
        if slot >= len(self._interface.callbacks):
            raise ValueError(f"{self.version} has no callback {slot}")
        method, at = self._interface.callbacks[slot], 0
        fields, error, numbers = None, None, dict[str, int]()
        for argument in method.arguments:
            (size,) = _NUMBER.unpack_from(body, at)
            at += _NUMBER.size
            if argument.kind != "record":
                (numbers[argument.name],) = _NUMBER.unpack_from(body, at)
                at += _NUMBER.size
            elif size >= 0:
                content = body[at : at + size]
                at += size
                is_error = argument.record == "RspInfo"
                found = {} if is_error and content == _NO_ERROR[:size] else unpack(self._record_of(argument), content)
                if is_error:
                    error = {"ErrorID": 0, "ErrorMsg": "", **found}
                else:
                    fields = found
        request_id, last = numbers.pop("nRequestID", 0), bool(numbers.pop("bIsLast", 1))
        return Told(method.name, numbers or fields, error, request_id, last)

    def _record_of(self, argument: Argument) -> Record:
        return self._tables.record(argument.record or "")

    def callback(self, callback: Callback) -> tuple[int, bytes] | None:
        """The slot and the arguments of a callback; None where this version has none of that name."""
        try:
            method = self._interface.callback(callback.name)
        except KeyError:
            return None
        return method.slot, b"".join(self._argument(callback, argument) for argument in method.arguments)

    def _argument(self, callback: Callback, argument: Any) -> bytes:
        if argument.kind == "record":
            given = callback.error if argument.record == "RspInfo" else callback.fields
            if given is None:
                return _NULL
            content = pack(self._tables.record(argument.record), given)
            return _NUMBER.pack(len(content)) + content
        if argument.name == "nRequestID":
            return _IS_NUMBER + _NUMBER.pack(callback.request_id)
        if argument.name == "bIsLast":
            return _IS_NUMBER + _NUMBER.pack(callback.last)
        return _IS_NUMBER + _NUMBER.pack((callback.fields or {}).get(argument.name, 0))

    def fill(self, slot: int, fields: Fields) -> bytes:
        """The record that a function writes to, such as GetFrontInfo's."""
        return pack(self._tables.record(self._interface.functions[slot].record or ""), fields)


_CONNECTION = ("OnFrontConnected", "OnFrontDisconnected")


@cache
def layout(version: str, kind: ApiKind) -> Layout:
    """The layout of an API in the version that a library gives as its own. Raises UnknownVersion."""
    found = tables(version)
    interface = found.trader if kind == "trader" else found.market
    operations = tuple(map(operation_of, interface.functions))
    assert len(operations) <= MOST_METHODS
    return Layout(found.version, kind, found, interface, operations)


def call_body(content: bytes | None, second: int, *, in_callback: bool) -> bytes:
    """What the shim would send of a call; `content` is None where it was given NULL, or nothing."""
    return _CALL_HEAD.pack(in_callback, content is None, second) + (content or b"")


def unterminated(record: Record, content: bytes) -> Sequence[str]:
    """The texts of a record that fill their field to the last byte: what was meant was longer, as a rule."""
    names, look = _last_bytes(record)
    return [name for name, last in zip(names, look(content), strict=True) if last] if any(look(content)) else ()


@cache
def _last_bytes(record: Record) -> tuple[Sequence[str], Any]:
    arrays = [field for field in record.fields.values() if isinstance(field.storage, int) and field.storage > 1]
    places = [field.offset + field.size - 1 for field in arrays]
    look = itemgetter(*places) if len(places) > 1 else lambda content: tuple(content[place] for place in places)
    return [field.name for field in arrays], look


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode(ENCODING, "replace")
