"""The functions of the language, as a table."""

from collections.abc import Mapping

from attrs import frozen

from ctpscen.language.meaning.types import (
    ANY,
    BOOLEAN,
    INSTRUMENT,
    MOMENT,
    NUMBER,
    ORDER,
    POSITION,
    TEXT,
    Type,
    list_of,
    record_of,
    report_of,
)
from ctpscen.language.words.table import english


@frozen
class Function:
    """`arguments` are their types; the last `optional` of them may be left out, and `many` lets the last repeat.

    `asks` says that the front is asked, which takes time; `session` that it is a session's business at all.
    """

    arguments: tuple[Type, ...]
    result: Type
    optional: int = 0
    many: bool = False
    asks: bool = False
    session: bool = False


FUNCTIONS: Mapping[str, Function] = {
    "position": Function((INSTRUMENT,), POSITION, asks=True, session=True),
    "account": Function((), record_of("TradingAccount"), asks=True, session=True),
    "book": Function((INSTRUMENT, TEXT), POSITION, optional=1, session=True),
    "quote": Function((INSTRUMENT,), record_of("DepthMarketData"), session=True),
    "orders": Function((TEXT,), list_of(ORDER), optional=1, session=True),
    "trades": Function((ORDER,), list_of(report_of("trade")), optional=1, session=True),
    "requests": Function((ANY,), ANY, session=True),
    "now": Function((), MOMENT),
    "defined": Function((ANY,), BOOLEAN),
    "dominant": Function((ANY,), INSTRUMENT),
    "month": Function((ANY, NUMBER), INSTRUMENT),
    "secret": Function((TEXT,), TEXT),
    "len": Function((ANY,), NUMBER),
    "sum": Function((list_of(ANY),), ANY),
    "min": Function((ANY,), ANY, many=True),
    "max": Function((ANY,), ANY, many=True),
    "abs": Function((ANY,), ANY),
    "round": Function((NUMBER, NUMBER), NUMBER, optional=1),
}

# Functions whose first argument is a bare word, not a value.
WORD_FUNCTIONS = frozenset({"defined", "dominant", "month", "requests"})

# The prices that a scenario may name; each is read off the newest market data of an instrument.
PRICE_WORDS: Mapping[str, str] = {
    "ask": "AskPrice1",
    "bid": "BidPrice1",
    "last": "LastPrice",
    "upper_limit": "UpperLimitPrice",
    "lower_limit": "LowerLimitPrice",
    "pre_settlement": "PreSettlementPrice",
}


def is_price(name: str) -> bool:
    """Whether a name is that of a price, in any spelling."""
    return english(name, PRICE_WORDS) in PRICE_WORDS


def is_function(name: str) -> bool:
    """Whether a name is that of a function, in any spelling."""
    return english(name, FUNCTIONS) in FUNCTIONS
