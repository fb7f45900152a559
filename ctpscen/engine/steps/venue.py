"""Steps of the venue and the network: their parts are worked out here, and handed over as plain values."""

from __future__ import annotations  # closures are made for every step, and theirs need not be evaluated

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from ctpscen.client.books.orders import Order
from ctpscen.ctp.times import SECOND, from_moment
from ctpscen.engine.expressions.compile import Code
from ctpscen.engine.expressions.values import kind_of
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import Failed, NeedsQuote, Place
from ctpscen.engine.state.waits import Wait, Waiting
from ctpscen.engine.steps.binding import Compiler, Executor
from ctpscen.engine.steps.flow import duration, next_moment
from ctpscen.engine.steps.trading.orders import amounts, compile_order
from ctpscen.language.syntax.tree import Step, Word
from ctpscen.regular_files import LARGEST_TABLE, read_regular_text

ARRIVAL_PATIENCE = 5 * SECOND
"""How long a step of the venue waits for the order that it names to arrive at the exchange."""

# Parts that are words of the grammar: they go to the venue as they are.
_WORDS = (
    "name",
    "side",
    "dialog",
    "phase_name",
    "holding",
    "password_state",
    "limited",
    "profile_name",
    "refused",
    "stream",
    "to",
)
_NUMBERS = ("last", "pre_settlement", "next", "signed", "speed", "volatility", "seed")
_SPANS = ("for_span", "span", "jitter")


def command(context: Context, verb: str, arguments: Mapping[str, Any], place: Place) -> None:
    """Has the venue do something, and notes it as the scenario's own doing. Raises ScenarioError where it cannot."""
    run = context.run
    try:
        done = run.environment.command(verb, arguments)
    except ValueError as reason:
        raise place.error(str(reason)) from None
    run.journal.add("fault", run.now, text=done)
    run.changed()


def compile_command(step: Step, compiler: Compiler) -> Executor:
    """Any step of the venue of which the tables say all."""
    place = compiler.place(step)
    words = {part: word.text for part in _WORDS if isinstance(word := step.parts.get(part), Word)}
    flags = {part for part in ("yesterday", "per") if step.has(part)}
    numbers = {part: compiler.code(step.parts[part]) for part in _NUMBERS if step.has(part)}
    spans = {part: compiler.code(step.parts[part]) for part in _SPANS if step.has(part)}
    pairs = {part: compiler.codes(step.parts[part]) for part in ("bid", "ask") if step.has(part)}
    values = compiler.values(step)
    listed = compiler.codes(step.many("amount"))
    price = compiler.optional(step, "at")
    message = compiler.optional(step, "message")
    source, code = step.parts.get("by", (None, None)) if step.has("by") else (None, None)
    refusal = compiler.code(code) if code is not None else None

    def execute(context: Context) -> Waiting:
        arguments: dict[str, Any] = {"actor": context.actor, **words}
        arguments |= dict.fromkeys(flags, True)
        for part, each in numbers.items():
            arguments[part] = yield from each.evaluate(context)
        for part, each in spans.items():
            arguments[part] = duration((yield from each.evaluate(context)), each.place)
        for part, both in pairs.items():
            arguments[part] = yield from _several(both, context)
        arguments["values"] = yield from _several(values, context)
        arguments["amounts"] = yield from _several(listed, context)
        context.run.environment.list_instruments([each for each in arguments["amounts"] if isinstance(each, str)])
        if price is not None:
            arguments["price"] = yield from _price(price, context, arguments["amounts"])
        if message is not None:
            arguments["message"] = yield from message.evaluate(context)
        if source is not None:
            arguments["source"] = source.text
        if refusal is not None:
            arguments["code"] = yield from refusal.evaluate(context)
        command(context, step.verb, arguments, place)

    return execute


def _several(codes: list[Code], context: Context) -> Waiting:
    found = []
    for code in codes:
        value = yield from code.evaluate(context)
        found.append(value)
    return found


def _price(code: Code, context: Context, amounts_found: list[Any]) -> Waiting:
    """A price; price words in it mean the instrument of the step."""
    before = context.instrument
    context.instrument = next((each for each in amounts_found if isinstance(each, str)), before)
    try:
        return (yield from _as_seen_by_somebody(code, context))
    finally:
        context.instrument = before


def _as_seen_by_somebody(code: Code, context: Context) -> Waiting:
    """The venue has no market data of its own; a price word is what the first session sees."""
    actor = context.actor
    context.actor = next(iter(context.run.actors))
    try:
        return (yield from code.evaluate(context))
    except NeedsQuote:
        raise code.place.error("there is no market data yet") from None
    finally:
        context.actor = actor


