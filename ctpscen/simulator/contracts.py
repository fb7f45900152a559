"""The contracts that a venue lists: terms of the product, limits of the day, prices in whole ticks."""

import math
from decimal import Decimal

from attrs import define, field

from ctpscen.ctp.products import Product, product_of
from ctpscen.simulator.rules import RULES, ExchangeRules


@define(eq=False, repr=False)
class Contract:
    """One listed contract. Prices inside the simulator are whole ticks; `price` gives them back as CTP shows them."""

    id: str
    product: Product
    rules: ExchangeRules
    pre_settlement: float
    upper: int = 0
    lower: int = 0
    last: int | None = None
    _digits: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._digits = max(0, -int(Decimal(str(self.product.tick)).normalize().as_tuple().exponent))
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
        self.pre_settlement = price
        ratio = Decimal(str(self.product.limit_percent)) / 100
        base, tick = Decimal(str(price)), Decimal(str(self.product.tick))
        high, low = base * (1 + ratio) / tick, base * (1 - ratio) / tick
        rounding = self.rules.limit_rounding
        if rounding == "nearest":
            self.upper, self.lower = round(high), round(low)
        else:
            self.upper = math.floor(high)
            self.lower = math.floor(low) if rounding == "down" else math.ceil(low)

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
        """The price of the last trade; before the first one, yesterday's (BEHAVIOUR 8)."""
        return self.pre_settlement if self.last is None else self.price(self.last)


def list_contract(instrument: str) -> Contract | None:
    """A contract of a known product; None where the name is not one."""
    product = product_of(instrument)
    if product is None:
        return None
    return Contract(instrument, product, RULES[product.exchange], product.reference_price)
