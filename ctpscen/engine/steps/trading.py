"""Steps of trading: orders, cancels, targets, queries, and any request as it is."""

from __future__ import annotations  # closures are made for every step, and theirs need not be evaluated

from collections.abc import Callable, Mapping, Sequence
from sys import float_info
from typing import Any

from attrs import evolve, frozen

from ctpscen.client.books.orders import Order
from ctpscen.client.books.positions import Position, from_rows
from ctpscen.client.books.reports import Row
from ctpscen.client.queries import Query
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.schema import api, constants
from ctpscen.ctp.schema.records import record
from ctpscen.ctp.terms.instruments import Instrument
from ctpscen.ctp.terms.products import product_of
from ctpscen.ctp.times import spoken_duration
from ctpscen.engine.expressions.compile import Code
from ctpscen.engine.expressions.functions import ask_front
from ctpscen.engine.expressions.values import is_number, kind_of, show
from ctpscen.engine.state.actors import Actor
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import Failed, Place
from ctpscen.engine.state.waits import Wait, Waiting
from ctpscen.engine.steps.binding import Compiler, Executor
from ctpscen.engine.steps.flow import STEP_PATIENCE, patience_of
from ctpscen.engine.steps.prices import wait_for_quote
from ctpscen.language.meaning.queries import QUERIES
from ctpscen.language.syntax.tree import Chain, PriceWord, Step, Word

BUY, SELL = "0", "1"
OFFSETS = {"open": "0", "close": "1", "close_today": "3", "close_yesterday": "4"}

# OrderPriceType and TimeCondition of the prices that are none (BEHAVIOUR 3.7); what is left is cancelled.
_PRICE_KINDS: Mapping[str, Fields] = {
    "market": {"OrderPriceType": "1", "TimeCondition": "1"},
    "best": {"OrderPriceType": "3", "TimeCondition": "1"},
    "five_levels": {"OrderPriceType": "G", "TimeCondition": "1"},
}

# ContingentCondition by price and comparison (BEHAVIOUR, appendix A).
_CONTINGENT: Mapping[tuple[str, str], str] = {
    ("last", ">"): "5",
    ("last", ">="): "6",
    ("last", "<"): "7",
    ("last", "<="): "8",
    ("ask", ">"): "9",
    ("ask", ">="): "A",
    ("ask", "<"): "B",
    ("ask", "<="): "C",
    ("bid", ">"): "D",
    ("bid", ">="): "E",
    ("bid", "<"): "F",
    ("bid", "<="): "H",
}


@frozen(eq=False, repr=False)
class OrderCode:
    """A compiled order step."""

    place: Place
    side: str
    offset: str
    volume: Code | None
    instrument: Code | None
    unclear: tuple[Code, ...]
    price: Code | None
    price_kind: str
    when: tuple[str, Code] | None
    settings: tuple[tuple[str, Code], ...]
    texts: Mapping[str, Code]
    flags: frozenset[str]


def compile_order(step: Step, compiler: Compiler) -> OrderCode:
    """An order, whose parts the checker has told apart."""
    side, offset, at = step.word("side"), step.word("offset"), step.parts.get("at")
    texts = {name: code for name in ("ref", "memo", "min_volume") if (code := compiler.optional(step, name))}
    when = step.expression("when")
    condition = None
    if isinstance(when, Chain) and isinstance(when.operands[0], PriceWord):
        contingent = _CONTINGENT[when.operands[0].word, when.operators[0]]
        condition = (contingent, compiler.code(when.operands[1]))
    return OrderCode(
        place=compiler.place(step),
        side=side.text if side else "buy",
        offset=offset.text if offset else "open",
        volume=compiler.optional(step, "volume"),
        instrument=compiler.optional(step, "instrument"),
        unclear=tuple(compiler.codes(step.many("unclear"))),
        price=compiler.code(at) if at is not None and not isinstance(at, Word) else None,
        price_kind=at.text if isinstance(at, Word) else "",
        when=condition,
        settings=tuple((word.text, compiler.code(value)) for word, value in step.many("with")),
        texts=texts,
        flags=frozenset(name for name in ("fak", "fok", "hedge", "arbitrage") if step.has(name)),
    )


