"""An order inside CTP, and the records that are made of it (BEHAVIOUR 3.4, 3.5, 3.9)."""

from typing import Protocol

from attrs import define, field

from ctpscen.ctp.codes import (
    STOPS,
    Direction,
    HedgeFlag,
    OffsetFlag,
    OrderPriceType,
    OrderStatus,
    OrderSubmitStatus,
    TimeCondition,
    TradeType,
)
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.times import clock_text, date_text
from ctpscen.simulator.exchange.book import Fill, LegFill
from ctpscen.simulator.ledger.booking import Frozen
from ctpscen.simulator.ledger.holdings import Holding
from ctpscen.simulator.ledger.spreads import SpreadHolding
from ctpscen.simulator.terms.contracts import Contract
from ctpscen.simulator.terms.profiles import SIMNOW, Profile
from ctpscen.simulator.terms.rules import ExchangeRules

FINISHED = frozenset((OrderStatus.ALL_TRADED, OrderStatus.CANCELED, OrderStatus.TOUCHED))

BROKER = "9999"
TRADER = "9999cac"

_STATUS_WORDS = {
    OrderStatus.ALL_TRADED: "全部成交",
    OrderStatus.PART_TRADED_QUEUEING: "部分成交",
    OrderStatus.NO_TRADE_QUEUEING: "未成交",
    OrderStatus.CANCELED: "已撤单",
    OrderStatus.UNKNOWN: "",
    OrderStatus.NOT_TOUCHED: "尚未触发",
    OrderStatus.TOUCHED: "已触发",
}
_SUBMIT_WORDS = {
    OrderSubmitStatus.INSERT_SUBMITTED: "报单已提交",
    OrderSubmitStatus.ACCEPTED: "",
    OrderSubmitStatus.INSERT_REJECTED: "报单被拒绝",
}

# What of an InputOrder is found again in the Order record.
_COPIED = (
    "BrokerID InvestorID UserID InstrumentID OrderRef OrderPriceType Direction CombOffsetFlag CombHedgeFlag "
    "LimitPrice VolumeTotalOriginal TimeCondition GTDDate VolumeCondition MinVolume ContingentCondition StopPrice "
    "ForceCloseReason IsAutoSuspend UserForceClose IsSwapOrder RequestID InvestUnitID AccountID CurrencyID "
    "IPAddress MacAddress OrderMemo BusinessUnit UserProductInfo"
).split()

# StatusMsg is char[81] in GBK (BEHAVIOUR 3.5).
_MESSAGE_BYTES = 80

Key = tuple[int, int, str]
"""FrontID, SessionID, OrderRef: what an order is known by within a day."""


class Owner(Protocol):
    """Whose an order is, as an exchange sees it: its number, and its orders by the exchange's own."""

    id: str
    by_sys_id: dict[tuple[str, str], "Order"]


