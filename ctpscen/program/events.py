"""What a program under test did and was told, as it is handed on."""

from typing import Literal

from attrs import frozen

from ctpscen.ctp.messages import Callback, Request

HazardKind = Literal[
    "call after Release",
    "second Release",
    "Release in a callback",
    "missing flow folder",
    "shared flow path",
    "subscription after Init",
    "second Init",
    "slow callback",
    "text too long",
    "ended in a call",
]
"""What the real library punishes, with a crash as a rule, and ours survives; and where a live program ended in it."""


@frozen
class Called:
    """A call of an API function, the creation of the object included, and what it returned.

    `process` is the process id of the caller: a program may have several.
    """

    request: Request
    returned: int | str
    process: int

    @property
    def time(self) -> int:
        return self.request.time


@frozen
class Delivered:
    """A callback at the moment at which the program's code is given it. `callback.time` is that moment."""

    callback: Callback

    @property
    def time(self) -> int:
        return self.callback.time


@frozen
class Line:
    """A line of output, without its end. `stream` is `out`, `err`, or the name of a log file."""

    time: int
    stream: str
    text: str


@frozen
class Exited:
    """The end of the program's first process. `code` is None where a signal ended it, and `signal` its name then."""

    time: int
    code: int | None
    signal: str | None


@frozen
class Hazard:
    """Misuse that was survived. `api` is the number of the API object; `text` says what was done, in words."""

    time: int
    kind: HazardKind
    api: int
    text: str


@frozen
class HeldBack:
    """A call of a live program that the library was not given, and why (`tapping.tables.Refusal`)."""

    request: Request
    reason: int

    @property
    def time(self) -> int:
        return self.request.time


Event = Called | Delivered | Line | Exited | Hazard | HeldBack
