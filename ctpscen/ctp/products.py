"""Futures products with their contract terms, margins, fees and trading hours (BEHAVIOUR 10).

`reference_price` is ours: a plausible level, from which a simulated market starts.
"""

from collections.abc import Mapping
from functools import cache

from attrs import frozen

from ctpscen.ctp.instruments import product_id
from ctpscen.ctp.tables import load_rows


@frozen
class Rate:
    """A fee: `by_money` is a fraction of price × multiplier × lots, `by_volume` yuan a lot."""

    by_money: float
    by_volume: float


@frozen
class Product:
    """One futures product. Ratios are fractions, `limit_percent` is in percent, volumes are lots."""

    exchange: str
    id: str
    name: str
    multiplier: int
    tick: float
    reference_price: float
    margin_ratio: float
    limit_percent: float
    open_fee: Rate
    close_fee: Rate
    close_today_fee: Rate
    max_limit_volume: int
    max_market_volume: int
    dated_positions: bool  # today's and yesterday's lots stand in rows of their own (SHFE, INE)
    larger_side: bool  # margin is asked for the larger side of a product only
    night_end: str  # "02:30", or "" where there is no night session
    day_sessions: str


def _rate(row: Mapping[str, str], name: str) -> Rate:
    return Rate(float(row[f"{name}_by_money"]), float(row[f"{name}_by_volume"]))


@cache
def products() -> Mapping[str, Product]:
    """Every product by its id."""
    return {
        row["product"]: Product(
            exchange=row["exchange"],
            id=row["product"],
            name=row["name"],
            multiplier=int(row["multiplier"]),
            tick=float(row["tick"]),
            reference_price=float(row["reference_price"]),
            margin_ratio=float(row["margin_ratio"]),
            limit_percent=float(row["limit_percent"]),
            open_fee=_rate(row, "open"),
            close_fee=_rate(row, "close"),
            close_today_fee=_rate(row, "close_today"),
            max_limit_volume=int(row["max_limit_volume"]),
            max_market_volume=int(row["max_market_volume"]),
            dated_positions=row["position_date_type"] == "1",
            larger_side=row["larger_side"] == "1",
            night_end=row["night_end"],
            day_sessions=row["day_sessions"],
        )
        for row in load_rows("products")
    }


def product_of(instrument: str) -> Product | None:
    """The product of a futures contract, or None where the name is not one of a known product."""
    return products().get(product_id(instrument))
