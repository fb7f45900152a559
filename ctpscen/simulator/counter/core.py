"""CTP's trading core: it checks orders, keeps accounts, and reports what the exchanges did.

An order is checked here at once. What passes is pushed in status `a` and goes to its exchange; what the exchange
then does comes back as one of a few events, and each event is pushed in the sequence that the exchange's row in
`rules` gives.
"""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field

from ctpscen.ctp.codes import (
    CONDITIONS,
    ActionFlag,
    ContingentCondition,
    Direction,
    OffsetFlag,
    OrderActionStatus,
    OrderStatus,
    OrderSubmitStatus,
    PosiDirection,
    Price,
)
from ctpscen.ctp.errors import rsp_info
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.times import MILLISECOND, SECOND, date_text
from ctpscen.simulator.counter.accounts import Account, LoggedIn, account_of
from ctpscen.simulator.counter.bank import Bank
from ctpscen.simulator.counter.checks import Refused, check_fields, check_investor, check_session
from ctpscen.simulator.counter.conditional import ConditionalOrders
from ctpscen.simulator.counter.inquiries import Inquiries
from ctpscen.simulator.counter.parked import ParkedOrders
from ctpscen.simulator.counter.rights import TOO_MANY_LOTS, may_hold
from ctpscen.simulator.exchange.matching import Exchange
from ctpscen.simulator.exchange.orders import Key, Order
from ctpscen.simulator.exercise.exec_orders import ExecOrders
from ctpscen.simulator.exercise.self_closes import SelfCloses
from ctpscen.simulator.ledger.booking import Ledger
from ctpscen.simulator.ledger.holdings import CloseDate, Holding, Row
from ctpscen.simulator.ledger.spreads import SpreadHolding
from ctpscen.simulator.terms.contracts import Contract
from ctpscen.simulator.terms.listed import Contracts
from ctpscen.simulator.terms.phases import trading_day_text
from ctpscen.simulator.terms.profiles import PROFILES, Manners
from ctpscen.simulator.terms.rules import RULES
from ctpscen.simulator.world import World

OPENING_BALANCE = 20_000_000.0
PASSWORD = "123456"


class _Exchanges(dict[str, Exchange]):
    """The exchanges by name, each made when it is first asked for: a scenario trades at one or two of them."""

    def __init__(self, core: "Core") -> None:
        self._core = core

    def __missing__(self, name: str) -> Exchange:
        core = self._core
        made = self[name] = Exchange(core.world, RULES[name], core, core.manners, changed=core.changed)
        return made


