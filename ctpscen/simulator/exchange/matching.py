"""One exchange: it checks what only an exchange knows, matches, and tells the core what happened.

What it tells is pushed in the sequences of its row in `rules`; nothing here asks which exchange it is.
"""

from collections.abc import Callable, Sequence

from attrs import define, field

from ctpscen.ctp.codes import (
    InstrumentStatus,
    OffsetFlag,
    OrderStatus,
    OrderSubmitStatus,
    VolumeCondition,
)
from ctpscen.ctp.messages import Fields
from ctpscen.simulator.exchange import admission
from ctpscen.simulator.exchange.admission import worst_price
from ctpscen.simulator.exchange.book import Book, Fill, Resting
from ctpscen.simulator.exchange.day import Day, first_day
from ctpscen.simulator.exchange.numbers import Numbers
from ctpscen.simulator.exchange.orders import Counter, Order
from ctpscen.simulator.exchange.spreads import Spreads
from ctpscen.simulator.exchange.stops import StopOrders
from ctpscen.simulator.terms import phases
from ctpscen.simulator.terms.contracts import Contract
from ctpscen.simulator.terms.profiles import Manners, Profile
from ctpscen.simulator.terms.rules import ExchangeRules, Push
from ctpscen.simulator.world import World

MARKET_VOLUME = 100
OTHERS_VOLUME = 20
_NO_SPAN = (0, 0, "")


