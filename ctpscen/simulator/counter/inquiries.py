"""Inquiries for quotes: who wants market makers to quote an option asks them to (ReqForQuoteInsert).

What CTP refuses is answered, what the exchange refuses is reported; of an inquiry that is taken neither comes, but the
market front tells whoever subscribed. Between two of an investor in one option there is at least a minute, as the rules
of the exchanges have it. CTP knows a least spread between bid and ask as well, for brokers to set: none is set here.
"""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from attrs import define, field

from ctpscen.ctp.codes import ForQuoteStatus, HedgeFlag, InstrumentStatus
from ctpscen.ctp.errors import rsp_info
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.times import SECOND, clock_text, date_text
from ctpscen.simulator.counter.accounts import Account, LoggedIn
from ctpscen.simulator.counter.checks import Refused, check_contract, check_investor, check_session
from ctpscen.simulator.exchange.matching import Exchange
from ctpscen.simulator.exchange.orders import BROKER, TRADER, client_id
from ctpscen.simulator.terms.contracts import Contract
from ctpscen.simulator.terms.listed import Contracts
from ctpscen.simulator.terms.option_rules import OPTION_RULES
from ctpscen.simulator.world import World

LEAST_INTERVAL = 60 * SECOND

NOT_CONFIRMED, DUPLICATE, NOT_INQUIRED, TOO_SOON, WRONG_PHASE = 42, 22, 83, 113, 26


@define(eq=False, repr=False)
class Inquiry:
    """One inquiry; `constant` are the fields of its ForQuote record that do not change."""

    input: Fields
    account: Account
    contract: Contract
    constant: Fields
    status: str = ForQuoteStatus.SUBMITTED
    message: str = ""

    def record(self) -> Fields:
        sent = {name: value for name, value in self.input.items() if value}
        text = {"StatusMsg": self.message} if self.message else {}
        return {**sent, **self.constant, "ForQuoteStatus": self.status, **text}


class Counter(Protocol):
    """What inquiries need of the core."""

    world: World
    contracts: Contracts
    accounts: dict[str, Account]
    exchanges: dict[str, Exchange]

    @property
    def trading_day(self) -> str:
        """The trading day, yyyymmdd."""

    def next_broker_sequence(self) -> int:
        """A number that the broker gives."""

    def to_exchange(self, exchange: Exchange, action: Callable[..., None], *arguments: Any) -> None:
        """Hands something on to an exchange, after what was sent before."""


@define(eq=False, repr=False)
class Inquiries:
    """Those of the day. `told` is called with the ForQuoteRsp of each that an exchange has taken."""

    core: Counter
    all: list[Inquiry] = field(factory=list)
    told: Callable[[Fields], None] = field(default=lambda _: None)
    _taken: dict[tuple[str, str], int] = field(factory=dict)

    def insert(self, session: LoggedIn, fields: Fields) -> None:
        """ReqForQuoteInsert. Raises Refused."""
        core, account = self.core, session.owner
        check_session(account, fields)
        contract = check_contract(core.contracts, fields, needs_exchange=False)
        if contract.terms is None:
            raise Refused(NOT_INQUIRED)
        check_investor(core.accounts, account, fields)
        if not account.confirmed:
            raise Refused(NOT_CONFIRMED)
        reference = session.next_reference(fields.get("ForQuoteRef", ""), "ForQuoteRef")
        if reference is None:
            raise Refused(DUPLICATE)
        if OPTION_RULES[contract.exchange].counter_times_inquiries and self._is_too_soon(account, contract):
            raise Refused(TOO_SOON)
        exchange, now = core.exchanges[contract.exchange], core.world.now
        inquiry = Inquiry(
            fields,
            account,
            contract,
            {
                "UserID": account.id,
                "ForQuoteRef": reference,
                "ForQuoteLocalID": exchange.numbers.next_local_id(),
                "BrokerForQutoSeq": core.next_broker_sequence(),
                "FrontID": session.front_id,
                "SessionID": session.session_id,
                "ExchangeID": contract.exchange,
                "ExchangeInstID": contract.id,
                "ParticipantID": BROKER,
                "ClientID": client_id(account.id, HedgeFlag.SPECULATION, contract.rules),
                "TraderID": TRADER,
                "InstallID": 1,
                "InsertDate": date_text(now),
                "InsertTime": clock_text(now),
            },
        )
        self.all.append(inquiry)
        core.to_exchange(exchange, self._arrive, inquiry)

    def rows(self, account: Account) -> Iterator[Fields]:
        """The records of an account."""
        return (inquiry.record() for inquiry in self.all if inquiry.account is account)

    def begin_day(self) -> None:
        self.all.clear()
        self._taken.clear()

    def _is_too_soon(self, account: Account, contract: Contract) -> bool:
        taken = self._taken.get((account.id, contract.id))
        return taken is not None and self.core.world.now - taken < LEAST_INTERVAL

    def _arrive(self, inquiry: Inquiry) -> None:
        account, contract = inquiry.account, inquiry.contract
        exchange, now = self.core.exchanges[contract.exchange], self.core.world.now
        if exchange.status(contract) != InstrumentStatus.CONTINUOUS:
            code, text = exchange.profile.refusal(contract.exchange, WRONG_PHASE)
            self._reject(inquiry, code, text)
            return
        if self._is_too_soon(account, contract):
            self._reject(inquiry, TOO_SOON, "当前时间禁止询价")
            return
        self._taken[account.id, contract.id] = now
        inquiry.status = ForQuoteStatus.ACCEPTED
        day = self.core.trading_day
        number = exchange.numbers.next_sys_id(day) if OPTION_RULES[contract.exchange].numbers_inquiries else ""
        told = {
            "TradingDay": day,
            "InstrumentID": contract.id,
            "ForQuoteSysID": number,
            "ForQuoteTime": clock_text(now),
            "ActionDay": date_text(now),
            "ExchangeID": contract.exchange,
        }
        self.told({name: value for name, value in told.items() if value})

    def _reject(self, inquiry: Inquiry, code: int, text: str) -> None:
        exchange = inquiry.contract.exchange
        inquiry.status, inquiry.message = ForQuoteStatus.REJECTED, f"{exchange}:{text}"
        inquiry.account.private.append("OnErrRtnForQuoteInsert", inquiry.input, rsp_info(code, inquiry.message))
