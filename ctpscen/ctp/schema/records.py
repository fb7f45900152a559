"""The records that CTP passes, field by field, as the binding declares them.

A record's value is a plain dict with CTP's own names that holds what differs from the default; reading an absent
field gives the default of its type.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from attrs import frozen

from ctpscen.ctp.schema.tables import load_json, normalise

# Words of the scenario language for fields whose CTP name says less (BEHAVIOUR is silent; the names are ours).
_ALIASES: Mapping[str, Mapping[str, str]] = {
    "DepthMarketData": {
        "last": "LastPrice",
        "bid": "BidPrice1",
        "ask": "AskPrice1",
        "bidvolume": "BidVolume1",
        "askvolume": "AskVolume1",
        "upperlimit": "UpperLimitPrice",
        "lowerlimit": "LowerLimitPrice",
        "presettlement": "PreSettlementPrice",
    },
    "FrontDisconnected": {"reason": "nReason"},
    "HeartBeatWarning": {"timelapse": "nTimeLapse"},
}

# Callbacks that pass a plain integer instead of a record are given one of a single field.
_PLAIN = {"FrontDisconnected": "nReason", "HeartBeatWarning": "nTimeLapse"}


@frozen
class Field:
    """One field: its CTP name, the name of its CTP type, and how it is stored.

    `storage` is `int`, `double`, `char`, or the width in bytes of a character array, end mark included.
    """

    name: str
    type: str
    storage: str | int

    @property
    def default(self) -> str | int | float:
        return {"int": 0, "double": 0.0}.get(str(self.storage), "")

    @property
    def is_text(self) -> bool:
        return self.storage not in ("int", "double")


@frozen
class Record:
    """A record's schema. `words` maps a normalised word (see `tables.normalise`) to the field's CTP name."""

    name: str
    fields: Mapping[str, Field]
    words: Mapping[str, str]

    def find(self, word: str) -> Field | None:
        """The field that a scenario means by `word`, or None."""
        name = self.words.get(normalise(word))
        return None if name is None else self.fields[name]


@cache
def _data() -> Any:
    return load_json("records")


@cache
def record(name: str) -> Record:
    """The schema of a record, by its CTP name without `CThostFtdc` and `Field`. Raises KeyError."""
    if name in _PLAIN:
        fields = {_PLAIN[name]: Field(_PLAIN[name], "Integer", "int")}
    else:
        types = _data()["types"]
        fields = {}
        for entry in _data()["records"][name].split():
            field, _, kind = entry.partition(":")
            fields[field] = Field(field, kind or field, types[kind or field])
    words = {normalise(field): field for field in fields}
    return Record(name, fields, {**words, **_ALIASES.get(name, {})})


@cache
def defaults(name: str) -> Mapping[str, str | int | float]:
    """Every field of a record with the value that it has when it is absent."""
    return {field.name: field.default for field in record(name).fields.values()}


@cache
def record_names() -> frozenset[str]:
    return frozenset(_data()["records"])


@cache
def api_version() -> str:
    """The version string of the CTP library that the schemas were read from."""
    version: str = _data()["version"]
    return version
