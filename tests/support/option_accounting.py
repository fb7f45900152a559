"""The second statement of the rules for options on an index: BEHAVIOUR 5.4, 14.4 and CFFEX's rule of margins.

A premium is cash that changes hands with the trade; there is no profit; sellers alone put up margin, which follows the
option's price and not the trade's.
"""

import math
from collections.abc import Mapping
from fractions import Fraction

from attrs import define, field

from support.accounting import (
    LONG,
    OPEN,
    Books,
    Fields,
    Order,
    RowKey,
    Rows,
    cents,
    exact,
    margin_of,
    sign,
    terms_of,
    total,
)

INDEX = "IF2612"
FACTOR, LEAST = Fraction("0.12"), Fraction("0.5")


def is_option(instrument: str) -> bool:
    return "-" in instrument


@define
class OptionBooks(Books):
    """`cash` is what trades have moved, by row, `margins` what an order to sell froze for a lot when it was taken."""

    cash: dict[RowKey, Fraction] = field(factory=dict)
    margins: dict[int, Fraction] = field(factory=dict)

    def order(self, fields: Fields) -> None:
        known = self.knows(fields)
        super().order(fields)
        if not known and is_option(fields["InstrumentID"]):
            order = self.orders[fields["FrontID"], fields["SessionID"], fields["OrderRef"]]
            self.margins[id(order)] = self._lot_margin(order.instrument)

    def trade(self, fields: Fields) -> None:
        """Also the last price, by which margins go."""
        self.last[fields["InstrumentID"]] = exact(fields["Price"])
        super().trade(fields)

    def book(self, order: Order, price: Fraction, volume: int) -> None:
        super().book(order, price, volume)
        if is_option(order.instrument):
            row, amount = self._row_of(order), price * volume * terms_of(order.instrument).multiplier
            self.cash[row] = self.cash.get(row, Fraction(0)) + (-amount if order.buys else amount)

    def settle(self, prices: Mapping[str, Fraction]) -> None:
        super().settle(prices)
        self.cash.clear()
        self.margins.clear()

    # ------------------------------------------------------------------------------------------------- what it is

    def _lot_margin(self, instrument: str) -> Fraction:
        """What a lot's seller puts up."""
        _, right, strike = instrument.split("-")
        index, k = self.pre_settlement[INDEX], Fraction(strike)
        out = max(Fraction(0), k - index if right == "C" else index - k)
        asked = max(index * FACTOR - out, LEAST * FACTOR * (index if right == "C" else k))
        value = max(self.last[instrument], self.pre_settlement[instrument])
        return (value + asked) * terms_of(instrument).multiplier

    def _fields_of(self, key: RowKey) -> dict[str, Fraction]:
        found = super()._fields_of(key)
        if not is_option(key.instrument):
            return found
        orders = self._working(key)
        margin = Fraction(0) if key.direction == LONG else self._lot_margin(key.instrument) * found["Position"]
        nothing = dict.fromkeys(
            ("PositionProfit", "CloseProfit", "CloseProfitByDate", "CloseProfitByTrade"), Fraction(0)
        )
        premiums = [order.price * order.left * terms_of(key.instrument).multiplier for order in orders if order.buys]
        selling = [order for order in orders if order.offset == OPEN and not order.buys]
        return (
            found
            | nothing
            | {
                "UseMargin": margin,
                "ExchangeMargin": margin,
                "CashIn": self.cash.get(key, Fraction(0)),
                "FrozenCash": total(premiums),
                "FrozenMargin": total(self.margins[id(order)] * order.left for order in selling),
            }
        )

    def margin(self, rows: Rows) -> Fraction:
        """CurrMargin: of options both sides count."""
        of_options = total(row["UseMargin"] for key, row in rows.items() if is_option(key.instrument))
        return of_options + margin_of({key: row for key, row in rows.items() if not is_option(key.instrument)})

    def _balance(self, rows: Rows, commission: Fraction) -> Fraction:
        return super()._balance(rows, commission) + total(self.cash.values())

    def account(self) -> dict[str, Fraction]:
        found, cash = super().account(), total(self.cash.values())
        held = [lot for lot in self.lots if lot.closed_at is None and is_option(lot.instrument)]
        worth = [self.last[lot.instrument] * sign(lot.direction) * terms_of(lot.instrument).multiplier for lot in held]
        drawable = found["MortgageableFund"] - max(cash, Fraction(0))
        return found | {
            "CashIn": cash,
            "OptionValue": total(worth),
            "WithdrawQuota": cents(max(Fraction(0), drawable * 4 / 5), math.floor),
        }