def amounts(code: OrderCode, context: Context) -> Waiting:
    """The volume and the instrument, with their defaults; what the text leaves open is told apart by its value."""
    volume: Any = None if code.volume is None else (yield from code.volume.evaluate(context))
    instrument: Any = None if code.instrument is None else (yield from code.instrument.evaluate(context))
    for each in code.unclear:
        value = yield from each.evaluate(context)
        if isinstance(value, str) and instrument is None:
            instrument = value
        elif is_number(value) and volume is None:
            volume = value
        else:
            raise each.place.error(f"an order has one volume and one instrument; this is {kind_of(value)} more")
    volume = 1 if volume is None else volume
    instrument = context.default_instrument if instrument is None else instrument
    if not is_number(volume) or volume != int(volume) or abs(volume) >= 2**31:
        small = ", and less than 2 ** 31" if is_number(volume) and volume == int(volume) else ""
        raise code.place.error(f"a volume is a whole number{small}, not {show(volume)}")
    if not isinstance(instrument, str):
        raise code.place.error(f"an instrument is wanted here, not {kind_of(instrument)}")
    return int(volume), instrument


def exchange_of(instrument: str) -> str:
    """The ExchangeID that an order in an instrument must name: the one that is written, else its product's."""
    named = instrument.exchange if isinstance(instrument, Instrument) else ""
    product = product_of(instrument)
    return named or (product.exchange if product else "")


def order_fields(code: OrderCode, context: Context, volume: int, instrument: str) -> Waiting:
    """The InputOrder that the step describes."""
    is_buy = code.side == "buy"
    immediate = {"fak", "fok"} & code.flags
    fields: Fields = {
        "InstrumentID": str(instrument),
        "ExchangeID": exchange_of(instrument),
        "OrderPriceType": "2",
        "Direction": BUY if is_buy else SELL,
        "CombOffsetFlag": OFFSETS[code.offset],
        "CombHedgeFlag": "3" if "hedge" in code.flags else "2" if "arbitrage" in code.flags else "1",
        "VolumeTotalOriginal": volume,
        "TimeCondition": "1" if immediate else "3",
        "VolumeCondition": "3" if "fok" in code.flags else "1",
        "MinVolume": 1,
        "ContingentCondition": "1",
        "ForceCloseReason": "0",
    }
    if code.price_kind:
        fields |= _PRICE_KINDS[code.price_kind]
    else:
        fields["LimitPrice"] = yield from order_price(code, context, instrument)
    if "min_volume" in code.texts:
        fields["VolumeCondition"] = "2"
        value = yield from code.texts["min_volume"].evaluate(context)
        fields["MinVolume"] = field_value("InputOrder", "MinVolume", value, code.texts["min_volume"].place)
    if "memo" in code.texts:
        value = yield from code.texts["memo"].evaluate(context)
        fields["OrderMemo"] = field_value("InputOrder", "OrderMemo", value, code.texts["memo"].place)
    if code.when is not None:
        fields["ContingentCondition"], stop = code.when[0], code.when[1]
        fields["StopPrice"] = field_value("InputOrder", "StopPrice", (yield from stop.evaluate(context)), stop.place)
    for name, setting in code.settings:
        fields[name] = field_value("InputOrder", name, (yield from setting.evaluate(context)), setting.place)
    return fields


def order_price(code: OrderCode, context: Context, instrument: str) -> Waiting:
    """The limit price; by default that of the other side of the book."""
    before, context.instrument = context.instrument, instrument
    try:
        if code.price is None:
            return (yield from _opposite(context, code.side, instrument, code.place))
        price = yield from code.price.evaluate(context)
    finally:
        context.instrument = before
    if not is_number(price):
        raise code.price.place.error(f"a price is a number, not {kind_of(price)}")
    return field_value("InputOrder", "LimitPrice", price, code.price.place)


def _opposite(context: Context, side: str, instrument: str, place: Place) -> Waiting:
    quotes = context.acting.books.quotes
    if instrument not in quotes:
        yield from wait_for_quote(context, instrument, place)
    price = quotes[instrument].get("AskPrice1" if side == "buy" else "BidPrice1", 0.0)
    if price >= 1e300:
        raise place.error(f"nobody {'sells' if side == 'buy' else 'buys'} {instrument} now; say at which price")
    return float(price)


