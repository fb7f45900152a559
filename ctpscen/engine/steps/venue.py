"""Steps of the venue and the network: their parts are worked out here, and handed over as a command."""

from __future__ import annotations  # closures are made for every step, and theirs need not be evaluated

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Literal

from ctpscen.client.books.orders import Order
from ctpscen.ctp import commands
from ctpscen.ctp.commands.record import Command, Done
from ctpscen.ctp.times import SECOND, from_moment
from ctpscen.engine.expressions.compile import Code, evaluate_all
from ctpscen.engine.expressions.values import is_number, kind_of
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import Failed, NeedsQuote, NoVenue, Place, Skipped
from ctpscen.engine.state.waits import Wait, Waiting
from ctpscen.engine.steps.binding import Compiler, Executor, each_of
from ctpscen.engine.steps.flow import duration, next_moment
from ctpscen.engine.steps.trading.orders import amounts, compile_order
from ctpscen.engine.steps.venue_commands import COMMANDS, lots, optional_number
from ctpscen.language.meaning.types import DURATION, Type
from ctpscen.language.meaning.verbs import VERBS, Form, spoken_verb
from ctpscen.language.syntax.tree import Step
from ctpscen.regular_files import LARGEST_TABLE, read_regular_text

ARRIVAL_PATIENCE = 5 * SECOND
"""How long a step of the venue waits for the order that it names to arrive at the exchange."""


def perform(context: Context, step: Step, command: Command, place: Place) -> Done:
    """Has a command carried out, and notes it as the scenario's own doing. Raises ScenarioError, and Skipped."""
    run = context.run
    try:
        done = run.environment.command(command)
    except ValueError as reason:
        raise place.error(str(reason)) from None
    except NoVenue:
        raise Skipped(reason=f"`{spoken_verb(step.verb)}` needs the simulated venue") from None
    run.journal.fault(run.now, command, done)
    run.changed()
    return done


def _compile_command(step: Step, compiler: Compiler) -> Executor:
    """Any step of which its row and the table above say all."""
    place, make, row = compiler.place(step), COMMANDS[step.verb], VERBS[step.verb]
    values, listed = compiler.values(step), compiler.codes(step.many("amount"))
    written = [(part, _evaluation(step, part, form, compiler)) for part, form in row.parts.items() if step.has(part)]

    def execute(context: Context) -> Waiting:
        instruments = yield from evaluate_all(listed, context)
        if row.takes_lists:
            instruments = [each for each, _ in each_of(instruments, listed)]
        context.run.environment.list_instruments([each for each in instruments if isinstance(each, str)])
        parts: dict[str, Any] = {"actor": context.actor, "values": []}
        for code, kind in zip(values, row.values, strict=True):
            value = yield from code.evaluate(context)
            parts["values"].append(duration(value, code.place) if kind == DURATION else value)
        for part, evaluate in written:
            parts[part] = yield from evaluate(context, instruments)
        try:
            done_to = [[each] for each in instruments] if row.takes_lists and listed else [instruments]
            made = [make({**parts, "amounts": each}) for each in done_to]
        except ValueError as reason:
            raise place.error(str(reason)) from None
        for command in made:
            perform(context, step, command, place)
        if (waiting := context.run.environment.after_cut()) is not None:
            yield from waiting

    return execute


_Evaluation = Callable[[Context, Sequence[Any]], Waiting]
"""Gives the value of a part, where the step is about these volumes and instruments."""


def _evaluation(step: Step, part: str, form: Type | Form, compiler: Compiler) -> _Evaluation:
    """How a part of this form is evaluated."""
    written = step.parts[part]
    if form == "flag":
        return _constant(True)
    if form in ("word", "session"):
        return _constant(written.text)
    if form == "refusal":
        source, code = written
        return _refusal(source.text, None if code is None else compiler.code(code))
    if form == "level":
        return _both(compiler.codes(written))
    code = compiler.code(written)
    if form == "price":
        return lambda context, instruments: _price(code, context, instruments)
    return _span(code) if form == DURATION else lambda context, _: code.evaluate(context)


def _constant(value: Any) -> _Evaluation:
    def evaluate(_: Context, __: Sequence[Any]) -> Waiting:
        yield from ()
        return value

    return evaluate


def _refusal(source: str, code: Code | None) -> _Evaluation:
    def evaluate(context: Context, _: Sequence[Any]) -> Waiting:
        return source, None if code is None else (yield from code.evaluate(context))

    return evaluate


def _both(codes: list[Code]) -> _Evaluation:
    def evaluate(context: Context, _: Sequence[Any]) -> Waiting:
        return (yield from evaluate_all(codes, context))

    return evaluate


def _span(code: Code) -> _Evaluation:
    def evaluate(context: Context, _: Sequence[Any]) -> Waiting:
        return duration((yield from code.evaluate(context)), code.place)

    return evaluate


