"""Products with their contract terms, margins, fees and trading hours (BEHAVIOUR 10), options on them, and spreads.

`reference_price` is ours: a plausible level, from which a simulated market starts. Ticks and fees of options are those
of the exchanges' contract specifications.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache

from attrs import evolve, frozen

from ctpscen.ctp.schema.tables import load_rows
from ctpscen.ctp.terms.in_force import period_of, rows_in_force
from ctpscen.ctp.terms.instruments import name_of, spread_of


@frozen
class Rate:
    """A fee or a margin: `by_money` is a fraction of price × multiplier × lots, `by_volume` yuan a lot."""

    by_money: float
    by_volume: float


@frozen
class Product:
    """One product. `limit_percent` is in percent, volumes are lots.

    `options_on` is the product whose contracts it has options on; '' for futures. Options have no rates of margin.
    `legs` are the products of a spread's two legs, none elsewhere; a spread has no fees of its own. Options on a stock
    index have in `options_on` the futures on that, in `margin_factor` the part of the index that a seller puts up, and
    in `least_factor` the part of that which is asked for in any case; elsewhere both are 0.
    """

    exchange: str
    id: str
    name: str
    multiplier: int
    tick: float
    reference_price: float
    long_margin: Rate
    short_margin: Rate
    limit_percent: float
    open_fee: Rate
    close_fee: Rate
    close_today_fee: Rate
    max_limit_volume: int  # of one order
    max_market_volume: int
    dated_positions: bool  # today's and yesterday's lots stand in rows of their own (SHFE, INE)
    larger_side: bool  # margin is asked for the larger side of a product only
    night_end: str  # "02:30", or "" where there is no night session
    day_sessions: str
    options_on: str = ""
    least_opening_volume: int = 1
    legs: tuple[str, ...] = ()
    margin_factor: float = 0.0
    least_factor: float = 0.0

    @property
    def is_on_index(self) -> bool:
        """Whether it is of options on a stock index, whose months are their own."""
        return self.margin_factor > 0

    @property
    def months_of(self) -> str:
        """The product by whose months its contracts are listed: options on a future come with that."""
        return self.id if self.is_on_index else self.options_on or self.id


def _rate(row: Mapping[str, str], name: str) -> Rate:
    return Rate(float(row[f"{name}_by_money"]), float(row[f"{name}_by_volume"]))


def products(day: date | None = None) -> Mapping[str, Product]:
    """Every product by its id, with the terms that are in force on a day; without one, the newest that are known."""
    return _products(period_of(day))


@cache
def _products(period: int) -> Mapping[str, Product]:
    limits, margins, fees = (rows_in_force(table, period) for table in ("limits", "margins", "fees"))
    return {
        product: Product(
            exchange=row["exchange"],
            id=product,
            name=row["name"],
            multiplier=int(row["multiplier"]),
            tick=float(row["tick"]),
            reference_price=float(row["reference_price"]),
            long_margin=_rate(margins[product], "long"),
            short_margin=_rate(margins[product], "short"),
            limit_percent=float(limits[product]["limit_percent"]),
            open_fee=_rate(fees[product], "open"),
            close_fee=_rate(fees[product], "close"),
            close_today_fee=_rate(fees[product], "close_today"),
            least_opening_volume=int(row["least_opening_volume"]),
            max_limit_volume=int(row["max_limit_volume"]),
            max_market_volume=int(row["max_market_volume"]),
            dated_positions=row["position_date_type"] == "1",
            larger_side=row["larger_side"] == "1",
            night_end=row["night_end"],
            day_sessions=row["day_sessions"],
        )
        for product, row in rows_in_force("products", period).items()
    }


# Exchanges that write an option with dashes, `m2701-C-3000`, and the one that has a product for each right.
_DASHED = frozenset({"DCE", "GFEX", "CFFEX"})
_BY_RIGHT = "CZCE"

# Lots of options that one order may have.
_MAX_OPTION_VOLUME = 100


_NONE = Rate(0.0, 0.0)


def options(day: date | None = None) -> Mapping[tuple[str, str], Product]:
    """The products of the options, by the letters of their names and `C` or `P` (BEHAVIOUR 3.10)."""
    return _options(period_of(day))


@cache
def _options(period: int) -> Mapping[tuple[str, str], Product]:
    found = {}
    for row in load_rows("options"):
        future, paid = _products(period)[row["product"]], Rate(0.0, float(row["fee"]))
        for right in ("C", "P"):
            found[(future.id, right)] = evolve(
                future,
                id=f"{future.id}{right}" if future.exchange == _BY_RIGHT else f"{future.id}_o",
                name=f"{future.name}期权",
                tick=float(row["tick"]),
                long_margin=_NONE,
                short_margin=_NONE,
                open_fee=paid,
                close_fee=paid,
                close_today_fee=paid,
                max_limit_volume=_MAX_OPTION_VOLUME,
                max_market_volume=0,
                larger_side=False,
                options_on=future.id,
            )
    for row in load_rows("index_options"):
        option = _on_index(row, _products(period)[row["future"]])
        found |= {(option.id, right): option for right in ("C", "P")}
    return found


def _on_index(row: Mapping[str, str], future: Product) -> Product:
    """The options on a stock index, of which there are futures as well."""
    paid = Rate(0.0, float(row["fee"]))
    return evolve(
        future,
        id=row["product"],
        name=row["name"],
        multiplier=int(row["multiplier"]),
        tick=float(row["tick"]),
        long_margin=_NONE,
        short_margin=_NONE,
        open_fee=paid,
        close_fee=paid,
        close_today_fee=paid,
        max_limit_volume=int(row["max_limit_volume"]),
        max_market_volume=0,
        larger_side=False,
        options_on=future.id,
        margin_factor=float(row["margin_factor"]),
        least_factor=float(row["least_factor"]),
    )


def is_dashed(product: Product) -> bool:
    """Whether its exchange writes options with dashes."""
    return product.exchange in _DASHED


# Exchanges of whose spreads no market front has quotes (BEHAVIOUR 8).
_UNQUOTED = frozenset({"DCE"})


def is_quoted(product: Product) -> bool:
    """Whether market fronts have quotes of a product's contracts."""
    return not (product.legs and product.exchange in _UNQUOTED)


