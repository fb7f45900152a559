"""What only an exchange checks of an order: phase before kind, kind before tick, tick before limits (BEHAVIOUR 3.2)."""

from collections.abc import Mapping

from ctpscen.ctp.codes import InstrumentStatus, OffsetFlag, OrderPriceType, TimeCondition, VolumeCondition
from ctpscen.simulator.exchange.book import Book
from ctpscen.simulator.exchange.orders import Order
from ctpscen.simulator.terms.profiles import Profile
from ctpscen.simulator.terms.rules import ExchangeRules

WRONG_PHASE, WRONG_KIND, OFF_TICK, TOO_HIGH, TOO_LOW, WRONG_VOLUME = 26, 79, 48, 49, 50, 164
"""The codes before the exchange's text; the text of the last is the one that CTP's own check of the volume has."""

_NOT_ENABLED = TimeCondition.GFS  # an exchange has to enable it
_FOR_STOPS = (OrderPriceType.ANY_PRICE, OrderPriceType.LIMIT_PRICE)

# How many prices an order without a limit may go through; any price has no limit at all (BEHAVIOUR 3.7).
_LEVELS: Mapping[str, int] = {OrderPriceType.BEST_PRICE: 1, OrderPriceType.FIVE_LEVEL_PRICE: 5}


def worst_price(order: Order, book: Book) -> int | None:
    """The worst price at which an order may trade now, in ticks; None for any."""
    kind = order.input.get("OrderPriceType")
    if kind == OrderPriceType.LIMIT_PRICE:
        return order.ticks
    levels = _LEVELS.get(str(kind))
    if levels is None:
        return None
    within = book.levels(bid=not order.is_buy, most=levels)
    return within[-1] if within else order.ticks


def refusal(order: Order, status: str, rules: ExchangeRules, profile: Profile) -> int:
    """Why an exchange in that phase refuses an order; 0 where it takes it."""
    fields, contract = order.input, order.contract
    is_limit = fields.get("OrderPriceType") == OrderPriceType.LIMIT_PRICE
    if status not in (InstrumentStatus.CONTINUOUS, InstrumentStatus.AUCTION_ORDERING):
        return WRONG_PHASE
    if status == InstrumentStatus.AUCTION_ORDERING and (not is_limit or order.is_immediate or contract.legs):
        return WRONG_PHASE
    if not _takes(order, rules, profile):
        return WRONG_KIND
    most = contract.product.max_limit_volume if is_limit else contract.product.max_market_volume
    if most and order.volume > most:
        return WRONG_VOLUME
    if order.offset == OffsetFlag.OPEN and order.volume < contract.product.least_opening_volume:
        return WRONG_VOLUME  # a close may have less: BEHAVIOUR 14.1
    return _price_refusal(order, profile) if is_limit else 0


def _takes(order: Order, rules: ExchangeRules, profile: Profile) -> bool:
    """Whether the exchange knows this kind of order (BEHAVIOUR 3.7)."""
    fields = order.input
    kind, time = str(fields.get("OrderPriceType")), str(fields.get("TimeCondition"))
    is_whole = fields.get("VolumeCondition") == VolumeCondition.CV
    if order.contract.legs is not None and (is_whole or order.is_stop or kind != OrderPriceType.LIMIT_PRICE):
        return False
    if time == _NOT_ENABLED or (is_whole and not order.is_immediate):
        return False
    if is_whole and order.contract.terms is None and not rules.futures_take_fok:
        return False
    if order.is_stop:
        return rules.stop_orders and time == TimeCondition.GFD and kind in _FOR_STOPS
    if kind == OrderPriceType.LIMIT_PRICE:
        return True
    if rules.best_price:
        return profile.takes_market_orders
    return kind == OrderPriceType.ANY_PRICE and time in rules.market_times


def _price_refusal(order: Order, profile: Profile) -> int:
    contract = order.contract
    cuts = profile.cuts_to_tick and contract.rules.cuts_to_tick
    if contract.ticks(order.input.get("LimitPrice", 0.0)) is None and not cuts:
        return OFF_TICK
    if order.ticks > contract.upper:
        return TOO_HIGH
    return TOO_LOW if order.ticks < contract.lower else 0
