"""The contracts that a venue lists: terms of the product, limits of the day, prices in whole ticks."""

import math
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache

from attrs import define, field

from ctpscen.ctp.terms.instruments import name_of
from ctpscen.ctp.terms.months import listed
from ctpscen.ctp.terms.products import Product, Rate
from ctpscen.simulator.terms.options import Terms, years_left
from ctpscen.simulator.terms.rules import RULES, ExchangeRules


@define(eq=False, repr=False)
class Contract:
    """One listed contract. Prices inside the simulator are whole ticks; `price` gives them back as CTP shows them.

    `terms` and `underlying` are an option's; of a future both are None. `legs` are the two futures of a spread, whose
    price is the first one's less the second one's, and may be below zero. `last_day` is the last one on which it is
    traded, None where it has no end.
    """

    id: str
    product: Product
    rules: ExchangeRules
    pre_settlement: float
    upper: int = 0
    lower: int = 0
    last: int | None = None
    last_day: date | None = None
    terms: Terms | None = None
    underlying: "Contract | None" = None
    legs: "tuple[Contract, Contract] | None" = None
    _digits: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._digits = _digits(self.product.tick)
        self.settle_at(self.pre_settlement)

    @property
    def exchange(self) -> str:
        return self.product.exchange

    @property
    def multiplier(self) -> int:
        return self.product.multiplier

    def ticks(self, price: float) -> int | None:
        """A price in whole ticks; None where it is not a multiple of the tick."""
        count = price / self.product.tick
        whole = round(count)
        return whole if abs(count - whole) < 1e-6 else None

    def price(self, ticks: int) -> float:
        """The price of a number of ticks, without the noise of binary fractions."""
        return round(ticks * self.product.tick, self._digits)

    def settle_at(self, price: float) -> None:
        """Takes a settlement price, which fixes the limits of the day (BEHAVIOUR 3.7)."""
        if self.legs is not None:
            self.follow(*self.legs)
            return
        self.pre_settlement = price
        if self.underlying is not None:
            self._limit_option(self.underlying)
            return
        product = self.product
        self.lower, self.upper = _limits(price, product.limit_percent, product.tick, self.rules.limit_rounding)

    def follow(self, first: "Contract", second: "Contract") -> None:
        """Takes the settlement price of a spread from its legs; it may move as far as both of them may."""
        self.pre_settlement = self.price(round((first.pre_settlement - second.pre_settlement) / self.product.tick))
        self.upper, self.lower = first.upper - second.lower, first.lower - second.upper

    def _limit_option(self, underlying: "Contract") -> None:
        """An option may move as far as its future, and never below one tick."""
        tick = self.product.tick
        reach = underlying.pre_settlement * underlying.product.limit_percent / 100
        self.upper = math.floor(round((self.pre_settlement + reach) / tick, 6))
        self.lower = max(1, math.ceil(round((self.pre_settlement - reach) / tick, 6)))

    def margin_rate(self, *, is_long: bool) -> Rate:
        """What a lot of a future asks for on one side."""
        return self.product.long_margin if is_long else self.product.short_margin

    def lot_margin(self, price: float, *, is_long: bool) -> float:
        """The margin of one lot: of a future at a price; of an option for its seller alone (BEHAVIOUR 5.3, 5.4).

        Of a spread it is that of the leg that asks for more, at yesterday's settlement price: no leg has a price yet.
        """
        if self.legs is not None:
            first, second = self.legs
            return max(
                first.lot_margin(first.pre_settlement, is_long=is_long),
                second.lot_margin(second.pre_settlement, is_long=not is_long),
            )
        if self.terms is None or self.underlying is None:
            rate = self.margin_rate(is_long=is_long)
            return price * self.multiplier * rate.by_money + rate.by_volume
        if is_long:
            return 0.0
        asked, _ = self.seller_margin(self.terms, self.underlying)
        return (max(self.last_price, self.pre_settlement) + asked) * self.multiplier

    def settled_lot_margin(self, *, is_long: bool) -> float:
        """The margin that a lot had at the last settlement."""
        if self.terms is None or self.underlying is None or is_long:
            return self.lot_margin(self.pre_settlement, is_long=is_long)
        return (self.pre_settlement + self.seller_margin(self.terms, self.underlying)[0]) * self.multiplier

    def seller_margin(self, terms: Terms, underlying: "Contract") -> tuple[float, float]:
        """What a lot's seller puts up besides the option's value, and the least of it, by the exchanges' rules.

        Of what an option on a future is out of the money half is taken off, on an index all of it.
        """
        price, product = underlying.pre_settlement, self.product
        if product.is_on_index:
            least = (price if terms.right == "C" else terms.strike) * product.margin_factor * product.least_factor
            return max(price * product.margin_factor - terms.out_of_the_money(price), least), least
        rate = underlying.product.short_margin
        full = price * rate.by_money + rate.by_volume / self.multiplier
        return max(full - terms.out_of_the_money(price) / 2, full / 2), full / 2

    def settle(self) -> None:
        """Ends the day: the last price is the settlement price, and nothing has traded yet on the next day."""
        self.settle_at(self.last_price)
        self.last = None

    @property
    def upper_price(self) -> float:
        return self.price(self.upper)

    @property
    def lower_price(self) -> float:
        return self.price(self.lower)

    @property
    def last_price(self) -> float:
        """The price of the last trade; before the first one, yesterday's (BEHAVIOUR 8). A spread's is its legs'."""
        if self.legs is not None:
            return self.price(round((self.legs[0].last_price - self.legs[1].last_price) / self.product.tick))
        return self.pre_settlement if self.last is None else self.price(self.last)


@cache
def _digits(tick: float) -> int:
    """The decimals of a price tick."""
    return max(0, -int(Decimal(str(tick)).normalize().as_tuple().exponent))


@lru_cache(maxsize=4096)
def _limits(price: float, percent: float, tick: float, rounding: str) -> tuple[int, int]:
    """The lowest and the highest price of a day after a settlement price, in ticks."""
    ratio = Decimal(str(percent)) / 100
    base, step = Decimal(str(price)), Decimal(str(tick))
    high, low = base * (1 + ratio) / step, base * (1 - ratio) / step
    upper = math.ceil(high) if rounding == "outward" else math.floor(high)
    return math.ceil(low) if rounding == "inward" else math.floor(low), upper


def list_contract(instrument: str, product: Product) -> Contract:
    """A future of a product."""
    return Contract(instrument, product, RULES[product.exchange], product.reference_price)


def list_option(instrument: str, product: Product, underlying: Contract, today: date) -> Contract | None:
    """An option on a listed future; None where that cannot have the strike price. Its first price is its worth."""
    name = name_of(instrument)
    assert name is not None
    terms = Terms(name.right, float(name.strike))
    if not terms.strike or underlying.ticks(terms.strike) is None:
        return None
    value = terms.value(underlying.last_price, years_left(name, product, today))
    first = round(max(1, round(value / product.tick)) * product.tick, 6)
    return Contract(instrument, product, underlying.rules, first, terms=terms, underlying=underlying)


def list_spread(instrument: str, product: Product, legs: tuple[Contract, Contract]) -> Contract:
    """A spread of two futures."""
    return Contract(instrument, product, legs[0].rules, 0.0, legs=legs)


def underlying_of(instrument: str, product: Product, today: date) -> str:
    """The future that an option is on; '' for anything else.

    No front has quotes of an index: the nearest future on it stands for it.
    """
    name = name_of(instrument)
    if name is None or not product.options_on:
        return ""
    return listed(product.options_on, today)[0] if product.is_on_index else name.underlying