# The kind of the spreads between two months of a product, by exchange.
CALENDAR_SPREADS: Mapping[str, str] = {"DCE": "SP", "CZCE": "SPD"}


def spreads(day: date | None = None) -> Mapping[str, Product]:
    """The products of spreads by their ids: `SP m&m`, `SPC y&p`, `SPD MA&MA`, `IPS SF&SM`."""
    return _spreads(period_of(day))


@cache
def _spreads(period: int) -> Mapping[str, Product]:
    known = _products(period)
    pairs = [
        (CALENDAR_SPREADS[each.exchange], each, each) for each in known.values() if each.exchange in CALENDAR_SPREADS
    ]
    pairs += [(row["kind"], known[row["first"]], known[row["second"]]) for row in load_rows("spreads")]
    return {product.id: product for product in (_spread(*pair) for pair in pairs)}


def _spread(kind: str, first: Product, second: Product) -> Product:
    name = f"{kind} {first.id}&{second.id}"
    return evolve(
        first,
        id=name,
        name=name,
        reference_price=first.reference_price - second.reference_price,
        long_margin=_larger(first.long_margin, second.short_margin),
        short_margin=_larger(first.short_margin, second.long_margin),
        open_fee=_NONE,
        close_fee=_NONE,
        close_today_fee=_NONE,
        least_opening_volume=max(first.least_opening_volume, second.least_opening_volume),
        max_limit_volume=min(first.max_limit_volume, second.max_limit_volume),
        max_market_volume=0,
        legs=(first.id, second.id),
    )


def _larger(first: Rate, second: Rate) -> Rate:
    return Rate(max(first.by_money, second.by_money), max(first.by_volume, second.by_volume))


def product_of(instrument: str, day: date | None = None) -> Product | None:
    """The product of a future, an option or a spread, or None where the name is not one of a known product.

    Its terms are those that are in force on a day; without one, the newest that are known.
    """
    return _product_of(instrument, period_of(day))


@lru_cache(maxsize=65536)
def _product_of(instrument: str, period: int) -> Product | None:
    if (spread := spread_of(instrument)) is not None:
        return _spreads(period).get(spread.product)
    name = name_of(instrument)
    if name is None or not name.right:
        return _products(period).get(name.product) if name else None
    option = _options(period).get((name.product, name.right))
    return option if option is not None and name.is_dashed == is_dashed(option) else None