@define(eq=False, repr=False)
class Exchange:
    """One exchange with the books of its contracts.

    `trading_ended` says when each product last went out of continuous trading, `days` what has happened to a contract
    today. `changed` is called with a contract whose market has moved.
    """

    world: World
    rules: ExchangeRules
    core: Counter
    manners: Manners = field(factory=Manners)
    books: dict[str, Book] = field(factory=dict)
    busy_until: int = 0
    halted: set[str] = field(factory=set)
    phase_set: dict[str, str] = field(factory=dict)
    trading_ended: dict[str, int] = field(factory=dict)
    changed: Callable[[Contract], None] | None = None
    days: dict[str, Day] = field(factory=dict)
    stops: StopOrders = field(factory=StopOrders)
    _spans: dict[str, tuple[int, int, str]] = field(factory=dict)
    spreads: Spreads = field(init=False)
    numbers: Numbers = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.spreads = Spreads(self.book)
        self.numbers = Numbers(self.rules, self.manners, self.world.random(f"ids {self.rules.id}"))

    def book(self, contract: Contract) -> Book:
        """The book of a contract; at first with 100 lots on both sides, a tick beside the reference price."""
        found = self.books.get(contract.id)
        if found is None:
            found = self.books[contract.id] = self._new_book(contract)
        return found

    def _new_book(self, contract: Contract) -> Book:
        if contract.legs is not None:
            return self.spreads.open(contract)
        book = Book()
        book.quote_around(round(contract.pre_settlement / contract.product.tick), MARKET_VOLUME)
        return book

    def begin_day(self, contract: Contract) -> None:
        """A new trading day: no order is left, and the market maker quotes around the settlement price."""
        if contract.id in self.books:
            self.books[contract.id] = self._new_book(contract)
        self.stops.clear(contract)
        if contract.id in self.days:
            self.days[contract.id] = self.days[contract.id].following(contract)

    def day(self, contract: Contract) -> Day:
        """What has happened to a contract today."""
        found = self.days.get(contract.id)
        if found is None:
            found = self.days[contract.id] = first_day(contract, phases.trading_day(self.world.now))
            closed = self.status(contract) == InstrumentStatus.CLOSED
            found.is_over = closed and phases.awaits_settlement(self.world.now)
        return found

    def close(self, contract: Contract, *, closed: bool) -> None:
        """The close fixes the closing price and the settlement price, which a last quote tells."""
        day = self.days.get(contract.id)
        if day is not None and day.is_over != closed:
            day.is_over = closed
            self._market_moved(contract)

    def last_is(self, contract: Contract, ticks: int) -> None:
        """The price of a trade of which nothing else is known."""
        contract.last = ticks
        self.day(contract).last_is(ticks)

    def status(self, contract: Contract) -> str:
        """The trading phase of a contract now."""
        if contract.id in self.halted:
            return InstrumentStatus.NO_TRADING
        for scope in (contract.id, contract.product.id, self.rules.id):
            if scope in self.phase_set:
                return self.phase_set[scope]
        now, product = self.world.now, contract.product
        start, end, status = self._spans.get(product.id, _NO_SPAN)
        if not start <= now < end:
            start, end, status = self._spans[product.id] = phases.status_span(product, now)
        return status

    # ------------------------------------------------------------------------------------------------ insertion

    def insert(self, order: Order) -> None:
        """An order arrives."""
        if order.is_finished:
            return
        if (refusal := self.core.planned_refusal("order", "exchange")) is not None:
            code, text = refusal
            self.core.refused(order, code, text or self.profile.refusal(self.rules.id, code)[1])
            return
        code = admission.refusal(order, self.status(order.contract), self.rules, self.profile)
        if code:
            self.core.refused(order, *self.profile.refusal(self.rules.id, code))
            return
        order.order_sys_id = self.numbers.next_sys_id(order.trading_day)
        order.accepted_at = self.world.now
        order.account.by_sys_id[(self.rules.id, order.order_sys_id)] = order
        if order.is_stop:
            self._keep(order)
        elif self.status(order.contract) != InstrumentStatus.CONTINUOUS:
            self._rest(order)
        elif order.is_immediate:
            self._trade_or_cancel(order)
        else:
            self._trade_or_rest(order)

    @property
    def profile(self) -> Profile:
        return self.manners.profile

    def _rest(self, order: Order) -> None:
        self._next_sequence(order)
        self.core.accepted(order)
        self.book(order.contract).add(order)
        self._market_moved(order.contract)

    def _keep(self, order: Order) -> None:
        """A stop order is accepted, and waits for its price, which may be there already."""
        self._next_sequence(order)
        self.core.accepted(order)
        self.stops.hold(order)
        self._market_moved(order.contract)

    def _touch(self, order: Order) -> None:
        """The price of a stop order is there: it meets the market, and what is left rests, or is cancelled."""
        if order.is_finished:
            return
        if self.status(order.contract) != InstrumentStatus.CONTINUOUS:
            self.stops.hold(order)
            return
        book = self.book(order.contract)
        fills = list(book.match(buy=order.is_buy, limit=worst_price(order, book), volume=order.remaining))
        self._report_fills(order, fills, self.rules.sequences.trade)
        if order.remaining and order.is_immediate:
            self._cancel_rest(order, self.rules.sequences.immediate_last)
        elif order.remaining:
            book.add(order)
        self._market_moved(order.contract)

    def _trade_or_rest(self, order: Order) -> None:
        limit = worst_price(order, self.book(order.contract))
        if limit is not None:
            order.ticks = limit  # what is left of an order at the best prices rests at the last of them
        fills = self._match(order, limit)
        if not fills:
            self._rest(order)
            return
        sequences = self.rules.sequences
        self._report(order, sequences.opening)
        self._report_fills(order, fills, sequences.trade)
        if order.remaining:
            self.book(order.contract).add(order)
        self._market_moved(order.contract)

    def _match(self, order: Order, limit: int | None) -> list[Fill]:
        """What an order that arrives meets."""
        contract = order.contract
        if contract.legs is None:
            return list(self.book(contract).match(buy=order.is_buy, limit=limit, volume=order.volume))
        found = self.spreads.match(contract, buy=order.is_buy, limit=limit, volume=order.volume)
        return list(found) if self._trades_in_all(contract) else []

    def _trades_in_all(self, spread: Contract) -> bool:
        """Whether there is trading in a spread and in both of its legs."""
        contracts = (spread, *(spread.legs or ()))
        return all(self.status(each) == InstrumentStatus.CONTINUOUS for each in contracts)

    def _trade_or_cancel(self, order: Order) -> None:
        """FAK and FOK: what cannot be had at once is cancelled."""
        book, limit, sequences = (
            self.book(order.contract),
            worst_price(order, self.book(order.contract)),
            self.rules.sequences,
        )
        least = {VolumeCondition.MV: order.input.get("MinVolume", 1), VolumeCondition.CV: order.volume}.get(
            order.input["VolumeCondition"], 1
        )
        fills: list[Fill] = []
        if least == 1 or book.volume_within(buy=order.is_buy, limit=limit) >= least:
            fills = self._match(order, limit)
        got = sum(fill.volume for fill in fills)
        if got == order.volume:
            self._report(order, sequences.opening)
            self._report_fills(order, fills, sequences.trade)
        elif not fills:
            self._cancel_rest(order, sequences.nothing)
        elif "new" in sequences.immediate_first:  # the cancellation comes before the trades
            order.remaining -= got
            order.traded = got
            self._cancel_rest(order, sequences.immediate_first)
            self._report_fills(order, fills, sequences.immediate_trade, counted=True)
        else:
            self._report(order, sequences.immediate_first)
            self._report_fills(order, fills, sequences.immediate_trade)
            self._cancel_rest(order, sequences.immediate_last)
        self._market_moved(order.contract)

    # --------------------------------------------------------------------------------------------- cancellation

    def cancel(self, order: Order, user: str, fields: Fields) -> None:
        """A cancel arrives; the order may be finished by now."""
        order.cancel_pending = False
        if (text := self._cancel_refusal(order)) is not None:
            self.core.pushed_again(order)
            self.core.action_refused(order, user, fields, text)
            return
        order.cancelled_by = user
        self.withdraw(order)

    def _cancel_refusal(self, order: Order) -> str | None:
        """Why an order cannot be cancelled, in the exchange's words; None where it can."""
        if order.is_finished:
            return "报单已经全部成交" if order.status == OrderStatus.ALL_TRADED else "报单已经撤销"
        if (refusal := self.core.planned_refusal("cancel", "exchange")) is not None:
            code, text = refusal
            return text or self.profile.refusal(self.rules.id, code or 26)[1]
        if self.status(order.contract) not in (InstrumentStatus.CONTINUOUS, InstrumentStatus.AUCTION_ORDERING):
            return self.profile.refusal(self.rules.id, 26)[1]
        return None

    def withdraw(self, order: Order) -> None:
        """Takes a working order off the book and reports its end."""
        self.stops.drop(order)
        self.book(order.contract).remove(order)
        order.submitted, order.notify = OrderSubmitStatus.ACCEPTED, 1
        self._cancel_rest(order, self.rules.sequences.cancel)
        self._market_moved(order.contract)

    def _cancel_rest(self, order: Order, pushes: Sequence[Push]) -> None:
        self._next_sequence(order)
        if "accepted" in pushes:
            self.core.accepted(order)
        self.core.cancelled(order, repeat="previous" in pushes)

    # --------------------------------------------------------------------------------------------------- trades

    def from_elsewhere(self, contract: Contract, *, buy: bool, ticks: int, volume: int) -> int:
        """Somebody without a session meets the sessions' orders; gives the lots that were traded."""
        fills = list(self.book(contract).meet_orders(buy=buy, limit=ticks, volume=volume))
        for fill in fills:
            self._report_outside(contract, fill)
        self._market_moved(contract)
        return sum(fill.volume for fill in fills)

    def fill(self, order: Order, ticks: int, volume: int) -> None:
        """Trades part of a working order with somebody from elsewhere."""
        book = self.book(order.contract)
        order.remaining -= volume
        if not order.remaining:
            book.remove(order)
        self._report_outside(order.contract, Fill(ticks, volume, order))
        self._market_moved(order.contract)

    def quote_around(self, contract: Contract, ticks: int) -> None:
        """The market maker's two sides move to a tick beside a price, which is the last one now."""
        self.book(contract).quote_around(ticks, MARKET_VOLUME)
        self.last_is(contract, ticks)
        self.requote(contract)

    def requote(self, contract: Contract) -> None:
        """The market maker has a new quote, which may meet orders that rest."""
        for fill in list(self.book(contract).meet_makers()):
            self._report_outside(contract, fill)
        self._market_moved(contract)

    def meet_spreads(self, spreads: Sequence[Contract]) -> None:
        """What rests in the legs of spreads has changed: so have their quotes, which may meet orders that rest."""
        for spread in spreads:
            self.spreads.follow(spread)
            if self._trades_in_all(spread):
                fills = list(self.spreads.meet_legs(spread))
                for fill in fills:
                    self._report_outside(spread, fill)
                if fills:
                    for leg in spread.legs or ():
                        self._market_moved(leg)
            if self.changed is not None:
                self.changed(spread)

    def uncross(self, contract: Contract) -> None:
        """The auction ends: orders and quotes that cross are matched (BEHAVIOUR 3.7). Spreads take no part in it."""
        if contract.legs is not None:
            return
        last = contract.pre_settlement if contract.last is None else contract.last_price
        crossed = list(self.book(contract).uncross(round(last / contract.product.tick)))
        for ticks, lots, orders_met in crossed:
            trade_id = self._next_trade_id()
            self._count(contract, Fill(ticks, lots, None), *orders_met)
            for order in orders_met:
                self._report_resting(Fill(ticks, lots, order), trade_id)
        if crossed:
            self._market_moved(contract)

    def let_others_trade(self, contract: Contract) -> bool:
        """Others trade with each other at the last price, if there is trading; whether there is.

        Options have no trades but the sessions': who quotes them refreshes the quote.
        """
        if self.status(contract) != InstrumentStatus.CONTINUOUS or contract.legs is not None:
            return False
        day = self.day(contract)
        day.ticked = self.world.now
        if contract.terms is None:
            chance = self.world.random(f"trading of {contract.id}")
            volume = chance.randint(1, OTHERS_VOLUME)
            contract.last = day.pre_close if contract.last is None else contract.last
            day.trade(contract, contract.last, volume, 2 * chance.randint(0, volume))
        return True

    def _report_fills(
        self, order: Order, fills: Sequence[Fill], pushes: Sequence[Push], *, counted: bool = False
    ) -> None:
        """The trades of one match; its total is known before the first of them is reported."""
        order.matched = sum(fill.volume for fill in fills)
        for fill in fills:
            self._report_fill(order, fill, pushes, counted=counted)

    def _report_fill(self, order: Order, fill: Fill, pushes: Sequence[Push], *, counted: bool = False) -> None:
        """One trade of an order that has just arrived, and of the order that it met."""
        trade_id = self._numbered(fill)
        self._count(order.contract, fill, order, fill.resting)
        if not counted:
            order.remaining -= fill.volume
        self._trade(order, fill, pushes, trade_id, counted=counted)
        if fill.resting is not None:
            self._report_resting(fill, trade_id)
        self._report_in_legs(fill)

    def _report_outside(self, contract: Contract, fill: Fill) -> None:
        """A trade of an order that rests, with somebody who has no session."""
        trade_id = self._numbered(
            fill if fill.legs or contract.legs is None else self.spreads.with_legs(contract, fill)
        )
        self._count(contract, fill, fill.resting)
        self._report_resting(fill, trade_id)
        self._report_in_legs(fill)

    def _report_in_legs(self, fill: Fill) -> None:
        """The orders in the legs that a spread has met."""
        for leg in fill.legs:
            if leg.fill.resting is not None:
                self._report_resting(leg.fill, leg.trade_id)

    def _numbered(self, fill: Fill) -> str:
        """The number of a trade; of a spread each trade of a leg has one."""
        for leg in fill.legs:
            leg.trade_id = self._next_trade_id()
        return "" if fill.legs else self._next_trade_id()

    def _report_resting(self, fill: Fill, trade_id: str) -> None:
        order = fill.resting
        assert isinstance(order, Order)
        order.submitted, order.notify = OrderSubmitStatus.ACCEPTED, 1
        self._trade(order, fill, self.rules.sequences.trade, trade_id)

    def _trade(self, order: Order, fill: Fill, pushes: Sequence[Push], trade_id: str, *, counted: bool = False) -> None:
        before = order.status, order.traded
        self._next_sequence(order)
        if not counted:
            order.traded += fill.volume
            order.status = OrderStatus.ALL_TRADED if order.traded == order.volume else OrderStatus.PART_TRADED_QUEUEING
            order.matched = max(order.matched, order.traded)
        for push in pushes:
            if push == "previous":
                self.core.push_as(order, *before)
            elif push == "new":
                self.core.pushed_again(order)
            elif push == "trade" and not fill.legs:
                self.numbers.sequence += 1
                trade = order.trade_record(trade_id, fill, self.numbers.sequence, self.world.now)
                self.core.traded(order, trade)
            elif push == "trade":
                for leg in fill.legs:
                    self.numbers.sequence += 1
                    trade = order.leg_trade_record(leg, self.numbers.sequence, self.world.now)
                    self.core.traded(order, trade)

    def _report(self, order: Order, pushes: Sequence[Push]) -> None:
        if "accepted" in pushes:
            self._next_sequence(order)
            self.core.accepted(order)

    def _next_sequence(self, order: Order) -> None:
        order.sequence = self.numbers.next_sequence()

    def _next_trade_id(self) -> str:
        return self.numbers.next_trade_id(phases.trading_day_text(self.world.now))

    def _count(self, contract: Contract, fill: Fill, *orders: Resting | None) -> None:
        """A trade, of one session's order or two; who else takes part does what the session does."""
        for leg in fill.legs:
            self._count(leg.contract, leg.fill, *orders, leg.fill.resting)
        if fill.legs:
            return
        contract.last = fill.ticks
        there = [order for order in orders if order is not None]
        sides = there if len(there) == 2 else [*there, *there]
        opened = sum(fill.volume if order.offset == OffsetFlag.OPEN else -fill.volume for order in sides)
        self.day(contract).trade(contract, fill.ticks, fill.volume, opened)

    def _market_moved(self, contract: Contract) -> None:
        for order in self.stops.touched(contract):
            self.world.send(self.world.now, self._touch, order)
        self.day(contract).ticked = self.world.now
        if self.changed is not None:
            self.changed(contract)
        for leg in contract.legs or ():
            self._market_moved(leg)
        if contract.id in self.spreads.of_leg:
            self.meet_spreads(self.spreads.of_leg[contract.id])
