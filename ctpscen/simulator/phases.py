"""Trading days and trading phases (BEHAVIOUR 3.10).

The night session belongs to the trading day after it; Friday's night is Monday's. A phase is looked up by the time of
day; when the next one begins is computed, so that a day without events costs a dozen lookups.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from ctpscen.ctp.products import Product
from ctpscen.ctp.times import DAY, HOUR, date_of, day_start, time_of_day

BEFORE_TRADING = "0"
NO_TRADING = "1"
CONTINUOUS = "2"
AUCTION = "3"
BALANCE = "4"
MATCH = "5"
CLOSED = "6"

# From this time of day on, the trading day is the next one.
DAY_ROLL = 20 * HOUR

Timeline = tuple[tuple[int, str], ...]
"""Times of day in microseconds, in order, each with the status that begins there."""

_NIGHT: Mapping[str, str] = {
    "SHFE": "20:55 3 20:59 5 21:00 2 {end} 1 08:55 3 08:59 5",
    "INE": "20:55 3 20:59 5 21:00 2 {end} 1 08:55 3 08:59 5",
    "DCE": "20:55 3 20:59 5 21:00 2 {end} 1 08:55 3 08:59 5",
    "CZCE": "20:55 3 20:59 0 21:00 2 {end} 0",
}
_NO_NIGHT: Mapping[str, str] = {
    "SHFE": "20:00 1 08:55 3 08:59 5",
    "INE": "20:00 1 08:55 3 08:59 5",
    "DCE": "20:00 1 08:55 3 08:59 5",
    "GFEX": "20:00 1 08:55 3 08:59 5",
    "CZCE": "20:00 0 08:55 3 08:59 0",
}
_DAY: Mapping[str, str] = {
    "SHFE": "09:00 2 10:15 1 10:30 2 11:30 1 13:30 2 15:00 6",
    "INE": "09:00 2 10:15 1 10:30 2 11:30 1 13:30 2 15:00 6",
    "DCE": "09:00 2 10:15 1 10:30 2 11:30 1 13:30 2 15:00 6",
    "GFEX": "09:00 2 10:15 1 10:30 2 11:30 1 13:30 2 15:00 6",
    "CZCE": "09:00 2 10:15 0 10:30 2 11:30 0 13:30 2 15:00 6",
}
_CFFEX = "20:00 0 09:25 3 09:29 5 09:30 2 11:30 1 13:00 2 {close} 6"


def _read(text: str) -> list[tuple[int, str]]:
    words = text.split()
    return [(time_of_day(when), status) for when, status in zip(words[::2], words[1::2], strict=True)]


@lru_cache(maxsize=256)
def timeline(product: Product) -> Timeline:
    """The phases of a product through a day, from midnight on."""
    if product.exchange == "CFFEX":
        text = _CFFEX.format(close=product.day_sessions.rsplit("-", 1)[1])
    elif product.night_end:
        text = f"{_NIGHT[product.exchange].format(end=product.night_end)} {_DAY[product.exchange]}"
    else:
        text = f"{_NO_NIGHT[product.exchange]} {_DAY[product.exchange]}"
    return tuple(sorted(_read(text)))


def status_at(product: Product, time: int) -> str:
    """The status that the product's trading has at a time, by the calendar alone."""
    if not _trades_around(time):
        return CLOSED
    moment = time % DAY
    rows = timeline(product)
    return next((status for start, status in reversed(rows) if start <= moment), rows[-1][1])


def next_change(product: Product, time: int) -> int:
    """The next time at which the status may change."""
    moment, midnight = time % DAY, time - time % DAY
    rows = timeline(product)
    return next((midnight + start for start, _ in rows if start > moment), midnight + DAY + rows[0][0])


def is_trading_day(day: date) -> bool:
    return day.weekday() < 5


def next_trading_day(day: date) -> date:
    day += timedelta(days=1)
    while not is_trading_day(day):
        day += timedelta(days=1)
    return day


def trading_day(time: int) -> date:
    """The trading day that a time belongs to."""
    day = date_of(time)
    return day if is_trading_day(day) and time % DAY < DAY_ROLL else next_trading_day(day)


def _trades_around(time: int) -> bool:
    """Whether there is a session around this time: none on a Sunday, and on a Saturday only the night's end."""
    day = date_of(time)
    if is_trading_day(day):
        # Monday's first hours follow no night session.
        return day.weekday() != 0 or time - day_start(day) >= 3 * HOUR
    return day.weekday() == 5 and time - day_start(day) < 3 * HOUR
