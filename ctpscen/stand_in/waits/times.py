"""Python's clocks, led to the venue's: `time`, `datetime`.

To be done before the program's own code takes a function out of these modules. What is read in C is not reached.
"""

import datetime
import sys
import time
from typing import Any

from .waiting import here

_REAL = {name: getattr(time, name) for name in ("localtime", "gmtime", "ctime", "asctime", "strftime", "sleep")}


def lead() -> None:
    """Puts ours in the place of Python's."""
    clock = here.clock
    ours = {
        "time": lambda: clock.time() / 1e9,
        "time_ns": clock.time,
        "sleep": sleep,
        "localtime": lambda seconds=None: _REAL["localtime"](_given(seconds)),
        "gmtime": lambda seconds=None: _REAL["gmtime"](_given(seconds)),
        "ctime": lambda seconds=None: _REAL["ctime"](_given(seconds)),
        "asctime": lambda moment=None: _REAL["asctime"](_REAL["localtime"](_given(None)) if moment is None else moment),
        "strftime": lambda form, moment=None: _REAL["strftime"](
            form, _REAL["localtime"](_given(None)) if moment is None else moment
        ),
    }
    for name in ("monotonic", "perf_counter"):
        ours |= {name: lambda: clock.now() / 1e9, f"{name}_ns": clock.now}
    for name, function in ours.items():
        _put(time, name, function)
    _lead_clock_gettime()
    datetime.datetime = _Datetime  # type: ignore[misc]
    for module, taken in (("threading", "_time"), ("queue", "time")):
        if module in sys.modules:  # it was imported before, and has taken the function
            setattr(sys.modules[module], taken, time.monotonic)


def _put(module: Any, name: str, function: Any) -> None:
    if not hasattr(function, "__self__"):
        function.__name__ = function.__qualname__ = name
    setattr(module, name, function)


def _given(seconds: float | None) -> float:
    return here.clock.time() / 1e9 if seconds is None else seconds


def sleep(seconds: float) -> None:
    """`time.sleep`."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    if seconds == 0:
        _REAL["sleep"](0)
    else:
        here.sleep_until(here.deadline_in(seconds))


def _lead_clock_gettime() -> None:
    """Where the system has clocks by number, those that the venue's time stands for."""
    real = getattr(time, "clock_gettime_ns", None)
    if real is None:
        return
    times = {getattr(time, name): here.clock.time for name in ("CLOCK_REALTIME",) if hasattr(time, name)}
    steady = ("CLOCK_MONOTONIC", "CLOCK_MONOTONIC_RAW", "CLOCK_BOOTTIME", "CLOCK_UPTIME_RAW")
    times |= {getattr(time, name): here.clock.now for name in steady if hasattr(time, name)}

    def clock_gettime_ns(clock: int) -> int:
        read = times.get(clock)
        return read() if read is not None else int(real(clock))

    _put(time, "clock_gettime_ns", clock_gettime_ns)
    _put(time, "clock_gettime", lambda clock: clock_gettime_ns(clock) / 1e9)


_RealDatetime = datetime.datetime


class _Kind(type):
    """What C code has made is a `datetime` like any other."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _RealDatetime)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, _RealDatetime)


class _Datetime(_RealDatetime, metaclass=_Kind):
    """`datetime.datetime`, whose clock is the venue's."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Any:
        return cls.fromtimestamp(here.clock.time() / 1e9, tz)

    @classmethod
    def utcnow(cls) -> Any:
        return cls.fromtimestamp(here.clock.time() / 1e9, datetime.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls) -> Any:
        return cls.now()


_Datetime.__name__ = _Datetime.__qualname__ = "datetime"
_Datetime.__module__ = "datetime"
