"""Which contracts of a product there are on a day: the exchanges list months by rules.

`data/months.csv` has the exchanges' contract specifications: contracts of the `near` nearest months, and behind them of
the `number` nearest among the months of the year `far`, each until its last trading day, after which the next one is
listed. `most_traded` are the months on which trading gathers, those of all that are listed where it is empty, and
`from` how many months ahead it does so.
"""

from collections.abc import Iterator
from datetime import date
from functools import cache, lru_cache

from attrs import frozen

from ctpscen.ctp.schema.tables import load_rows
from ctpscen.ctp.terms.expiry import last_trading_day
from ctpscen.ctp.terms.instruments import Instrument
from ctpscen.ctp.terms.products import products

_ALL = frozenset(range(1, 13))


@frozen
class _Rule:
    """Months of the year, and numbers of months."""

    near: int
    far: frozenset[int]
    number: int
    most_traded: frozenset[int]
    ahead: int


@cache
def _rules() -> dict[str, _Rule]:
    def months(text: str) -> frozenset[int]:
        return frozenset(map(int, text.split())) or _ALL

    return {
        row["product"]: _Rule(
            int(row["near"]),
            months(row["far"]),
            int(row["number"]),
            months(row["most_traded"]),
            int(row["from"]),
        )
        for row in load_rows("months")
    }


def listed(product: str, today: date) -> list[Instrument]:
    """The contracts that can be traded today, the nearest first. Raises KeyError for a product."""
    return [_named(product, month) for month in _listed(product, today)]


def contracts(product: str, today: date) -> list[Instrument]:
    """Those of them that are delivered after this month: the others may be closed to who cannot deliver."""
    return [_named(product, month) for month in _listed(product, today) if month > _number(today)]


def is_listed(product: str, year: int, month: int, today: date) -> bool:
    """Whether the contract of a month can be traded today. Raises KeyError for a product."""
    return year * 12 + month - 1 in _listed(product, today)


def most_traded(product: str, today: date) -> Instrument:
    """The contract on which trading gathers, as far as the calendar tells. Raises KeyError for a product."""
    rule = _rules()[product]
    earliest = _number(today) + rule.ahead
    months = _listed(product, today)
    if rule.near == 2:  # of a stock index, the nearest that there is
        return _named(product, months[0])
    gathered = (month for month in months if month >= earliest and month % 12 + 1 in rule.most_traded)
    return _named(product, next(gathered, months[-1]))


@lru_cache(maxsize=1024)
def _listed(product: str, today: date) -> tuple[int, ...]:
    """Months since the year 0."""
    rule = _rules()[product]
    found: list[int] = []
    open_months = (month for month in _from(_number(today)) if _last_day(product, month) >= today)
    for month in open_months:
        if len(found) == rule.near:
            break
        found.append(month)
    start = found[-1] + 1 if found else _number(today)
    far = (m for m in _from(start) if m % 12 + 1 in rule.far and _last_day(product, m) >= today)
    return (*found, *(next(far) for _ in range(rule.number)))


def _last_day(product: str, month: int) -> date:
    return last_trading_day(product, month // 12, month % 12 + 1)


def _from(month: int) -> Iterator[int]:
    while True:
        yield month
        month += 1


def _number(day: date) -> int:
    """Months since the year 0."""
    return day.year * 12 + day.month - 1


def _named(product: str, month: int) -> Instrument:
    digits = f"{month // 12 % 100:02}{month % 12 + 1:02}"
    known = products().get(product)  # the options on an index have months as well
    return Instrument(product + (digits[1:] if known is not None and known.exchange == "CZCE" else digits))
