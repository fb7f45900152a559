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
_NEAR_MONTHS = 3
_MONTHS_OF_A_YEAR = 12
_MAIN_MONTHS = ("01", "05", "09")


def last_day(instrument: str, today: date) -> date | None:
    """The last trading day of a listed contract; None where it is not listed today."""
    return _last_day(instrument, today)


def why_not(instrument: str, today: date) -> str:
    """Why nobody lists a name today, in the words of a message."""
    if (spread := spread_of(instrument)) is not None:
        return _why_no_spread(instrument, spread, today)
    name = name_of(instrument)
    if name is None or not (name.product in products() or (name.product, "C") in options()):
        return f"no exchange has a product of `{instrument}`"
    months = [each[len(name.product) :] for each in listed(name.product, today)]
    if name.month not in months:
        some = f"{months[0]} … {months[-1]}" if len(months) == _MONTHS_OF_A_YEAR else ", ".join(months)
        return f"no contract `{instrument}`: {name.product} lists {some}"
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
    listed_as = product.months_of
    if len(name.month) != (3 if product.exchange == "CZCE" else 4):
        return None
    year, month = delivery_month(name.month, today)
    if not 1 <= month <= 12 or not is_listed(listed_as, year, month, today):
        return None
    last = last_trading_day(listed_as, year, month, option=bool(name.right) and not product.is_on_index)
    if last < today or (name.right and not _is_on_the_grid(listed_as, name, today)):
        return None
    return last


def everything(today: date) -> Iterator[str]:
    """All contracts of a day: the futures of a product and the options on them; then the spreads."""
    for product in products().values():
        futures = listed(product.id, today)
        yield from futures
        if (option := options().get((product.id, "C"))) is not None:
            for future in futures:
                yield from _options_on(option, future, today)
    for option in {option.id: option for option in options().values() if option.is_on_index}.values():
        for month in listed(option.id, today):
            yield from _options_on(option, month, today)
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


def _options_on(product: Product, month: str, today: date) -> Iterator[str]:
    """The options of a month, which is named like a future."""
    if not product.is_on_index:
        year, number = delivery_month(month[len(product.months_of) :], today)
        if last_trading_day(product.months_of, year, number, option=True) < today:
            return
    dash = "-" if is_dashed(product) else ""
    for strike in strikes(product, is_near=_is_near(product.months_of, month, today)):
        for right in "CP":
            yield f"{month}{dash}{right}{dash}{strike:g}"


@cache
def strikes(product: Product, *, is_near: bool = True) -> tuple[float, ...]:
    """The strike prices of options that are listed around the reference price of what they are on."""
    reach = product.reference_price * product.limit_percent / 100 * _REACH
    low, high = product.reference_price - reach, product.reference_price + reach
    found, strike = [], low
    while strike < high:
        step = _step(product.months_of, strike + 1e-9, is_near)  # from a border of the grid on, the wider one
        strike = (strike // step + 1) * step
        found.append(strike)
    return tuple(found)


def _is_on_the_grid(product: str, name: Name, today: date) -> bool:
    strike, is_near = float(name.strike), _is_near(product, name.underlying, today)
    return strike > 0 and strike % _step(product, strike, is_near) == 0 and not name.strike.startswith("0")


def _is_near(product: str, month: str, today: date) -> bool:
    """Whether a month is one of those with the narrow grid: of options on an index the nearest three."""
    return month in _near_months(product, today)


@lru_cache(maxsize=1024)
def _near_months(product: str, today: date) -> frozenset[str]:
    return frozenset(listed(product, today)[:_NEAR_MONTHS])


def _step(product: str, strike: float, is_near: bool) -> float:
    """The distance from a strike price to its neighbours."""
    return next(step for most, step in _grids()[product][0 if is_near else 1] if strike <= most)


_Grid = tuple[tuple[float, float], ...]


@cache
def _grids() -> dict[str, tuple[_Grid, _Grid]]:
    """Of near months and of far ones: up to which strike price they are how far apart."""
    grids = {row["product"]: (_grid(row["strikes"]), _grid(row["strikes"])) for row in load_rows("options")}
    return grids | {
        row["product"]: (_grid(row["near_strikes"]), _grid(row["far_strikes"])) for row in load_rows("index_options")
    }


def _grid(text: str) -> _Grid:
    parts = (part.split(":") for part in text.split())
    return tuple((float(most or "inf"), float(step)) for most, step in parts)
