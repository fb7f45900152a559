"""A second statement of what CTP makes of trades and working orders, from BEHAVIOUR 5 and 12, beside the ledger's.

It shares nothing with the ledger. Amounts are exact fractions, a lot is kept singly, and no sum is: what was reported
in the day is kept as it was, and every field is reckoned anew from all of it when it is asked for.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from attrs import define, field, frozen

Rate = tuple[Fraction, Fraction]
Fields = Mapping[str, Any]


@frozen
class Terms:
    """What an exchange and a broker say of a product. A rate is a part of the money, and yuan a lot."""

    exchange: str
    multiplier: int
    tick: Fraction
    margin: Fraction
    open: Rate
    close: Rate
    close_today: Rate

    @property
    def is_dated(self) -> bool:
        """Whether lots of today and of before have rows of their own."""
        return self.exchange in ("SHFE", "INE")

    @property
    def only_larger_side(self) -> bool:
        return self.exchange in ("SHFE", "INE", "CFFEX")


def _terms(exchange: str, multiplier: int, tick: str, margin: str, *rates: str) -> Terms:
    """Rates as BEHAVIOUR 10 writes them: `1e-4` of the money, `3/lot`."""
    read = [
        (Fraction(0), Fraction(rate.removesuffix("/lot"))) if rate.endswith("/lot") else (Fraction(rate), Fraction(0))
        for rate in rates
    ]
    return Terms(exchange, multiplier, Fraction(tick), Fraction(margin), *read)


# BEHAVIOUR 10: multiplier, tick, margin; fees of opening, of closing, and of closing what was opened today.
PRODUCTS: Mapping[str, Terms] = {
    "rb": _terms("SHFE", 10, "1", "0.16", "1e-4", "1e-4", "1e-4"),
    "cu": _terms("SHFE", 5, "10", "0.16", "5e-5", "5e-5", "0"),
    "al": _terms("SHFE", 5, "5", "0.16", "3/lot", "3/lot", "0"),
    "sc": _terms("INE", 1000, "0.1", "0.17", "20/lot", "20/lot", "0"),
    "m": _terms("DCE", 10, "1", "0.14", "0.2/lot", "0.2/lot", "0.1/lot"),
    "j": _terms("DCE", 100, "0.5", "0.26", "6e-5", "6e-5", "6e-5"),
    "lh": _terms("DCE", 16, "5", "0.19", "2e-4", "2e-4", "4e-4"),
    "SR": _terms("CZCE", 10, "1", "0.13", "4/lot", "4/lot", "4/lot"),
    "MA": _terms("CZCE", 10, "1", "0.16", "2/lot", "2/lot", "6/lot"),
    "si": _terms("GFEX", 5, "5", "0.1", "1e-4", "1e-4", "1e-4"),
    "IF": _terms("CFFEX", 300, "0.2", "0.15", "2.3e-5", "2.3e-5", "2.3e-4"),
    "IO": _terms("CFFEX", 100, "0.2", "0", "15/lot", "15/lot", "15/lot"),  # of options there is no rate of margin
}

LONG, SHORT = "2", "3"
TODAY, HISTORY = "1", "2"
OPEN, CLOSE_TODAY = "0", "3"


class RowKey(NamedTuple):
    """A row of ReqQryInvestorPosition: BEHAVIOUR 5.1."""

    instrument: str
    direction: str
    date: str


Rows = dict[RowKey, dict[str, Fraction]]


@define(eq=False)
class Lot:
    """One lot, from its opening on."""

    instrument: str
    direction: str
    price: Fraction
    opened_today: bool
    closed_at: Fraction | None = None


@define(eq=False)
class Order:
    """An order that the core took."""

    instrument: str
    buys: bool
    offset: str
    price: Fraction
    left: int


@frozen
class Fee:
    """The commission of one trade: exact, and with its part by money in whole cents."""

    row: RowKey
    amount: Fraction
    rounded: Fraction


def order_key(fields: Fields) -> tuple[int, int, str]:
    return fields["FrontID"], fields["SessionID"], fields["OrderRef"]


def terms_of(instrument: str) -> Terms:
    return PRODUCTS[product_of(instrument)]


def product_of(instrument: str) -> str:
    return instrument.partition("-")[0].rstrip("0123456789")


def exact(value: float) -> Fraction:
    """The number that a price or an amount is meant to be."""
    return Fraction(repr(value))


def sign(direction: str) -> int:
    return 1 if direction == LONG else -1


def cents(amount: Fraction, rounding: Callable[[Fraction], int]) -> Fraction:
    return Fraction(rounding(amount * 100), 100)


def half_up(amount: Fraction) -> int:
    return math.floor(amount + Fraction(1, 2))


def fee_of(rate: Rate, price: Fraction, lots: int, terms: Terms) -> Fraction:
    return lots * (price * terms.multiplier * rate[0] + rate[1])


@define
class Books:
    """One account, told what is reported to it."""

    pre_balance: Fraction
    pre_margin: Fraction = Fraction(0)
    deposit: Fraction = Fraction(0)
    withdrawn: Fraction = Fraction(0)
    lots: list[Lot] = field(factory=list)
    yesterday: dict[RowKey, int] = field(factory=dict)
    reached: set[RowKey] = field(factory=set)
    orders: dict[tuple[int, int, str], Order] = field(factory=dict)
    numbered: dict[tuple[str, str], Order] = field(factory=dict)
    fees: list[Fee] = field(factory=list)
    as_today: dict[tuple[str, str], int] = field(factory=dict)
    last: dict[str, Fraction] = field(factory=dict)
    pre_settlement: dict[str, Fraction] = field(factory=dict)

    # ------------------------------------------------------------------------------------------------ what happens

    def hold(self, instrument: str, direction: str, lots: int, price: Fraction) -> None:
        """Lots that the account had when the day began."""
        key = self._row(instrument, direction, opened_today=False)
        self.lots += [Lot(instrument, direction, price, opened_today=False) for _ in range(lots)]
        self.yesterday[key] = self.yesterday.get(key, 0) + lots

    def begin(self) -> None:
        """What was held when the day began is margined at yesterday's settlement prices (BEHAVIOUR 5.6, 14.4)."""
        margins = {}
        for key, lots in self.yesterday.items():
            terms = PRODUCTS[product_of(key.instrument)]
            margins[key] = {"UseMargin": self.pre_settlement[key.instrument] * lots * terms.multiplier * terms.margin}
        self.pre_margin = self.margin(margins)

    def quoted(self, fields: Fields) -> None:
        """A row of ReqQryDepthMarketData: the prices that everything is reckoned by."""
        self.last[fields["InstrumentID"]] = exact(fields["LastPrice"])
        self.pre_settlement[fields["InstrumentID"]] = exact(fields["PreSettlementPrice"])

    def knows(self, fields: Fields) -> bool:
        """Whether an order was reported before."""
        return order_key(fields) in self.orders

    def order(self, fields: Fields) -> None:
        """OnRtnOrder."""
        key = order_key(fields)
        order = self.orders.get(key)
        if order is None:
            order = self.orders[key] = Order(
                fields["InstrumentID"],
                fields["Direction"] == "0",
                fields["CombOffsetFlag"],
                exact(fields["LimitPrice"]),
                fields["VolumeTotalOriginal"],
            )
            self.reached.add(self._row_of(order))
        if fields.get("OrderSysID"):
            self.numbered[fields["ExchangeID"], fields["OrderSysID"]] = order
        if fields["OrderStatus"] in "05":
            order.left = 0

    def trade(self, fields: Fields) -> None:
        """OnRtnTrade."""
        order = self.numbered[fields["ExchangeID"], fields["OrderSysID"]]
        price, volume = exact(fields["Price"]), fields["Volume"]
        order.left = max(0, order.left - volume)
        self.book(order, price, volume)

    def book(self, order: Order, price: Fraction, volume: int) -> None:
        """What a trade of an order makes of the lots."""
        terms, direction = terms_of(order.instrument), self._direction(order)
        if order.offset == OPEN:
            self.lots += [Lot(order.instrument, direction, price, opened_today=True) for _ in range(volume)]
            self._charge(order, [(terms.open, volume)], price)
            return
        if terms.is_dated:  # the flag says which rate, and which lots
            rates = [(terms.close_today if order.offset == CLOSE_TODAY else terms.close, volume)]
        else:  # as many as were opened today, whichever lots they are
            side = order.instrument, direction
            opened = sum(1 for lot in self.lots if (lot.instrument, lot.direction) == side and lot.opened_today)
            today = min(volume, opened - self.as_today.get(side, 0))
            self.as_today[side] = self.as_today.get(side, 0) + today
            rates = [(terms.close_today, today), (terms.close, volume - today)]
        for lot in self._closable(order)[:volume]:
            lot.closed_at = price
        self._charge(order, rates, price)

    def _charge(self, order: Order, rates: Iterable[tuple[Rate, int]], price: Fraction) -> None:
        terms, exactly, rounded = terms_of(order.instrument), Fraction(0), Fraction(0)
        for (by_money, by_volume), lots in rates:
            exactly += fee_of((by_money, by_volume), price, lots, terms)
            rounded += lots * by_volume
        rounded += cents(exactly - rounded, half_up)
        self.fees.append(Fee(self._row_of(order), exactly, rounded))

    def refusal(self, fields: Fields) -> int:
        """The ErrorID by which the core refuses an order for want of lots; 0 where it takes it (BEHAVIOUR 5.2)."""
        order = Order(fields["InstrumentID"], fields["Direction"] == "0", fields["CombOffsetFlag"], Fraction(0), 0)
        if order.offset == OPEN:
            return 0
        taken = sum(other.left for other in self._working(self._row_of(order)) if other.offset != OPEN)
        if fields["VolumeTotalOriginal"] <= len(self._closable(order)) - taken:
            return 0
        if not terms_of(order.instrument).is_dated:
            return 30
        return 50 if order.offset == CLOSE_TODAY else 51

    def settle(self, prices: Mapping[str, Fraction]) -> None:
        """The day ends, at these settlement prices (BEHAVIOUR 5.6)."""
        self.last.update(prices)
        self.pre_balance = self._balance(self.rows(), total(fee.rounded for fee in self.fees))
        self.deposit = self.withdrawn = Fraction(0)
        self.lots = [lot for lot in sorted(self.lots, key=lambda each: each.opened_today) if lot.closed_at is None]
        for lot in self.lots:
            lot.opened_today = False
        self.pre_settlement = dict(self.last)
        self.yesterday = {}
        for lot in self.lots:
            key = self._row(lot.instrument, lot.direction, opened_today=False)
            self.yesterday[key] = self.yesterday.get(key, 0) + 1
        for kept in (self.reached, self.orders, self.numbered, self.fees, self.as_today):
            kept.clear()
        self.pre_margin = self.margin(self.rows())

    # ------------------------------------------------------------------------------------------------- what it is

    def margin(self, rows: Rows) -> Fraction:
        """CurrMargin of the account."""
        return margin_of(rows)

    def _direction(self, order: Order) -> str:
        """The side whose lots an order opens or closes."""
        return LONG if order.buys == (order.offset == OPEN) else SHORT

    def _row(self, instrument: str, direction: str, *, opened_today: bool) -> RowKey:
        has_history = terms_of(instrument).is_dated and not opened_today
        return RowKey(instrument, direction, HISTORY if has_history else TODAY)

    def _row_of(self, order: Order) -> RowKey:
        """The row that an order is booked to."""
        of_today = order.offset in (OPEN, CLOSE_TODAY)
        return self._row(order.instrument, self._direction(order), opened_today=of_today)

    def _closable(self, order: Order) -> list[Lot]:
        """The lots that an order may close, in the order in which it takes them: those of before first, then by age."""
        row = self._row_of(order)
        held = [lot for lot in self.lots if lot.closed_at is None and self._row_of_lot(lot) == row]
        return sorted(held, key=lambda lot: lot.opened_today)

    def _row_of_lot(self, lot: Lot) -> RowKey:
        return self._row(lot.instrument, lot.direction, opened_today=lot.opened_today)

    def _working(self, row: RowKey) -> list[Order]:
        return [order for order in self.orders.values() if order.left and self._row_of(order) == row]

    def _basis(self, lot: Lot) -> Fraction:
        """The price from which a lot's margin and its profit of the day are reckoned."""
        return lot.price if lot.opened_today else self.pre_settlement[lot.instrument]

    def rows(self) -> Rows:
        """The fields of every row of ReqQryInvestorPosition (BEHAVIOUR 5.2)."""
        keys = {*self.reached, *self.yesterday, *(self._row_of_lot(lot) for lot in self.lots)}
        return {key: self._fields_of(key) for key in keys}

    def _fields_of(self, key: RowKey) -> dict[str, Fraction]:
        terms, way, last = terms_of(key.instrument), sign(key.direction), self.last[key.instrument]
        mine = [lot for lot in self.lots if self._row_of_lot(lot) == key]
        held = [lot for lot in mine if lot.closed_at is None]
        opened = [lot for lot in mine if lot.opened_today]
        closed = [(lot, lot.closed_at) for lot in mine if lot.closed_at is not None]
        orders = self._working(key)
        opening = [order for order in orders if order.offset == OPEN]
        closing = [order for order in orders if order.offset != OPEN]

        def money(prices: Iterable[Fraction]) -> Fraction:
            return total(prices) * terms.multiplier

        def frozen_lots(*, buys: bool) -> list[Order]:
            return [order for order in orders if order.buys == buys]

        margin = money(self._basis(lot) for lot in held) * terms.margin
        by_date = money(at - self._basis(lot) for lot, at in closed) * way
        amounts: dict[str, Fraction | int] = {
            "YdPosition": self.yesterday.get(key, 0),
            "Position": len(held),
            "TodayPosition": len([lot for lot in held if lot.opened_today]),
            "OpenVolume": len(opened),
            "OpenAmount": money(lot.price for lot in opened),
            "CloseVolume": len(closed),
            "CloseAmount": money(at for _, at in closed),
            "OpenCost": money(lot.price for lot in held),
            "PositionCost": money(self._basis(lot) for lot in held),
            "PositionProfit": money(last - self._basis(lot) for lot in held) * way,
            "CloseProfit": by_date,
            "CloseProfitByDate": by_date,
            "CloseProfitByTrade": money(at - lot.price for lot, at in closed) * way,
            "UseMargin": margin,
            "ExchangeMargin": margin,
            "Commission": sum(fee.amount for fee in self.fees if fee.row == key),
            "LongFrozen": sum(order.left for order in frozen_lots(buys=True)),
            "LongFrozenAmount": money(order.price * order.left for order in frozen_lots(buys=True)),
            "ShortFrozen": sum(order.left for order in frozen_lots(buys=False)),
            "ShortFrozenAmount": money(order.price * order.left for order in frozen_lots(buys=False)),
            "FrozenMargin": money(order.price * order.left for order in opening) * terms.margin,
            "FrozenCommission": sum(fee_of(terms.open, order.price, order.left, terms) for order in opening)
            + sum(fee_of(terms.close, order.price, order.left, terms) for order in closing),
            "FrozenCash": 0,
            "PreSettlementPrice": self.pre_settlement[key.instrument],
        }
        return {name: Fraction(amount) for name, amount in amounts.items()}

    def account(self) -> dict[str, Fraction]:
        """The fields of ReqQryTradingAccount (BEHAVIOUR 5.4)."""
        rows = self.rows()
        summed = {
            name: total(row[name] for row in rows.values())
            for name in (
                "CloseProfit",
                "PositionProfit",
                "Commission",
                "FrozenMargin",
                "FrozenCommission",
                "FrozenCash",
            )
        }
        margin, balance = self.margin(rows), self._balance(rows, summed["Commission"])
        frozen = summed["FrozenMargin"] + summed["FrozenCommission"] + summed["FrozenCash"]
        available = balance - margin - frozen - max(summed["PositionProfit"], Fraction(0))
        drawable = available - max(summed["CloseProfit"], Fraction(0))
        return {
            **summed,
            "PreBalance": self.pre_balance,
            "PreDeposit": self.pre_balance,
            "PreMargin": self.pre_margin,
            "Deposit": self.deposit,
            "Withdraw": self.withdrawn,
            "CurrMargin": margin,
            "ExchangeMargin": margin,
            "CashIn": Fraction(0),
            "Balance": balance,
            "Available": available,
            "MortgageableFund": drawable,
            "WithdrawQuota": cents(max(Fraction(0), drawable * 4 / 5), math.floor),
        }

    def _balance(self, rows: Rows, commission: Fraction) -> Fraction:
        profit = total(row["CloseProfit"] + row["PositionProfit"] for row in rows.values())
        return self.pre_balance + self.deposit - self.withdrawn + profit - commission


def margin_of(rows: Rows) -> Fraction:
    """CurrMargin: over all months of a product, only the side that asks for more (BEHAVIOUR 5.3)."""
    sides: dict[str, dict[str, Fraction]] = {}
    for key, row in rows.items():
        side = sides.setdefault(product_of(key.instrument), {LONG: Fraction(0), SHORT: Fraction(0)})
        side[key.direction] += row["UseMargin"]
    return total(
        max(side.values()) if PRODUCTS[product].only_larger_side else total(side.values())
        for product, side in sides.items()
    )


def total(amounts: Iterable[Fraction]) -> Fraction:
    return sum(amounts, Fraction(0))
