"""Steps that bring about a state, with as many orders and cancels as that takes: `cancel all`, `target`, `flatten`."""

from __future__ import annotations  # closures are made for every step, and theirs need not be evaluated

from collections.abc import Mapping, Sequence

from attrs import evolve

from ctpscen.client.books.orders import Order
from ctpscen.client.books.positions import Position, from_rows
from ctpscen.client.closing import changes, closes
from ctpscen.client.queries import Query
from ctpscen.ctp.codes import Direction
from ctpscen.ctp.schema import constants
from ctpscen.ctp.times import spoken_duration
from ctpscen.engine.expressions.compile import Code, evaluate_all
from ctpscen.engine.expressions.functions import ask_front
from ctpscen.engine.expressions.values import is_number, show
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import Failed, Place
from ctpscen.engine.state.waits import Wait, Waiting
from ctpscen.engine.steps.binding import Compiler, CompileStep, Executor, each_of
from ctpscen.engine.steps.flow import STEP_PATIENCE, patience_of
from ctpscen.engine.steps.trading.orders import OrderCode, compile_order, input_order, send_order
from ctpscen.language.syntax.tree import Step

# ------------------------------------------------------------------------------------------------------- cancel all


def _cancel_all(step: Step, compiler: Compiler) -> Executor:
    place, within = compiler.place(step), compiler.optional(step, "within")
    codes = compiler.codes(step.many("amount"))

    def execute(context: Context) -> Waiting:
        only = yield from _instruments(codes, context)
        patience = yield from patience_of(within, context, STEP_PATIENCE)
        yield from cancel_and_wait(context, working_orders(context, only), patience, place)

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


def _instruments(codes: Sequence[Code], context: Context) -> Waiting:
    """The instruments that a step names; None where it means every one."""
    values = yield from evaluate_all(codes, context)
    return [str(each) for each, _ in each_of(values, codes)] if codes else None


def working_orders(context: Context, only: Sequence[str] | None) -> list[Order]:
    """The orders that work, of some instruments or of all, as far as a step may touch them."""
    return [
        order
        for order in context.run.environment.touchable_orders(context.acting)
        if order.is_working and (only is None or order.value("InstrumentID") in only)
    ]


# ------------------------------------------------------------------------------------------------ target and flatten


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
        plan = changes(instrument, held, change)
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
    return order.remaining if order.value("Direction") == Direction.BUY else -order.remaining


def _flatten(step: Step, compiler: Compiler) -> Executor:
    """Cancels what works, then closes everything, of some instruments or of all."""
    place, within, name = compiler.place(step), compiler.optional(step, "within"), step.word("as_name")
    codes, order = compiler.codes(step.many("amount")), compile_order(step, compiler)

    def execute(context: Context) -> Waiting:
        only = yield from _instruments(codes, context)
        patience = yield from patience_of(within, context, STEP_PATIENCE)
        deadline = context.run.now + patience
        yield from cancel_and_wait(context, working_orders(context, only), patience, place)
        orders: list[Order] = []
        instruments = yield from _held_instruments(context, only, deadline, place)
        for instrument in instruments:
            held = yield from held_now(context, instrument, deadline, place)
            for buy in (False, True):
                plan = closes(instrument, held, buy=buy, volume=held.short if buy else held.long)
                orders += yield from send_plan(context, order, instrument, "buy" if buy else "sell", plan)
        if name is not None:
            context.scope[name.text] = orders

    return execute


def send_plan(
    context: Context, code: OrderCode, instrument: str, side: str, plan: Sequence[tuple[str, int]]
) -> Waiting:
    """Sends one order for each offset of a plan; gives them."""
    orders = []
    for offset, volume in plan:
        each = evolve(code, side=side, offset=offset)
        fields = yield from input_order(each, context, volume, instrument)
        orders.append(send_order(context.acting, fields, context.run.now))
    return orders


def held_now(context: Context, instrument: str, deadline: int, place: Place) -> Waiting:
    """What is held and may be touched: as the front says, asked again if a report came in between, or as is known."""
    actor = context.acting
    known = context.run.environment.touchable_positions(actor)
    if known is not None:
        return known.get(instrument, Position())
    while True:
        seen = actor.inbox.news
        query: Query = yield from ask_front(
            context, "ReqQryInvestorPosition", {"InstrumentID": instrument}, deadline, place, actor
        )
        if actor.inbox.news == seen or context.run.now >= deadline:
            return from_rows(query.rows, instrument)


def _held_instruments(context: Context, only: Sequence[str] | None, deadline: int, place: Place) -> Waiting:
    if only is not None:
        return only
    actor = context.acting
    known = context.run.environment.touchable_positions(actor)
    if known is not None:
        return list(known)
    query: Query = yield from ask_front(context, "ReqQryInvestorPosition", {}, deadline, place, actor)
    return list(dict.fromkeys(row["InstrumentID"] for row in query.rows if row.get("Position")))


EXECUTORS: Mapping[str, CompileStep] = {
    "cancel_all": _cancel_all,
    "target": _target,
    "flatten": _flatten,
}
