"""The characters and numbers that CTP's fields hold, under CTP's own words: `OrderStatus.ALL_TRADED` is "0".

A class is named for the type of the field whose values it holds. What no module asks for is not here: all of CTP's
constants, by their names as texts, are in `schema.constants`.
"""

from collections.abc import Mapping
from typing import Literal


class Direction:
    BUY, SELL = "0", "1"


class OffsetFlag:
    """Which lots an order is about, also the first character of CombOffsetFlag."""

    OPEN, CLOSE, FORCE_CLOSE, CLOSE_TODAY, CLOSE_YESTERDAY = "0", "1", "2", "3", "4"


class HedgeFlag:
    """Also the first character of CombHedgeFlag."""

    SPECULATION, ARBITRAGE, HEDGE = "1", "2", "3"


class TradeType:
    """What made a trade: an order in the contract, or one in a spread of which the contract is a leg."""

    COMMON, COMBINATION_DERIVED = "0", "4"


class PosiDirection:
    LONG, SHORT = "2", "3"


class PositionDate:
    TODAY, HISTORY = "1", "2"


class OrderPriceType:
    ANY_PRICE, LIMIT_PRICE, BEST_PRICE, FIVE_LEVEL_PRICE = "1", "2", "3", "G"


class TimeCondition:
    """At once or not at all, for a section of the day, for the day."""

    IOC, GFS, GFD = "1", "2", "3"


class VolumeCondition:
    """Any volume, at least MinVolume, all of it."""

    AV, MV, CV = "1", "2", "3"


class ContingentCondition:
    """When an order is sent on; those that compare a price with StopPrice are in `CONDITIONS`."""

    IMMEDIATELY, TOUCH, TOUCH_PROFIT, PARKED_ORDER = "1", "2", "3", "4"


class ForceCloseReason:
    NOT_FORCE_CLOSE = "0"


class OrderStatus:
    ALL_TRADED, PART_TRADED_QUEUEING, PART_TRADED_NOT_QUEUEING = "0", "1", "2"
    NO_TRADE_QUEUEING, NO_TRADE_NOT_QUEUEING, CANCELED = "3", "4", "5"
    UNKNOWN, NOT_TOUCHED, TOUCHED = "a", "b", "c"


class OrderSubmitStatus:
    INSERT_SUBMITTED, ACCEPTED, INSERT_REJECTED = "0", "3", "4"


class OrderActionStatus:
    REJECTED = "c"


class ActionFlag:
    DELETE = "0"


class ExecResult:
    """What became of an exercise or a self-close."""

    NO_EXEC, CANCELED, OK = "n", "c", "0"


class ActionType:
    """Of an exercise: to do so, or not to."""

    EXEC, ABANDON = "1", "2"


class ExecOrderCloseFlag:
    """Whether the future's lots that come of an exercise are set off."""

    AUTO_CLOSE, NOT_TO_CLOSE = "0", "1"


class OptSelfCloseFlag:
    CLOSE_SELF_OPTION_POSITION, RESERVE_OPTION_POSITION = "1", "2"
    SELL_CLOSE_SELF_FUTURE_POSITION, RESERVE_FUTURE_POSITION = "3", "4"


class ForQuoteStatus:
    SUBMITTED, ACCEPTED, REJECTED = "a", "b", "c"


class TransferStatus:
    NORMAL, REPEALED = "0", "1"


class AvailabilityFlag:
    """Of a transfer that was made."""

    INVALID, VALID, REPEAL = "0", "1", "2"


class PwdFlag:
    """Whether a password is looked at."""

    NO_CHECK, BLANK_CHECK, ENCRYPT_CHECK = "0", "1", "2"


class ParkedOrderStatus:
    NOT_SEND, SEND, DELETED = "1", "2", "3"


class InstrumentStatus:
    """The phases of trading. CTP writes the third one `Continous`."""

    BEFORE_TRADING, NO_TRADING, CONTINUOUS, AUCTION_ORDERING = "0", "1", "2", "3"
    AUCTION_BALANCE, AUCTION_MATCH, CLOSED, TRANSACTION_PROCESSING = "4", "5", "6", "7"


class ResumeType:
    """What a stream brings after a login: all of the day, what is missing, what is new, nothing."""

    RESTART, RESUME, QUICK, NONE = range(4)


class Returned:
    """What the functions of the API return: 0, or why nothing was sent (BEHAVIOUR 2.2)."""

    NOT_CONNECTED, UNANSWERED_QUERY, TOO_MANY_A_SECOND = -1, -2, -3


class DisconnectReason:
    """The nReason of OnFrontDisconnected."""

    READ_FAILED, RECEIVE_TIMEOUT = 0x1001, 0x2001


Price = Literal["last", "ask", "bid"]
Comparison = Literal[">", ">=", "<", "<="]

# Which price a ContingentCondition watches, and how it is compared with StopPrice (BEHAVIOUR, appendix A).
CONDITIONS: Mapping[str, tuple[Price, Comparison]] = {
    "5": ("last", ">"),
    "6": ("last", ">="),
    "7": ("last", "<"),
    "8": ("last", "<="),
    "9": ("ask", ">"),
    "A": ("ask", ">="),
    "B": ("ask", "<"),
    "C": ("ask", "<="),
    "D": ("bid", ">"),
    "E": ("bid", ">="),
    "F": ("bid", "<"),
    "H": ("bid", "<="),
}

# Price conditions that an exchange watches itself (BEHAVIOUR 3.7).
STOPS = frozenset((ContingentCondition.TOUCH, ContingentCondition.TOUCH_PROFIT))

DBL_MAX = 1.7976931348623157e308
"""What CTP puts where a price has no value."""


def has_value(price: float) -> bool:
    """Whether a number is a price. Fronts differ in how exactly they write DBL_MAX."""
    return -1e300 < price < 1e300


def is_query(request: str) -> bool:
    """Whether the query core answers a request: one at a time, and so many a second (BEHAVIOUR 2.2)."""
    return request.startswith("ReqQry") and request != "ReqQryMaxOrderVolume"  # which the trading core answers
