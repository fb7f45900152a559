"""Options in the books: lots that are declared to be exercised, and what their exercise or expiry leaves behind.

An exercised option becomes a lot of its future at the strike price, for its buyer as for its seller; the premium was
paid long ago, so what the option was worth shows as the future's profit of the day.
"""

from attrs import define

from ctpscen.ctp.codes import PosiDirection
from ctpscen.simulator.ledger.booking import Ledger, fee
from ctpscen.simulator.ledger.holdings import CloseDate, Holding, Lot, Row
from ctpscen.simulator.terms.contracts import Contract


@define(eq=False, repr=False)
class StrikeFrozen:
    """What a declaration keeps from being used: lots on a row, and for an exercise its money, in yuan a lot."""

    row: Row
    volume: int
    abandons: bool
    margin: float = 0.0
    commission: float = 0.0

    def shift(self, ledger: Ledger, sign: int) -> None:
        """Freezes it all (1), or gives it all back (-1)."""
        lots, row = sign * self.volume, self.row
        if self.abandons:
            row.abandon_frozen += lots
            return
        row.strike_frozen += lots
        row.strike_frozen_amount = max(0.0, row.strike_frozen_amount + lots * (self.margin + self.commission))
        ledger.frozen_lots += lots
        ledger.frozen_margin = max(0.0, ledger.frozen_margin + lots * self.margin)
        ledger.frozen_commission = max(0.0, ledger.frozen_commission + lots * self.commission)


def future_side(option: Contract, *, is_long: bool) -> str:
    """The direction of the future that an exercised option leaves its holder: a call's buyer is long."""
    assert option.terms is not None
    return PosiDirection.LONG if (option.terms.right == "C") == is_long else PosiDirection.SHORT


def strike_fee(option: Contract) -> float:
    """What exercise, or being assigned one, costs a lot: as much as a trade in the option."""
    return fee(option.product.open_fee, option, 0.0, 1)


def strike_cost(option: Contract) -> tuple[float, float]:
    """The margin of the future at the strike price and the fee, which a lot's exercise freezes."""
    assert option.terms is not None
    assert option.underlying is not None
    is_long = future_side(option, is_long=True) == PosiDirection.LONG
    return option.underlying.lot_margin(option.terms.strike, is_long=is_long), strike_fee(option)


def exercise(ledger: Ledger, option: Holding, which: CloseDate, volume: int, day: str) -> Holding:
    """Turns lots of an option into lots of its future at the strike price; gives the future's holding."""
    terms, future = option.contract.terms, option.contract.underlying
    assert terms is not None
    assert future is not None
    option.remove(which, volume)
    held = ledger.holding(future, future_side(option.contract, is_long=option.is_long), option.hedge)
    held.add(Lot("", day, terms.strike, volume, history=False))
    held.row(history=False)
    ledger.pay(strike_fee(option.contract) * volume)
    return held


def pay_out(ledger: Ledger, option: Holding, volume: int) -> None:
    """Settles lots of an option on an index in cash, at what it is worth at its end."""
    terms, index = option.contract.terms, option.contract.underlying
    assert terms is not None
    assert index is not None
    option.remove("any", volume)
    worth = terms.value(index.last_price, 0.0) * option.contract.multiplier
    ledger.cash_in += worth * volume * option.sign
    ledger.pay(strike_fee(option.contract) * volume)


def offset(ledger: Ledger, one: Holding, other: Holding, most: int) -> int:
    """Closes both sides of a contract against each other at the last price, without a fee; gives the lots."""
    volume = min(most, one.volume(), other.volume())
    if volume:
        for side in (one, other):
            ledger.close_without_fee(side, volume, side.contract.last_price)
    return volume
