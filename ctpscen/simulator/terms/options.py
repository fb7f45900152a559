"""Options on futures: where their prices start, how far they go in a day, and what their sellers put up.

A buyer pays the premium at once, and a seller gets it: it is cash, and a position has no profit (BEHAVIOUR 5.4). The
seller's margin follows the exchanges' rule: the option's value, and the margin of the future less half of what the
option is out of the money, at least half of that margin.
"""

import math
from datetime import date

from attrs import frozen

from ctpscen.ctp.terms.expiry import delivery_month, last_trading_day
from ctpscen.ctp.terms.instruments import Name
from ctpscen.ctp.terms.products import Product

# A year's volatility, in which a simulated market believes at the start.
_VOLATILITY = 0.2


@frozen
class Terms:
    """Of one option: `C` or `P`, and the strike price."""

    right: str
    strike: float

    def out_of_the_money(self, price: float) -> float:
        """How far the future's price is from where the option would have value."""
        return max(0.0, self.strike - price if self.right == "C" else price - self.strike)

    def value(self, price: float, years: float) -> float:
        """What Black's model gives an option on a future of that price; what it is worth in itself at its end."""
        spread = _VOLATILITY * math.sqrt(max(years, 0.0))
        if not spread:
            return max(0.0, price - self.strike if self.right == "C" else self.strike - price)
        near = math.log(price / self.strike) / spread + spread / 2
        call = price * _normal(near) - self.strike * _normal(near - spread)
        return call if self.right == "C" else call + self.strike - price


def _normal(value: float) -> float:
    """The standard normal distribution's share below a value."""
    return (1 + math.erf(value / math.sqrt(2))) / 2


def years_left(name: Name, product: Product, today: date) -> float:
    """Up to its last trading day; 0 where there is none."""
    year, month = delivery_month(name.month, today)
    if not 1 <= month <= 12:
        return 0.0
    return (last_trading_day(product.months_of, year, month, option=not product.is_on_index) - today).days / 365
