"""The days on which the exchanges trade."""

from datetime import date, timedelta

_DAY = timedelta(days=1)

HOLIDAYS: frozenset[date] = frozenset(
    date(year, month, first) + number * _DAY
    for year, month, first, days in (
        (2025, 1, 1, 1),
        (2025, 1, 28, 8),
        (2025, 4, 4, 3),
        (2025, 5, 1, 5),
        (2025, 5, 31, 3),
        (2025, 10, 1, 8),
        (2026, 1, 1, 3),
        (2026, 2, 15, 9),
        (2026, 4, 4, 3),
        (2026, 5, 1, 5),
        (2026, 6, 19, 3),
        (2026, 9, 25, 3),
        (2026, 10, 1, 7),
    )
    for number in range(days)
)
"""The exchanges' holidays, as announced for the year; of later years only weekends are known."""


def is_trading_day(day: date) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS


def next_trading_day(day: date) -> date:
    day += _DAY
    while not is_trading_day(day):
        day += _DAY
    return day


def days_of_month(year: int, month: int) -> list[date]:
    """Every day of a month."""
    first = date(year, month, 1)
    return [day for day in (first + number * _DAY for number in range(31)) if day.month == month]
