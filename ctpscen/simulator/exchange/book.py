"""The order book of one contract: sessions' orders by price and time, and the market maker's two sides.

The market maker is not an order: it is a price and a volume on each side, which may refill itself after each match.
Prices are whole ticks.
"""

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Protocol

from attrs import define, field

from ctpscen.simulator.terms.contracts import Contract


class Resting(Protocol):
    """An order as the book sees it."""

    is_buy: bool
    ticks: int
    remaining: int
    offset: str


@define(eq=False, repr=False)
class MarketMaker:
    """One side of the quote. `refill` is the volume that is there again after each match, 0 for none."""

    ticks: int | None = None
    volume: int = 0
    refill: int = 0


@define
class Fill:
    """A match: so many lots at a price; `resting` is None where the market maker was met.

    A match of a spread is one of its `legs`, each in one piece or several.
    """

    ticks: int
    volume: int
    resting: "Resting | None"
    legs: "Sequence[LegFill]" = ()


@define
class LegFill:
    """A match of one leg of a spread, and the number of its trade once that has been reported."""

    contract: Contract
    is_first: bool
    fill: Fill
    trade_id: str = ""


@define(eq=False, repr=False)
class Side:
    """One side's orders by price and time. The orders of a price are the keys of an OrderedDict, oldest first."""

    is_bid: bool
    prices: list[int] = field(factory=list)
    levels: "dict[int, OrderedDict[Resting, None]]" = field(factory=dict)

    def add(self, order: Resting) -> None:
        level = self.levels.get(order.ticks)
        if level is None:
            level = self.levels[order.ticks] = OrderedDict()
            insort(self.prices, order.ticks)
        level[order] = None

    def remove(self, order: Resting) -> None:
        level = self.levels.get(order.ticks)
        if level is None or order not in level:
            return
        del level[order]
        if not level:
            del self.levels[order.ticks]
            del self.prices[bisect_left(self.prices, order.ticks)]

    def first(self) -> Resting | None:
        """The order that would be met first."""
        if not self.prices:
            return None
        return next(iter(self.levels[self.prices[-1 if self.is_bid else 0]]))

    def volume_at(self, ticks: int) -> int:
        return sum(order.remaining for order in self.levels.get(ticks, ()))

    def best_first(self) -> Iterator[int]:
        return reversed(self.prices) if self.is_bid else iter(self.prices)


