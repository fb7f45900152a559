"""What may be done to the fronts, and to what they pass on to the exchanges."""

from attrs import frozen

from ctpscen.ctp.commands.record import Command


@frozen(eq=False, repr=False)
class Fronts(Command):
    """How many trading fronts there are, any of which a session may reach."""

    count: int


@frozen(eq=False, repr=False)
class FrontDown(Command):
    """A trading front ends, by its number, or every front; and with it the connections to it."""

    number: int | None = None


@frozen(eq=False, repr=False)
class FrontUp(Command):
    """It is there again, or all of them."""

    number: int | None = None


@frozen(eq=False, repr=False)
class Kick(Command):
    """The trading front breaks a session's connection."""

    session: str


@frozen(eq=False, repr=False)
class Ban(Command):
    """The address of a session's machine may not log in any more: 143, or 144, with which it may not authenticate."""

    session: str
    code: int = 143


@frozen(eq=False, repr=False)
class LoseRequest(Command):
    """The next request that reaches the trading front is lost."""


@frozen(eq=False, repr=False)
class ExchangeLatency(Command):
    """How long a message travels from front to exchange, and how much longer at random."""

    latency: int
    jitter: int = 0
