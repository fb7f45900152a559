"""Which contracts of a product can be traded on a day, by the calendar: the exchanges list months by rules.

`data/months.csv` has what differs from the most common rule, every month of a year, all traded alike: `listed` are
the months of which there are contracts, `most_traded` those on which trading gathers, `from` how many months ahead
it does so, `within` how far ahead contracts are surely listed. Stock index futures have rules of their own: this month
and the next, and the two quarter months behind, a contract ending on the third Friday of its month.

A contract in its delivery month may have ended, or be closed to who cannot deliver; so none of them is named here.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from attrs import frozen

from ctpscen.ctp.schema.tables import load_rows
from ctpscen.ctp.terms.instruments import Instrument
from ctpscen.ctp.terms.products import products

_ALL = frozenset(range(1, 13))
_QUARTERS = frozenset({3, 6, 9, 12})


@frozen
class _Rule:
    """Months of the year, and numbers of months ahead."""

    listed: frozenset[int] = _ALL
    most_traded: frozenset[int] = _ALL
    ahead: int = 2
    within: int = 11
    is_index: bool = False


@cache
def _rules() -> dict[str, _Rule]:
    def months(text: str) -> frozenset[int]:
        return frozenset(map(int, text.split())) if text and text != "index" else _ALL

    return {
        row["product"]: _Rule(
            months(row["listed"]),
            months(row["most_traded"]),
            int(row["from"]),
            int(row["within"]),
            row["listed"] == "index",
        )
        for row in load_rows("months")
    }


def contracts(product: str, today: date) -> list[Instrument]:
    """The contracts that come after the month of `today`, the nearest first. Raises KeyError for a product."""
    return [_named(product, month) for month in _months(_rules().get(product, _Rule()), today)]


def most_traded(product: str, today: date) -> Instrument:
    """The contract on which trading gathers, as far as the calendar tells. Raises KeyError for a product."""
    rule = _rules().get(product, _Rule())
    months = list(_months(rule, today))
    earliest = _number(today) + rule.ahead
    if rule.is_index and today <= _third_friday(today.year, today.month):
        return _named(product, _number(today))
    gathered = (month for month in months if month >= earliest and month % 12 + 1 in rule.most_traded)
    return _named(product, next(gathered, months[-1]))


def _number(day: date) -> int:
    """Months since the year 0."""
    return day.year * 12 + day.month - 1


def _months(rule: _Rule, today: date) -> Iterator[int]:
    now = _number(today)
    if rule.is_index:
        first = now if today <= _third_friday(today.year, today.month) else now + 1
        quarters = [month for month in range(first + 2, first + 9) if month % 12 + 1 in _QUARTERS]
        yield from (month for month in [first, first + 1, *quarters[:2]] if month > now)
        return
    yield from (month for month in range(now + 1, now + rule.within + 1) if month % 12 + 1 in rule.listed)


def _third_friday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(4 - first.weekday()) % 7 + 14)


def _named(product: str, month: int) -> Instrument:
    digits = f"{month // 12 % 100:02}{month % 12 + 1:02}"
    return Instrument(product + (digits[1:] if products()[product].exchange == "CZCE" else digits))
