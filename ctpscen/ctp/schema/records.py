"""The records that CTP passes, of the version that scenarios speak of.

A record's value is a plain dict with CTP's own names that holds what differs from the default; reading an absent
field gives the default of its type.
"""

from collections.abc import Mapping
from functools import cache

from ctpscen.ctp.schema.layouts import Field, Record, lay_out
from ctpscen.ctp.schema.versions import tables

__all__ = ["Field", "Record", "api_version", "defaults", "record", "record_names"]

# Callbacks that pass a plain integer instead of a record are given one of a single field.
_PLAIN = {"FrontDisconnected": "nReason", "HeartBeatWarning": "nTimeLapse"}


@cache
def record(name: str) -> Record:
    """The schema of a record, by its CTP name without `CThostFtdc` and `Field`. Raises KeyError."""
    if name in _PLAIN:
        return lay_out(name, [(_PLAIN[name], "Integer", "int")])
    return tables().record(name)


@cache
def defaults(name: str) -> Mapping[str, str | int | float]:
    """Every field of a record with the value that it has when it is absent."""
    return {field.name: field.default for field in record(name).fields.values()}


def record_names() -> frozenset[str]:
    return tables().record_names


def api_version() -> str:
    """What GetApiVersion of the CTP library gives that the schemas are of."""
    return tables().api_version
