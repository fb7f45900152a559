"""Positions in spreads: lots of both legs that trades of a spread have opened, and that still belong together.

CTP tells of them twice (BEHAVIOUR 14.4): a row of each leg counts them with its other lots, and besides there is a row
of the spread. The leg's row has their costs, profits and commissions, the spread's their margin: that of the leg that
asks for more. What is closed of one leg alone is taken of its other lots first; where these are too few, spreads come
apart, and what is left of them is lots like any other.
"""

from attrs import define, field

from ctpscen.ctp.codes import PosiDirection, PositionDate
from ctpscen.ctp.messages import Fields
from ctpscen.simulator.ledger.holdings import CloseDate, Holding, Lot, Row
from ctpscen.simulator.terms.contracts import Contract


@define(eq=False, repr=False)
class SpreadHolding:
    """One direction of one spread and hedge flag.

    `legs` are the lots of the first and the second leg that belong together, equally many, and `others` what is held
    of the same legs besides.
    """

    contract: Contract
    direction: str
    hedge: str
    legs: tuple[Holding, Holding]
    others: tuple[Holding, Holding]
    rows: dict[str, Row] = field(factory=dict)
    touched: bool = False

    @property
    def is_long(self) -> bool:
        return self.direction == PosiDirection.LONG

    def row(self, *, history: bool = False) -> Row:
        """The one row: no exchange that has spreads keeps today's lots apart."""
        del history
        return self.rows.setdefault(PositionDate.TODAY, Row(0.0))

    def volume(self, which: CloseDate = "any") -> int:
        return self.legs[0].volume(which)

    @property
    def frozen(self) -> int:
        """Lots that orders in the spread are about to close."""
        return sum(row.short_frozen if self.is_long else row.long_frozen for row in self.rows.values())

    @property
    def loose(self) -> int:
        """Lots that can come apart: no order in the spread is about to close them."""
        return self.volume() - self.frozen

    def closable(self, _: CloseDate = "any") -> int:
        """Lots that an order in the spread may close: orders in a leg have not spoken for them."""
        spoken_for = max(other.frozen() - other.volume() for other in self.others)
        return self.loose - max(0, spoken_for)

    @property
    def margin(self) -> float:
        return max(leg.total_margin for leg in self.legs)

    @property
    def pre_margin(self) -> float:
        """The margin of what was held at the last settlement."""
        yesterday = sum(row.yesterday for row in self.legs[0].rows.values())
        return (
            max(leg.contract.lot_margin(leg.contract.pre_settlement, is_long=leg.is_long) for leg in self.legs)
            * yesterday
        )

    def hold(self, difference: float, day: str, volume: int, *, history: bool) -> None:
        """Puts lots there that no trade has opened: the first leg's at yesterday's settlement price."""
        first = self.legs[0].contract.pre_settlement
        for leg, price in zip(self.legs, (first, first - difference), strict=True):
            leg.add(Lot("", day, price, volume, history, combination=day))
            leg.row(history=history).yesterday += volume if history else 0
        self.row().yesterday += volume if history else 0

    def come_apart(self, volume: int) -> None:
        """The oldest lots are of the legs' others from now on."""
        for leg, other in zip(self.legs, self.others, strict=True):
            for lot in leg.remove("any", volume):
                other.add(lot)

    def dissolve(self) -> None:
        """Ends the spread at the beginning of a day, together with its row."""
        for leg, other in zip(self.legs, self.others, strict=True):
            other.row(history=True).yesterday += leg.volume()
        self.come_apart(self.volume())
        for leg, other in zip(self.legs, self.others, strict=True):
            other.combine(part for part in other.combined if part is not leg)

    def roll(self) -> None:
        """A new day."""
        for leg in self.legs:
            leg.roll()
        self.rows.clear()
        self.row().yesterday = self.volume()
        self.touched = False

    def record(self) -> Fields:
        """The row as ReqQryInvestorPosition shows it, without the ids; costs and profits are in the legs' rows."""
        row, lots = self.row(), self.volume()
        rate = self.contract.margin_rate(is_long=self.is_long)
        return {
            "InstrumentID": self.contract.id,
            "PosiDirection": self.direction,
            "HedgeFlag": self.hedge,
            "PositionDate": PositionDate.TODAY,
            "YdPosition": row.yesterday,
            "Position": lots,
            "TodayPosition": self.volume("today"),
            "LongFrozen": row.long_frozen,
            "ShortFrozen": row.short_frozen,
            "OpenVolume": row.open_volume,
            "CloseVolume": row.close_volume,
            "UseMargin": self.margin,
            "ExchangeMargin": self.margin,
            "FrozenMargin": row.frozen_margin,
            "FrozenCommission": row.frozen_commission,
            "MarginRateByMoney": rate.by_money,
            "MarginRateByVolume": rate.by_volume,
            "SettlementID": 1,
            "ExchangeID": self.contract.exchange,
        }
