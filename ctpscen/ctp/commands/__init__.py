"""What a scenario may do to the venue and to the network: a frozen record for each command, in families.

The engine makes them of steps, the simulator and the relay carry them out, the journal keeps their fields, and reports
say them in words. Times and durations are microseconds, volumes are lots, money is yuan, and a price is as CTP shows
it. A `session` is a session's name; where it may be None, a command is about all of them.

A family is imported when it is first asked for: a run needs few of these records, and making the classes takes time.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ctpscen.ctp.commands import accounts, effects, exploring, front, listings, market, network, refusals, reports

FAMILIES = ("network", "reports", "front", "refusals", "market", "listings", "accounts", "exploring")
"""The modules that have commands; what `effects` has is not done but happens."""

__all__ = [
    "FAMILIES",
    "accounts",
    "effects",
    "exploring",
    "front",
    "listings",
    "market",
    "network",
    "refusals",
    "reports",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
