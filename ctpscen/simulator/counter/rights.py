"""What a broker allows an account: to open, to close, to hold so many lots (BEHAVIOUR 3.2, 9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import define, field

from ctpscen.simulator.ledger.holdings import Holding
from ctpscen.simulator.ledger.spreads import SpreadHolding

if TYPE_CHECKING:
    from ctpscen.ctp.commands.accounts import Right

NO_RIGHT, CLOSE_ONLY, TOO_MANY_LOTS = 28, 29, 106

# Whom a right concerns that is taken away, by whether an order opens: the code of its refusal.
_REFUSED: Mapping[Right, Mapping[bool, int]] = {
    "open": {True: CLOSE_ONLY},
    "close": {False: NO_RIGHT},
    "all": {True: NO_RIGHT, False: NO_RIGHT},
}


@define(eq=False, repr=False)
class Rights:
    """What an account may not do, by the right and the instrument; '' is any."""

    forbidden: set[tuple[Right, str]] = field(factory=set)

    def forbid(self, right: Right, instrument: str | None) -> None:
        self.forbidden.add((right, instrument or ""))

    def allow(self, right: Right, instrument: str | None) -> None:
        """Gives a right back, in every instrument where none is named."""
        self.forbidden = {
            (what, where)
            for what, where in self.forbidden
            if (right not in ("all", what)) or (instrument is not None and where != instrument)
        }

    def refusal(self, instrument: str, *, is_open: bool) -> int:
        """The code with which an order is refused that the account has no right to; 0 where it has it."""
        for right, codes in _REFUSED.items():
            if is_open in codes and not self.forbidden.isdisjoint({(right, ""), (right, instrument)}):
                return codes[is_open]
        return 0


def may_hold(most: int | None, holding: Holding | SpreadHolding, volume: int) -> bool:
    """Whether an account may open so many lots more, if everything that it has sent trades."""
    opening = sum(row.long_frozen if holding.is_long else row.short_frozen for row in holding.rows.values())
    return most is None or holding.volume() + opening + volume <= most
