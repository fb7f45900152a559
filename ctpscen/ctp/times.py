"""Times as the rest of the program passes them: whole microseconds since 1970-01-01 00:00 by the trading clock.

The trading clock is Beijing's; there is no daylight saving and no other zone, so nothing here knows of zones.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache

MICROSECOND = 1
MILLISECOND = 1_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1)

OPENING_DAY = date(2026, 11, 23)
"""The day on which a simulated venue opens, unless the scenario sets its clock: a Monday."""


def from_moment(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def to_moment(time: int) -> datetime:
    return _EPOCH + timedelta(microseconds=time)


def from_duration(duration: timedelta) -> int:
    return duration // timedelta(microseconds=1)


def to_duration(microseconds: int) -> timedelta:
    return timedelta(microseconds=microseconds)


def day_start(day: date) -> int:
    """Midnight at which a day begins."""
    return (day.toordinal() - _EPOCH.toordinal()) * DAY


@lru_cache(maxsize=256)
def day_of(day_number: int) -> date:
    return date.fromordinal(_EPOCH.toordinal() + day_number)


def date_of(time: int) -> date:
    return day_of(time // DAY)


def date_text(time: int) -> str:
    """`20261123`, as CTP writes dates."""
    return _date_text(time // DAY)


@lru_cache(maxsize=256)
def _date_text(day_number: int) -> str:
    return day_of(day_number).strftime("%Y%m%d")


@lru_cache(maxsize=1024)
def _clock_text(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def clock_text(time: int) -> str:
    """`09:30:00`, as CTP writes times."""
    return _clock_text(time % DAY // SECOND)


def time_of_day(text: str) -> int:
    """Microseconds since midnight of `09:30` or `09:30:15`."""
    parts = [int(part) for part in text.split(":")]
    return sum(part * unit for part, unit in zip(parts, (HOUR, MINUTE, SECOND), strict=False))


def precise_text(time: int) -> str:
    """`09:30:00.012`, to the millisecond, for people."""
    return f"{clock_text(time)}.{time % SECOND // MILLISECOND:03}"


def spoken_duration(microseconds: int) -> str:
    """A duration for people: `0 s`, `350 µs`, `12 ms`, `1.5 s`, `2 m 5 s`, `3 h`."""
    if not microseconds:
        return "0 s"
    if abs(microseconds) < MILLISECOND:
        return f"{microseconds} µs"
    if abs(microseconds) < SECOND:
        return f"{microseconds / MILLISECOND:.3f}".rstrip("0").rstrip(".") + " ms"
    if abs(microseconds) < MINUTE:
        return f"{microseconds / SECOND:.3f}".rstrip("0").rstrip(".") + " s"
    seconds = microseconds // SECOND
    parts = ((seconds // 3600, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s"))
    return " ".join(f"{amount} {unit}" for amount, unit in parts if amount)
