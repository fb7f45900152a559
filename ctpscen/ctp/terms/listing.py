"""What the exchanges list on a day, by their rules: futures by their months, options by months and strikes, spreads.

A name is an instrument only if it is listed (BEHAVIOUR 14.1). The strikes of a day reach half as far again as the
day's limits from yesterday's settlement price of the future, for which the reference price of its product stands here;
as strikes of earlier days stay, any strike of the grid may be there.

A spread is of two listed contracts, and ends with the one that ends first. Between products it is of one month. Which
months of a product DCE pairs is inferred from those that were reported (`SP c1911&c2001` and `SP c2001&c2005`, but not
`SP c1911&c2005`: vnpy#2110): neighbours of all that are listed, and of January, May and September; CZCE pairs any.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache, lru_cache
from itertools import combinations, pairwise

from ctpscen.ctp.schema.tables import load_rows
from ctpscen.ctp.terms.expiry import delivery_month, last_trading_day
from ctpscen.ctp.terms.instruments import Name, SpreadName, name_of, product_id, spread_of
from ctpscen.ctp.terms.months import is_listed, listed
from ctpscen.ctp.terms.products import CALENDAR_SPREADS, Product, is_dashed, options, product_of, products, spreads

_REACH = 1.5
_MAIN_MONTHS = ("01", "05", "09")


def last_day(instrument: str, today: date) -> date | None:
    """The last trading day of a listed contract; None where it is not listed today."""
    return _last_day(instrument, today)


def why_not(instrument: str, today: date) -> str:
    """Why nobody lists a name today, in the words of a message."""
    if (spread := spread_of(instrument)) is not None:
        return _why_no_spread(instrument, spread, today)
    name = name_of(instrument)
    if name is None or name.product not in products():
        return f"no exchange has a product of `{instrument}`"
    months = [each[len(name.product) :] for each in listed(name.product, today)]
    if name.month not in months:
        return f"no contract `{instrument}`: {name.product} lists {months[0]} … {months[-1]}"
    if product_of(instrument) is None:
        return f"no contract `{instrument}`: {name.product} has no such option"
    return f"no contract `{instrument}`: it has ended, or no option has that strike"


def _why_no_spread(instrument: str, spread: SpreadName, today: date) -> str:
    for leg in (spread.first, spread.second):
        if _last_day(leg, today) is None:
            return f"no spread `{instrument}`: {why_not(leg, today)}"
    product = spreads().get(spread.product)
    if product is None:
        kinds = ", ".join(name for name, each in spreads().items() if each.legs[0] == product_id(spread.first))
        return f"no exchange lists spreads of `{spread.product}`" + (f", but of {kinds}" if kinds else "")
    there = [name for name in _spreads_of(product, today) if name.startswith(f"{spread.kind} {spread.first}&")]
    return f"no spread `{instrument}`: " + (f"listed are {', '.join(there)}" if there else "the nearer month is first")


@lru_cache(maxsize=65536)
def _last_day(instrument: str, today: date) -> date | None:
    if (spread := spread_of(instrument)) is not None:
        return _last_day_of_spread(instrument, spread, today)
    name, product = name_of(instrument), product_of(instrument)
    if name is None or product is None:
        return None
    future = product.options_on or product.id
    if len(name.month) != (3 if product.exchange == "CZCE" else 4):
        return None
    year, month = delivery_month(name.month, today)
    if not 1 <= month <= 12 or not is_listed(future, year, month, today):
        return None
    last = last_trading_day(future, year, month, option=bool(name.right))
    if last < today or (name.right and not _is_on_the_grid(future, name)):
        return None
    return last


def everything(today: date) -> Iterator[str]:
    """All contracts of a day: the futures of a product and the options on them; then the spreads."""
    for product in products().values():
        futures = listed(product.id, today)
        yield from futures
        if (product.id, "C") in options():
            for future in futures:
                yield from _options_on(product, future, today)
    for product in spreads().values():
        yield from _spreads_of(product, today)


def _last_day_of_spread(instrument: str, spread: SpreadName, today: date) -> date | None:
    product = spreads().get(spread.product)
    if product is None or instrument not in _spreads_of(product, today):
        return None
    return min(day for leg in (spread.first, spread.second) if (day := _last_day(leg, today)) is not None)


@lru_cache(maxsize=1024)
def _spreads_of(product: Product, today: date) -> Mapping[str, None]:
    """The spreads of a product that are listed, by their names."""
    kind = product.id.partition(" ")[0]
    first, second = product.legs
    nearer: list[str] = [*listed(first, today)]
    pairs: list[tuple[str, str]]
    if first != second:
        later = {name[len(second) :]: name for name in listed(second, today)}
        pairs = [(name, later[month]) for name in nearer if (month := name[len(first) :]) in later]
    elif kind == CALENDAR_SPREADS["CZCE"]:
        pairs = list(combinations(nearer, 2))
    else:
        pairs = [*pairwise(nearer), *pairwise(name for name in nearer if name[-2:] in _MAIN_MONTHS)]
    return dict.fromkeys(f"{kind} {one}&{other}" for one, other in pairs)


def _options_on(product: Product, future: str, today: date) -> Iterator[str]:
    year, month = delivery_month(future[len(product.id) :], today)
    if last_trading_day(product.id, year, month, option=True) < today:
        return
    dash = "-" if is_dashed(product) else ""
    for strike in strikes(product):
        for right in "CP":
            yield f"{future}{dash}{right}{dash}{strike:g}"


@cache
def strikes(product: Product) -> tuple[float, ...]:
    """The strike prices that are listed around the reference price of a product."""
    reach = product.reference_price * product.limit_percent / 100 * _REACH
    low, high = product.reference_price - reach, product.reference_price + reach
    found, strike = [], low
    while strike < high:
        step = _step(product.id, strike + 1e-9)  # from a border of the grid on, the wider one
        strike = (strike // step + 1) * step
        found.append(strike)
    return tuple(found)


def _is_on_the_grid(product: str, name: Name) -> bool:
    strike = float(name.strike)
    return strike > 0 and strike % _step(product, strike) == 0 and not name.strike.startswith("0")


def _step(product: str, strike: float) -> float:
    """The distance from a strike price to its neighbours."""
    return next(step for most, step in _grids()[product] if strike <= most)


@cache
def _grids() -> dict[str, tuple[tuple[float, float], ...]]:
    grids = {}
    for row in load_rows("options"):
        parts = (part.split(":") for part in row["strikes"].split())
        grids[row["product"]] = tuple((float(most or "inf"), float(step)) for most, step in parts)
    return grids
