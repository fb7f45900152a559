"""Transfers between bank and futures account that are asked for on the futures side, and the bank behind them.

What CTP refuses is answered by OnRsp… and reported by OnErrRtn…. The rest goes to the bank, whose word OnRtn… brings:
done (TransferStatus Normal), or not (Repealed, with the bank's ErrorID). CTP shows passwords as stars.

Every account is registered with one bank, of which CTP knows the codes with which it refuses. When transfers may be
made, and what is in the bank, are ours: a broker sets the former, usually so.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol

from attrs import define, field, frozen

from ctpscen.ctp.codes import AvailabilityFlag, PwdFlag, TransferStatus
from ctpscen.ctp.errors import rsp_info
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.times import DAY, HOUR, MILLISECOND, MINUTE, clock_text, date_text
from ctpscen.simulator.counter.accounts import Account, LoggedIn
from ctpscen.simulator.counter.checks import Refused
from ctpscen.simulator.exchange.orders import BROKER
from ctpscen.simulator.world import World

BANKS: Mapping[str, str] = {"1": "建设银行", "2": "工商银行", "3": "农业银行", "4": "中国银行", "5": "交通银行"}
BANK, BRANCH = "1", "0000"
ANSWERS_AFTER = 200 * MILLISECOND

# From when to when, as times of day; at night money comes in, but none goes out.
_DAY_IN, _DAY_OUT = (8 * HOUR + 30 * MINUTE, 15 * HOUR + 30 * MINUTE), (9 * HOUR, 15 * HOUR + 30 * MINUTE)
_EVENING, _NIGHT = 20 * HOUR + 30 * MINUTE, 2 * HOUR + 30 * MINUTE

_ANOTHER_BROKER, _NO_MONEY = 2, 31
_NO_SUCH_BANK, _NOT_REGISTERED, _WRONG_TIME, _CURRENCY = 1002, 1004, 1022, 1035
_WRONG_PASSWORD, _NO_ACCOUNT, _WRONG_AMOUNT, _OTHER_CARD = 2001, 2011, 2014, 2019
_BANK_PASSWORD, _BANK_LIMIT = 2050, 2051
_NOTHING = {"ErrorID": 0, "ErrorMsg": ""}


@frozen(eq=False, repr=False)
class Kind:
    """One kind of request: its number at CTP, the callback that brings the bank's word, which way the money goes.

    `sign` is 1 into the account, -1 out of it, 0 where the bank is only asked.
    """

    trade_code: str
    report: str
    sign: int


INTO = Kind("202001", "OnRtnFromBankToFutureByFuture", 1)
OUT = Kind("202002", "OnRtnFromFutureToBankByFuture", -1)
BALANCE = Kind("204002", "OnRtnQueryBankBalanceByFuture", 0)


class Counter(Protocol):
    """What transfers need of the core."""

    world: World

    @property
    def trading_day(self) -> str:
        """The trading day, yyyymmdd."""


@define(eq=False, repr=False)
class Bank:
    """The bank of all accounts. `serials` are the transfers of the day, by account, as they are asked for."""

    core: Counter
    serials: dict[str, list[Fields]] = field(factory=dict)
    _last_serial: int = 0

    def into(self, session: LoggedIn, fields: Fields) -> None:
        """ReqFromBankToFutureByFuture. Raises Refused."""
        self._check_amount(fields)
        self._check(session, fields, INTO)
        self._ask(session, fields, INTO)

    def out(self, session: LoggedIn, fields: Fields) -> None:
        """ReqFromFutureToBankByFuture: the money is out of the account before the bank has it. Raises Refused."""
        self._check_amount(fields)
        self._check(session, fields, OUT)
        if fields["TradeAmount"] > session.owner.ledger.withdraw_quota:
            raise Refused(_NO_MONEY)
        self._ask(session, fields, OUT)

    def balance(self, session: LoggedIn, fields: Fields) -> None:
        """ReqQueryBankAccountMoneyByFuture. Raises Refused."""
        self._check(session, fields, BALANCE)
        self._ask(session, fields, BALANCE)

    def rows(self, account: Account) -> Iterator[Fields]:
        """The TransferSerial records of an account."""
        return (dict(serial) for serial in self.serials.get(account.id, ()))

    # --------------------------------------------------------------------------------------------------- checks

    def _check_amount(self, fields: Fields) -> None:
        if not 0 < fields.get("TradeAmount", 0.0) < 1e12:
            raise Refused(_WRONG_AMOUNT)

    def _check(self, session: LoggedIn, fields: Fields, kind: Kind) -> None:
        """What CTP knows of a transfer. Raises Refused."""
        account = session.owner
        if fields.get("BrokerID") != BROKER:
            raise Refused(_ANOTHER_BROKER)
        if fields.get("AccountID") != account.id:
            raise Refused(_NO_ACCOUNT)
        if fields.get("CurrencyID") not in (None, "", "CNY"):
            raise Refused(_CURRENCY)
        if fields.get("BankID") not in BANKS:
            raise Refused(_NO_SUCH_BANK)
        if fields["BankID"] != BANK:
            raise Refused(_NOT_REGISTERED)
        if fields.get("BankAccount") not in (None, "", account.bank.number):
            raise Refused(_OTHER_CARD)
        if not is_open(self.core.world.now, kind):
            raise Refused(_WRONG_TIME)
        if fields.get("SecuPwdFlag") != PwdFlag.NO_CHECK and fields.get("Password") != account.bank.money_password:
            raise Refused(_WRONG_PASSWORD)

    # ------------------------------------------------------------------------------------------------- the bank

    def _ask(self, session: LoggedIn, fields: Fields, kind: Kind) -> None:
        self._last_serial += 1
        sent = {
            **starred(fields),
            "TradeCode": kind.trade_code,
            "BankBranchID": BRANCH,
            "BankAccount": session.owner.bank.number,
            "UserID": session.owner.id,
            "CurrencyID": "CNY",
            "SessionID": session.session_id,
            "FutureSerial": self._last_serial,
            "PlateSerial": self._last_serial,
        }
        is_right = fields.get("BankPassWord") == session.owner.bank.password
        checked = fields.get("BankPwdFlag") in (PwdFlag.BLANK_CHECK, PwdFlag.ENCRYPT_CHECK)
        refusal = _BANK_PASSWORD if checked and not is_right else 0
        if kind is OUT and not refusal:
            session.owner.ledger.withdrawn += fields["TradeAmount"]
        world = self.core.world
        world.send(world.now + ANSWERS_AFTER, self._answer, session.owner, kind, sent, refusal)

    def _answer(self, account: Account, kind: Kind, sent: Fields, refusal: int) -> None:
        """The bank does what it is asked to, or refuses; either way the account hears of it."""
        bank, amount, now = account.bank, sent.get("TradeAmount", 0.0), self.core.world.now
        if kind is INTO and not refusal and amount > bank.balance:
            refusal = _BANK_LIMIT
        moved = 0.0 if refusal else kind.sign * amount
        bank.balance = round(bank.balance - moved, 2)
        if moved > 0:
            account.ledger.deposit += moved
        stamped = {
            **sent,
            "TradeDate": date_text(now),
            "TradeTime": clock_text(now),
            "TradingDay": self.core.trading_day,
            "BankSerial": f"{sent['FutureSerial']:012}",
            **(rsp_info(refusal) if refusal else _NOTHING),
        }
        if kind is BALANCE:
            told = {} if refusal else {"BankUseAmount": bank.balance, "BankFetchAmount": bank.balance}
            account.private.append(kind.report, {**stamped, **told})
            return
        status = TransferStatus.REPEALED if refusal else TransferStatus.NORMAL
        self.serials.setdefault(account.id, []).append(_serial(account, stamped, refused=bool(refusal)))
        account.private.append(kind.report, {**stamped, "TransferStatus": status})


def is_open(time: int, kind: Kind) -> bool:
    """Whether such a request may be made at a time."""
    moment = time % DAY
    begins, ends = _DAY_OUT if kind is OUT else _DAY_IN
    is_night = moment >= _EVENING or moment < _NIGHT
    return begins <= moment < ends or (is_night and kind is not OUT)


def starred(fields: Fields) -> Fields:
    """The fields with passwords as CTP shows them."""
    hidden = {name: "******" for name in ("Password", "BankPassWord") if fields.get(name)}
    return {**fields, **hidden}


def registration(account: Account, day: str) -> Fields:
    """The Accountregister record: with which bank the account is registered."""
    return {
        "TradeDay": day,
        "BankID": BANK,
        "BankBranchID": BRANCH,
        "BankAccount": account.bank.number,
        "BrokerID": BROKER,
        "AccountID": account.id,
        "IdCardType": "1",
        "CustomerName": account.id,
        "CurrencyID": "CNY",
        "OpenOrDestroy": "1",
        "CustType": "0",
        "BankAccType": "1",
    }


_OF_A_SERIAL = (
    "PlateSerial TradeDate TradingDay TradeTime TradeCode SessionID BankID BankBranchID BankAccount BankSerial "
    "BrokerID AccountID FutureSerial IdCardType IdentifiedCardNo CurrencyID TradeAmount CustFee BrokerFee "
    "ErrorID ErrorMsg"
).split()


def _serial(account: Account, told: Fields, *, refused: bool) -> Fields:
    """The TransferSerial record of a transfer."""
    return {
        **{name: told[name] for name in _OF_A_SERIAL if told.get(name)},
        "FutureAccType": "1",
        "InvestorID": account.id,
        "AvailabilityFlag": AvailabilityFlag.REPEAL if refused else AvailabilityFlag.VALID,
    }
