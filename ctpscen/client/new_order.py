"""How an order that somebody wants becomes an InputOrder, with what CTP wants said and how it says it."""

from collections.abc import Mapping

from attrs import frozen

from ctpscen.ctp.codes import (
    CONDITIONS,
    Comparison,
    ContingentCondition,
    Direction,
    ForceCloseReason,
    HedgeFlag,
    OffsetFlag,
    OrderPriceType,
    Price,
    TimeCondition,
    VolumeCondition,
)
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.terms.instruments import Instrument
from ctpscen.ctp.terms.products import product_of

SIDES: Mapping[str, str] = {"buy": Direction.BUY, "sell": Direction.SELL}

OFFSETS: Mapping[str, str] = {
    "open": OffsetFlag.OPEN,
    "close": OffsetFlag.CLOSE,
    "close_today": OffsetFlag.CLOSE_TODAY,
    "close_yesterday": OffsetFlag.CLOSE_YESTERDAY,
}

PURPOSES: Mapping[str, str] = {
    "speculation": HedgeFlag.SPECULATION,
    "arbitrage": HedgeFlag.ARBITRAGE,
    "hedge": HedgeFlag.HEDGE,
}

PRICE_TYPES: Mapping[str, str] = {
    "market": OrderPriceType.ANY_PRICE,
    "best": OrderPriceType.BEST_PRICE,
    "five_levels": OrderPriceType.FIVE_LEVEL_PRICE,
}
"""Prices that are no number; what does not trade at once is canceled (BEHAVIOUR 3.7)."""

DURATIONS: Mapping[str, tuple[str, str]] = {
    "day": (TimeCondition.GFD, VolumeCondition.AV),
    "fak": (TimeCondition.IOC, VolumeCondition.AV),
    "fok": (TimeCondition.IOC, VolumeCondition.CV),
}
"""How long an order lasts, and how much of it must trade."""

_CONTINGENT: Mapping[tuple[Price, Comparison], str] = {condition: code for code, condition in CONDITIONS.items()}


@frozen
class Trigger:
    """When a conditional order is sent on: once a price compares so with the stop price."""

    price: Price
    comparison: Comparison
    stop: float


@frozen
class NewOrder:
    """An order as it is meant. `side`, `offset`, `purpose` and `duration` are keys of the tables above.

    `price` is a number or a key of `PRICE_TYPES`. `min_volume` makes an order that trades so much at once or nothing.
    """

    instrument: str
    side: str
    offset: str
    volume: int
    price: float | str
    purpose: str = "speculation"
    duration: str = "day"
    min_volume: int | None = None
    memo: str | None = None
    trigger: Trigger | None = None

    def fields(self) -> Fields:
        """The InputOrder, but for who sends it."""
        time_condition, volume_condition = DURATIONS[self.duration]
        fields: Fields = {
            "InstrumentID": str(self.instrument),
            "ExchangeID": exchange_of(self.instrument),
            "OrderPriceType": OrderPriceType.LIMIT_PRICE,
            "Direction": SIDES[self.side],
            "CombOffsetFlag": OFFSETS[self.offset],
            "CombHedgeFlag": PURPOSES[self.purpose],
            "VolumeTotalOriginal": self.volume,
            "TimeCondition": time_condition,
            "VolumeCondition": volume_condition,
            "MinVolume": 1,
            "ContingentCondition": ContingentCondition.IMMEDIATELY,
            "ForceCloseReason": ForceCloseReason.NOT_FORCE_CLOSE,
        }
        if isinstance(self.price, str):
            fields |= {"OrderPriceType": PRICE_TYPES[self.price], "TimeCondition": TimeCondition.IOC}
        else:
            fields["LimitPrice"] = self.price
        if self.min_volume is not None:
            fields |= {"VolumeCondition": VolumeCondition.MV, "MinVolume": self.min_volume}
        if self.memo is not None:
            fields["OrderMemo"] = self.memo
        if self.trigger is not None:
            fields["ContingentCondition"] = _CONTINGENT[self.trigger.price, self.trigger.comparison]
            fields["StopPrice"] = self.trigger.stop
        return fields


def exchange_of(instrument: str) -> str:
    """The ExchangeID that an order in an instrument must name: the one that is written, else its product's."""
    named = instrument.exchange if isinstance(instrument, Instrument) else ""
    product = product_of(instrument)
    return named or (product.exchange if product else "")
