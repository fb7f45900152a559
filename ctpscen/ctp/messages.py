"""The CTP API as data: what goes in, and what comes back.

Simulator and native library are driven by the same two records. The life cycle of an API object is part of it:
creating, subscribing to topics, registering a front, Init, Release are requests like any other, under their own
names, with their arguments as fields.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol

from attrs import field, frozen

from ctpscen.ctp.schema.api import ApiKind

Fields = dict[str, Any]


def _masked(fields: Fields | None) -> str:
    """Fields as messages about a message show them."""
    return repr(mask(fields))


@frozen
class Request:
    """One call of an API function.

    `api` is the id of the API object, `time` microseconds since 1970 by the trading clock (Beijing), `sequence` the
    number of the call within its API object. `fields` holds what differs from the record's defaults, None where
    the function takes no record.
    """

    api: int
    kind: ApiKind
    time: int
    sequence: int
    name: str
    fields: Fields | None = field(default=None, repr=_masked)
    request_id: int = 0


@frozen
class Callback:
    """One call of an SPI function. `fields` and `error` are None where CTP passes NULL, or passes no such thing."""

    api: int
    kind: ApiKind
    time: int
    sequence: int
    name: str
    fields: Fields | None = field(default=None, repr=_masked)
    error: Fields | None = None
    request_id: int = 0
    last: bool = True


class Port(Protocol):
    """Whoever holds API objects: the engine's sessions, later a program under test."""

    def deliver(self, callback: Callback) -> None:
        """Takes one callback. Called on the thread that moves time."""


class Api(Protocol):
    """The two APIs behind one door: simulated and native implement it."""

    def call(self, request: Request) -> int | str:
        """Calls an API function and gives what it returns: 0, −1, −2 or −3 for Req…, a text for GetTradingDay."""


@cache
def is_secret(name: str) -> bool:
    """Whether a field of this name is one that no journal, log or listing may show."""
    return _SECRET.search(name) is not None


# `Text` is the short message's code in ReqUserLoginWithText, the only record that has a field of that name.
_SECRET = re.compile(
    r"passw|psw|accpwd|auth(code|info|key)|^pin|(mac|current)key|otp$|^text$|sms(code|content)|token|captcha|systeminfo",
    re.IGNORECASE,
)


def mask(fields: Mapping[str, Any] | None) -> Fields | None:
    """The fields with every secret shown as dots."""
    if fields is None:
        return None
    if not _met.issuperset(fields):
        _met.update(fields)
        _secrets_met.update(filter(is_secret, fields))
    masked = dict(fields)
    if not _secrets_met.isdisjoint(masked):
        for name in masked.keys() & _secrets_met:
            masked[name] = "•••"
    return masked


# The names that were looked at before, and those of them that are secrets: there are few, and they come often.
_met: set[str] = set()
_secrets_met: set[str] = set()