@define(eq=False, repr=False)
class Core:
    """All accounts and contracts of the broker, and the exchanges behind them.

    `exchange_latency` is the time from the front to the exchange, in microseconds, and `exchange_jitter` what may
    come on top of it; the answer takes none. `frequency` limits orders and cancels a second, for each account,
    `position_limits` the lots that it may hold of an instrument on a side.
    `changed` is called with a contract whose market has moved at its exchange.
    """

    world: World
    contracts: Contracts
    exchange_latency: int = 5 * MILLISECOND
    exchange_jitter: int = 0
    frequency: dict[str, int] = field(factory=dict)
    surcharge: float = 0.0
    position_limits: dict[str, int] = field(factory=dict)
    accounts: dict[str, Account] = field(factory=dict)
    exchanges: dict[str, Exchange] = field(init=False)
    refuse_next: dict[tuple[str, str], list[tuple[int, str | None]]] = field(factory=dict)
    conditional: ConditionalOrders = field(init=False)
    parked: ParkedOrders = field(init=False)
    exec_orders: ExecOrders = field(init=False)
    self_closes: SelfCloses = field(init=False)
    inquiries: Inquiries = field(init=False)
    bank: Bank = field(init=False)
    manners: Manners = field(factory=Manners)
    changed: Callable[[Contract], None] | None = None
    _broker_sequence: int = 0
    _recent: dict[tuple[str, str], deque[int]] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.exchanges = _Exchanges(self)
        self.conditional = ConditionalOrders(self._prices)
        self.parked = ParkedOrders(self)
        self.exec_orders, self.self_closes, self.inquiries = ExecOrders(self), SelfCloses(self), Inquiries(self)
        self.bank = Bank(self)
        self._broker_sequence = self.world.random("BrokerOrderSeq").randint(10_000, 20_000)

    def behave_as(self, name: str) -> None:
        """Takes on a profile, with its latency to the exchange."""
        profile = self.manners.profile = PROFILES[name]
        self.exchange_latency, self.exchange_jitter = profile.latency, profile.jitter

    @property
    def trading_day(self) -> str:
        return trading_day_text(self.world.now)

    def account(self, name: str) -> Account:
        """An account of that name, which is opened with the usual balance when it is first asked for."""
        found = self.accounts.get(name)
        if found is None:
            found = self.accounts[name] = Account(name, PASSWORD, Ledger(OPENING_BALANCE, surcharge=self.surcharge))
        return found

    def order_at_exchange(self, key: Key) -> Order | None:
        """The order of that key, once it has a number at its exchange, or its end.

        A condition that is not met is held by CTP, under a number of CTP's own: BEHAVIOUR 3.11.
        """
        for account in self.accounts.values():
            order = account.orders.get(key)
            if order is None or order.status == OrderStatus.NOT_TOUCHED:
                continue
            if order.order_sys_id or order.is_finished:
                return order
        return None

    # ----------------------------------------------------------------------------------------------- insertion

    def insert(self, session: LoggedIn, fields: Fields, request_id: int) -> None:
        """ReqOrderInsert: checked now, and either refused or on its way to the exchange."""
        account = session.owner
        try:
            self._check_frequency(account, "order")
            order = self._check(session, fields)
        except Refused as refused:
            self.refuse_insert(session, fields, refused.info, request_id)
            return
        if order.input.get("ContingentCondition") in CONDITIONS:
            self._hold(order)
        else:
            self.send(order)

    def refuse_insert(self, session: LoggedIn, fields: Fields, error: Fields, request_id: int) -> None:
        """Tells the session that asked, and then all of the account (BEHAVIOUR 3.2)."""
        session.respond("OnRspOrderInsert", fields, error, request_id)
        session.owner.private.append("OnErrRtnOrderInsert", fields, error)

    def send(self, order: Order) -> None:
        """A checked order is pushed for the first time, and goes to its exchange."""
        account_of(order).orders[order.key] = order
        self._push(order)
        exchange = self.exchanges[order.contract.exchange]
        self.to_exchange(exchange, exchange.insert, order)

    def to_exchange(self, exchange: Exchange, action: Callable[..., None], *arguments: Any) -> None:
        """Hands something on to an exchange, which gets everything in the order in which it was sent."""
        delay = self.exchange_latency
        if self.exchange_jitter:
            delay += self.world.random("exchange jitter").randint(0, self.exchange_jitter)
        exchange.busy_until = max(self.world.now + delay, exchange.busy_until)
        self.world.send(exchange.busy_until, action, *arguments)

    def _check_frequency(self, account: Account, what: str) -> None:
        """No more than so many a second (BEHAVIOUR 2.2). Raises Refused."""
        limit = self.frequency.get(what)
        if limit is None:
            return
        recent = self._recent.setdefault((account.id, what), deque())
        while recent and recent[0] <= self.world.now - SECOND:
            recent.popleft()
        if len(recent) >= limit:
            raise Refused(116)
        recent.append(self.world.now)

    def _check(self, session: LoggedIn, fields: Fields) -> Order:
        """The checks of BEHAVIOUR 3.2 in their order; gives the order with its money and lots frozen.

        A conditional order freezes nothing, and what it will need is not looked at before it is touched.

        Raises Refused.
        """
        account = session.owner
        reference = session.next_reference(fields.get("OrderRef", ""))  # a refused order uses it up as well
        check_session(account, fields)
        contract = check_fields(self.contracts, fields)
        check_investor(self.accounts, account, fields)
        if not account.confirmed:
            raise Refused(42)
        if code := account.rights.refusal(contract.id, is_open=fields["CombOffsetFlag"][0] == OffsetFlag.OPEN):
            raise Refused(code)
        if reference is None:
            raise Refused(22)
        if (refusal := self.planned_refusal("order", "counter")) is not None:
            raise Refused(*refusal)
        key = session.front_id, session.session_id, reference
        fields = {**fields, "UserProductInfo": session.product_info}
        if fields.get("ContingentCondition") in CONDITIONS:
            return self._order(account, contract, fields, key)
        return self.booked(account, contract, fields, key)

    def booked(self, account: Account, contract: Contract, fields: Fields, key: Key, released_by: str = "") -> Order:
        """The order with its money and lots frozen. Raises Refused."""
        is_buy, is_open = fields["Direction"] == Direction.BUY, fields["CombOffsetFlag"][0] == OffsetFlag.OPEN
        volume = fields["VolumeTotalOriginal"]
        holding, row = self._check_position(account, contract, fields)
        ledger, limit = account.ledger, fields.get("LimitPrice", 0.0)
        if is_open:
            if not may_hold(self.position_limits.get(contract.id), holding, volume):
                raise Refused(TOO_MANY_LOTS)
            need = ledger.open_cost(contract, limit, is_buy=is_buy).total * volume
            if need > ledger.available + 1e-6:
                raise Refused(31, f"CTP:资金不足，约缺少资金[{need - ledger.available:.2f}]")
        order = self._order(account, contract, fields, key, holding, released_by)
        order.frozen = ledger.freeze(holding, row, is_buy=is_buy, is_open=is_open, price=limit, volume=volume)
        return order

    def _order(
        self,
        account: Account,
        contract: Contract,
        fields: Fields,
        key: Key,
        holding: Holding | SpreadHolding | None = None,
        released_by: str = "",
    ) -> Order:
        """A new order with its numbers."""
        limit, volume = fields.get("LimitPrice", 0.0), fields["VolumeTotalOriginal"]
        price = contract.ticks(limit)
        return Order(
            input=fields,
            key=key,
            account=account,
            contract=contract,
            holding=holding,
            is_buy=fields["Direction"] == Direction.BUY,
            offset=fields["CombOffsetFlag"][0],
            # What is no whole number of ticks still has a price; the exchange refuses it, or cuts it down.
            ticks=int(limit // contract.product.tick) if price is None else price,
            volume=volume,
            remaining=volume,
            local_id=self.exchanges[contract.exchange].numbers.next_local_id(),
            broker_sequence=self.next_broker_sequence(),
            inserted=self.world.now,
            trading_day=self.trading_day,
            released_by=released_by,
            profile=self.manners.profile,
        )

    def next_broker_sequence(self) -> int:
        """The number that the broker gives what it takes."""
        self._broker_sequence += 1
        return self._broker_sequence

    def _check_position(
        self, account: Account, contract: Contract, fields: Fields
    ) -> tuple[Holding | SpreadHolding, Row]:
        """The holding that the order is booked to, and the row of it; enough must be closable."""
        offset, hedge = fields["CombOffsetFlag"][0], fields["CombHedgeFlag"][0]
        is_open = offset == OffsetFlag.OPEN
        direction = PosiDirection.LONG if (fields["Direction"] == Direction.BUY) == is_open else PosiDirection.SHORT
        ledger = account.ledger
        holding: Holding | SpreadHolding
        if is_open:
            open_in = ledger.holding if contract.legs is None else ledger.spread
            holding = open_in(contract, direction, hedge)
            return holding, holding.row(history=False)
        held = ledger.held(contract, direction, hedge)
        which = closes(contract, offset)
        if held is None or ledger.closable(held, which) < fields["VolumeTotalOriginal"]:
            by_date = contract.rules.closes_by_date
            raise Refused((50 if which == "today" else 51) if by_date else 30)
        return held, held.row(history=which == "history")

    def planned_refusal(self, what: str, where: str) -> tuple[int, str | None] | None:
        """A refusal that the scenario has arranged for."""
        planned = self.refuse_next.get((what, where))
        return planned.pop(0) if planned else None

    # --------------------------------------------------------------------------------------- conditional orders

    def _hold(self, order: Order) -> None:
        """Keeps a conditional order; one whose condition is met already is touched at once."""
        order.status, order.submitted = OrderStatus.NOT_TOUCHED, OrderSubmitStatus.ACCEPTED
        account_of(order).orders[order.key] = order
        self.conditional.hold(order)
        self._push(order)
        self.market_moved(order.contract)

    def market_moved(self, contract: Contract) -> None:
        """Touches the conditional orders that the newest prices meet, after what moved them has been reported."""
        for order in self.conditional.met(contract):
            self.world.send(self.world.now, self._touch, order)

    def _touch(self, order: Order) -> None:
        if order.is_finished:
            return
        order.status = OrderStatus.TOUCHED
        self._push(order)
        fields = {**order.input, "ContingentCondition": ContingentCondition.IMMEDIATELY}
        account = account_of(order)
        try:
            released = self.booked(account, order.contract, fields, (0, 0, order.key[2]), order.order_sys_id)
        except Refused as refused:
            account.private.append("OnRtnErrorConditionalOrder", {**order.record(), **refused.info})
            return
        self.send(released)

    def _prices(self, contract: Contract) -> Mapping[Price, float | None]:
        book = self.exchanges[contract.exchange].book(contract)
        bid, ask = book.best(bid=True), book.best(bid=False)
        return {
            "last": contract.last_price,
            "bid": None if bid is None else contract.price(bid[0]),
            "ask": None if ask is None else contract.price(ask[0]),
        }

    # -------------------------------------------------------------------------------------------- cancellation

    def action(self, session: LoggedIn, fields: Fields, request_id: int) -> None:
        """ReqOrderAction (BEHAVIOUR 4)."""
        account = session.owner
        try:
            self._check_frequency(account, "cancel")
            order = self.check_action(account, fields)
        except Refused as refused:
            self.refuse_action(session, fields, refused.info, request_id)
            return
        self.cancel(account, order, fields)

    def refuse_action(self, session: LoggedIn, fields: Fields, error: Fields, request_id: int) -> None:
        """Tells the session that asked, and then all of the account (BEHAVIOUR 4.2)."""
        session.respond("OnRspOrderAction", fields, error, request_id)
        session.owner.private.append("OnErrRtnOrderAction", {**fields, "OrderActionStatus": "0"}, error)

    def cancel(self, account: Account, order: Order, fields: Fields) -> None:
        """A checked cancel goes to the exchange; a conditional order is CTP's own to cancel."""
        if order.status == OrderStatus.NOT_TOUCHED:
            self.conditional.drop(order)
            order.cancelled_by = account.id
            order.status = OrderStatus.CANCELED
            self._push(order)
            return
        order.cancel_pending = True
        exchange = self.exchanges[order.contract.exchange]
        self.to_exchange(exchange, exchange.cancel, order, account.id, fields)

    def check_action(self, account: Account, fields: Fields) -> Order:
        """The order that a cancel is for. Raises Refused."""
        if fields.get("ActionFlag", ActionFlag.DELETE) != ActionFlag.DELETE:
            raise Refused(23)
        if not fields.get("ExchangeID"):
            raise Refused(147)
        if fields.get("OrderSysID"):
            order = account.by_sys_id.get((fields["ExchangeID"], fields["OrderSysID"]))
        elif not fields.get("InstrumentID"):
            raise Refused(23)
        else:
            key = (fields.get("FrontID", 0), fields.get("SessionID", 0), fields.get("OrderRef", ""))
            order = account.orders.get(key)
        if order is None:
            raise Refused(25)
        if order.is_finished:
            raise Refused(26)
        if (refusal := self.planned_refusal("cancel", "counter")) is not None:
            raise Refused(*refusal)
        if order.status == OrderStatus.UNKNOWN and not order.contract.rules.cancels_unknown:
            raise Refused(157)
        if order.cancel_pending:
            raise Refused(24)
        return order

    # --------------------------------------------------------------------------- what the exchange has to report

    def accepted(self, order: Order) -> None:
        """The exchange has the order, and reports it as queueing."""
        order.status = OrderStatus.NO_TRADE_QUEUEING
        order.submitted, order.notify = OrderSubmitStatus.ACCEPTED, 1
        self._push(order)

    def refused(self, order: Order, code: int, text: str) -> None:
        """The exchange refuses the order: a cancelled order by its status, told apart by OrderSubmitStatus."""
        order.status, order.submitted, order.notify = OrderStatus.CANCELED, OrderSubmitStatus.INSERT_REJECTED, 1
        order.refused = (code, text)
        self._thaw(order, order.volume)
        self._push(order)

    def cancelled(self, order: Order, *, repeat: bool) -> None:
        """What was left of the order is cancelled."""
        if repeat:
            self._push(order)
        self._thaw(order, order.volume - order.traded)
        order.status = OrderStatus.CANCELED
        self._push(order)

    def pushed_again(self, order: Order) -> None:
        """The order once more as it is."""
        self._push(order)

    def traded(self, order: Order, trade: Fields) -> None:
        """A trade: the books first, then its report."""
        account = account_of(order)
        assert order.holding is not None, "an order that trades has been booked"
        volume, price = trade["Volume"], trade["Price"]
        ledger = account.ledger
        if isinstance(order.holding, SpreadHolding):
            if trade["InstrumentID"] == order.holding.legs[0].contract.id:
                self._thaw(order, volume)
            ledger.trade_leg(order.holding, trade, date_text(self.world.now), str(order.broker_sequence))
            account.trades.append(trade)
            account.private.append("OnRtnTrade", trade)
            return
        self._thaw(order, volume)
        if order.offset == OffsetFlag.OPEN:
            ledger.open(order.holding, trade["TradeID"], date_text(self.world.now), price, volume)
        else:
            ledger.close(order.holding, closes(order.contract, order.offset), price, volume)
        account.trades.append(trade)
        account.private.append("OnRtnTrade", trade)

    def push_as(self, order: Order, status: str, traded: int) -> None:
        """The order with the status and volume of an earlier push."""
        account_of(order).private.append("OnRtnOrder", order.record(status, traded))

    def _push(self, order: Order) -> None:
        account_of(order).private.append("OnRtnOrder", order.record())

    def _thaw(self, order: Order, volume: int) -> None:
        if order.frozen is not None and volume:
            account_of(order).ledger.thaw(order.frozen, volume)

    def action_refused(self, order: Order, user: str, fields: Fields, text: str) -> None:
        """The exchange refuses to cancel (BEHAVIOUR 4.2): code 91 with its own words."""
        order.cancel_pending = False
        action = {**fields, "OrderActionStatus": OrderActionStatus.REJECTED, "StatusMsg": text}
        info = rsp_info(91, f"{order.contract.exchange}:{text}")
        self.account(user).private.append("OnErrRtnOrderAction", action, info)


def closes(contract: Contract, offset: str) -> CloseDate:
    """Which lots an offset flag closes: where positions are not dated, any, the oldest first."""
    if not contract.rules.closes_by_date:
        return "any"
    return "today" if offset == OffsetFlag.CLOSE_TODAY else "history"
