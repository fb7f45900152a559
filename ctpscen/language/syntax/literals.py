"""Literals: the value that a token is written for, and texts with their escapes and the expressions inside braces."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

from ctpscen.ctp.terms.instruments import Instrument
from ctpscen.language.syntax.lexer import Token
from ctpscen.language.syntax.tree import Expression, LiteralKind, LiteralValue, Template
from ctpscen.language.text.source import Span
from ctpscen.language.words.table import lots, units

_MICROSECONDS = {"us": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000}
_UNITS = {spelling: _MICROSECONDS[unit] for spelling, unit in units().items()}
_AMOUNT = re.compile(rf"(\d[\d_]*(?:\.\d+)?)\s*({'|'.join(sorted(_UNITS, key=len, reverse=True))})")
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
_TEXT_PIECE = re.compile(r"\\u\{([0-9A-Fa-f]{1,6})\}|\\(.)|\{\{|\}\}|(\{)|(\})|[^\\{}]+", re.DOTALL)


class Reading(Protocol):
    """The reading of the whole text that a token is of."""

    def problem(self, code: str, message: str, span: Span) -> None: ...
    def expression(self, start: int, end: int) -> Expression: ...


def read_literal(token: Token, reading: Reading) -> LiteralValue:
    """The literal that a token is; one that has no value is a problem, and has None."""
    kind, read = _LITERALS[token.type]
    try:
        return LiteralValue(kind, read(str(token)), token.span)
    except (ValueError, OverflowError):
        reading.problem("E111", f"`{token}` is no {kind}", token.span)
        return LiteralValue(kind, None, token.span)


def _number(text: str) -> int | float:
    text = text.rstrip("".join(lots())).rstrip().replace("_", "").replace("％", "%")
    if text[:2] in ("0x", "0X"):
        return int(text, 16)
    percent = text.endswith("%")
    text = text.removesuffix("%")
    value = float(text) if set(text) & set(".eE") else int(text)
    if value == float("inf") or (isinstance(value, int) and value.bit_length() > 1023):  # no double is as large
        raise ValueError
    return round(value / 100, 12) if percent else value


def _duration(text: str) -> timedelta:
    total = 0.0
    for amount, unit in _AMOUNT.findall(text):
        total += float(amount.replace("_", "")) * _UNITS[unit]
    return timedelta(microseconds=round(total))


def _moment(text: str) -> datetime:
    day, clock = text.split()
    return datetime.combine(date.fromisoformat(day), _time(clock))


def _time(text: str) -> time:
    hour, _, rest = text.replace("：", ":").partition(":")
    return time.fromisoformat(f"{int(hour):02}:{_padded(rest)}")


def _padded(rest: str) -> str:
    """`58.5` seconds as `58.500000`, which every Python reads."""
    head, dot, fraction = rest.partition(".")
    return f"{head}.{fraction:0<6}" if dot else head


_LITERALS: Mapping[str, tuple[LiteralKind, Callable[[str], Any]]] = {
    "NUMBER": ("number", _number),
    "DURATION": ("duration", _duration),
    "TIME": ("time", _time),
    "DATE": ("date", date.fromisoformat),
    "DATETIME": ("moment", _moment),
    "INSTRUMENT": ("instrument", Instrument.parse),
    "TRUE": ("boolean", lambda _: True),
    "FALSE": ("boolean", lambda _: False),
    "NONE": ("none", lambda _: None),
}


def read_text(token: Token, reading: Reading) -> Expression:
    """The text that a token is written for; a Template where there are expressions in it."""
    raw, offset = str(token)[1:-1], token.span[0] + 1
    if "\\" not in raw and "{" not in raw and "}" not in raw:
        return LiteralValue("text", raw, token.span)
    parts: list[str | Expression] = []
    position = 0
    while position < len(raw):
        piece = _TEXT_PIECE.match(raw, position)
        assert piece is not None
        start, position = offset + position, piece.end()
        if piece[1]:
            parts.append(_character(piece[1], (start, offset + position), reading))
        elif piece[2]:
            if piece[2] not in _ESCAPES:
                message = f'`\\{piece[2]}` is no escape; there are `\\n`, `\\t`, `\\"`, `\\\\` and `\\u{{…}}`'
                reading.problem("E112", message, (start, offset + position))
            parts.append(_ESCAPES.get(piece[2], piece[2]))
        elif piece[3]:
            end = raw.find("}", position)
            if end < 0:
                message = "this `{` is never closed; a brace that is meant as itself is written `{{`"
                reading.problem("E112", message, (start, start + 1))
                break
            parts.append(reading.expression(offset + position, offset + end))
            position = end + 1
        elif piece[4]:
            message = "this `}` closes nothing; a brace that is meant as itself is written `}}`"
            reading.problem("E112", message, (start, start + 1))
        else:
            parts.append(piece[0][0] if piece[0] in ("{{", "}}") else piece[0])
    if all(isinstance(part, str) for part in parts):
        return LiteralValue("text", "".join(str(part) for part in parts), token.span)
    return Template(_joined(parts), token.span)


def _character(digits: str, span: Span, reading: Reading) -> str:
    try:
        character = chr(int(digits, 16))
        character.encode("utf-8")
    except (ValueError, OverflowError):
        reading.problem("E112", f"there is no character U+{digits.upper()}", span)
        return ""
    return character


def _joined(parts: list[str | Expression]) -> tuple[str | Expression, ...]:
    """Neighbouring texts as one."""
    joined: list[str | Expression] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return tuple(joined)
