"""The types of the language, as far as they are known before a scenario runs.

`any` is the type of what cannot be known; it fits everywhere, and the interpreter looks again.
"""

from typing import Any, NamedTuple

from ctpscen.ctp import reports
from ctpscen.ctp.schema.records import Field, record
from ctpscen.ctp.schema.tables import normalise
from ctpscen.language.words.table import fields


class Type(NamedTuple):
    """`detail` is the element type of a list, the kind of a report, or the name of a record."""

    base: str
    detail: Any = None


ANY = Type("any")
NUMBER = Type("number")
TEXT = Type("text")
BOOLEAN = Type("boolean")
NONE = Type("none")
DURATION = Type("duration")
MOMENT = Type("moment")
DATE = Type("date")
TIME = Type("time")
INSTRUMENT = Type("instrument")
ORDER = Type("order")
REQUEST = Type("request")
POSITION = Type("position")


def list_of(element: Type) -> Type:
    return Type("list", element)


def report_of(kind: str) -> Type:
    return Type("report", kind)


def record_of(name: str) -> Type:
    return Type("record", name)


_SPOKEN = {
    "any": "a value",
    "number": "a number",
    "text": "a text",
    "boolean": "true or false",
    "none": "none",
    "duration": "a duration",
    "moment": "a moment in time",
    "date": "a date",
    "time": "a time of day",
    "instrument": "an instrument",
    "list": "a list",
    "order": "an order",
    "request": "a request",
    "position": "a position",
    "report": "a report",
    "record": "a record",
}

# Values that can stand for one another.
_TEXTS = frozenset({"text", "instrument"})
_TIMES = frozenset({"moment", "date", "time"})


def spoken(kind: Type) -> str:
    """A type as messages name it."""
    return _SPOKEN[kind.base]


def fits(found: Type, wanted: Type) -> bool:
    """Whether a value of one type can be given where the other is wanted."""
    if "any" in (found.base, wanted.base):
        return True
    if found.base in _TEXTS and wanted.base in _TEXTS:
        return True
    if found.base == wanted.base == "list":
        return fits(found.detail or ANY, wanted.detail or ANY)
    return found.base == wanted.base


def comparable(a: Type, b: Type) -> bool:
    """Whether two values can be equal, or the one less than the other."""
    return fits(a, b) or "none" in (a.base, b.base) or {a.base, b.base} <= _TIMES


def ordered(kind: Type) -> bool:
    """Whether values of a type have an order."""
    return kind.base in ("any", "number", "text", "instrument", "duration", *_TIMES)


def joined(a: Type | None, b: Type) -> Type:
    """The type of what may be either."""
    if a is None or a == b:
        return b
    if a.base == b.base == "list":
        return list_of(joined(a.detail, b.detail) if a.detail and b.detail else (a.detail or b.detail))
    return ANY


def of_field(field: Field) -> Type:
    """The type of a CTP field's value."""
    if not field.is_text:
        return NUMBER
    return INSTRUMENT if field.type == "InstrumentID" else TEXT


_HOLDING_WORDS = (
    "long short net long_today long_yesterday short_today short_yesterday"  # of a position (LANGUAGE 7)
).split()
_ORDER_WORDS = {
    "status": TEXT,
    "sent": BOOLEAN,
    "is_final": BOOLEAN,
    "is_working": BOOLEAN,
    "average_price": NUMBER,
}
_REQUEST_WORDS = {"return_code": NUMBER, "request_id": NUMBER}
_BY_NAME = {"moment": MOMENT, "number": NUMBER, "boolean": BOOLEAN, "text": TEXT}


def words_of(kind: Type) -> dict[str, Type]:
    """The fields of a value that are the language's own, not CTP's."""
    if kind.base == "order":
        return _ORDER_WORDS
    if kind.base == "request":
        return _REQUEST_WORDS
    if kind.base == "position":
        return dict.fromkeys(_HOLDING_WORDS, NUMBER)
    if kind.base == "report":
        found = reports.find_kind(kind.detail)
        words = {**reports.REPORT_WORDS, **(reports.ANSWER_WORDS if found and found.is_answer else {})}
        words |= found.words if found else {}
        return {word: _BY_NAME[name] for word, name in words.items()}
    return {}


def ctp_fields(kind: Type) -> list[Field]:
    """The CTP fields of a value."""
    if kind.base == "order":
        names: tuple[str, ...] = ("Order", "InputOrder")
    elif kind.base == "record":
        names = (kind.detail,)
    elif kind.base == "report" and (found := reports.find_kind(kind.detail)):
        names = found.records
    else:
        names = ()
    return [field for name in names for field in record(name).fields.values()]


def find_word(kind: Type, word: str) -> Type | None:
    """The type of a value's own word, whatever its spelling."""
    found = own_word(kind, word)
    return words_of(kind)[found] if found else None


def own_word(kind: Type, word: str) -> str | None:
    """A value's own word as the language writes it in English; None where `word` is none."""
    wanted = normalise(fields().get(word, word))
    return next((name for name in words_of(kind) if normalise(name) == wanted), None)


def find_ctp_field(kind: Type, word: str) -> Field | None:
    """The CTP field of a value that a scenario means by `word`."""
    if kind.base == "order":
        return record("Order").find(word) or record("InputOrder").find(word)
    if kind.base == "record":
        return record(kind.detail).find(word)
    if kind.base == "report" and (found := reports.find_kind(kind.detail)):
        return reports.find_field(found, word)
    return None


def has_fields(kind: Type) -> bool:
    """Whether a value of this type has fields at all."""
    return kind.base in ("any", "order", "request", "position", "report", "record", "list")
