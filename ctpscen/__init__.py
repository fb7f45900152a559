"""Scenario tests for programs that trade through CTP, China's futures trading system.

`compile`, `run`, `check`, `show` and `Result` are here for programs; see `ctpscen.library`.
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from ctpscen.library import DoesNotCheck, Result, Scenarios, check, compile, run, show  # noqa: A004 - as in `re.compile`
    from ctpscen.loading import Unreadable

__all__ = ["DoesNotCheck", "Result", "Scenarios", "Unreadable", "__version__", "check", "compile", "run", "show"]

_FROM = {"Unreadable": "ctpscen.loading"}


def __getattr__(name: str) -> Any:
    """The library is imported when it is first used, so that nothing else waits for it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_FROM.get(name, "ctpscen.library")), name)
