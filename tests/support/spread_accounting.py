"""The second statement of the rules for positions in spreads, from BEHAVIOUR 14.4 and docs/fidelity.md.

Lots of a spread are lots of its legs like any other, with a note of which spread they are of. It says nothing twice:
how many lots a spread has is how many lots of its first leg have that note.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from attrs import define, field

from support.accounting import (
    LONG,
    OPEN,
    SHORT,
    TODAY,
    Books,
    Fields,
    Lot,
    Order,
    RowKey,
    Rows,
    exact,
    fee_of,
    margin_of,
    terms_of,
)


class Spread(NamedTuple):
    """One side of a spread."""

    name: str
    direction: str

    @property
    def legs(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """Contract and direction of each."""
        first, second = self.name.partition(" ")[2].split("&")
        return (first, self.direction), (second, LONG if self.direction == SHORT else SHORT)


def is_spread(instrument: str) -> bool:
    return "&" in instrument


@define
class LegOrder(Order):
    """What an order in a spread is to one of its legs."""

    spread: Spread | None = None


@define
class SpreadBooks(Books):
    """`note` is the spread that a lot belongs to, `seen` the spreads in the order in which they were first heard of."""

    note: dict[int, Spread] = field(factory=dict)
    seen: dict[Spread, None] = field(factory=dict)
    held_before: dict[Spread, int] = field(factory=dict)
    counted: dict[tuple[Spread, str], int] = field(factory=dict)

    # ------------------------------------------------------------------------------------------------ what happens

    def hold_spread(self, spread: Spread, lots: int, prices: Sequence[Fraction]) -> None:
        """Lots that the account had when the day began."""
        for (leg, direction), price in zip(spread.legs, prices, strict=True):
            self.hold(leg, direction, lots, price)
            self.note |= {id(lot): spread for lot in self.lots[-lots:]}
        self._hear_of(spread)
        self.held_before[spread] = self.held_before.get(spread, 0) + lots

    def _hear_of(self, spread: Spread) -> None:
        self.seen.setdefault(spread)
        self.reached |= {RowKey(leg, direction, TODAY) for leg, direction in spread.legs}
        self.reached.add(RowKey(*spread, TODAY))

    def begin(self) -> None:
        """What is held in spreads is margined as such, at yesterday's settlement prices as all of it."""
        alone = dict(self.yesterday)
        of_spreads = Fraction(0)
        for spread, lots in self.held_before.items():
            margins = []
            for leg, direction in spread.legs:
                alone[RowKey(leg, direction, TODAY)] -= lots
                margins.append(self.pre_settlement[leg] * terms_of(leg).multiplier * terms_of(leg).margin)
            of_spreads += max(margins) * lots
        counted, self.yesterday = self.yesterday, alone
        super().begin()
        self.yesterday = counted
        self.pre_margin += of_spreads

    def order(self, fields: Fields) -> None:
        super().order(fields)
        if is_spread(fields["InstrumentID"]):
            order = self.orders[fields["FrontID"], fields["SessionID"], fields["OrderRef"]]
            self._hear_of(Spread(order.instrument, self._direction(order)))

    def trade(self, fields: Fields) -> None:
        """A trade of a leg is one of the order in the spread; of the first leg it counts its lots."""
        order = self.numbered[fields["ExchangeID"], fields["OrderSysID"]]
        if not is_spread(order.instrument):
            super().trade(fields)
            return
        spread = Spread(order.instrument, self._direction(order))
        price, volume = exact(fields["Price"]), fields["Volume"]
        if fields["InstrumentID"] == spread.legs[0][0]:
            order.left = max(0, order.left - volume)
            what = "opened" if order.offset == OPEN else "closed"
            self.counted[spread, what] = self.counted.get((spread, what), 0) + volume
        known = len(self.lots)
        self.book(
            LegOrder(fields["InstrumentID"], fields["Direction"] == "0", order.offset, price, 0, spread), price, volume
        )
        self.note |= {id(lot): spread for lot in self.lots[known:]}

    def book(self, order: Order, price: Fraction, volume: int) -> None:
        """What a close of a leg takes of a spread leaves the other leg's lot behind, as if opened last."""
        torn = []
        if order.offset != OPEN and not isinstance(order, LegOrder):
            taken = self._closable(order)[:volume]
            torn = [(lot, self.note[id(lot)]) for lot in taken if id(lot) in self.note]
        super().book(order, price, volume)
        for lot, spread in torn:
            ((other, direction),) = (leg for leg in spread.legs if leg[0] != lot.instrument)
            left = self._lots_of(spread, other, direction)[0]
            for each in (lot, left):
                del self.note[id(each)]
            self.lots.remove(left)
            self.lots.append(left)

    def refusal(self, fields: Fields) -> int:
        if not is_spread(fields["InstrumentID"]):
            return super().refusal(fields)
        order = Order(fields["InstrumentID"], fields["Direction"] == "0", fields["CombOffsetFlag"], Fraction(0), 0)
        if order.offset == OPEN:
            return 0
        spread = Spread(order.instrument, self._direction(order))
        return 0 if fields["VolumeTotalOriginal"] <= self._loose(spread) - self._spoken_for(spread) else 30

    def settle(self, prices: Any) -> None:
        super().settle(prices)
        self.counted.clear()
        self.note = {id(lot): self.note[id(lot)] for lot in self.lots if id(lot) in self.note}
        held = {spread: len(self._lots_of(spread, *spread.legs[0])) for spread in self.seen}
        self.held_before = {spread: lots for spread, lots in held.items() if lots}
        self.seen = dict.fromkeys(self.held_before)
        for spread in self.seen:
            self._hear_of(spread)
        self.pre_margin = self.margin(self.rows())

    # ------------------------------------------------------------------------------------------------- what it is

    def _row(self, instrument: str, direction: str, *, opened_today: bool) -> RowKey:
        if is_spread(instrument):
            return RowKey(instrument, direction, TODAY)
        return super()._row(instrument, direction, opened_today=opened_today)

    def _lots_of(self, spread: Spread, leg: str, direction: str) -> list[Lot]:
        """The lots of a leg that belong to a spread, the oldest first."""
        mine = [lot for lot in self.lots if lot.closed_at is None and self.note.get(id(lot)) == spread]
        held = [lot for lot in mine if (lot.instrument, lot.direction) == (leg, direction)]
        return sorted(held, key=lambda lot: lot.opened_today)

    def _closing(self, spread: Spread) -> int:
        """Lots that working orders in a spread are about to close."""
        return sum(order.left for order in self._working(RowKey(*spread, TODAY)) if order.offset != OPEN)

    def _loose(self, spread: Spread) -> int:
        return len(self._lots_of(spread, *spread.legs[0])) - self._closing(spread)

    def _spoken_for(self, spread: Spread) -> int:
        """Lots of a spread that orders in one of its legs will need."""
        needed = []
        for leg, direction in spread.legs:
            single = [lot for lot in self._held(leg, direction) if id(lot) not in self.note]
            working = self._working(RowKey(leg, direction, TODAY))
            needed.append(sum(order.left for order in working if order.offset != OPEN) - len(single))
        return max(0, *needed)

    def _held(self, leg: str, direction: str) -> list[Lot]:
        return [
            lot for lot in self.lots if lot.closed_at is None and (lot.instrument, lot.direction) == (leg, direction)
        ]

    def _closable(self, order: Order) -> list[Lot]:
        """Of a leg the lots of no spread first, then those of spreads as they were heard of."""
        found = super()._closable(order)
        if isinstance(order, LegOrder):
            return [lot for lot in found if self.note.get(id(lot)) == order.spread]
        single = [lot for lot in found if id(lot) not in self.note]
        for spread in self.seen:
            if (order.instrument, self._direction(order)) in spread.legs:
                single += self._lots_of(spread, order.instrument, self._direction(order))[: max(0, self._loose(spread))]
        return single

    def rows(self) -> Rows:
        return {
            key: fields if not is_spread(key.instrument) else self._of_spread(key)
            for key, fields in super().rows().items()
        }

    def _fields_of(self, key: RowKey) -> dict[str, Fraction]:
        """A leg's row has the lots of spreads in it, and not their margin."""
        if is_spread(key.instrument):
            return {}
        found = super()._fields_of(key)
        combined = [lot for lot in self._held(key.instrument, key.direction) if id(lot) in self.note]
        terms = terms_of(key.instrument)
        margin = sum((self._basis(lot) for lot in combined), Fraction(0)) * terms.multiplier * terms.margin
        frozen = "CombShortFrozen" if key.direction == LONG else "CombLongFrozen"
        closing = [self._closing(spread) for spread in self.seen if (key.instrument, key.direction) in spread.legs]
        return found | {
            "UseMargin": found["UseMargin"] - margin,
            "ExchangeMargin": found["ExchangeMargin"] - margin,
            "CombPosition": Fraction(len(combined)),
            frozen: Fraction(sum(closing)),
        }

    def _of_spread(self, key: RowKey) -> dict[str, Fraction]:
        """The row of a spread: lots, margin, and what is frozen of it."""
        spread = Spread(key.instrument, key.direction)
        legs = [self._lots_of(spread, *leg) for leg in spread.legs]
        terms = [terms_of(leg) for leg, _ in spread.legs]
        margins = [
            sum((self._basis(lot) for lot in lots), Fraction(0)) * each.multiplier * each.margin
            for lots, each in zip(legs, terms, strict=True)
        ]
        orders = self._working(key)
        before = [self.pre_settlement[leg] for leg, _ in spread.legs]
        lot_margin = max(price * each.multiplier * each.margin for price, each in zip(before, terms, strict=True))
        fees = {
            is_open: sum(
                fee_of(each.open if is_open else each.close, price, 1, each)
                for price, each in zip(before, terms, strict=True)
            )
            for is_open in (True, False)
        }
        amounts: dict[str, Fraction | int] = {
            "Position": len(legs[0]),
            "TodayPosition": len([lot for lot in legs[0] if lot.opened_today]),
            "YdPosition": self.held_before.get(spread, 0),
            "OpenVolume": self.counted.get((spread, "opened"), 0),
            "CloseVolume": self.counted.get((spread, "closed"), 0),
            "UseMargin": max(margins),
            "ExchangeMargin": max(margins),
            "LongFrozen": sum(order.left for order in orders if order.buys),
            "ShortFrozen": sum(order.left for order in orders if not order.buys),
            "FrozenMargin": lot_margin * sum(order.left for order in orders if order.offset == OPEN),
            "FrozenCommission": sum(fees[order.offset == OPEN] * order.left for order in orders),
        }
        amounts |= dict.fromkeys(("CloseProfit", "PositionProfit", "Commission", "FrozenCash"), 0)
        return {name: Fraction(amount) for name, amount in amounts.items()}

    def margin(self, rows: Rows) -> Fraction:
        of_spreads = sum((row["UseMargin"] for key, row in rows.items() if is_spread(key.instrument)), Fraction(0))
        return of_spreads + margin_of({key: row for key, row in rows.items() if not is_spread(key.instrument)})
