"""The orders of a session, as its reports tell of them.

    sent ──▶ unknown 'a' ──▶ queueing '3' ──▶ part traded '1' ──▶ all traded '0'
                                                     │
               from every one of them ───────────────┴─────────▶ canceled '5'

An order may skip states, and a report may be repeated: CTP pushes the previous status once more before a new one,
and after a login with RESTART the whole day comes again. So a report counts only if it is no step back, by status
first and by traded volume then; a finished order stays finished.

An order is *final* when its status is and its trades have all come: the report of the last status may arrive before
the trade that it speaks of (BEHAVIOUR 11, hazard 20). One that was refused before it became an order, by the API or
by the counter, is final at once, and so is one of which the front knows nothing: it never arrived. The first report of
an order takes both back, whatever seemed to say so.

A trade names no session. It is told whose it is by the exchange's number of the order, and where no report of the
order has brought that number yet, by the number that the seat gave it; if neither is known, it is kept until one is.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from attrs import define, field

from ctpscen.ctp.codes import OrderStatus, OrderSubmitStatus
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.schema.records import defaults, record
from ctpscen.ctp.schema.tables import normalise
from ctpscen.ctp.terms.instruments import spread_of

Key = tuple[int, int, str]
"""FrontID, SessionID, OrderRef: unique within a trading day."""

# How far along a status is. A report that is less far along than what is known is not news.
PROGRESS: Mapping[str, int] = {
    OrderStatus.UNKNOWN: 1,
    OrderStatus.NOT_TOUCHED: 2,
    OrderStatus.TOUCHED: 3,
    OrderStatus.NO_TRADE_QUEUEING: 4,
    OrderStatus.NO_TRADE_NOT_QUEUEING: 4,
    OrderStatus.PART_TRADED_QUEUEING: 5,
    OrderStatus.PART_TRADED_NOT_QUEUEING: 5,
    OrderStatus.ALL_TRADED: 6,
    OrderStatus.CANCELED: 6,
}
FINAL = frozenset((OrderStatus.ALL_TRADED, OrderStatus.CANCELED))


@define(eq=False, repr=False)
class Order:
    """One order.

    `input` is what was sent, None for an order that somebody else sent. `return_code` is what the API returned, None
    while that is not known. `refused` is set where the counter or the API refused it, `never_arrived` where the front
    has shown that it knows nothing of it.
    """

    key: Key
    input: Fields | None = None
    request_id: int = 0
    return_code: int | None = None
    refused: bool = False
    never_arrived: bool = False
    newest: Fields | None = None
    trades: dict[tuple[str, str, str], Fields] = field(factory=dict)

    @property
    def status(self) -> str | None:
        """The OrderStatus of the newest report; None before the first."""
        return None if self.newest is None else self.newest.get("OrderStatus", "")

    @property
    def sent(self) -> bool:
        return self.return_code == 0 or self.input is None

    @property
    def refused_by_exchange(self) -> bool:
        """A refusal by the exchange has the status of a cancel (BEHAVIOUR 11, hazard 19)."""
        return self.newest is not None and self.newest.get("OrderSubmitStatus") == OrderSubmitStatus.INSERT_REJECTED

    @property
    def is_final(self) -> bool:
        if self.refused or self.never_arrived or (self.return_code or 0) != 0:
            return True
        return self.newest is not None and self.status in FINAL and self.traded == self.newest.get("VolumeTraded", 0)

    @property
    def is_working(self) -> bool:
        return self.sent and not self.is_final

    @property
    def traded(self) -> int:
        """The lots of its trades; of an order in a spread, the lots of which there are trades of both legs."""
        spread = spread_of(self.value("InstrumentID"))
        if spread is None:
            return sum(trade.get("Volume", 0) for trade in self.trades.values())
        return min(_amounts(self.trades_in(leg))[0] for leg in (spread.first, spread.second))

    def trades_in(self, instrument: str) -> list[Fields]:
        """Its trades in one contract: an order in a spread has trades in its two legs."""
        return [trade for trade in self.trades.values() if trade.get("InstrumentID") == instrument]

    @property
    def remaining(self) -> int:
        """The lots that may still trade, as far as the session knows."""
        return 0 if self.is_final else int(self.value("VolumeTotalOriginal")) - self.traded

    @property
    def average_price(self) -> float | None:
        """The price of its trades; of a spread, the first leg's less the second one's."""
        if not self.traded:
            return None
        spread = spread_of(self.value("InstrumentID"))
        if spread is None:
            return _average(self.trades.values())
        return _average(self.trades_in(spread.first)) - _average(self.trades_in(spread.second))

    def update(self, fields: Fields) -> bool:
        """Takes a report of the order; False where it is a step back."""
        if self.newest is not None and _progress(fields) < _progress(self.newest):
            return False
        if self.newest is None:  # what has a report was not refused by the counter, and has arrived
            self.refused = self.never_arrived = False
        if self.newest is None or self.status not in FINAL:
            self.newest = fields
        return True

    def value(self, name: str) -> Any:
        """A field of the newest report by its CTP name; of what was sent, where no report has come."""
        known = self.newest if self.newest is not None else self.input or {}
        if name in known:
            return known[name]
        order_defaults = defaults("Order")
        return order_defaults[name] if name in order_defaults else (self.input or {}).get(name, "")

    def read(self, word: str) -> Any:
        """What a scenario means by `order.word`. Raises KeyError."""
        own = _OWN_WORDS.get(normalise(word))
        if own is not None:
            return getattr(self, own)
        found = record("Order").find(word) or record("InputOrder").find(word)
        if found is None:
            raise KeyError(word)
        return self.value(found.name)


_OWN_WORDS = {normalise(word): word for word in ("status", "sent", "is_final", "is_working", "average_price")}


def _average(trades: Collection[Fields]) -> float:
    volume, amount = _amounts(trades)
    return amount / volume


def _amounts(trades: Iterable[Fields]) -> tuple[int, float]:
    """How many lots, and what they cost."""
    lots = [(trade.get("Volume", 0), trade.get("Price", 0.0)) for trade in trades]
    return sum(volume for volume, _ in lots), sum(volume * price for volume, price in lots)


def _progress(fields: Fields) -> tuple[int, int]:
    return PROGRESS.get(fields.get("OrderStatus", ""), 0), fields.get("VolumeTraded", 0)


@define(eq=False, repr=False)
class Orders:
    """Every order that a session has sent or heard of, and every trade, each counted once.

    `newest` are the newest reports by the keys that they bear: what a conditional order released bears another key
    than that order, whose further life it is.
    """

    by_key: dict[Key, Order] = field(factory=dict)
    newest: dict[Key, Fields] = field(factory=dict)
    trades: dict[tuple[str, str, str], Fields] = field(factory=dict)
    _by_sys_id: dict[tuple[str, str], Order] = field(factory=dict)
    _by_local_id: dict[tuple[str, str, str], Order] = field(factory=dict)
    _unmatched: list[Fields] = field(factory=list)

    def sent(self, order: Order) -> None:
        """Takes note of an order that is being sent; a number that is used again stays that of the first."""
        known = self.by_key.get(order.key)
        if known is None or (known.newest is None and known.is_final):
            self.by_key[order.key] = order

    def reported(self, fields: Fields) -> Order:
        """Takes OnRtnOrder; gives the order."""
        key, exchange = key_of(fields), fields.get("ExchangeID", "")
        order = self.by_key.get(key)
        if origin := fields.get("RelativeOrderSysID"):  # what a conditional order released is that order's further life
            order = self._by_sys_id.get((exchange, origin), order)
        if order is None:
            order = self.by_key[key] = Order(key)
        order.update(fields)
        known = self.newest.get(key)
        if known is None or (known.get("OrderStatus") not in FINAL and _progress(fields) >= _progress(known)):
            self.newest[key] = fields
        if local := fields.get("OrderLocalID"):
            self._by_local_id[exchange, fields.get("TraderID", ""), local] = order
        if sys_id := fields.get("OrderSysID"):
            self._by_sys_id[exchange, sys_id] = order
        if self._unmatched:
            self._match_again()
        return order

    def traded(self, fields: Fields) -> bool:
        """Takes OnRtnTrade; False where it was known already."""
        key = trade_key(fields)
        if key in self.trades:
            return False
        self.trades[key] = fields
        order = self.order_of(fields)
        if order is None:
            self._unmatched.append(fields)
        else:
            order.trades[key] = fields
        return True

    def order_of(self, trade: Fields) -> Order | None:
        """The order that a trade belongs to, if it can be told yet."""
        exchange = trade.get("ExchangeID", "")
        return self._by_sys_id.get((exchange, trade.get("OrderSysID", ""))) or self._by_local_id.get(
            (exchange, trade.get("TraderID", ""), trade.get("OrderLocalID", ""))
        )

    def by_sys_id(self, exchange: str, sys_id: str) -> Order | None:
        """The order that an exchange knows by this number."""
        return self._by_sys_id.get((exchange, sys_id))

    def _match_again(self) -> None:
        waiting, self._unmatched = self._unmatched, []
        for trade in waiting:
            order = self.order_of(trade)
            if order is None:
                self._unmatched.append(trade)
            else:
                order.trades[trade_key(trade)] = trade


def key_of(fields: Fields) -> Key:
    return fields.get("FrontID", 0), fields.get("SessionID", 0), fields.get("OrderRef", "")


def trade_key(fields: Fields) -> tuple[str, str, str]:
    """Both sides of a match share the TradeID, so the direction belongs to the key (BEHAVIOUR 3.8)."""
    return fields.get("ExchangeID", ""), fields.get("TradeID", ""), fields.get("Direction", "")
