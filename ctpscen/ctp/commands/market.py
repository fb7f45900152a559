"""What may be done to the market: its clock, its phases, its quotes, its orders."""

from typing import Literal

from attrs import field, frozen

from ctpscen.ctp.commands.record import Command

Side = Literal["buy", "sell"]
Phase = Literal["continuous", "auction", "break", "closed"]


@frozen(eq=False, repr=False)
class SetClock(Command):
    """Before anybody connects."""

    moment: int


@frozen(eq=False, repr=False)
class Settle(Command):
    """The trading day ends; logins are possible again at `until`."""


@frozen(eq=False, repr=False)
class Quote(Command):
    """The market maker's sides, each a price and a volume; the last price; and yesterday's settlement price."""

    instrument: str
    bid: tuple[float, int] | None = None
    ask: tuple[float, int] | None = None
    last: float | None = None
    pre_settlement: float | None = None


@frozen(eq=False, repr=False)
class OutsideOrder(Command):
    """Somebody without a session meets orders that rest: `met` lots. What is left goes."""

    side: Side
    volume: int
    instrument: str
    price: float


@frozen(kw_only=True, eq=False, repr=False)
class OrderCommand(Command):
    """About an order at an exchange, by what it is known by within a day."""

    front_id: int
    session_id: int
    order_ref: str

    @property
    def key(self) -> tuple[int, int, str]:
        return self.front_id, self.session_id, self.order_ref


@frozen(kw_only=True, eq=False, repr=False)
class Fill(OrderCommand):
    """It trades with somebody, at a price or at its own: `traded_at`."""

    volume: int
    price: float | None = None


@frozen(eq=False, repr=False)
class CancelByExchange(OrderCommand):
    """The exchange takes it off the book."""


@frozen(eq=False, repr=False)
class SetPhase(Command):
    """Of a contract, a product or an exchange, whatever the time."""

    scope: str
    phase: Phase


@frozen(eq=False, repr=False)
class Halt(Command):
    instrument: str


@frozen(eq=False, repr=False)
class Resume(Command):
    """What was halted trades again."""

    instrument: str


@frozen(eq=False, repr=False)
class Replay(Command):
    """Plays the quotes of a file, `quotes` of them. `text` is what is in it, which no journal repeats.

    The row at `start`, a time of day, is now; without it, the first row.
    """

    file: str
    text: str = field(repr=False)
    speed: float = 1
    start: int | None = None


@frozen(eq=False, repr=False)
class Still(Command):
    """Only what the scenario does moves the market of an instrument, or any market."""

    instrument: str | None


@frozen(eq=False, repr=False)
class Walk(Command):
    """The price moves at random; `volatility` is its standard deviation in an hour, as a part of it."""

    instrument: str
    volatility: float
    seed: float | None = None
    lasting: int | None = None
