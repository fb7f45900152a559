"""Spreads: one order in two contracts, at the difference of their prices (BEHAVIOUR 3.7).

Who buys a spread buys its first leg and sells its second. What rests in the books of the legs makes the quote of the
spread, and an order in it trades with that at the legs' own prices, or with another session's order in the spread. Then
the legs have no prices of their own: the first one trades at its last price, as near as the limits of both let it,
and the second one at what the spread leaves. Which price an exchange takes there is not documented.
"""

from collections.abc import Callable, Iterator

from attrs import define, field

from ctpscen.simulator.exchange.book import Book, Fill, LegFill, MarketMaker
from ctpscen.simulator.terms.contracts import Contract


@define(eq=False, repr=False)
class Spreads:
    """The spreads of an exchange that have a book, by the legs whose books make their quotes."""

    book: Callable[[Contract], Book]
    of_leg: dict[str, list[Contract]] = field(factory=dict)

    def open(self, contract: Contract) -> Book:
        """The book of a spread at the beginning of its day."""
        for leg in contract.legs or ():
            there = self.of_leg.setdefault(leg.id, [])
            if contract not in there:
                there.append(contract)
        book = Book()
        self._imply(contract, book)
        return book

    def follow(self, contract: Contract) -> Book:
        """The book of a spread after its legs have moved."""
        book = self.book(contract)
        if contract.legs is not None:
            contract.follow(*contract.legs)
        self._imply(contract, book)
        return book

    def _imply(self, contract: Contract, book: Book) -> None:
        """Both sides of the quote: the better of the other side of one leg and of this side of the other."""
        for is_bid, maker in ((True, book.bid_maker), (False, book.ask_maker)):
            _quote(maker, *(self._best(leg, is_bid == is_first) for leg, is_first in _legs(contract)))

    def _best(self, leg: Contract, is_bid: bool) -> tuple[int, int] | None:
        return self.book(leg).best(bid=is_bid)

    def match(self, contract: Contract, *, buy: bool, limit: int | None, volume: int) -> Iterator[Fill]:
        """What an order in a spread meets, best price first; yields each fill with those of its legs."""
        while volume:
            book = self.follow(contract)
            fill = next(book.match(buy=buy, limit=limit, volume=volume), None)
            if fill is None:
                return
            yield self.with_legs(contract, fill) if fill.resting is not None else self._from_legs(contract, fill, buy)
            volume -= fill.volume

    def meet_legs(self, contract: Contract) -> Iterator[Fill]:
        """The orders in a spread that what rests in its legs' books meets now."""
        while True:
            book = self.follow(contract)
            fill = next(book.meet_makers(), None)
            if fill is None:
                return
            assert fill.resting is not None, "a maker meets orders"
            maker = book.ask_maker if fill.resting.is_buy else book.bid_maker
            assert maker.ticks is not None, "it has met an order"
            yield self._from_legs(contract, Fill(maker.ticks, fill.volume, fill.resting), fill.resting.is_buy)

    def _from_legs(self, contract: Contract, fill: Fill, buy: bool) -> Fill:
        """Takes a fill out of the legs' books, whose best prices make its price."""
        for leg, is_first in _legs(contract):
            buys_leg, book = buy == is_first, self.book(leg)
            best = book.best(bid=not buys_leg)
            assert best is not None, "the spread had a quote"
            taken = book.match(buy=buys_leg, limit=best[0], volume=fill.volume)
            fill.legs = [*fill.legs, *(LegFill(leg, is_first, each) for each in taken)]
        return fill

    def with_legs(self, contract: Contract, fill: Fill) -> Fill:
        """Finds prices of the legs for a fill that does not come of their books."""
        assert contract.legs is not None, "a spread has legs"
        first, second = contract.legs
        last = round(first.last_price / first.product.tick)
        lowest, highest = max(first.lower, second.lower + fill.ticks), min(first.upper, second.upper + fill.ticks)
        at = max(lowest, min(highest, last))
        prices = (at, at - fill.ticks)
        fill.legs = [
            LegFill(leg, is_first, Fill(ticks, fill.volume, None))
            for (leg, is_first), ticks in zip(_legs(contract), prices, strict=True)
        ]
        return fill


def _legs(contract: Contract) -> Iterator[tuple[Contract, bool]]:
    """The legs, each with whether it is the first."""
    first, second = contract.legs or (contract, contract)
    yield first, True
    yield second, False


def _quote(maker: MarketMaker, first: tuple[int, int] | None, second: tuple[int, int] | None) -> None:
    maker.ticks, maker.volume = None, 0
    if first is not None and second is not None:
        maker.ticks, maker.volume = first[0] - second[0], min(first[1], second[1])
