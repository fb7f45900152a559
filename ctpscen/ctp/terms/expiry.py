"""When the trading of a contract ends, as the exchanges' contract specifications say.

The rules are the column `last_day` of `data/months.csv` and `data/options.csv`: what is counted, a number, and the
months from the one in which it is counted to the month of delivery. What is counted are `trading` days of a month,
its `last` trading days, the trading days up to its 15th (`mid`), both from their end, the `date`, its `friday`s, or
its last `monday`. A day without trading passes on to the next one.
"""

from datetime import date
from functools import cache

from ctpscen.ctp.schema.tables import load_rows
from ctpscen.ctp.terms.trading_days import days_of_month, is_trading_day, next_trading_day

_FRIDAY, _MONDAY = 4, 0


def delivery_month(digits: str, today: date) -> tuple[int, int]:
    """The year and month of `2705`, or of CZCE's `705`, whose decade is the one that is nearest."""
    if len(digits) == 4:
        return 2000 + int(digits[:2]), int(digits[2:])
    year = today.year - 4
    return year + (int(digits[0]) - year) % 10, int(digits[1:])


@cache
def last_trading_day(product: str, year: int, month: int, *, option: bool = False) -> date:
    """The day after which a product's contract of a month, or an option on it, is no longer traded.

    Raises KeyError for a product that is not known, or has no options.
    """
    kind, number, months = _rules("options" if option else "months")[product]
    since_0 = year * 12 + month - 1 - months
    days = days_of_month(since_0 // 12, since_0 % 12 + 1)
    trading = [day for day in days if is_trading_day(day)]
    if kind == "monday":
        day = [each for each in days if each.weekday() == _MONDAY][-1]
    elif kind == "friday":
        day = [each for each in days if each.weekday() == _FRIDAY][number - 1]
    elif kind == "date":
        day = days[number - 1]
    elif kind == "mid":
        day = [each for each in trading if each.day <= 15][-number]
    else:
        day = trading[-number] if kind == "last" else trading[number - 1]
    return day if is_trading_day(day) else next_trading_day(day)


@cache
def _rules(table: str) -> dict[str, tuple[str, int, int]]:
    rules = {}
    for row in load_rows(table):
        kind, number, months = row["last_day"].split()
        rules[row["product"]] = kind, int(number), int(months)
    return rules