def field_value(name: str, field_name: str, value: Any, place: Place) -> Any:
    """A value as a field of a record takes it."""
    known = record(name).fields[field_name]
    if known.is_text:
        if not isinstance(value, str):
            raise place.error(f"{field_name} is a text, not {kind_of(value)}")
        room = 1 if known.storage == "char" else int(known.storage) - 1
        if len(value.encode("gb18030")) > room:
            raise place.error(f"{field_name} holds {room} bytes, and {show(value)!r} is longer")
        return str(value)
    if not is_number(value):
        raise place.error(f"{field_name} is a number, not {kind_of(value)}")
    if known.storage == "double":
        if abs(value) > float_info.max:
            raise place.error(f"{field_name} is a number of at most {float_info.max:g}")
        return float(value)
    bits = 8 * known.size
    if value != int(value) or not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
        raise place.error(f"{field_name} is a whole number of {bits} bits, not {show(value)}")
    return int(value)


def _order(step: Step, compiler: Compiler) -> Executor:
    code, name = compile_order(step, compiler), step.word("as_name")

    def execute(context: Context) -> Waiting:
        volume, instrument = yield from amounts(code, context)
        context.run.environment.list_instruments([instrument])
        fields = yield from order_fields(code, context, volume, instrument)
        reference = None
        if "ref" in code.texts:
            value = yield from code.texts["ref"].evaluate(context)
            reference = field_value("InputOrder", "OrderRef", value, code.texts["ref"].place)
        reference = fields.pop("OrderRef", reference)
        order = send_order(context.acting, fields, context.run.now, reference)
        if name is not None:
            context.scope[name.text] = order

    return execute


def send_order(actor: Actor, fields: Fields, now: int, reference: str | None = None) -> Order:
    order = actor.session.insert(fields, now, reference)
    actor.sent.append(order)
    actor.flush()
    return order


def _cancel(step: Step, compiler: Compiler) -> Executor:
    (code,) = compiler.values(step)

    def execute(context: Context) -> Waiting:
        value = yield from code.evaluate(context)
        actor = context.acting
        for order in value if isinstance(value, list) else [value]:
            if not isinstance(order, Order):
                raise code.place.error(f"an order is wanted here, not {kind_of(order)}")
            actor.session.cancel(order, context.run.now)
            actor.flush()

    return execute


def cancel_and_wait(context: Context, orders: Sequence[Order], patience: int, place: Place) -> Waiting:
    """Cancels working orders and waits for their ends, whichever way they come to them."""
    actor = context.acting
    for order in orders:
        actor.session.cancel(order, context.run.now)
    actor.flush()
    came = yield Wait(lambda: all(order.is_final for order in orders), context.run.now + patience)
    if not came:
        left = [order for order in orders if not order.is_final]
        message = f"{len(left)} of {len(orders)} orders did not come to an end within {spoken_duration(patience)}"
        notes = [f"{show(order)} is {_status_of(order)}" for order in left[:5]]
        raise Failed(place.located("R605", message, notes=notes), message)


def _status_of(order: Order) -> str:
    if not order.status:
        return "without a report"
    return constants.name_of("OrderStatus", order.status) or order.status


def working_orders(context: Context, instrument: str | None) -> list[Order]:
    """The orders that work, as far as a step may touch them."""
    return [
        order
        for order in context.run.environment.touchable_orders(context.acting)
        if order.is_working and (instrument is None or order.value("InstrumentID") == instrument)
    ]


def _cancel_all(step: Step, compiler: Compiler) -> Executor:
    place, within = compiler.place(step), compiler.optional(step, "within")
    codes = compiler.codes(step.many("amount"))

    def execute(context: Context) -> Waiting:
        instrument = (yield from codes[0].evaluate(context)) if codes else None
        patience = yield from patience_of(within, context, STEP_PATIENCE)
        yield from cancel_and_wait(context, working_orders(context, instrument), patience, place)

    return execute


