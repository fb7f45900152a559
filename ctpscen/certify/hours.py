"""Whether a contract is traded at a moment, by the exchanges' calendar and the hours of its product."""

from datetime import date, datetime, time, timedelta

from ctpscen.ctp.terms.products import product_of
from ctpscen.ctp.terms.trading_days import is_trading_day, next_trading_day

_NIGHT = time(21)
_MORNING = time(4)
"""Nights that go on after midnight have ended by then."""


def why_closed(contract: str, now: datetime) -> str:
    """Why a contract is not traded now, by Beijing's clock; '' where it is, or its product is not known."""
    product = product_of(contract)
    if product is None:
        return ""
    clock, today = now.time(), now.date()
    if clock < _MORNING and product.night_end:
        end, evening = time.fromisoformat(product.night_end), today - timedelta(days=1)
        if end < _NIGHT and clock < end and _has_night(evening):
            return ""
    if not is_trading_day(today):
        return f"{today} is no trading day"
    spans = [(time.fromisoformat(a), time.fromisoformat(b)) for a, b in _sessions(product.day_sessions)]
    if any(a <= clock < b for a, b in spans):
        return ""
    if product.night_end and clock >= _NIGHT and _has_night(today):
        end = time.fromisoformat(product.night_end)
        if end < _NIGHT or clock < end:
            return ""
    hours = f"{product.day_sessions}{f', 21:00-{product.night_end}' if product.night_end else ''}"
    return f"{contract} is not traded at {clock:%H:%M} ({hours})"


def _sessions(text: str) -> list[list[str]]:
    return [each.split("-") for each in text.split()]


def _has_night(day: date) -> bool:
    """Whether there is a night session in the evening of a day: not before a holiday."""
    if not is_trading_day(day):
        return False
    ahead = (next_trading_day(day) - day).days
    return ahead == 1 or (day.weekday() == 4 and ahead == 3)
