"""A value of the command line is read as the type that is wanted."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from ctpscen.ctp.terms.instruments import Instrument
from ctpscen.language.meaning.types import (
    BOOLEAN,
    DATE,
    DURATION,
    INSTRUMENT,
    MOMENT,
    NONE,
    NUMBER,
    TEXT,
    TIME,
    Type,
    list_of,
)
from ctpscen.language.meaning.values import read_value

VALUES: list[tuple[str, Type, Any]] = [
    ("3", NUMBER, 3),
    ("-3", NUMBER, -3),
    ("0x1001", NUMBER, 4097),
    ("5%", NUMBER, 0.05),
    ("10s", DURATION, timedelta(seconds=10)),
    ("-1m", DURATION, timedelta(minutes=-1)),
    ("1h30m", DURATION, timedelta(minutes=90)),
    ("true", BOOLEAN, True),
    ("none", NONE, None),
    ("21:00", TIME, time(21)),
    ("2026-11-23", DATE, date(2026, 11, 23)),
    ("2026-11-23 21:00", MOMENT, datetime(2026, 11, 23, 21)),
    ("any text = so {x}", TEXT, "any text = so {x}"),
    ('"quoted"', TEXT, '"quoted"'),
    ("10", TEXT, "10"),
    ("", TEXT, ""),
    ("cu2612", INSTRUMENT, "cu2612"),
    ("SHFE.cu2612", INSTRUMENT, "cu2612"),
    ("SPD MA701&MA705", INSTRUMENT, "SPD MA701&MA705"),
    ("[1, 2]", list_of(NUMBER), [1, 2]),
    ("[]", list_of(NUMBER), []),
]


@pytest.mark.parametrize(("text", "kind", "value"), VALUES, ids=[f"{kind.base} {text}" for text, kind, _ in VALUES])
def test_a_value_of_the_command_line_is_read_as_the_type_of_its_param(text: str, kind: Type, value: object) -> None:
    found = read_value(text, kind)
    assert found == value
    if kind == INSTRUMENT:
        assert isinstance(found, Instrument)


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("10", DURATION, "`10` is a number; a duration is wanted"),
        ("10s", NUMBER, "`10s` is a duration; a number is wanted"),
        ("abc", NUMBER, "`abc` is not a number"),
        ("1 + 2", NUMBER, "`1 + 2` is not a number"),
        ("", NUMBER, "`` is not a number"),
        ("-true", BOOLEAN, "`-true` is not true or false"),
        ('"x"', NUMBER, '`"x"` is a text; a number is wanted'),
        ("25:00", TIME, "`25:00` is not a time of day"),
        ("1", list_of(NUMBER), "`1` is a number; a list is wanted"),
        ("[1s]", list_of(NUMBER), "`[1s]` is a list; a list is wanted"),
        ("1; 2", NUMBER, "`1; 2` is not a number"),
    ],
)
def test_a_value_of_another_type_is_refused_with_the_reason(text: str, kind: Type, reason: str) -> None:
    with pytest.raises(ValueError, match="is") as caught:
        read_value(text, kind)
    assert str(caught.value) == reason
