"""Trading days and trading phases (BEHAVIOUR 3.10).

The night session belongs to the trading day after it; Friday's night is Monday's. A phase is looked up by the time of
day; when the next one begins is computed, so that a day without events costs a dozen lookups.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from ctpscen.ctp.codes import InstrumentStatus
from ctpscen.ctp.terms.products import Product
from ctpscen.ctp.terms.trading_days import is_trading_day, next_trading_day
from ctpscen.ctp.times import DAY, HOUR, MINUTE, date_of, day_of, day_start, time_of_day

# From this time of day on, the trading day is the next one.
DAY_ROLL = 20 * HOUR

Timeline = tuple[tuple[int, str], ...]
"""Times of day in microseconds, in order, each with the InstrumentStatus that begins there."""

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
_INDEX_OPTIONS = "20:00 0 09:25 3 09:29 5 09:30 2 11:30 1 13:00 2 14:57 3 15:00 6"  # the day ends with an auction


def _read(text: str) -> list[tuple[int, str]]:
    words = text.split()
    return [(time_of_day(when), status) for when, status in zip(words[::2], words[1::2], strict=True)]


@lru_cache(maxsize=256)
def timeline(product: Product) -> Timeline:
    """The phases of a product through a day, from midnight on."""
    if product.is_on_index:
        text = _INDEX_OPTIONS
    elif product.exchange == "CFFEX":
        text = _CFFEX.format(close=product.day_sessions.rsplit("-", 1)[1])
    elif product.night_end:
        text = f"{_NIGHT[product.exchange].format(end=product.night_end)} {_DAY[product.exchange]}"
    else:
        text = f"{_NO_NIGHT[product.exchange]} {_DAY[product.exchange]}"
    return tuple(sorted(_read(text)))


def status_span(product: Product, time: int) -> tuple[int, int, str]:
    """The status at a time, and from when until when it holds at least, in microseconds; the end is exclusive."""
    return time, next_change(product, time), status_at(product, time)


def status_at(product: Product, time: int) -> str:
    """The status that the product's trading has at a time, by the calendar alone."""
    if not _trades_around(time):
        return InstrumentStatus.CLOSED
    moment = time % DAY
    rows = timeline(product)
    return next((status for start, status in reversed(rows) if start <= moment), rows[-1][1])


def next_change(product: Product, time: int) -> int:
    """The next time at which the status may change."""
    moment, midnight = time % DAY, time - time % DAY
    rows = timeline(product)
    return next((midnight + start for start, _ in rows if start > moment), midnight + DAY + rows[0][0])


def trading_ended(product: Product, time: int) -> int:
    """When the last continuous trading that is over by a time ended, by the calendar."""
    rows = timeline(product)
    trading = [
        (start, end if end > start else end + DAY)
        for (start, status), (end, _) in zip(rows, (*rows[1:], rows[0]), strict=True)
        if status == InstrumentStatus.CONTINUOUS
    ]
    midnight = time - time % DAY
    while True:
        for start, end in reversed(trading):
            if midnight + end <= time and status_at(product, midnight + start) == InstrumentStatus.CONTINUOUS:
                return midnight + end
        midnight -= DAY


# When the day is settled and the front starts anew, and when it lets people in again; in the morning it only starts
# anew (BEHAVIOUR 1.3, hazard 26).
SETTLEMENT = 15 * HOUR + 30 * MINUTE
EVENING_OPENING = 20 * HOUR + 30 * MINUTE
NIGHT_RESTART = 2 * HOUR + 45 * MINUTE
MORNING_OPENING = 8 * HOUR + 45 * MINUTE


def awaits_settlement(time: int) -> bool:
    """Whether trading has closed, and the day is not settled yet."""
    return is_trading_day(date_of(time)) and 15 * HOUR <= time % DAY < SETTLEMENT


def has_night(day: date) -> bool:
    """Whether a night session begins on the evening of this day: none before a holiday."""
    following = next_trading_day(day)
    weekend = day.weekday() == 4 and (following - day).days == 3
    return is_trading_day(day) and ((following - day).days == 1 or weekend)


def trading_day(time: int) -> date:
    """The trading day that a time belongs to."""
    return _trading_day(time // DAY, time % DAY < DAY_ROLL)


@lru_cache(maxsize=256)
def _trading_day(day_number: int, before_roll: bool) -> date:
    day = day_of(day_number)
    return day if is_trading_day(day) and before_roll else next_trading_day(day)


def trading_day_text(time: int) -> str:
    """The trading day that a time belongs to, as CTP writes dates."""
    return _trading_day_text(time // DAY, time % DAY < DAY_ROLL)


@lru_cache(maxsize=256)
def _trading_day_text(day_number: int, before_roll: bool) -> str:
    return _trading_day(day_number, before_roll).strftime("%Y%m%d")


def is_open_to_logins(time: int) -> bool:
    """Whether the core is up: not between settlement and evening, nor between a night's end and the morning."""
    day, moment = date_of(time), time % DAY
    if moment < NIGHT_RESTART:
        return has_night(day - timedelta(days=1))
    if moment < MORNING_OPENING:
        return False
    if moment < SETTLEMENT:
        return is_trading_day(day)
    return moment >= EVENING_OPENING and has_night(day)


def next_restart(time: int) -> tuple[int, bool]:
    """When the front next starts anew, and whether that settles a day."""
    day = date_of(time)
    while True:
        midnight = day_start(day)
        if midnight + NIGHT_RESTART > time and has_night(day - timedelta(days=1)):
            return midnight + NIGHT_RESTART, False
        if midnight + SETTLEMENT > time and is_trading_day(day):
            return midnight + SETTLEMENT, True
        day += timedelta(days=1)


def next_evening(time: int) -> int:
    """When the day that a time belongs to has been settled, and the front lets people in for the next one."""
    day, moment = date_of(time), time % DAY
    if not (is_trading_day(day) and SETTLEMENT <= moment < EVENING_OPENING):
        settles = False
        while not settles:
            time, settles = next_restart(time)
        day = date_of(time)
    return day_start(day) + EVENING_OPENING


def _trades_around(time: int) -> bool:
    """Whether there is a session around this time: a day's, or a night's that belongs to the day before."""
    day = date_of(time)
    if time - day_start(day) < 3 * HOUR:
        return has_night(day - timedelta(days=1))
    if time - day_start(day) >= DAY_ROLL:
        return has_night(day)
    return is_trading_day(day)