# --------------------------------------------------------------------------------------------- target and flatten


def held_now(context: Context, instrument: str, deadline: int, place: Place) -> Waiting:
    """What is held and may be touched: as the front says, asked again if a report came in between, or as is known."""
    actor = context.acting
    known = context.run.environment.touchable_positions(actor)
    if known is not None:
        return known.get(instrument, Position())
    while True:
        seen = len(actor.inbox.history)
        query: Query = yield from ask_front(
            context, "ReqQryInvestorPosition", {"InstrumentID": instrument}, deadline, place, actor
        )
        if len(actor.inbox.history) == seen or context.run.now >= deadline:
            return from_rows(query.rows, instrument)


def closing(instrument: str, held: Position, *, buy: bool, volume: int) -> list[tuple[str, int]]:
    """Offsets and volumes that close up to so many lots: by date where dates are kept apart, today's last."""
    side = "short" if buy else "long"
    today, yesterday = getattr(held, f"{side}_today"), getattr(held, f"{side}_yesterday")
    product = product_of(instrument)
    if product is None or not product.dated_positions:
        lots = [("close", today + yesterday)]
    else:
        lots = [("close", yesterday), ("close_today", today)]
    orders = []
    for offset, available in lots:
        taken = min(volume, max(0, available))
        if taken:
            orders.append((offset, taken))
            volume -= taken
    return orders


def _plan(instrument: str, held: Position, change: int) -> list[tuple[str, int]]:
    """Closes first, then opens: offsets and volumes that change the net position by so much."""
    orders = closing(instrument, held, buy=change > 0, volume=abs(change))
    left = abs(change) - sum(volume for _, volume in orders)
    return [*orders, ("open", left)] if left else orders


def _target(step: Step, compiler: Compiler) -> Executor:
    place, within, name = compiler.place(step), compiler.optional(step, "within"), step.word("as_name")
    signed, codes = compiler.code(step.parts["signed"]), compiler.codes(step.many("amount"))
    order = compile_order(step, compiler)

    def execute(context: Context) -> Waiting:
        wanted = yield from signed.evaluate(context)
        if not is_number(wanted) or wanted != int(wanted):
            raise signed.place.error(f"a target is a whole number of lots, not {show(wanted)}")
        instrument = str((yield from codes[0].evaluate(context)) if codes else context.default_instrument)
        context.run.environment.list_instruments([instrument])
        patience = yield from patience_of(within, context, STEP_PATIENCE)
        deadline = context.run.now + patience
        held = yield from held_now(context, instrument, deadline, place)
        working = _sent_by_run(context, instrument)
        change = int(wanted) - held.net - sum(_signed(each) for each in working)
        against = [each for each in working if _signed(each) * change < 0]
        if against:
            yield from cancel_and_wait(context, against, patience, place)
            held = yield from held_now(context, instrument, deadline, place)
            working = [each for each in working if each.is_working]
            change = int(wanted) - held.net - sum(_signed(each) for each in working)
        plan = _plan(instrument, held, change)
        orders = yield from send_plan(context, order, instrument, "buy" if change > 0 else "sell", plan)
        if name is not None:
            context.scope[name.text] = orders

    return execute


def _sent_by_run(context: Context, instrument: str) -> list[Order]:
    """The working orders that this run sent for the acting session's account."""
    account = context.acting.session.identity.user
    actors = [actor for actor in context.run.actors.values() if actor.session.identity.user == account]
    return [
        order
        for actor in actors
        for order in actor.sent
        if order.is_working and order.value("InstrumentID") == instrument
    ]


def _signed(order: Order) -> int:
    """What a working order may still change the net position by."""
    return order.remaining if order.value("Direction") == BUY else -order.remaining


def send_plan(
    context: Context, code: OrderCode, instrument: str, side: str, plan: Sequence[tuple[str, int]]
) -> Waiting:
    """Sends one order for each offset of a plan; gives them."""
    orders = []
    for offset, volume in plan:
        each = evolve(code, side=side, offset=offset)
        fields = yield from order_fields(each, context, volume, instrument)
        orders.append(send_order(context.acting, fields, context.run.now))
    return orders


