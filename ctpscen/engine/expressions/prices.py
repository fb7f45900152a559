"""Waiting for the market data that a price is read from."""

from ctpscen.ctp.terms.listing import why_not
from ctpscen.ctp.terms.products import is_quoted, product_of
from ctpscen.ctp.times import SECOND, to_moment
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import Blocked, Place
from ctpscen.engine.state.waits import Wait, Waiting

PATIENCE = 5 * SECOND


def wait_for_quote(context: Context, instrument: str, place: Place) -> Waiting:
    """Subscribes to an instrument and waits for its first quote; the scenario is blocked if none comes."""
    actor, run = context.acting, context.run
    listed = run.environment.list_instruments([instrument])
    market = actor.session.market
    market.want([instrument], run.now)
    actor.flush()
    came = yield Wait(lambda: instrument in actor.books.quotes, run.now + PATIENCE)
    if not came:
        message = f"no market data of {instrument} came within 5 s"
        if instrument not in listed:
            message = why_not(instrument, to_moment(run.now).date())
        elif (product := product_of(instrument)) is not None and not is_quoted(product):
            message += f": market fronts have none of {product.exchange}'s spreads; write the price as a number"
        raise Blocked(place.located("R601", message), message)
