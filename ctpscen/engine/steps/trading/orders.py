"""Orders and cancels: the step as it is compiled, worked out, and sent."""

from __future__ import annotations  # closures are made for every step, and theirs need not be evaluated

from collections.abc import Mapping, Sequence
from typing import Any, cast

from attrs import frozen

from ctpscen.client.books.orders import Order
from ctpscen.client.new_order import NewOrder, Trigger
from ctpscen.ctp.codes import Comparison, Price, has_value
from ctpscen.ctp.messages import Fields
from ctpscen.engine.expressions.compile import Code, evaluate_all
from ctpscen.engine.expressions.prices import wait_for_quote
from ctpscen.engine.expressions.values import is_number, kind_of, show
from ctpscen.engine.state.actors import Actor
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import Place
from ctpscen.engine.state.waits import Waiting
from ctpscen.engine.steps.binding import Compiler, CompileStep, Executor, each_of
from ctpscen.engine.steps.trading.fields import field_value
from ctpscen.language.syntax.tree import Chain, PriceWord, Step, Word


@frozen(eq=False, repr=False)
class OrderCode:
    """A compiled order step. `price_kind` is the word of a price that is no number, '' for one that is."""

    place: Place
    side: str
    offset: str
    volume: Code | None
    instrument: Code | None
    unclear: tuple[Code, ...]
    price: Code | None
    price_kind: str
    purpose: str
    duration: str
    when: tuple[Price, Comparison, Code] | None
    settings: tuple[tuple[str, Code], ...]
    texts: Mapping[str, Code]


def compile_order(step: Step, compiler: Compiler) -> OrderCode:
    """An order, whose parts the checker has told apart."""
    side, offset, at = step.word("side"), step.word("offset"), step.parts.get("at")
    texts = {name: code for name in ("ref", "memo", "min_volume") if (code := compiler.optional(step, name))}
    return OrderCode(
        place=compiler.place(step),
        side=side.text if side else "buy",
        offset=offset.text if offset else "open",
        volume=compiler.optional(step, "volume"),
        instrument=compiler.optional(step, "instrument"),
        unclear=tuple(compiler.codes(step.many("unclear"))),
        price=compiler.code(at) if at is not None and not isinstance(at, Word) else None,
        price_kind=at.text if isinstance(at, Word) else "",
        purpose=next((each for each in ("hedge", "arbitrage") if step.has(each)), "speculation"),
        duration=next((each for each in ("fok", "fak") if step.has(each)), "day"),
        when=_compile_trigger(step, compiler),
        settings=tuple((word.text, compiler.code(value)) for word, value in step.many("with")),
        texts=texts,
    )


def _compile_trigger(step: Step, compiler: Compiler) -> tuple[Price, Comparison, Code] | None:
    """`when last >= 71000`; the checker lets nothing else stand there."""
    when = step.expression("when")
    if not (isinstance(when, Chain) and isinstance(when.operands[0], PriceWord)):
        return None
    price, comparison = cast(Price, when.operands[0].word), cast(Comparison, when.operators[0])
    return price, comparison, compiler.code(when.operands[1])


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


def input_order(code: OrderCode, context: Context, volume: int, instrument: str) -> Waiting:
    """The InputOrder that the step describes."""
    order = NewOrder(
        instrument=instrument,
        side=code.side,
        offset=code.offset,
        volume=volume,
        price=code.price_kind or (yield from _price(code, context, instrument)),
        purpose=code.purpose,
        duration=code.duration,
        min_volume=(yield from _text(code, "min_volume", "MinVolume", context)),
        memo=(yield from _text(code, "memo", "OrderMemo", context)),
        trigger=None if code.when is None else (yield from _trigger(*code.when, context)),
    )
    fields = order.fields()
    for name, setting in code.settings:
        fields[name] = field_value("InputOrder", name, (yield from setting.evaluate(context)), setting.place)
    return fields


def _text(code: OrderCode, name: str, field_name: str, context: Context) -> Waiting:
    """What stands behind one of an order's words; None where the word is not there."""
    text = code.texts.get(name)
    if text is None:
        return None
    return field_value("InputOrder", field_name, (yield from text.evaluate(context)), text.place)


def _trigger(price: Price, comparison: Comparison, stop: Code, context: Context) -> Waiting:
    value = yield from stop.evaluate(context)
    return Trigger(price, comparison, field_value("InputOrder", "StopPrice", value, stop.place))


def _price(code: OrderCode, context: Context, instrument: str) -> Waiting:
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
    if not has_value(price):
        raise place.error(f"nobody {'sells' if side == 'buy' else 'buys'} {instrument} now; say at which price")
    return float(price)


def order_step(step: Step, compiler: Compiler) -> Executor:
    code, name = compile_order(step, compiler), step.word("as_name")

    def execute(context: Context) -> Waiting:
        volume, instrument = yield from amounts(code, context)
        context.run.environment.list_instruments([instrument])
        fields = yield from input_order(code, context, volume, instrument)
        reference = yield from _text(code, "ref", "OrderRef", context)
        reference = fields.pop("OrderRef", reference)
        order = send_order(context.acting, fields, context.run.now, reference)
        if name is not None:
            context.scope[name.text] = order

    return execute


def send_order(actor: Actor, fields: Fields, now: int, reference: str | None = None) -> Order:
    """Sends an order, as one of this run's own."""
    order = actor.session.insert(fields, now, reference)
    actor.sent.append(order)
    actor.flush()
    return order


def cancel_step(step: Step, compiler: Compiler) -> Executor:
    codes = compiler.values(step)

    def execute(context: Context) -> Waiting:
        values, actor = (yield from evaluate_all(codes, context)), context.acting
        for order, place in each_of(values, codes):
            if not isinstance(order, Order):
                raise place.error(f"an order is wanted here, not {kind_of(order)}")
        for value in values:
            for order in _touchable(context, value) if isinstance(value, list) else [value]:
                actor.session.cancel(order, context.run.now)
                actor.flush()

    return execute


def _touchable(context: Context, orders: Sequence[Order]) -> Sequence[Order]:
    """Those of a list that a step may touch which names none of them by itself."""
    foreign = [order for order in orders if order.input is None]
    if not foreign:
        return orders
    left_alone = set(foreign) - set(context.run.environment.touchable_orders(context.acting))
    if left_alone:
        text = f"left alone, because this run did not send them: {len(left_alone)} of {len(orders)} orders"
        context.run.journal.add("note", context.run.now, text=text)
    return [order for order in orders if order not in left_alone]


EXECUTORS: Mapping[str, CompileStep] = {"place_order": order_step}
"""`buy`, `sell` and `cancel` are the venue's steps too; who acts decides (see `interpreter`)."""
