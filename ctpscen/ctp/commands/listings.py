"""What may be done to the list of the venue's contracts."""

from attrs import frozen

from ctpscen.ctp.commands.record import Command


@frozen(eq=False, repr=False)
class ListInstrument(Command):
    """Lists a contract whatever the exchanges' rules say, with terms of its own where they are given.

    `least` and `most` are the volumes of a limit order, of which the least is that of an order that opens; `margin` is
    a fraction, `expires` the last trading day, as CTP writes dates.
    """

    instrument: str
    least: int | None = None
    most: int | None = None
    margin: float | None = None
    expires: str | None = None


@frozen(eq=False, repr=False)
class ListAll(Command):
    """Lists every contract of every product, futures and options."""


@frozen(eq=False, repr=False)
class Unlist(Command):
    """Takes a contract away."""

    instrument: str
