"""Values of the language, and what can be done with them.

Numbers, texts, lists, none, true and false are Python's own; durations are timedeltas, times datetimes, dates and
times of day. Orders, reports, records, requests and positions are the client's.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import Any

from ctpscen.client.books.orders import Order
from ctpscen.client.books.positions import Position
from ctpscen.client.books.reports import Report, Row, Sent
from ctpscen.ctp.codes import has_value
from ctpscen.ctp.describe import describe_callback, describe_record
from ctpscen.ctp.schema.tables import normalise
from ctpscen.ctp.times import from_duration, spoken_duration
from ctpscen.engine import limits

TOLERANCE = 1e-6
"""Numbers with a fraction that differ by no more are equal."""

_POSITION_WORDS = {
    normalise(word): word
    for word in ("long", "short", "net", "long_today", "long_yesterday", "short_today", "short_yesterday")
}


class NoSuchField(Exception):
    """The value has no such field."""


class NoSuchOperation(Exception):
    """The operator does not go with these values."""


def read(value: Any, word: str) -> Any:
    """`value.word`; of a list, the list of that field. CTP's DBL_MAX, where a price has no value, reads as none.

    Raises NoSuchField.
    """
    if isinstance(value, list):
        return [read(item, word) for item in value]
    if isinstance(value, Order | Report | Row | Sent):
        try:
            found = value.read(word)
        except KeyError:
            raise NoSuchField(f"{kind_of(value)} has no field `{word}`") from None
        return None if isinstance(found, float) and not has_value(found) else found
    if isinstance(value, Position):
        own = _POSITION_WORDS.get(normalise(word))
        if own is None:
            raise NoSuchField(f"a position has no field `{word}`")
        return getattr(value, own)
    raise NoSuchField(f"{kind_of(value)} has no fields")


def kind_of(value: Any) -> str:
    """What a value is, for messages."""
    for kind, spoken in _KINDS.items():
        if isinstance(value, kind):
            return spoken
    return "none"


_KINDS: Mapping[Any, str] = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    timedelta: "a duration",
    datetime: "a moment in time",
    date: "a date",
    time: "a time of day",
    list: "a list",
    Order: "an order",
    Report: "a report",
    Row: "a record",
    Sent: "a request",
    Position: "a position",
}


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def equal(a: Any, b: Any) -> bool:
    """Equality, within the tolerance for numbers; a time of day equals any moment with that time."""
    if isinstance(a, float) or isinstance(b, float):
        return is_number(a) and is_number(b) and abs(a - b) <= TOLERANCE
    if isinstance(a, bool) is not isinstance(b, bool):
        return False
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, Order) and isinstance(b, Order):
        return a.key == b.key
    a, b = _same_times(a, b)
    return bool(a == b)


def less(a: Any, b: Any) -> bool:
    """Whether a is less than b and not equal to it. Raises NoSuchOperation."""
    if is_number(a) and is_number(b):
        return bool(a < b) and not equal(a, b)
    a, b = _same_times(a, b)
    if isinstance(a, bool | list) or isinstance(b, bool | list):
        raise NoSuchOperation(f"{kind_of(a)} and {kind_of(b)} have no order")
    try:
        return bool(a < b)
    except TypeError:
        raise NoSuchOperation(f"{kind_of(a)} and {kind_of(b)} have no order") from None


def _same_times(a: Any, b: Any) -> tuple[Any, Any]:
    """A moment beside a time of day or a date is looked at in that respect only."""
    for x, y, turned in ((a, b, False), (b, a, True)):
        if isinstance(x, datetime) and not isinstance(y, datetime):
            reduced = x.time() if isinstance(y, time) else x.date() if isinstance(y, date) else x
            return (y, reduced) if turned else (reduced, y)
    return a, b


def is_status(a: Any, b: Any) -> bool:
    """`a is b`: an order is compared by its status, a list of orders by that of each."""
    if isinstance(a, list) and a and all(isinstance(item, Order) for item in a) and not isinstance(b, list):
        return all(is_status(item, b) for item in a)
    if isinstance(a, Order) and not isinstance(b, Order):
        a = a.status
    elif isinstance(b, Order) and not isinstance(a, Order):
        b = b.status
    return equal(a, b)


def contains(container: Any, item: Any) -> bool:
    """`item in container`. Raises NoSuchOperation."""
    if isinstance(container, list):
        return any(equal(each, item) for each in container)
    if isinstance(container, str) and isinstance(item, str):
        return item in container
    raise NoSuchOperation(f"{kind_of(item)} cannot be in {kind_of(container)}")


def matches(text: Any, pattern: Any) -> bool:
    """Whether a regular expression is found anywhere in a text. Raises NoSuchOperation."""
    if not isinstance(text, str) or not isinstance(pattern, str):
        raise NoSuchOperation(f"`matches` wants two texts, not {kind_of(text)} and {kind_of(pattern)}")
    try:
        return re.search(pattern, text) is not None
    except re.error as reason:
        raise NoSuchOperation(f"`{pattern}` is no regular expression: {reason}") from None


COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": equal,
    "!=": lambda a, b: not equal(a, b),
    "<": less,
    "<=": lambda a, b: not less(b, a),
    ">": lambda a, b: less(b, a),
    ">=": lambda a, b: not less(a, b),
    "is": is_status,
    "is not": lambda a, b: not is_status(a, b),
    "in": lambda a, b: contains(b, a),
    "not in": lambda a, b: not contains(b, a),
    "matches": matches,
}


def _add(a: Any, b: Any) -> Any:
    return a + b


def _divide(a: Any, b: Any) -> Any:
    result = a / b
    return int(result) if is_number(a) and isinstance(a, int) and isinstance(b, int) and a % b == 0 else result


_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": _add,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divide,
    "%": lambda a, b: a % b,
}

# What may meet what: the kinds on both sides, `n` number, `d` duration, `m` moment, `t` text, `l` list.
_ALLOWED: Mapping[str, frozenset[str]] = {
    "+": frozenset("nn dd md dm tt ll".split()),
    "-": frozenset("nn dd md mm".split()),
    "*": frozenset("nn dn nd".split()),
    "/": frozenset("nn dn dd".split()),
    "%": frozenset("nn dd".split()),
}


def _letter(value: Any) -> str:
    if is_number(value):
        return "n"
    return next((letter for kind, letter in _LETTERS if isinstance(value, kind)), "?")


_LETTERS: tuple[tuple[Any, str], ...] = ((timedelta, "d"), (datetime, "m"), (str, "t"), (list, "l"))


def arithmetic(operator: str, a: Any, b: Any) -> Any:
    """`a + b` and its kin. Raises NoSuchOperation."""
    if _letter(a) + _letter(b) not in _ALLOWED[operator]:
        raise NoSuchOperation(f"`{operator}` does not go with {kind_of(a)} and {kind_of(b)}")
    try:
        result = _ARITHMETIC[operator](a, b)
    except ZeroDivisionError:
        raise NoSuchOperation("a division by zero") from None
    except OverflowError:
        raise NoSuchOperation("the result is too large") from None
    if (check := _SIZES.get(type(result))) is not None:
        check(result)
    return result


def _check_whole(value: int) -> None:
    if value.bit_length() > limits.BITS:
        raise NoSuchOperation(f"the result is too large: it has more than {limits.BITS} binary digits")


def _check_fraction(value: float) -> None:
    if not isfinite(value):
        raise NoSuchOperation("the result is too large")


def _check_text(value: str) -> None:
    if len(value) > limits.TEXT:
        raise NoSuchOperation(f"the text would be {len(value):,} characters long; {limits.TEXT:,} are the most")


def _check_list(value: list[Any]) -> None:
    if len(value) > limits.LIST:
        raise NoSuchOperation(f"the list would have {len(value):,} elements; {limits.LIST:,} are the most")


_SIZES: Mapping[type, Callable[[Any], None]] = {
    int: _check_whole,
    float: _check_fraction,
    str: _check_text,
    list: _check_list,
}


def show(value: Any) -> str:
    """A value as texts and messages show it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, timedelta):
        return spoken_duration(from_duration(value))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S") + (f".{value.microsecond:06}".rstrip("0").rstrip("."))
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, list):
        return "[" + ", ".join(show(item) for item in value) + "]"
    if isinstance(value, Order):
        return f"the order {value.value('OrderRef').strip()} in {value.value('InstrumentID')}"
    if isinstance(value, Position):
        return f"long {value.long}, short {value.short}"
    if isinstance(value, Report):
        return describe_callback(value.name, value.fields, value.error) if value.name else str(value.refusal)
    if isinstance(value, Row):
        return describe_record(value.name, value.fields)
    if isinstance(value, Sent):
        return value.name
    return str(value)