@define(eq=False, repr=False)
class Order:
    """One order. `ticks` is its limit in whole ticks, `holding` what it opens or closes, None while it
    is conditional.

    `status`, `submitted`, `traded` and the numbers are those of the last push; `remaining` is the exchange's count, and
    `matched` the total of its trades so far, those of a match that is still being reported included.
    `released_by` is the number of the conditional order that it comes of.
    """

    input: Fields
    key: Key
    account: Owner
    contract: Contract
    holding: Holding | SpreadHolding | None
    is_buy: bool
    offset: str
    ticks: int
    volume: int
    remaining: int
    local_id: str
    broker_sequence: int
    inserted: int
    trading_day: str
    frozen: Frozen | None = None
    status: str = OrderStatus.UNKNOWN
    submitted: str = OrderSubmitStatus.INSERT_SUBMITTED
    traded: int = 0
    matched: int = 0
    order_sys_id: str = ""
    sequence: int = 0
    notify: int = 0
    accepted_at: int | None = None
    cancelled_by: str = ""
    refused: tuple[int, str] | None = None
    cancel_pending: bool = False
    released_by: str = ""
    profile: Profile = SIMNOW
    constant: Fields = field(init=False)

    def __attrs_post_init__(self) -> None:
        """The fields that do not change over the order's life."""
        front, session, _ = self.key
        self.constant = {name: value for name in _COPIED if (value := self.input.get(name))}
        self.constant |= {
            "UserID": self.account.id,
            "FrontID": front,
            "SessionID": session,
            "OrderRef": self.key[2],
            "ExchangeID": self.contract.exchange,
            "ExchangeInstID": self.contract.id,
            "ParticipantID": BROKER,
            "ClientID": client_id(
                str(self.input.get("InvestorID", "")), self.input["CombHedgeFlag"][0], self.contract.rules
            ),
            "TraderID": TRADER,
            "InstallID": 1,
            "OrderLocalID": self.local_id,
            "TradingDay": self.trading_day,
            "SettlementID": 1,
            "BrokerOrderSeq": self.broker_sequence,
        }
        if self.released_by:
            self.constant["RelativeOrderSysID"] = self.released_by
        if self.contract.rules.business_unit_is_trader:
            self.constant["BusinessUnit"] = TRADER

    @property
    def is_finished(self) -> bool:
        return self.status in FINISHED

    @property
    def is_immediate(self) -> bool:
        """Whether what does not trade at once is cancelled: FAK, FOK, and whatever takes any price."""
        any_price = self.input.get("OrderPriceType") == OrderPriceType.ANY_PRICE
        return any_price or self.input.get("TimeCondition") == TimeCondition.IOC

    @property
    def is_stop(self) -> bool:
        """Whether its exchange keeps it until the last price touches its own."""
        return self.input.get("ContingentCondition") in STOPS

    def _date(self, time: int) -> str:
        """The date that the exchange writes on what it does."""
        by_trading_day = self.profile.dates_by_exchange and self.contract.rules.dates_by_trading_day
        return self.trading_day if by_trading_day else date_text(time)

    def message(self, status: str) -> str:
        """StatusMsg: a word for the status, one for the submission, and what the exchange said (BEHAVIOUR 3.5)."""
        text = _STATUS_WORDS[status] + _SUBMIT_WORDS[self.submitted]
        if self.refused is None:
            return text
        code, reason = self.refused
        number = f"{code}:" if code else ""
        speaker = "" if reason.startswith("CTP:") else f"{self.contract.exchange}:"
        return _fitting(f"{number}{text}{speaker}{reason}")

    def record(self, status: str | None = None, traded: int | None = None) -> Fields:
        """The Order record as it is now, or with the status and the volume that it had before."""
        status = self.status if status is None else status
        traded = self.traded if traded is None else traded
        when = self.inserted if self.accepted_at is None else self.accepted_at
        fields = {
            **self.constant,
            "OrderStatus": status,
            "OrderSubmitStatus": self.submitted,
            "StatusMsg": self.message(status),
            "InsertDate": self._date(when) if self.accepted_at is not None else date_text(when),
            "InsertTime": clock_text(when),
        }
        if self.accepted_at is not None:
            fields["ActiveTraderID"] = TRADER
        is_new = self.accepted_at is None or self.submitted == OrderSubmitStatus.INSERT_SUBMITTED
        if is_new or self.profile.keeps_source:
            fields["OrderSource"] = fields["OrderType"] = "0"  # SimNow leaves both empty once accepted
        if self.status in (OrderStatus.NOT_TOUCHED, OrderStatus.TOUCHED):
            fields["OrderType"] = "4"
        varying = {
            "VolumeTraded": traded,
            "VolumeTotal": self.volume - traded,
            "OrderSysID": self.order_sys_id,
            "SequenceNo": self.sequence,
            "NotifySequence": self.notify,
            "ActiveUserID": self.cancelled_by,
            "ZCETotalTradedVolume": self.matched if self.contract.rules.totals_matches else 0,
        }
        fields |= {name: value for name, value in varying.items() if value}
        return fields

    def leg_trade_record(self, leg: LegFill, sequence: int, time: int) -> Fields:
        """The Trade record of one leg of a spread: a trade in that, of the order in the spread."""
        is_buy = self.is_buy == leg.is_first
        return {
            **self.trade_record(leg.trade_id, leg.fill, sequence, time),
            "InstrumentID": leg.contract.id,
            "ExchangeInstID": leg.contract.id,
            "Direction": Direction.BUY if is_buy else Direction.SELL,
            "Price": leg.contract.price(leg.fill.ticks),
            "TradeType": TradeType.COMBINATION_DERIVED,
        }

    def trade_record(self, trade_id: str, fill: Fill, sequence: int, time: int) -> Fields:
        """The Trade record of a fill."""
        by_date, trade_type = self.contract.rules.closes_by_date, self.contract.rules.trade_type
        return {
            **({"TradeType": trade_type} if trade_type else {}),
            **(self.contract.rules.production_trade if self.profile.tells_roles else {}),
            "BrokerID": self.constant["BrokerID"],
            "InvestorID": self.constant["InvestorID"],
            "UserID": self.constant["UserID"],
            "InstrumentID": self.contract.id,
            "OrderRef": self.key[2],
            "ExchangeID": self.contract.exchange,
            "TradeID": trade_id,
            "Direction": self.constant["Direction"],
            "OrderSysID": self.order_sys_id,
            "ParticipantID": BROKER,
            "ClientID": self.constant["ClientID"],
            "ExchangeInstID": self.contract.id,
            "OffsetFlag": self.offset if by_date or self.offset == OffsetFlag.OPEN else OffsetFlag.CLOSE,
            "HedgeFlag": self.constant["CombHedgeFlag"][0],
            "Price": self.contract.price(fill.ticks),
            "Volume": fill.volume,
            "TradeDate": self._date(time),
            "TradeTime": clock_text(time),
            "TraderID": TRADER,
            "OrderLocalID": self.local_id,
            "ClearingPartID": BROKER,
            "SequenceNo": sequence,
            "TradingDay": self.trading_day,
            "SettlementID": 1,
            "BrokerOrderSeq": self.broker_sequence,
            "TradeSource": "0",
        }


class Counter(Protocol):
    """The core, as an exchange sees it."""

    def accepted(self, order: Order) -> None: ...
    def refused(self, order: Order, code: int, text: str) -> None: ...
    def cancelled(self, order: Order, *, repeat: bool) -> None: ...
    def pushed_again(self, order: Order) -> None: ...
    def push_as(self, order: Order, status: str, traded: int) -> None: ...
    def traded(self, order: Order, trade: Fields) -> None: ...
    def action_refused(self, order: Order, user: str, fields: Fields, text: str) -> None: ...
    def planned_refusal(self, what: str, where: str) -> tuple[int, str | None] | None: ...


def client_id(investor: str, hedge: str, rules: ExchangeRules) -> str:
    """An investor's trading code at an exchange; that of speculation is the only one at most of them."""
    plain = f"{BROKER}{investor}"[:10]
    return f"{plain[:9]}{hedge}" if rules.client_for_each_hedge and hedge != HedgeFlag.SPECULATION else plain


def _fitting(text: str) -> str:
    """As much of a text as StatusMsg holds; what is longer is cut."""
    return text.encode("gb18030")[:_MESSAGE_BYTES].decode("gb18030", "ignore")