@define(eq=False, repr=False)
class Book:
    """The sessions' orders of each side, and the market maker's."""

    bids: Side = field(factory=lambda: Side(True))
    asks: Side = field(factory=lambda: Side(False))
    bid_maker: MarketMaker = field(factory=MarketMaker)
    ask_maker: MarketMaker = field(factory=MarketMaker)

    def side(self, *, bid: bool) -> Side:
        return self.bids if bid else self.asks

    def quote_around(self, ticks: int, volume: int) -> None:
        """The market maker's lots on both sides, a tick beside a price, filled up after each match."""
        for maker, price in ((self.bid_maker, ticks - 1), (self.ask_maker, ticks + 1)):
            maker.ticks, maker.volume, maker.refill = price, volume, volume

    def add(self, order: Resting) -> None:
        """Lets an order rest behind those of its price."""
        self.side(bid=order.is_buy).add(order)

    def remove(self, order: Resting) -> None:
        """Takes an order out; harmless if it is not there."""
        self.side(bid=order.is_buy).remove(order)

    def best(self, *, bid: bool) -> tuple[int, int] | None:
        """Price and volume of the best level of a side, market maker included."""
        maker, side = self.bid_maker if bid else self.ask_maker, self.side(bid=bid)
        prices = [maker.ticks] if maker.ticks is not None and maker.volume else []
        if side.prices:
            prices.append(side.prices[-1 if bid else 0])
        if not prices:
            return None
        price = max(prices) if bid else min(prices)
        return price, (maker.volume if maker.ticks == price else 0) + side.volume_at(price)

    def levels(self, *, bid: bool, most: int) -> list[int]:
        """The best prices of a side, at most so many, best first."""
        maker, side = self.bid_maker if bid else self.ask_maker, self.side(bid=bid)
        prices = set(side.prices)
        if maker.ticks is not None and maker.volume:
            prices.add(maker.ticks)
        return sorted(prices, reverse=bid)[:most]

    def volume_within(self, *, buy: bool, limit: int | None) -> int:
        """The lots that are there for an order now; what a maker would refill is not."""
        maker = self.ask_maker if buy else self.bid_maker
        there = maker.ticks is not None and maker.volume and _crosses(buy, limit, maker.ticks)
        total = maker.volume if there else 0
        side = self.side(bid=not buy)
        for price in side.best_first():
            if not _crosses(buy, limit, price):
                break
            total += side.volume_at(price)
        return total

    def match(self, *, buy: bool, limit: int | None, volume: int) -> Iterator[Fill]:
        """Meets what rests on the other side, best price first, the market maker before sessions of its price.

        Yields each fill after taking it off what rests; the caller reduces its own order and adds what is left.
        """
        maker = self.ask_maker if buy else self.bid_maker
        while volume:
            order = self.side(bid=not buy).first()
            price = None if order is None else order.ticks
            if maker.ticks is not None and maker.volume and (price is None or not _better(buy, price, maker.ticks)):
                if not _crosses(buy, limit, maker.ticks):
                    return
                lots = min(volume, maker.volume)
                maker.volume = maker.refill or maker.volume - lots
                volume -= lots
                yield Fill(maker.ticks, lots, None)
            elif order is not None and _crosses(buy, limit, order.ticks):
                lots = min(volume, order.remaining)
                volume -= lots
                yield from self._take(order, lots)
            else:
                return

    def meet_orders(self, *, buy: bool, limit: int, volume: int) -> Iterator[Fill]:
        """Somebody from elsewhere meets the sessions' orders only, and leaves nothing behind."""
        while volume:
            order = self.side(bid=not buy).first()
            if order is None or not _crosses(buy, limit, order.ticks):
                return
            lots = min(volume, order.remaining)
            volume -= lots
            yield from self._take(order, lots)

    def meet_makers(self) -> Iterator[Fill]:
        """The market maker's quote meets the orders that rest at its price or a worse one for themselves."""
        for buy, maker in ((False, self.ask_maker), (True, self.bid_maker)):
            while maker.ticks is not None and maker.volume:
                order = self.side(bid=not buy).first()
                if order is None or not _crosses(buy, maker.ticks, order.ticks):
                    break
                lots = min(maker.volume, order.remaining)
                maker.volume = maker.refill or maker.volume - lots
                yield from self._take(order, lots)

    def uncross(self, last: int) -> Iterator[tuple[int, int, list[Resting]]]:
        """Matches what crosses after an auction: price, lots, and the orders on either side that were met.

        The price is the middle one of bid, ask and the last price. Two makers that cross leave each other alone.
        """
        while True:
            bid, ask = self._front(bid=True), self._front(bid=False)
            if bid is None or ask is None or bid.ticks is None or ask.ticks is None or bid.ticks < ask.ticks:
                return
            orders = [side for side in (bid, ask) if not isinstance(side, MarketMaker)]
            if not orders:
                return
            price = sorted((bid.ticks, ask.ticks, last))[1]
            lots = min(side.volume if isinstance(side, MarketMaker) else side.remaining for side in (bid, ask))
            for side in (bid, ask):
                if isinstance(side, MarketMaker):
                    side.volume = side.refill or side.volume - lots
                else:
                    list(self._take(side, lots))
            last = price
            yield price, lots, orders

    def _front(self, *, bid: bool) -> "Resting | MarketMaker | None":
        """Whoever of a side is met first: the market maker before the sessions of its price."""
        maker, order = self.bid_maker if bid else self.ask_maker, self.side(bid=bid).first()
        if maker.ticks is None or not maker.volume:
            return order
        if order is None or not _better(not bid, order.ticks, maker.ticks):
            return maker
        return order

    def _take(self, order: Resting, lots: int) -> Iterator[Fill]:
        order.remaining -= lots
        if order.remaining == 0:
            self.remove(order)
        yield Fill(order.ticks, lots, order)


def _crosses(buy: bool, limit: int | None, price: int) -> bool:
    """Whether an order with this limit (None for none) would trade at a price."""
    return limit is None or (price <= limit if buy else price >= limit)


def _better(buy: bool, a: int, b: int) -> bool:
    """Whether price `a` is better than `b` for somebody who buys or sells."""
    return a < b if buy else a > b
