"""A contract's trading day as its quotes tell it: range, volume, open interest (BEHAVIOUR 8).

Open interest is counted on one side, as the exchanges do. What people without a session hold is not known; who trades
with a session is taken to open where it opens and to close where it closes.

How much was open yesterday is ours: most in the month on which trading gathers, less the farther a month is from it,
because programs choose their contract by it.
"""

from datetime import date

from attrs import define

from ctpscen.ctp.terms.expiry import delivery_month
from ctpscen.ctp.terms.instruments import name_of
from ctpscen.ctp.terms.months import most_traded
from ctpscen.simulator.terms.contracts import Contract

_GATHERED = 200_000
_OF_AN_OPTION = 2_000


@define(eq=False, repr=False)
class Day:
    """Prices are whole ticks, volumes lots, `turnover` yuan, and `ticked` the time of the last change of the market.

    `first`, `highest` and `lowest` are None until something has traded. `is_over` says that the last price is the
    closing price and the settlement price.
    """

    pre_close: int
    pre_open_interest: int
    open_interest: int
    first: int | None = None
    highest: int | None = None
    lowest: int | None = None
    volume: int = 0
    turnover: float = 0.0
    is_over: bool = False
    ticked: int = 0

    def trade(self, contract: Contract, ticks: int, volume: int, opened: int) -> None:
        """Counts a trade; `opened` are the lots that it opened on both sides, below zero for those it closed."""
        self.first = ticks if self.first is None else self.first
        self.highest = ticks if self.highest is None else max(self.highest, ticks)
        self.lowest = ticks if self.lowest is None else min(self.lowest, ticks)
        self.volume += volume
        self.turnover += contract.price(ticks) * volume * contract.multiplier
        self.open_interest = max(0, self.open_interest + opened // 2)

    def last_is(self, ticks: int) -> None:
        """A last price that was told without its trade lies within the range of the day, if there is one."""
        if self.highest is not None and self.lowest is not None:
            self.highest, self.lowest = max(self.highest, ticks), min(self.lowest, ticks)

    def following(self, contract: Contract) -> "Day":
        """The next day, once the contract is settled."""
        return Day(round(contract.pre_settlement / contract.product.tick), self.open_interest, self.open_interest)


def first_day(contract: Contract, today: date) -> Day:
    """The day on which the venue opens."""
    held = _held_yesterday(contract, today)
    return Day(round(contract.pre_settlement / contract.product.tick), held, held)


def _held_yesterday(contract: Contract, today: date) -> int:
    """Lots that were open after yesterday; a spread has none of its own."""
    if contract.legs is not None:
        return 0
    if contract.terms is not None:
        return _OF_AN_OPTION
    gathered, name = name_of(most_traded(contract.product.id, today)), name_of(contract.id)
    assert gathered is not None
    assert name is not None
    (year, month), (main_year, main_month) = (delivery_month(each.month, today) for each in (name, gathered))
    return _GATHERED // (1 + abs((year - main_year) * 12 + month - main_month))
