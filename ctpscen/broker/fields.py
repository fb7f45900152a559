"""What the columns of a dump mean, under the names that CTP, vnpy, ctpbee and openctp give them.

Names are compared in small letters and without underscores. What is in no table here is passed over.
"""

import math
from collections.abc import Callable, Mapping

from attrs import frozen

_NO_VALUE = 1e300
"""From here on a price or a ratio is DBL_MAX, CTP's way to say that there is none."""


class BadCell(ValueError):
    """A value that cannot be what its column means; the text says what would fit."""


@frozen
class Column:
    """`term` is what is meant, `read` makes a value of what the file has; it raises BadCell."""

    term: str
    read: Callable[[object], object]


def normalised(name: str) -> str:
    return name.strip().replace("_", "").lower()


def is_empty(value: object) -> bool:
    """Whether a cell says nothing, CTP's DBL_MAX among it."""
    if isinstance(value, float):
        return value >= _NO_VALUE
    return value is None or (isinstance(value, str) and (not value.strip() or _is_largest(value)))


def _is_largest(text: str) -> bool:
    try:
        return float(text) >= _NO_VALUE
    except ValueError:
        return False


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise BadCell("is no number")
    try:
        number = float(value)
    except ValueError:
        raise BadCell("is no number") from None
    if not math.isfinite(number):
        raise BadCell("is no number")
    return number


def _above_zero(value: object) -> float:
    number = _number(value)
    if number <= 0:
        raise BadCell("is not above 0")
    return number


def _fraction(value: object) -> float:
    number = _number(value)
    if not 0 <= number <= 1:
        raise BadCell("is no fraction from 0 to 1, as 0.12 for 12 %")
    return number


def _amount(value: object) -> float:
    number = _number(value)
    if number < 0:
        raise BadCell("is below 0")
    return number


def _lots(value: object) -> int:
    number = _number(value)
    if number < 0 or number != int(number):
        raise BadCell("is no whole number from 0")
    return int(number)


def _multiplier(value: object) -> int:
    lots = _lots(value)
    if not lots:
        raise BadCell("is not above 0")
    return lots


def _one_of(choices: Mapping[str, bool]) -> Callable[[object], bool]:
    def read(value: object) -> bool:
        text = str(value).strip().lower()
        if text not in choices:
            raise BadCell(f"is neither {' nor '.join(choices)}")
        return choices[text]

    return read


def _text(value: object) -> str:
    return str(value).strip()


def _table() -> Mapping[str, Column]:
    rates = {
        f"{ours}_by_{kind}": Column(f"{ours}_by_{kind}", _fraction if kind == "money" else _amount)
        for ours in ("long", "short", "open", "close", "close_today")
        for kind in ("money", "volume")
    }
    ctp = {
        f"{theirs}RatioBy{kind}": rates[f"{ours}_by_{kind.lower()}"]
        for theirs, ours in (
            ("LongMargin", "long"),
            ("ShortMargin", "short"),
            ("Open", "open"),
            ("Close", "close"),
            ("CloseToday", "close_today"),
        )
        for kind in ("Money", "Volume")
    }
    dated = Column("dated_positions", _one_of({"1": True, "2": False}))
    larger = Column("larger_side", _one_of({"1": True, "0": False}))
    least, most = Column("least_opening_volume", _lots), Column("max_limit_volume", _lots)
    named = {
        **dict.fromkeys(("InstrumentID", "symbol", "vt_symbol", "local_symbol", "instrument"), Column("name", _text)),
        **dict.fromkeys(("VolumeMultiple", "size", "multiplier"), Column("multiplier", _multiplier)),
        **dict.fromkeys(("PriceTick", "tick"), Column("tick", _above_zero)),
        **dict.fromkeys(("MinLimitOrderVolume", "min_volume", "least_opening_volume"), least),
        **dict.fromkeys(("MaxLimitOrderVolume", "max_volume", "max_limit_volume"), most),
        **dict.fromkeys(("MaxMarketOrderVolume", "max_market_volume"), Column("max_market_volume", _lots)),
        **dict.fromkeys(("PositionDateType", "position_date_type"), dated),
        **dict.fromkeys(("MaxMarginSideAlgorithm", "larger_side"), larger),
        # An Instrument record has the exchange's ratios, which stand for the broker's where it tells none.
        "LongMarginRatio": Column("exchange_long_by_money", _fraction),
        "ShortMarginRatio": Column("exchange_short_by_money", _fraction),
        "HedgeFlag": Column("hedge", _text),
        "InvestorRange": Column("range", _text),
        "IsRelative": Column("is_relative", _one_of({"1": True, "0": False, "true": True, "false": False})),
        "source": Column("source", _text),
        "day": Column("day", _text),
    }
    return {normalised(name): column for name, column in {**rates, **ctp, **named}.items()}


COLUMNS: Mapping[str, Column] = _table()

_BESIDE = frozenset({"name", "hedge", "range", "is_relative", "source", "day"})

TERMS = frozenset(column.term for column in COLUMNS.values()) - _BESIDE
"""What of a row is a term of a contract."""
