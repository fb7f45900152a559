"""When the trading of a contract ends, as the exchanges' contract specifications say."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from ctpscen.simulator.terms.phases import is_trading_day, next_trading_day

_DAY = timedelta(days=1)


class _Rule(NamedTuple):
    """A day counted in a month; `months` are those from it to the month of delivery.

    `kind` is what is counted: `trading` days, `last` trading days from the month's end, the `date`, a `friday`, or the
    `last monday`. A day without trading passes on to the next one.
    """

    kind: str
    number: int = 0
    months: int = 0


_BY_EXCHANGE: Mapping[str, _Rule] = {
    "SHFE": _Rule("date", 15),
    "INE": _Rule("date", 15),
    "DCE": _Rule("trading", 10),
    "CZCE": _Rule("trading", 10),
    "GFEX": _Rule("trading", 10),
    "CFFEX": _Rule("friday", 3),
}
_BY_PRODUCT: Mapping[str, _Rule] = {
    **dict.fromkeys(("fu", "sc", "lu"), _Rule("last", 1, 1)),
    **dict.fromkeys(("jd", "lh", "lg"), _Rule("last", 4)),
    **dict.fromkeys(("T", "TF", "TL", "TS"), _Rule("friday", 2)),
    "ec": _Rule("last monday"),
}


def delivery_month(digits: str, today: date) -> tuple[int, int]:
    """The year and month of `2705`, or of CZCE's `705`, whose decade is the one that is nearest."""
    if len(digits) == 4:
        return 2000 + int(digits[:2]), int(digits[2:])
    year = today.year - 4
    return year + (int(digits[0]) - year) % 10, int(digits[1:])


def last_trading_day(product: str, exchange: str, year: int, month: int) -> date:
    """The day after which a contract is no longer traded."""
    rule = _BY_PRODUCT.get(product, _BY_EXCHANGE[exchange])
    first = date(year, month, 1)
    for _ in range(rule.months):
        first = (first - _DAY).replace(day=1)
    if rule.kind == "last monday":
        day = max(day for day in _days(first) if day.weekday() == 0)
    elif rule.kind == "friday":
        day = [day for day in _days(first) if day.weekday() == 4][rule.number - 1]
    elif rule.kind == "date":
        day = first.replace(day=rule.number)
    else:
        trading = [day for day in _days(first) if is_trading_day(day)]
        day = trading[-rule.number] if rule.kind == "last" else trading[rule.number - 1]
    return day if is_trading_day(day) else next_trading_day(day)


def _days(first: date) -> Iterator[date]:
    """Every day of the month that begins with `first`."""
    day = first
    while day.month == first.month:
        yield day
        day += _DAY
