"""CTP's named constants, by the type of the field that holds them.

`AllTraded` is "0" in a field of type OrderStatus; the same word may mean another value in another type, so a
constant is always looked up through a type.
"""

from collections.abc import Mapping
from functools import cache

from ctpscen.ctp.schema.tables import load_json, normalise

# Fields of these types hold values of another type: the Comb… arrays are flags of which CTP uses the first.
_SAME_CONSTANTS = {"CombOffsetFlag": "OffsetFlag", "CombHedgeFlag": "HedgeFlag"}


@cache
def _groups() -> Mapping[str, Mapping[str, str]]:
    groups: Mapping[str, Mapping[str, str]] = load_json("constants")
    return groups


@cache
def full_names() -> Mapping[str, str]:
    """All constants under the names that CTP's headers give them, `THOST_FTDC_D_Buy`, and their values."""
    prefixes: Mapping[str, str] = load_json("prefixes")
    return {prefixes[kind] + name: value for kind, names in _groups().items() for name, value in names.items()}


@cache
def of_type(type_name: str) -> Mapping[str, str]:
    """The constants of a field type, CTP's short name to value; empty for a type that has none."""
    return _groups().get(_SAME_CONSTANTS.get(type_name, type_name), {})


@cache
def _words(type_name: str) -> Mapping[str, str]:
    return {normalise(name): value for name, value in of_type(type_name).items()}


@cache
def _names(type_name: str) -> Mapping[str, str]:
    return {value: name for name, value in reversed(list(of_type(type_name).items()))}


def value_of(type_name: str, word: str) -> str | None:
    """The value of a constant in a field type, or None where the type has no such constant."""
    return _words(type_name).get(normalise(word))


def name_of(type_name: str, value: str) -> str | None:
    """CTP's short name of a value in a field type, for people to read."""
    return _names(type_name).get(value)


@cache
def meanings() -> Mapping[str, Mapping[str, str]]:
    """Every normalised word with the types in which it is a constant, and its value in each."""
    found: dict[str, dict[str, str]] = {}
    for type_name, constants in _groups().items():
        for name, value in constants.items():
            found.setdefault(normalise(name), {})[type_name] = value
    return found