def _price(code: Code, context: Context, amounts_found: Sequence[Any]) -> Waiting:
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


# ------------------------------------------------------------------------------------------- steps that do more


def _outside_order(step: Step, compiler: Compiler) -> Executor:
    """`buy 2 rb2705 at 3150`: somebody without a session."""
    order, place = compile_order(step, compiler), compiler.place(step)

    def execute(context: Context) -> Waiting:
        volume, instrument = yield from amounts(order, context)
        context.run.environment.list_instruments([instrument])
        if order.price is None:
            raise place.error("somebody who is no session buys and sells at a price")
        price = yield from _price(order.price, context, [instrument])
        if not is_number(price):
            raise order.price.place.error(f"a price is wanted here, not {kind_of(price)}")
        side: Literal["buy", "sell"] = "buy" if order.side == "buy" else "sell"
        perform(context, step, commands.market.OutsideOrder(side, volume, str(instrument), price), place)

    return execute


def _fill(step: Step, compiler: Compiler) -> Executor:
    """The order that it names first arrives at the exchange."""
    place = compiler.place(step)
    (code,), (volume,) = compiler.values(step), compiler.codes(step.many("amount"))
    price = compiler.optional(step, "at")

    def execute(context: Context) -> Waiting:
        order = yield from _arrived((yield from code.evaluate(context)), code.place, context)
        traded = yield from volume.evaluate(context)
        at = None if price is None else (yield from _price(price, context, [order.value("InstrumentID")]))
        front, session, reference = order.key
        try:
            command = commands.market.Fill(
                front_id=front, session_id=session, order_ref=reference, volume=lots(traded), price=optional_number(at)
            )
        except ValueError as reason:
            raise place.error(str(reason)) from None
        perform(context, step, command, place)

    return execute


def _cancel(step: Step, compiler: Compiler) -> Executor:
    """By the exchange."""
    place = compiler.place(step)
    codes = compiler.values(step)

    def execute(context: Context) -> Waiting:
        values = yield from evaluate_all(codes, context)
        for value, named_at in each_of(values, codes):
            order = yield from _arrived(value, named_at, context)
            front, session, reference = order.key
            command = commands.market.CancelByExchange(front_id=front, session_id=session, order_ref=reference)
            perform(context, step, command, place)

    return execute


def _arrived(order: Any, place: Place, context: Context) -> Waiting:
    """The order that a step names, once it is at its exchange."""
    environment = context.run.environment
    if not isinstance(order, Order):
        raise place.error(f"an order is wanted here, not {kind_of(order)}")

    run, looked_at = context.run, -1

    def ready() -> bool:
        """It has arrived, and a report has told so; or none will, for reports are held."""
        nonlocal looked_at
        if not environment.has_arrived(order.key):
            looked_at = run.changes
            return False
        return run.changes != looked_at or any(environment.reports_held_back(name) for name in run.actors)

    if not (yield Wait(ready, run.now + ARRIVAL_PATIENCE, on_venue=True)):
        message = f"the order {order.key[2].strip()} is not at the exchange"
        raise Failed(place.located("R606", message), message)
    return order


def _clock(step: Step, compiler: Compiler) -> Executor:
    """Lets time pass until the clock shows a time; it never goes back."""
    (code,) = compiler.values(step)

    def execute(context: Context) -> Waiting:
        value = yield from code.evaluate(context)
        if not isinstance(value, time | date):
            raise code.place.error(f"the clock takes a time, not {kind_of(value)}")
        moment = next_moment(value, context.run.now)
        if not context.run.any_connected:
            before = context.run.now
            perform(context, step, commands.market.SetClock(moment), code.place)
            context.run.clock_set_by += context.run.now - before
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
        text = _beside(path.place, name)
        times = 1 if speed is None else (yield from speed.evaluate(context))
        if not is_number(times):
            raise place.error(f"a number is wanted here, not {kind_of(times)}")
        began = None
        if start is not None:
            value = yield from start.evaluate(context)
            if not isinstance(value, time):
                raise start.place.error(f"a time of day is wanted here, not {kind_of(value)}")
            began = from_moment(datetime.combine(date(1970, 1, 1), value))
        perform(context, step, commands.market.Replay(str(name), text, times, began), place)

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


def _settle(step: Step, compiler: Compiler) -> Executor:
    """Lets the day end: its close, its settlement, and the evening on which the next trading day begins."""
    place = compiler.place(step)

    def execute(context: Context) -> Waiting:
        done = perform(context, step, commands.market.Settle(), place)
        yield Wait(deadline=done["until"])

    return execute


EXECUTORS: Mapping[str, Callable[[Step, Compiler], Executor]] = {
    **dict.fromkeys(COMMANDS, _compile_command),
    "fill": _fill,
    "clock": _clock,
    "settle": _settle,
    "replay": _replay,
}
outside_order, cancel_by_exchange = _outside_order, _cancel
