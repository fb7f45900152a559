"""What may be done to the accounts of sessions."""

from typing import Literal

from attrs import field, frozen

from ctpscen.ctp.commands.record import Command

PasswordState = Literal["expired", "first_login"]
Right = Literal["open", "close", "all"]


@frozen(kw_only=True, eq=False, repr=False)
class AccountCommand(Command):
    """About the account of a session: `account` is its number."""

    session: str


@frozen(kw_only=True, eq=False, repr=False)
class SetBalance(AccountCommand):
    """What it began the day with."""

    amount: float


@frozen(kw_only=True, eq=False, repr=False)
class Deposit(AccountCommand):
    amount: float


@frozen(kw_only=True, eq=False, repr=False)
class Withdraw(AccountCommand):
    amount: float


@frozen(kw_only=True, eq=False, repr=False)
class SetPosition(AccountCommand):
    """It holds lots already, of today or since yesterday."""

    holding: Literal["long", "short"]
    volume: int
    instrument: str
    price: float
    yesterday: bool = False


@frozen(kw_only=True, eq=False, repr=False)
class SetPasswordState(AccountCommand):
    state: PasswordState


@frozen(eq=False, repr=False)
class ForgetConfirmation(AccountCommand):
    """It has not confirmed the settlement today."""


@frozen(kw_only=True, eq=False, repr=False)
class Forbid(AccountCommand):
    """It may not open, close, or trade at all, in an instrument or in any."""

    right: Right
    instrument: str | None = None


@frozen(kw_only=True, eq=False, repr=False)
class Allow(AccountCommand):
    """What was forbidden is allowed again."""

    right: Right
    instrument: str | None = None


@frozen(kw_only=True, eq=False, repr=False)
class LimitPositions(Command):
    """The most lots that an account may hold of an instrument on a side."""

    instrument: str
    most: int


@frozen(kw_only=True, eq=False, repr=False)
class Surcharge(Command):
    """So many yuan a lot are taken beside the declared fees where SimNow does so; the settlement gives them back."""

    amount: float


@frozen(kw_only=True, eq=False, repr=False)
class Admit(Command):
    """A program may log in as this user, and as no other that was not admitted; what is empty is not looked at."""

    session: str
    user: str
    password: str = field(repr=False)
    broker: str = ""
    app: str = ""
    code: str = field(default="", repr=False)
