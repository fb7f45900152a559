"""The order book: price before time, nothing made or lost, and never a book that is left crossed."""

from collections.abc import Sequence
from typing import Any

from attrs import define
from hypothesis import given
from hypothesis import strategies as st

from ctpscen.simulator.exchange.book import Book, Fill, MarketMaker


@define(eq=False)
class Lots:
    """A resting order."""

    name: str
    is_buy: bool
    ticks: int
    remaining: int
    offset: str = "0"


def book(
    *orders: Lots, bid: tuple[int, int] | None = None, ask: tuple[int, int] | None = None, refill: int = 0
) -> Book:
    made = Book()
    for maker, quoted in ((made.bid_maker, bid), (made.ask_maker, ask)):
        if quoted is not None:
            maker.ticks, maker.volume, maker.refill = *quoted, refill
    for order in orders:
        made.add(order)
    return made


def met(fills: Sequence[Fill]) -> list[tuple[str, int, int]]:
    """Who was met, at which price, with how many lots."""
    found: list[Any] = [(getattr(fill.resting, "name", "maker"), fill.ticks, fill.volume) for fill in fills]
    return found


def test_the_best_price_is_met_first_and_then_the_oldest() -> None:
    made = book(Lots("worse", False, 102, 5), Lots("old", False, 101, 2), Lots("new", False, 101, 3))
    assert met(list(made.match(buy=True, limit=102, volume=6))) == [("old", 101, 2), ("new", 101, 3), ("worse", 102, 1)]
    assert made.best(bid=False) == (102, 4)


def test_a_seller_meets_the_highest_bid_first() -> None:
    made = book(Lots("low", True, 99, 1), Lots("high", True, 100, 1))
    assert met(list(made.match(buy=False, limit=99, volume=2))) == [("high", 100, 1), ("low", 99, 1)]


def test_a_limit_is_not_passed() -> None:
    made = book(Lots("near", False, 101, 1), Lots("far", False, 103, 1))
    assert met(list(made.match(buy=True, limit=102, volume=9))) == [("near", 101, 1)]
    assert met(list(made.match(buy=True, limit=None, volume=9))) == [("far", 103, 1)]
    assert made.best(bid=False) is None


def test_an_order_that_is_partly_met_keeps_its_place() -> None:
    old, new = Lots("old", False, 101, 5), Lots("new", False, 101, 5)
    made = book(old, new)
    assert met(list(made.match(buy=True, limit=101, volume=2))) == [("old", 101, 2)]
    assert met(list(made.match(buy=True, limit=101, volume=4))) == [("old", 101, 3), ("new", 101, 1)]


def test_an_order_that_is_taken_out_is_met_no_more() -> None:
    gone, stays = Lots("gone", False, 101, 5), Lots("stays", False, 101, 5)
    made = book(gone, stays)
    made.remove(gone)
    made.remove(gone)  # harmless
    assert met(list(made.match(buy=True, limit=101, volume=1))) == [("stays", 101, 1)]


def test_the_market_maker_is_met_before_sessions_of_its_price_and_after_better_ones() -> None:
    made = book(Lots("better", False, 100, 1), Lots("same", False, 101, 1), ask=(101, 3))
    assert met(list(made.match(buy=True, limit=101, volume=9))) == [
        ("better", 100, 1),
        ("maker", 101, 3),
        ("same", 101, 1),
    ]


def test_a_market_maker_that_refills_is_there_again_after_each_match() -> None:
    made = book(ask=(101, 100), refill=100)
    assert met(list(made.match(buy=True, limit=101, volume=40))) == [("maker", 101, 40)]
    assert made.best(bid=False) == (101, 100)
    assert made.volume_within(buy=True, limit=101) == 100
    assert made.volume_within(buy=True, limit=100) == 0


def test_the_lots_that_can_be_had_are_those_within_the_limit() -> None:
    made = book(Lots("a", False, 101, 2), Lots("b", False, 103, 5), ask=(102, 3))
    assert [made.volume_within(buy=True, limit=limit) for limit in (100, 101, 102, 103, None)] == [0, 2, 5, 10, 10]
    assert met(list(made.match(buy=True, limit=102, volume=99))) == [("a", 101, 2), ("maker", 102, 3)]


def test_somebody_from_elsewhere_meets_orders_only() -> None:
    made = book(Lots("order", False, 102, 4), ask=(101, 50))
    assert met(list(made.meet_orders(buy=True, limit=103, volume=9))) == [("order", 102, 4)]
    assert made.ask_maker.volume == 50


def test_a_new_quote_meets_the_orders_that_it_crosses_best_first() -> None:
    made = book(Lots("b99", True, 99, 1), Lots("b101", True, 101, 2), Lots("b100", True, 100, 2))
    made.ask_maker = MarketMaker(100, 3)
    assert met(list(made.meet_makers())) == [("b101", 101, 2), ("b100", 100, 1)]
    assert made.best(bid=True) == (100, 1)
    assert made.best(bid=False) is None


def test_levels_are_best_first() -> None:
    made = book(Lots("a", True, 98, 1), Lots("b", True, 95, 1), bid=(97, 5))
    assert made.levels(bid=True, most=2) == [98, 97]
    assert made.levels(bid=True, most=5) == [98, 97, 95]
    assert made.levels(bid=False, most=5) == []