def _flatten(step: Step, compiler: Compiler) -> Executor:
    """Cancels what works, then closes everything, of one instrument or of all."""
    place, within, name = compiler.place(step), compiler.optional(step, "within"), step.word("as_name")
    codes, order = compiler.codes(step.many("amount")), compile_order(step, compiler)

    def execute(context: Context) -> Waiting:
        only = str((yield from codes[0].evaluate(context))) if codes else None
        patience = yield from patience_of(within, context, STEP_PATIENCE)
        deadline = context.run.now + patience
        yield from cancel_and_wait(context, working_orders(context, only), patience, place)
        orders: list[Order] = []
        instruments = yield from _held_instruments(context, only, deadline, place)
        for instrument in instruments:
            held = yield from held_now(context, instrument, deadline, place)
            for buy in (False, True):
                plan = closing(instrument, held, buy=buy, volume=held.short if buy else held.long)
                orders += yield from send_plan(context, order, instrument, "buy" if buy else "sell", plan)
        if name is not None:
            context.scope[name.text] = orders

    return execute


def _held_instruments(context: Context, only: str | None, deadline: int, place: Place) -> Waiting:
    if only is not None:
        return [only]
    actor = context.acting
    known = context.run.environment.touchable_positions(actor)
    if known is not None:
        return list(known)
    query: Query = yield from ask_front(context, "ReqQryInvestorPosition", {}, deadline, place, actor)
    return list(dict.fromkeys(row["InstrumentID"] for row in query.rows if row.get("Position")))


# --------------------------------------------------------------------------------------------- queries, requests


def _query(step: Step, compiler: Compiler) -> Executor:
    place, within, name = compiler.place(step), compiler.optional(step, "within"), step.word("as_name")
    request, row_name, single = QUERIES[step.parts["asked"].text]
    of = compiler.optional(step, "of")

    def execute(context: Context) -> Waiting:
        instrument = None if of is None else str((yield from of.evaluate(context)))
        fields: Fields = {} if instrument is None else {"InstrumentID": instrument}
        if request == "ReqQryInstrumentMarginRate":
            fields["HedgeFlag"] = "1"
        if request == "ReqQryDepthMarketData" and instrument is None:
            instrument = context.default_instrument
            fields["InstrumentID"] = instrument
        if instrument is not None:
            context.run.environment.list_instruments([instrument])
        patience = yield from patience_of(within, context, STEP_PATIENCE)
        query: Query = yield from ask_front(context, request, fields, context.run.now + patience, place)
        rows = [Row(row_name, row) for row in query.rows]
        if name is not None:
            context.scope[name.text] = _single(rows, row_name, instrument) if single else rows

    return execute


def _single(rows: Sequence[Row], row_name: str, instrument: str | None) -> Row:
    """The one record of an answer; of quotes, which come by prefix, the one of the very instrument."""
    for row in rows:
        if instrument is None or row_name != "DepthMarketData" or row.fields.get("InstrumentID") == instrument:
            return row
    return Row(row_name, {})


def _request(step: Step, compiler: Compiler) -> Executor:
    name, bound = step.parts["name"].text, step.word("as_name")
    row_name = api.requests()[name]
    settings = [(word.text, compiler.code(value)) for word, value in step.many("setting")]

    def execute(context: Context) -> Waiting:
        fields: Fields = {}
        for field_name, code in settings:
            fields[field_name] = field_value(row_name, field_name, (yield from code.evaluate(context)), code.place)
        actor, now = context.acting, context.run.now
        request, sent = actor.session.send(name, fields, now)
        actor.flush()
        sent.return_code = actor.session.return_codes.get(request.request_id, 0)
        if bound is not None:
            context.scope[bound.text] = sent

    return execute


EXECUTORS: Mapping[str, Callable[[Step, Compiler], Executor]] = {
    "place_order": _order,
    "cancel_all": _cancel_all,
    "target": _target,
    "flatten": _flatten,
    "query": _query,
    "request": _request,
}

# `buy`, `sell` and `cancel` are the venue's steps too; who acts decides (see `interpreter`).
session_order, session_cancel = _order, _cancel
