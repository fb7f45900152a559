"""An account: its login, its money, its orders of the day, and its private stream."""

from collections.abc import Callable
from typing import Protocol

from attrs import define, field, frozen

from ctpscen.ctp.messages import Fields
from ctpscen.simulator.counter.rights import Rights
from ctpscen.simulator.exchange.orders import Key, Order
from ctpscen.simulator.ledger.booking import Ledger


@frozen
class Entry:
    """One message of a stream; its position, from 1, is where it stands in the list."""

    name: str
    fields: Fields
    error: Fields | None = None


@define(eq=False, repr=False)
class Stream:
    """A stream that the front keeps for the trading day: what was sent, and who is to be told of what follows."""

    entries: list[Entry] = field(factory=list)
    listeners: list[Callable[[int, Entry], None]] = field(factory=list)

    def append(self, name: str, fields: Fields, error: Fields | None = None) -> None:
        entry = Entry(name, fields, error)
        self.entries.append(entry)
        position = len(self.entries)
        for listener in list(self.listeners):
            listener(position, entry)

    def begin_anew(self) -> None:
        """A new trading day: the sequence starts from the beginning."""
        self.entries.clear()


@frozen
class Exercised:
    """A line of the settlement statement: lots of an option that were exercised, assigned, set off, or expired."""

    word: str
    instrument: str
    is_long: bool
    volume: int
    price: float


@define(eq=False, repr=False)
class BankAccount:
    """What an account has at its bank, and the passwords of transfers: the bank's, and the broker's own for money."""

    number: str
    balance: float = 10_000_000.0
    password: str = "123456"
    money_password: str = "123456"


@define(eq=False, repr=False)
class Account:
    """One investor, who is also the user that logs in."""

    id: str
    password: str
    ledger: Ledger
    private: Stream = field(factory=Stream)
    orders: dict[Key, Order] = field(factory=dict)
    by_sys_id: dict[tuple[str, str], Order] = field(factory=dict)
    trades: list[Fields] = field(factory=list)
    confirmed: bool = False
    confirmed_at: str = ""
    password_state: str = ""
    failed_logins: int = 0
    sessions: list["LoggedIn"] = field(factory=list)
    rights: Rights = field(factory=Rights)
    statements: dict[str, str] = field(factory=dict)
    exercised: list[Exercised] = field(factory=list)
    bank: BankAccount = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.bank = BankAccount(f"6222{self.id}")

    def begin_day(self) -> None:
        """Forgets what belongs to the day that is over; the settlement is to be confirmed again."""
        self.private.begin_anew()
        self.orders.clear()
        self.by_sys_id.clear()
        self.trades.clear()
        self.exercised.clear()
        self.confirmed = False
        self.failed_logins = 0


def account_of(order: Order) -> Account:
    """Whose an order is; to an exchange an account is little more than its number."""
    account = order.account
    assert isinstance(account, Account)
    return account


class LoggedIn(Protocol):
    """A session that is logged in, as the counter sees it."""

    front_id: int
    session_id: int
    product_info: str
    logged_in_at: int

    @property
    def owner(self) -> Account:
        """The account that is logged in."""

    def respond(self, name: str, fields: Fields | None, error: Fields | None, request_id: int, /) -> None:
        """Sends an answer."""

    def next_reference(self, reference: str, name: str = "OrderRef", /) -> str | None:
        """The OrderRef of a new order, or its like; given where it is empty, None where it does not grow."""
