"""What may be done to the fronts, and to what they pass on to the exchanges."""

from attrs import frozen

from ctpscen.ctp.commands.record import Command


@frozen(eq=False, repr=False)
class FrontDown(Command):
    """Both fronts end, and with them every connection."""


@frozen(eq=False, repr=False)
class FrontUp(Command):
    """They are there again."""


@frozen(eq=False, repr=False)
class Kick(Command):
    """The trading front breaks a session's connection."""

    session: str


@frozen(eq=False, repr=False)
class Ban(Command):
    """The address of a session's machine may not log in any more."""

    session: str


@frozen(eq=False, repr=False)
class LoseRequest(Command):
    """The next request that reaches the trading front is lost."""


@frozen(eq=False, repr=False)
class ExchangeLatency(Command):
    """How long a message travels from front to exchange, and how much longer at random."""

    latency: int
    jitter: int = 0
