"""What differs from exchange to exchange, as rows: a further exchange is a row here, not code.

The order in which CTP reports what an exchange did is written as sequences of pushes (BEHAVIOUR 3.3):

    accepted   the order in status 3, without a repeat
    previous   the order once more as it was, with the numbers of the new report
    new        the order as it is now
    trade      the trade

The first push of every order, status `a`, is CTP's own and the same everywhere.
"""

from collections.abc import Mapping
from typing import Literal

from attrs import evolve, frozen

from ctpscen.ctp.codes import TimeCondition

Push = Literal["accepted", "previous", "new", "trade"]
Rounding = Literal["down", "inward", "outward"]
TradeIdForm = Literal["padded", "plain", "dated"]
"""Right-justified in twelve, the bare number, or the trading day and eight digits (BEHAVIOUR 3.8)."""


@frozen(eq=False, repr=False)
class Sequences:
    """The pushes of each situation. `opening` stands before the first trade of an order that trades on arrival.

    `immediate_first` are the pushes before the trades of a FAK or FOK order of which a part is cancelled,
    `immediate_trade` those of each such trade, `immediate_last` those of the cancellation; `nothing` are the pushes
    of one of which nothing was filled.
    """

    opening: tuple[Push, ...]
    trade: tuple[Push, ...]
    cancel: tuple[Push, ...]
    immediate_first: tuple[Push, ...]
    immediate_trade: tuple[Push, ...]
    immediate_last: tuple[Push, ...]
    nothing: tuple[Push, ...]


_REPEATING = Sequences(
    opening=(),
    trade=("previous", "new", "trade"),
    cancel=("previous", "new"),
    immediate_first=("new",),
    immediate_trade=("previous", "trade"),
    immediate_last=(),
    nothing=("new",),
)
_ACCEPTING = Sequences(
    opening=("accepted",),
    trade=("new", "trade"),
    cancel=("previous", "new"),
    immediate_first=("accepted",),
    immediate_trade=("new", "trade"),
    immediate_last=("new",),
    nothing=("accepted", "new"),
)
_CZCE = Sequences(
    opening=(),
    trade=("previous", "new", "trade"),
    cancel=("previous", "new"),
    immediate_first=("accepted",),
    immediate_trade=("previous", "new", "trade"),
    immediate_last=("new",),
    nothing=("new",),
)


_NOTHING: Mapping[str, str] = {}

Surcharged = Literal["none", "by money", "all"]
"""Of which products SimNow takes an undeclared surcharge: of none, of those with a fee by money, or of all (14.4)."""

QuotedAverage = Literal["of a lot", "price"]
"""What AveragePrice is: Turnover by Volume, or a price."""

QuotedDays = Literal["trading, calendar", "trading, trading", "calendar, calendar"]
"""Which days TradingDay and ActionDay of a pushed quote are; they differ at night."""

QuotedMilliseconds = Literal["halves", "real", "none"]
"""What UpdateMillisec of a pushed quote tells: half seconds, the millisecond, nothing."""


@frozen(eq=False, repr=False)
class ExchangeRules:
    """One exchange.

    `closes_by_date` says that today's and yesterday's lots are closed by different flags; where they are not, the
    flags CloseToday and CloseYesterday are read as Close. `market_times` are the TimeConditions with which it takes an
    order at any price, `best_price` and `five_levels` say whether it knows those orders without a limit, `stop_orders`
    whether it keeps stop orders itself. `cancels_unknown` says whether an order can be cancelled before the exchange
    has answered. `business_unit_is_trader` is a quirk of the records, and so are the form of its TradeID, in production
    which day its TradeDate means, `trade_type`, the TradeType of its trades, `production_trade`, what they have besides
    in production, and `totals_matches`: its orders carry the total of a match (BEHAVIOUR 3.3). In production it
    `cuts_to_tick` a limit between two ticks instead of refusing it. `futures_take_fok` says whether FOK is for futures
    or for options only, `client_for_each_hedge` whether an investor has a trading code for each hedge flag (14.3);
    `surcharged` says of which products SimNow takes more than it declares (14.4). The fields of quotes that differ are
    `quoted_average` and, in what the market front of production pushes, `quoted_days` and `quoted_milliseconds`
    (BEHAVIOUR 8, 14.2).
    """

    id: str
    sequences: Sequences
    limit_rounding: Rounding
    trade_id: TradeIdForm
    closes_by_date: bool = False
    market_times: tuple[str, ...] = ()
    best_price: bool = False
    five_levels: bool = False
    stop_orders: bool = False
    cancels_unknown: bool = True
    business_unit_is_trader: bool = True
    dates_by_trading_day: bool = False
    totals_matches: bool = False
    cuts_to_tick: bool = False
    futures_take_fok: bool = True
    surcharged: Surcharged = "none"
    client_for_each_hedge: bool = False
    trade_type: str = ""
    production_trade: Mapping[str, str] = _NOTHING
    quoted_average: QuotedAverage = "of a lot"
    quoted_days: QuotedDays = "trading, calendar"
    quoted_milliseconds: QuotedMilliseconds = "halves"


_SHFE = ExchangeRules("SHFE", _REPEATING, "down", "padded", closes_by_date=True, surcharged="all")
_DCE = ExchangeRules(
    "DCE",
    _ACCEPTING,
    "inward",
    "plain",
    market_times=(TimeCondition.IOC,),
    stop_orders=True,
    business_unit_is_trader=False,
    dates_by_trading_day=True,
    surcharged="by money",
    trade_type="0",
    quoted_days="trading, trading",
    quoted_milliseconds="real",
)

RULES: Mapping[str, ExchangeRules] = {
    row.id: row
    for row in (
        _SHFE,
        evolve(_SHFE, id="INE", surcharged="none"),
        ExchangeRules(
            "CFFEX",
            _REPEATING,
            "inward",
            "padded",
            best_price=True,
            five_levels=True,
            client_for_each_hedge=True,
        ),
        _DCE,
        evolve(_DCE, id="GFEX", surcharged="none"),
        ExchangeRules(
            "CZCE",
            _CZCE,
            "outward",
            "dated",
            market_times=(TimeCondition.IOC, TimeCondition.GFD),
            cancels_unknown=False,
            dates_by_trading_day=True,
            totals_matches=True,
            cuts_to_tick=True,
            futures_take_fok=False,
            production_trade={"TradingRole": "1", "TradeType": "0", "PriceSource": "0"},
            quoted_average="price",
            quoted_days="calendar, calendar",
            quoted_milliseconds="none",
        ),
    )
}
