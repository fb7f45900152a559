"""Positions, by instrument: counted from the trades that a session saw, or added up from what the front answers."""

from collections.abc import Iterable

from attrs import define

from ctpscen.ctp.codes import Direction, OffsetFlag, PosiDirection
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.terms.instruments import spread_of
from ctpscen.ctp.terms.products import product_of


@define
class Position:
    """Lots held in one instrument."""

    long_today: int = 0
    long_yesterday: int = 0
    short_today: int = 0
    short_yesterday: int = 0

    @property
    def long(self) -> int:
        return self.long_today + self.long_yesterday

    @property
    def short(self) -> int:
        return self.short_today + self.short_yesterday

    @property
    def net(self) -> int:
        return self.long - self.short

    def roll(self) -> None:
        """A new trading day: what was today's is yesterday's."""
        self.long_yesterday, self.long_today = self.long, 0
        self.short_yesterday, self.short_today = self.short, 0

    def trade(self, fields: Fields) -> None:
        """Counts a trade in."""
        volume, offset = fields.get("Volume", 0), fields.get("OffsetFlag", "")
        is_buy = fields.get("Direction") == Direction.BUY
        if offset == OffsetFlag.OPEN:
            side, change = ("long" if is_buy else "short"), volume
        else:
            side, change = ("short" if is_buy else "long"), -volume
        dated = (product := product_of(fields.get("InstrumentID", ""))) is not None and product.dated_positions
        if offset in (OffsetFlag.OPEN, OffsetFlag.CLOSE_TODAY):
            self._add(f"{side}_today", change)
        elif dated:
            self._add(f"{side}_yesterday", change)
        else:  # the oldest lots go first, where dates are not kept apart
            held = max(0, getattr(self, f"{side}_yesterday"))
            old = -min(held, -change)
            self._add(f"{side}_yesterday", old)
            self._add(f"{side}_today", change - old)

    def add_row(self, row: Fields) -> None:
        """Counts a row of ReqQryInvestorPosition in."""
        side = "long" if row.get("PosiDirection") == PosiDirection.LONG else "short"
        today = row.get("TodayPosition", 0)
        self._add(f"{side}_today", today)
        self._add(f"{side}_yesterday", row.get("Position", 0) - today)

    def _add(self, name: str, change: int) -> None:
        setattr(self, name, getattr(self, name) + change)


def from_rows(rows: Iterable[Fields], instrument: str) -> Position:
    """The position in an instrument that the rows of an answer add up to."""
    position = Position()
    for row in rows:
        if row.get("InstrumentID") == instrument:
            position.add_row(row)
    return position


def by_instrument(rows: Iterable[Fields]) -> dict[str, Position]:
    """The positions of an answer, by instrument; those in spreads are in the rows of their legs (BEHAVIOUR 14.4)."""
    found: dict[str, Position] = {}
    for row in rows:
        if spread_of(row.get("InstrumentID", "")) is None:
            found.setdefault(row.get("InstrumentID", ""), Position()).add_row(row)
    return found