def test_an_auction_trades_at_the_middle_of_bid_ask_and_last() -> None:
    for last, price in ((100, 101), (102, 102), (110, 103)):
        made = book(Lots("buyer", True, 103, 2), Lots("seller", False, 101, 2))
        ((at, lots, orders),) = list(made.uncross(last))
        assert (at, lots, {order.name for order in orders}) == (price, 2, {"buyer", "seller"})  # type: ignore[attr-defined]


def test_two_makers_that_cross_leave_each_other_alone() -> None:
    assert list(book(bid=(105, 5), ask=(100, 5)).uncross(102)) == []


# Prices are few and near, so that much of what hypothesis thinks of crosses.
PRICES = st.integers(95, 105)
ORDERS = st.lists(st.tuples(st.booleans(), PRICES, st.integers(1, 9)), max_size=40)
QUOTES = st.none() | st.tuples(PRICES, st.integers(1, 20))


def resting(made: Book) -> list[Lots]:
    found: list[Any] = [order for side in (made.bids, made.asks) for level in side.levels.values() for order in level]
    return found


@given(ORDERS, QUOTES, QUOTES)
def test_any_stream_of_orders_conserves_volume_and_leaves_no_crossed_book(
    stream: list[tuple[bool, int, int]], bid: tuple[int, int] | None, ask: tuple[int, int] | None
) -> None:
    if bid is not None and ask is not None and bid[0] >= ask[0]:
        bid = None  # two sides of one maker do not cross
    made = book(bid=bid, ask=ask)
    quoted = (bid[1] if bid else 0) + (ask[1] if ask else 0)
    came = rested_met = maker_met = taken = 0
    age: dict[Lots, int] = {}
    for number, (is_buy, ticks, volume) in enumerate(stream):
        order = Lots(str(number), is_buy, ticks, volume)
        before = {each: each.remaining for each in resting(made)}
        best = made.best(bid=not is_buy)
        there = made.volume_within(buy=is_buy, limit=ticks)
        fills = list(made.match(buy=is_buy, limit=ticks, volume=volume))

        prices = [fill.ticks for fill in fills]
        assert prices == sorted(prices, reverse=not is_buy), "better prices come first"
        assert all(price <= ticks if is_buy else price >= ticks for price in prices), "no price beyond the limit"
        if fills:
            assert best is not None
            assert prices[0] == best[0]
        for price in set(prices):
            ages = [age[fill.resting] for fill in fills if fill.ticks == price and isinstance(fill.resting, Lots)]
            assert ages == sorted(ages), "at one price, the oldest comes first"
        got = sum(fill.volume for fill in fills)
        assert got == min(volume, there or 0), "as much as there is, and no more"
        for fill in fills:
            assert fill.volume > 0
            if isinstance(fill.resting, Lots):
                assert fill.ticks == fill.resting.ticks
                before[fill.resting] -= fill.volume
        assert all(each.remaining == left for each, left in before.items()), "each loses what it traded"

        came += volume
        taken += got
        rested_met += sum(fill.volume for fill in fills if fill.resting is not None)
        maker_met += sum(fill.volume for fill in fills if fill.resting is None)
        order.remaining -= got
        if order.remaining:
            age[order] = number
            made.add(order)
        highest, lowest = made.best(bid=True), made.best(bid=False)
        assert highest is None or lowest is None or highest[0] < lowest[0], "the book is crossed"
    assert all(each.remaining > 0 for each in resting(made))
    assert sum(each.remaining for each in resting(made)) == came - taken - rested_met
    assert made.bid_maker.volume + made.ask_maker.volume == quoted - maker_met


@given(ORDERS, PRICES, QUOTES, QUOTES)
def test_any_auction_conserves_volume_and_leaves_nothing_that_crosses(
    stream: list[tuple[bool, int, int]], last: int, bid: tuple[int, int] | None, ask: tuple[int, int] | None
) -> None:
    if bid is not None and ask is not None and bid[0] >= ask[0]:
        bid = None
    orders = [Lots(str(number), *each) for number, each in enumerate(stream)]
    made = book(*orders, bid=bid, ask=ask)
    came = sum(order.remaining for order in orders)
    quoted = made.bid_maker.volume + made.ask_maker.volume
    traded = 0
    for price, lots, both in list(made.uncross(last)):
        assert lots > 0
        assert 1 <= len(both) <= 2
        assert all(order.ticks >= price if order.is_buy else order.ticks <= price for order in both)
        traded += 2 * lots
    left = sum(order.remaining for order in orders)
    assert came + quoted - left - made.bid_maker.volume - made.ask_maker.volume == traded
    highest, lowest = made.best(bid=True), made.best(bid=False)
    assert highest is None or lowest is None or highest[0] < lowest[0]


@given(ORDERS, st.data())
def test_any_cancels_leave_exactly_the_others(stream: list[tuple[bool, int, int]], data: st.DataObject) -> None:
    orders = [Lots(str(number), *each) for number, each in enumerate(stream)]
    made = book(*orders)
    gone = {order for order in orders if data.draw(st.booleans())}
    for order in gone:
        made.remove(order)
    assert set(resting(made)) == set(orders) - gone
    for is_bid in (True, False):
        prices = {order.ticks for order in orders if order not in gone and order.is_buy is is_bid}
        assert made.levels(bid=is_bid, most=99) == sorted(prices, reverse=is_bid)