def _outside_order(step: Step, compiler: Compiler) -> Executor:
    """`buy 2 rb2705 at 3150`: somebody without a session."""
    order, place = compile_order(step, compiler), compiler.place(step)

    def execute(context: Context) -> Waiting:
        volume, instrument = yield from amounts(order, context)
        context.run.environment.list_instruments([instrument])
        assert order.price is not None
        price = yield from _price(order.price, context, [instrument])
        arguments = {"side": order.side, "volume": volume, "instrument": instrument, "price": price}
        command(context, "order", arguments, place)

    return execute


def _named_order(step: Step, compiler: Compiler) -> Executor:
    """`fill` and the venue's `cancel`: the order that they name first arrives at the exchange."""
    place = compiler.place(step)
    (code,) = compiler.values(step)
    listed, price = compiler.codes(step.many("amount")), compiler.optional(step, "at")

    def execute(context: Context) -> Waiting:
        order = yield from code.evaluate(context)
        if not isinstance(order, Order):
            raise code.place.error(f"an order is wanted here, not {kind_of(order)}")
        yield from _arrived(context, order, code.place)
        arguments: dict[str, Any] = {"key": order.key, "amounts": (yield from _several(listed, context))}
        if price is not None:
            arguments["price"] = yield from _price(price, context, [order.value("InstrumentID")])
        command(context, step.verb, arguments, place)

    return execute


def _arrived(context: Context, order: Order, place: Place) -> Waiting:
    environment = context.run.environment

    def ready() -> bool:
        return environment.has_arrived(order.key)

    if not (yield Wait(ready, context.run.now + ARRIVAL_PATIENCE)):
        message = f"the order {order.key[2].strip()} is not at the exchange"
        raise Failed(place.located("R606", message), message)


def _clock(step: Step, compiler: Compiler) -> Executor:
    """Lets time pass until the clock shows a time; it never goes back."""
    (code,) = compiler.values(step)

    def execute(context: Context) -> Waiting:
        value = yield from code.evaluate(context)
        if not isinstance(value, time | date):
            raise code.place.error(f"the clock takes a time, not {kind_of(value)}")
        moment = next_moment(value, context.run.now)
        if not context.run.any_connected:
            command(context, "clock", {"values": [moment]}, code.place)
            return
        if moment < context.run.now:
            raise code.place.error("the clock does not go back")
        yield Wait(deadline=moment)

    return execute


def _replay(step: Step, compiler: Compiler) -> Executor:
    """`replay "ticks.csv"`: the file is looked for beside the scenario's."""
    place = compiler.place(step)
    path, speed = compiler.code(step.parts["value"][0]), compiler.optional(step, "speed")
    start = compiler.optional(step, "replay_from")

    def execute(context: Context) -> Waiting:
        name = yield from path.evaluate(context)
        if not isinstance(name, str):
            raise path.place.error(f"the name of a file is wanted here, not {kind_of(name)}")
        arguments: dict[str, Any] = {"file": name, "text": _beside(path.place, name)}
        if speed is not None:
            arguments["speed"] = yield from speed.evaluate(context)
        if start is not None:
            began = yield from start.evaluate(context)
            arguments["start"] = from_moment(datetime.combine(date(1970, 1, 1), began))
        command(context, "replay", arguments, place)

    return execute


def _beside(place: Place, name: str) -> str:
    """The text of a file that a scenario names, relative to the scenario's own."""
    path = Path(place.source.name).parent / name
    try:
        return read_regular_text(path, LARGEST_TABLE, "utf-8-sig")
    except OSError as reason:
        raise place.error(f"`{name}` cannot be read: {reason.strerror}") from None
    except UnicodeDecodeError:
        raise place.error(f"`{name}` is not UTF-8 text") from None


def _settle(_: Step, __: Compiler) -> Executor:
    """Lets the day end: its close, its settlement, and the evening on which the next trading day begins."""

    def execute(context: Context) -> Waiting:
        run = context.run
        evening = run.environment.next_evening()
        run.journal.add("fault", run.now, text="the day ends, and is settled")
        yield Wait(deadline=evening)

    return execute


EXECUTORS: Mapping[str, Callable[[Step, Compiler], Executor]] = {
    **dict.fromkeys(
        (
            "quote reject_next refuse drop delay duplicate reverse hold release_reports lose phase halt resume down up "
            "kick balance deposit withdraw position password unconfirmed latency limit profile walk cut heal "
            "stall flap"
        ).split(),
        compile_command,
    ),
    "fill": _named_order,
    "clock": _clock,
    "settle": _settle,
    "replay": _replay,
}
outside_order, cancel_by_exchange = _outside_order, _named_order
