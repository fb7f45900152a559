"""The functions of an API class and the callbacks of its SPI class, in the order of their virtual tables.

A slot is a method's place in the table of its class, counted from 0 behind the two entries that every C++ class has
there (offset to top, type information). None of the four classes has a virtual destructor, so the first declared
method is slot 0 and there are no others in between.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Literal, get_args

from attrs import field, frozen

from ctpscen.ctp.schema.spans import Number, holds

ArgumentKind = Literal["record", "int", "bool", "char*", "char**", "Spi"]
"""What is passed: a pointer to a record, a plain value, a text, an array of texts, or a pointer to an SPI object."""

ResultKind = Literal["void", "int", "char*"]

_PLAIN: frozenset[str] = frozenset(get_args(ArgumentKind)) - {"record"}
_SIGNATURE = re.compile(r"(?P<result>\S+) (?P<name>\w+)\((?P<arguments>.*)\)(?:@(?P<span>\S+))?")


@frozen
class Argument:
    """One argument. `record` is the record that it points to; `name` is empty for a record, which needs none."""

    kind: ArgumentKind
    name: str = ""
    record: str | None = None


@frozen
class Method:
    """One virtual function: its slot, what it takes without `this`, and what it gives."""

    slot: int
    name: str
    arguments: tuple[Argument, ...]
    result: ResultKind = "void"

    @property
    def record_argument(self) -> int | None:
        """Which argument, from 0, is the record; RspInfo, the error that comes with others, is none."""
        found = (at for at, argument in enumerate(self.arguments) if argument.record not in (None, "RspInfo"))
        return next(found, None)

    @property
    def record(self) -> str | None:
        """The record that it carries, without `CThostFtdc` and `Field`. GetFrontInfo fills it, all others read it."""
        at = self.record_argument
        return None if at is None else self.arguments[at].record

    @property
    def has_error(self) -> bool:
        """Whether a RspInfo is passed."""
        return any(argument.record == "RspInfo" for argument in self.arguments)

    @property
    def has_request(self) -> bool:
        """Whether nRequestID is passed."""
        return any(argument.name == "nRequestID" for argument in self.arguments)

    @property
    def has_last(self) -> bool:
        """Whether bIsLast is passed."""
        return any(argument.name == "bIsLast" for argument in self.arguments)


@frozen
class Interface:
    """One of the two APIs: the class that a program calls, and the class whose callbacks it overrides.

    `create_symbol` and `version_symbol` are the mangled names of Create…Api and GetApiVersion, which the library
    exports.
    """

    create_symbol: str
    version_symbol: str
    functions: tuple[Method, ...] = field(repr=False)
    callbacks: tuple[Method, ...] = field(repr=False)

    def function(self, name: str) -> Method:
        """The API function of that name. Raises KeyError."""
        return self._functions[name]

    def callback(self, name: str) -> Method:
        """The callback of that name. Raises KeyError."""
        return self._callbacks[name]

    @cached_property
    def _functions(self) -> Mapping[str, Method]:
        return {method.name: method for method in self.functions}

    @cached_property
    def _callbacks(self) -> Mapping[str, Method]:
        return {method.name: method for method in self.callbacks}


def read_methods(signatures: Iterable[str], version: Number) -> tuple[Method, ...]:
    """The methods of a class that a version has: of all `int ReqUserLogin(ReqUserLogin, int nRequestID)@6.5.1`."""
    found: list[Method] = []
    for signature in signatures:
        parts = _SIGNATURE.fullmatch(signature)
        assert parts is not None, signature
        if parts["span"] is None or holds(parts["span"], version):
            arguments = tuple(map(_argument, filter(None, parts["arguments"].split(", "))))
            found.append(Method(len(found), parts["name"], arguments, parts["result"]))  # type: ignore[arg-type]
    return tuple(found)


def _argument(text: str) -> Argument:
    kind, _, name = text.partition(" ")
    if kind in _PLAIN:
        return Argument(kind, name)  # type: ignore[arg-type]
    return Argument("record", name, kind)
