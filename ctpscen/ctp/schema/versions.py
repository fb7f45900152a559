"""The versions of CTP that are known, and what each declares: records, functions and callbacks.

Programs are built against one version, and pass and expect its records at its places in its tables; a wrong one is a
crash. What the scenario language and the simulator speak of is DEFAULT, the version of the binding that sessions use.

    v = tables("6.7.11")                                # or what GetApiVersion gives
    v.trader.function("ReqOrderInsert").slot            # 26
    v.trader.callbacks[75].name                         # OnRtnOrder
    v.record("Order").fields["OrderStatus"].offset
"""

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any

from attrs import field, frozen

from ctpscen.ctp.schema.layouts import Record, lay_out
from ctpscen.ctp.schema.methods import Interface, read_methods
from ctpscen.ctp.schema.spans import Number, entries, number_of
from ctpscen.ctp.schema.tables import load_json

DEFAULT = "6.7.11"


class UnknownVersion(Exception):
    """A version of CTP that there are no tables of; the text names those that are known."""


@frozen(eq=False)
class Tables:
    """What one version declares. `api_version` is what its GetApiVersion gives."""

    version: str
    api_version: str
    _number: Number = field(repr=False)

    @cached_property
    def trader(self) -> Interface:
        return self._interface("trader")

    @cached_property
    def market(self) -> Interface:
        return self._interface("market")

    @cached_property
    def record_names(self) -> frozenset[str]:
        """The names of all records, without `CThostFtdc` and `Field`."""
        return frozenset(name for name, text in _data()["records"].items() if any(entries(text, self._number)))

    def record(self, name: str) -> Record:
        """A record's fields and layout, by its CTP name without `CThostFtdc` and `Field`. Raises KeyError."""
        if name not in self._records:
            self._records[name] = self._read(name)
        return self._records[name]

    @cached_property
    def _records(self) -> dict[str, Record]:
        return {}

    def _read(self, name: str) -> Record:
        declared = []
        for entry in entries(_data()["records"][name], self._number):
            field_name, _, kind = entry.partition(":")
            declared.append((field_name, kind or field_name, self._storage(kind or field_name)))
        if not declared:
            raise KeyError(name)
        return lay_out(name, declared)

    def _storage(self, kind: str) -> str | int:
        (storage,) = entries(_data()["types"][kind], self._number)
        return int(storage) if storage.isdecimal() else storage

    def _interface(self, kind: str) -> Interface:
        data: Mapping[str, list[str]] = _data()[kind]
        create, version = (symbol for symbol in data["symbols"] if any(entries(symbol, self._number)))
        return Interface(
            create_symbol=create.partition("@")[0],
            version_symbol=version.partition("@")[0],
            functions=read_methods(data["functions"], self._number),
            callbacks=read_methods(data["callbacks"], self._number),
        )


@cache
def _data() -> Any:
    return load_json("versions")


@cache
def versions() -> tuple[str, ...]:
    """The known versions, `6.7.11`, oldest first."""
    return tuple(_data()["versions"])


@cache
def tables(version: str = DEFAULT) -> Tables:
    """The tables of a version, named by its number or by all that GetApiVersion gives. Raises UnknownVersion."""
    number = number_of(version)
    name = "" if number is None else ".".join(map(str, number))
    if number is None or name not in _data()["versions"]:
        raise UnknownVersion(f"there are no tables of CTP {version!r}; known are {', '.join(versions())}")
    return _of(name, number)


@cache
def _of(name: str, number: Number) -> Tables:
    return Tables(name, _data()["versions"][name], number)
