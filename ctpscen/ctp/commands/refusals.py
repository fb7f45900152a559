"""What the venue may be told to refuse, and how it behaves."""

from typing import Literal

from attrs import frozen

from ctpscen.ctp.commands.record import Command

Refusable = Literal["order", "cancel"]
Source = Literal["counter", "exchange"]
Limited = Literal["order", "cancel", "query", "request", "session", "failure"]
ProfileName = Literal["simnow", "production"]


@frozen(eq=False, repr=False)
class RejectNext(Command):
    """One order or cancel is refused; without a message, in the words of whoever refuses."""

    request: Refusable
    source: Source
    code: int
    message: str | None = None


@frozen(eq=False, repr=False)
class Refuse(Command):
    """Every such request is refused, for so long: `ReqUserLogin`, `ReqQryOrder` …, or `query`, which is any of them.

    With `where` only one that is about an exchange or a contract. `after_login` counts from each login.
    """

    request: str
    code: int
    message: str | None = None
    lasting: int | None = None
    where: str | None = None
    after_login: bool = False


@frozen(eq=False, repr=False)
class Limit(Command):
    """At most so many each second; of sessions, at a time; of a machine's failed logins, in a day."""

    limited: Limited
    number: int


@frozen(eq=False, repr=False)
class BehaveAs(Command):
    """What differs between SimNow and a broker's production is as there."""

    profile: ProfileName
