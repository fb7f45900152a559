"""The functions of the language at work."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ctpscen.client.books.books import Books
from ctpscen.client.books.orders import Order
from ctpscen.client.books.positions import Position, from_rows
from ctpscen.client.books.reports import Report, Row
from ctpscen.client.queries import Query
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.times import SECOND, to_moment
from ctpscen.engine.expressions.values import NoSuchOperation, equal, is_number, kind_of, less
from ctpscen.engine.state.actors import Actor, Unanswered
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import Failed, NeedsQuote, Place
from ctpscen.engine.state.waits import Waiting

ASK_PATIENCE = 30 * SECOND


def ask_front(
    context: Context, name: str, fields: Fields, deadline: int, place: Place, actor: Actor | None = None
) -> Waiting:
    """Asks the front and waits for the whole answer; gives the query. Raises Failed where none comes in time.

    In an invariant it is the venue's own books that are read, at once.
    """
    if context.reads_venue:
        acting = actor or context.acting
        query = Query(name, fields, done=True)
        query.rows = list(context.run.environment.ask_venue(acting.session.identity.user, name, fields) or ())
        return query
    try:
        return (yield from (actor or context.acting).ask(name, fields, deadline))
    except Unanswered as reason:
        raise Failed(place.located("R610", str(reason)), str(reason)) from None


def ask_position(context: Context, place: Place, instrument: Any) -> Waiting:
    """`position(I)`: what the front holds for us."""
    query: Query = yield from ask_front(
        context, "ReqQryInvestorPosition", {"InstrumentID": _instrument(instrument, place)}, _deadline(context), place
    )
    return from_rows(query.rows, str(instrument))


def ask_account(context: Context, place: Place) -> Waiting:
    """`account()`: the front's record of our money."""
    query: Query = yield from ask_front(
        context, "ReqQryTradingAccount", {"CurrencyID": "CNY"}, _deadline(context), place
    )
    return Row("TradingAccount", query.rows[0] if query.rows else {})


def _deadline(context: Context) -> int:
    return context.run.now + ASK_PATIENCE


def _instrument(value: Any, place: Place) -> str:
    if not isinstance(value, str):
        raise place.error(f"an instrument is wanted here, not {kind_of(value)}")
    return str(value)


def _book(context: Context, place: Place, instrument: Any, user: Any = None) -> Position:
    return _books(context, user).positions.get(_instrument(instrument, place), Position())


def _quote(context: Context, place: Place, instrument: Any) -> Row:
    name = _instrument(instrument, place)
    quote = context.acting.books.quotes.get(name)
    if quote is None:
        raise NeedsQuote(name)
    return Row("DepthMarketData", quote)


def _orders(context: Context, _: Place, user: Any = None) -> list[Order]:
    return list(_books(context, user).orders.by_key.values())


def _books(context: Context, user: Any) -> Books:
    """The books of the acting session, or of one login of a program."""
    return context.acting.books if user is None else context.acting.books_of(str(user))


def _trades(context: Context, place: Place, order: Any = None) -> list[Report]:
    """The trades that this session saw, each once, or those of one order."""
    actor = context.acting
    seen: dict[Any, Report] = {}
    for report in actor.inbox.history:
        if report.name == "OnRtnTrade":
            fields = report.fields or {}
            key = (fields.get("ExchangeID"), fields.get("TradeID"), fields.get("Direction"))
            owner = (actor.books.orders if report.login is None else report.login.orders).order_of(fields)
            if order is None and report.login is not None:
                continue
            if order is None or (owner is not None and owner.key == getattr(order, "key", None)):
                seen.setdefault(key, report)
    if order is not None and not hasattr(order, "key"):
        raise place.error(f"an order is wanted here, not {kind_of(order)}")
    return list(seen.values())


def _requests(context: Context, _: Place, name: str) -> list[Report]:
    """The calls that the acting session or program has made of one function."""
    return context.acting.calls_of(name)


def _now(context: Context, _: Place) -> datetime:
    return to_moment(context.run.now)


def _defined(context: Context, _: Place, name: str) -> bool:
    return name in context.scope


def _dominant(context: Context, _: Place, product: str) -> str:
    """The contract on which trading gathers, by the calendar."""
    from ctpscen.ctp.terms.months import most_traded

    return most_traded(product, to_moment(context.run.now).date())


def _month(context: Context, place: Place, product: str, number: Any) -> str:
    """The nearest contracts after this month, counted from 1."""
    from ctpscen.ctp.terms.months import contracts

    found = contracts(product, to_moment(context.run.now).date())
    if not isinstance(number, int) or not 1 <= number <= len(found):
        raise place.error(f"`month({product}, N)` takes an N from 1 to {len(found)}, not {number}")
    return found[number - 1]


def _secret(context: Context, place: Place, name: Any) -> str:
    value = context.run.settings.secrets.get(str(name))
    if value is None:
        raise place.error(f"there is no secret `{name}`")
    return value


def _len(_: Context, place: Place, value: Any) -> int:
    if not isinstance(value, list | str):
        raise place.error(f"{kind_of(value)} has no length")
    return len(value)


def _sum(_: Context, place: Place, values: Any) -> Any:
    if not isinstance(values, list):
        raise place.error(f"a list is wanted here, not {kind_of(values)}")
    if values and all(isinstance(value, timedelta) for value in values):
        return sum(values, timedelta())
    for value in values:
        if not is_number(value):
            raise place.error(f"only numbers add up; there is {kind_of(value)} among them")
    return sum(values)


def _extreme(place: Place, values: tuple[Any, ...], better: Callable[[Any, Any], bool]) -> Any:
    items = list(values[0]) if len(values) == 1 and isinstance(values[0], list) else list(values)
    if not items:
        raise place.error("there is nothing to choose from")
    best = items[0]
    try:
        for item in items[1:]:
            if better(item, best):
                best = item
    except NoSuchOperation as reason:
        raise place.error(str(reason)) from None
    return best


def _min(_: Context, place: Place, *values: Any) -> Any:
    return _extreme(place, values, less)


def _max(_: Context, place: Place, *values: Any) -> Any:
    return _extreme(place, values, lambda a, b: less(b, a))


def _abs(_: Context, place: Place, value: Any) -> Any:
    if not is_number(value) and not isinstance(value, timedelta):
        raise place.error(f"{kind_of(value)} has no sign")
    return abs(value)


def _round(_: Context, place: Place, value: Any, digits: Any = 0) -> Any:
    """Halves go away from zero, as traders round."""
    if not is_number(value) or not isinstance(digits, int) or not -20 <= digits <= 20:
        raise place.error("`round` takes a number and how many digits to keep")
    try:
        whole = int(abs(value) * 10**digits + 0.5 + 1e-9)
    except OverflowError:
        raise place.error("the result of `round` is too large") from None
    result = (whole if value >= 0 else -whole) / 10**digits
    return int(result) if digits <= 0 or equal(result, int(result)) else result


PLAIN: Mapping[str, Callable[..., Any]] = {
    "book": _book,
    "quote": _quote,
    "orders": _orders,
    "trades": _trades,
    "requests": _requests,
    "now": _now,
    "defined": _defined,
    "dominant": _dominant,
    "month": _month,
    "secret": _secret,
    "len": _len,
    "sum": _sum,
    "min": _min,
    "max": _max,
    "abs": _abs,
    "round": _round,
}

ASKING: Mapping[str, Callable[..., Waiting]] = {"position": ask_position, "account": ask_account}
