"""Parked orders and parked cancels: the server keeps them, and sends them when trading next begins (BEHAVIOUR 3.11).

A parked order becomes an order of the session that parked it, with the OrderRef that it was given there.
"""

from collections.abc import Iterator
from typing import Protocol

from attrs import define, field

from ctpscen.ctp.codes import ContingentCondition, InstrumentStatus, ParkedOrderStatus
from ctpscen.ctp.messages import Fields
from ctpscen.simulator.counter.accounts import Account, LoggedIn
from ctpscen.simulator.counter.checks import Refused, check_contract, check_fields, check_investor, check_session
from ctpscen.simulator.exchange.matching import Exchange
from ctpscen.simulator.exchange.orders import Key, Order
from ctpscen.simulator.terms.contracts import Contract
from ctpscen.simulator.terms.listed import Contracts

ORDER, ACTION = "ParkedOrderID", "ParkedOrderActionID"

_GONE = {ParkedOrderStatus.SEND: 46, ParkedOrderStatus.DELETED: 47}
_TRIGGERS = ("", ContingentCondition.IMMEDIATELY, ContingentCondition.PARKED_ORDER)
_TRADING = (InstrumentStatus.AUCTION_ORDERING, InstrumentStatus.CONTINUOUS)
_BY_INVESTOR = "0"


@define(eq=False, repr=False)
class Parked:
    """One parked order or cancel: `record` as it is shown, `fields` as they will be sent, `key` the order's."""

    account: Account
    contract: Contract
    kind: str
    fields: Fields
    record: Fields
    key: Key | None = None


class Counter(Protocol):
    """What parked orders need of the core."""

    contracts: Contracts
    accounts: dict[str, Account]
    exchanges: dict[str, Exchange]

    def send(self, order: Order, /) -> None:
        """An order that was checked goes to its exchange."""

    def booked(self, account: Account, contract: Contract, fields: Fields, key: Key, /) -> Order:
        """An order with its money and lots frozen. Raises Refused."""

    def check_action(self, account: Account, fields: Fields, /) -> Order:
        """The order that a cancel means. Raises Refused."""

    def cancel(self, account: Account, order: Order, fields: Fields, /) -> None:
        """A cancel that was checked goes to the exchange."""


@define(eq=False, repr=False)
class ParkedOrders:
    """Those of the day, sent and deleted ones included, in the order in which they came."""

    core: Counter
    all: list[Parked] = field(factory=list)

    def insert(self, session: LoggedIn, fields: Fields) -> Fields:
        """ReqParkedOrderInsert; gives the record. Raises Refused."""
        if fields.get("ContingentCondition", "") not in _TRIGGERS:
            raise Refused(161)
        order = {**fields, "ContingentCondition": ContingentCondition.IMMEDIATELY}
        check_session(session.owner, order)
        contract = check_fields(self.core.contracts, order)
        check_investor(self.core.accounts, session.owner, order)
        self._check_phase(contract)
        reference = session.next_reference(fields.get("OrderRef", ""))
        if reference is None:
            raise Refused(22)
        order |= {"OrderRef": reference, "UserProductInfo": session.product_info}
        key = session.front_id, session.session_id, reference
        return self._park(Parked(session.owner, contract, ORDER, order, {**fields, "OrderRef": reference}, key))

    def action(self, session: LoggedIn, fields: Fields) -> Fields:
        """ReqParkedOrderAction; gives the record. Raises Refused."""
        check_session(session.owner, fields)
        if not fields.get("ExchangeID"):
            raise Refused(147)  # as for a cancel that is sent at once
        contract = check_contract(self.core.contracts, fields)
        check_investor(self.core.accounts, session.owner, fields)
        self._check_phase(contract)
        return self._park(Parked(session.owner, contract, ACTION, dict(fields), dict(fields)))

    def remove(self, session: LoggedIn, fields: Fields, kind: str) -> Fields:
        """ReqRemoveParkedOrder and ReqRemoveParkedOrderAction; gives the answer. Raises Refused."""
        wanted = fields.get(kind, "")
        found = [each for each in self._of(session.owner, kind) if each.record[kind].strip() == wanted.strip()]
        if not found:
            raise Refused(45)
        (parked,) = found
        if parked.record["Status"] in _GONE:
            raise Refused(_GONE[parked.record["Status"]])
        parked.record["Status"] = ParkedOrderStatus.DELETED
        return dict(fields)

    def rows(self, account: Account, kind: str) -> Iterator[Fields]:
        """The records of an account."""
        return (dict(each.record) for each in self._of(account, kind))

    def _of(self, account: Account, kind: str) -> Iterator[Parked]:
        return (each for each in self.all if each.account is account and each.kind == kind)

    def _check_phase(self, contract: Contract) -> None:
        if self.core.exchanges[contract.exchange].status(contract) == InstrumentStatus.CONTINUOUS:
            raise Refused(44)

    def _park(self, parked: Parked) -> Fields:
        self.all.append(parked)
        parked.record |= {
            parked.kind: f"{len(self.all):>12}",
            "UserType": _BY_INVESTOR,
            "Status": ParkedOrderStatus.NOT_SEND,
        }
        return dict(parked.record)

    # ------------------------------------------------------------------------------------------------- sending

    def phase_changed(self, product: str, status: str) -> None:
        """A product is in a phase now; where it may be traded in it, what is parked goes out."""
        if status not in _TRADING:
            return
        for parked in self.all:
            if parked.contract.product.id == product and parked.record["Status"] == ParkedOrderStatus.NOT_SEND:
                parked.record["Status"] = ParkedOrderStatus.SEND
                self._send(parked)

    def _send(self, parked: Parked) -> None:
        core, account, fields = self.core, parked.account, parked.fields
        try:
            if parked.key is None:
                core.cancel(account, core.check_action(account, fields), fields)
            elif not account.confirmed:
                raise Refused(42)
            else:
                core.send(core.booked(account, parked.contract, fields, parked.key))
        except Refused as refused:
            parked.record |= refused.info
            report = "OnErrRtnOrderAction" if parked.key is None else "OnErrRtnOrderInsert"
            account.private.append(report, fields, refused.info)
