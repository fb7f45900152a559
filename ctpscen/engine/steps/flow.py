"""Steps of the flow: names, branches, loops, waits, texts, endings."""

from __future__ import annotations  # closures are made for every step, and theirs need not be evaluated

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from ctpscen.ctp.times import DAY, SECOND, date_of, day_start, from_duration, from_moment, spoken_duration, to_moment
from ctpscen.engine import limits
from ctpscen.engine.expressions.compile import Code, truth
from ctpscen.engine.expressions.conditions import Condition, await_condition, compile_condition
from ctpscen.engine.expressions.values import is_number, kind_of, show
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import Blocked, Failed, Place, ReturnValue, Skipped, Stopped
from ctpscen.engine.state.waits import Wait, Waiting
from ctpscen.engine.steps.binding import Compiler, CompileStep, Executor, bind
from ctpscen.language.syntax.tree import Chain, Expression, Prefix, Step, Word

STEP_PATIENCE = 30 * SECOND
"""How long a step waits that does not say how long."""


def _let(step: Step, compiler: Compiler) -> Executor:
    name: Word = step.parts["name"]

    def give(context: Context, value: Any) -> None:
        context.scope[name.text] = value

    return bind(compiler.values(step), give)


def _call(step: Step, compiler: Compiler) -> Executor:
    return bind(compiler.values(step), lambda _, __: None)


def _if(step: Step, compiler: Compiler) -> Executor:
    clauses = [(step.parts["value"][0], step.body or ()), *step.many("elif")]
    branches = [(compiler.code(condition), compiler.block(body)) for condition, body in clauses]
    otherwise = compiler.block(step.parts["else"]) if step.has("else") else None

    def execute(context: Context) -> Waiting:
        for condition, body in branches:
            if truth((yield from condition.evaluate(context)), condition.place):
                yield from body(context)
                return
        if otherwise is not None:
            yield from otherwise(context)

    return execute


def _for(step: Step, compiler: Compiler) -> Executor:
    name: Word = step.parts["name"]
    items, body = compiler.code(step.parts["value"][0]), compiler.block(step.body or ())

    def execute(context: Context) -> Waiting:
        values = yield from items.evaluate(context)
        if not isinstance(values, list):
            raise items.place.error(f"`for` goes through a list, not {kind_of(values)}")
        for value in list(values):
            context.scope[name.text] = value
            yield from body(context)

    return execute


def _repeat(step: Step, compiler: Compiler) -> Executor:
    count, body = compiler.code(step.parts["value"][0]), compiler.block(step.body or ())

    def execute(context: Context) -> Waiting:
        times = yield from count.evaluate(context)
        for _ in range(_whole(times, count.place)):
            yield from body(context)

    return execute


def _while(step: Step, compiler: Compiler) -> Executor:
    condition, count = compiler.codes(step.parts["value"])
    body = compiler.block(step.body or ())

    def execute(context: Context) -> Waiting:
        times = yield from count.evaluate(context)
        for _ in range(_whole(times, count.place)):
            if not truth((yield from condition.evaluate(context)), condition.place):
                return
            yield from body(context)
        if truth((yield from condition.evaluate(context)), condition.place):
            message = f"the condition is still true after {show(times)} rounds"
            raise Failed(condition.place.located("R620", message), message)

    return execute


def _whole(value: Any, place: Place) -> int:
    if not is_number(value) or value != int(value):
        raise place.error(f"a whole number is wanted here, not {show(value)}")
    return int(value)


def duration(value: Any, place: Place) -> int:
    """Microseconds of a duration. Raises ScenarioError for what is none."""
    if not isinstance(value, timedelta):
        raise place.error(f"a duration is wanted here, not {kind_of(value)}")
    microseconds = from_duration(value)
    if microseconds < 0:
        raise place.error(f"a duration is not negative, as {show(value)} is")
    if microseconds > limits.DAYS * DAY:
        raise place.error(f"no step takes longer than {limits.DAYS:,} days; this is {show(value)}")
    return microseconds


def _wait(step: Step, compiler: Compiler) -> Executor:
    (span,) = compiler.values(step)

    def pause(context: Context, value: Any) -> Waiting:
        yield Wait(deadline=context.run.now + duration(value, span.place))

    return bind([span], pause)


def _wait_until(step: Step, compiler: Compiler) -> Executor:
    """A time, or a condition; where the text does not tell which, the value does."""
    expression = step.parts["value"][0]
    value, condition = compiler.code(expression), compile_condition(expression, compiler.expressions)
    within = compiler.optional(step, "within")

    def execute(context: Context) -> Waiting:
        if not _is_condition(expression):
            found = yield from value.evaluate(context)
            if isinstance(found, time | date):
                yield Wait(deadline=_moment(found, context.run.now, value.place))
                return
            truth(found, value.place)
        patience = yield from patience_of(within, context, STEP_PATIENCE)
        looked = Condition(condition)
        if not (yield from await_condition(context, looked, context.run.now + patience)):
            message = f"it did not become true within {spoken_duration(patience)}"
            raise Failed(value.place.located("R621", message, notes=looked.found), message)

    return execute


def _is_condition(expression: Expression) -> bool:
    if isinstance(expression, Chain):
        return expression.level in ("and", "or", "comparison")
    return isinstance(expression, Prefix) and expression.operator == "not"


def _moment(value: time | date, now: int, place: Place) -> int:
    moment = next_moment(value, now)
    if moment < now:
        raise place.error(f"{show(value)} has passed")
    if moment - now > limits.DAYS * DAY:
        raise place.error(f"no step takes longer than {limits.DAYS:,} days; it is {show(to_moment(now))} now")
    return moment


def patience_of(within: Code | None, context: Context, default: int) -> Waiting:
    """The microseconds of `within`, or how long one waits without it."""
    return default if within is None else duration((yield from within.evaluate(context)), within.place)


def next_moment(value: time | date, now: int) -> int:
    """The next time of day, or the moment that a date and time name."""
    if isinstance(value, datetime):
        return from_moment(value)
    if isinstance(value, date):
        return day_start(value)
    moment = from_moment(datetime.combine(date_of(now), value))
    return moment if moment >= now else moment + DAY


def _wait_quiet(step: Step, compiler: Compiler) -> Executor:
    """Until no report has come for so long, counted from here."""
    (span,) = compiler.values(step)
    within = compiler.optional(step, "within")

    def execute(context: Context) -> Waiting:
        needed = duration((yield from span.evaluate(context)), span.place)
        patience = yield from patience_of(within, context, max(STEP_PATIENCE, needed))
        run, history = context.run, context.acting.inbox.history
        end = run.now + patience

        def is_news_since(seen: int) -> bool:  # a market that moves is quiet
            return any(report.name != "OnRtnDepthMarketData" for report in history[seen:])

        while run.now + needed <= end:
            if not (yield Wait(partial(is_news_since, len(history)), run.now + needed)):
                return
        message = f"it was never quiet for {spoken_duration(needed)} within {spoken_duration(patience)}"
        raise Failed(span.place.located("R622", message), message)

    return execute


def _log(step: Step, compiler: Compiler) -> Executor:
    def write(context: Context, value: Any) -> None:
        context.run.journal.add("log", context.run.now, text=show(value))

    return bind(compiler.values(step), write)


def _ending(kind: type[Failed] | type[Blocked] | type[Skipped]) -> CompileStep:
    """`fail`, `block`, `skip`; to skip is no mistake, so nothing is pointed at."""

    def compile_step(step: Step, compiler: Compiler) -> Executor:
        place = compiler.place(step)

        def end(_: Context, value: Any) -> None:
            raise kind(None if kind is Skipped else place.located("R623", show(value)), show(value))

        return bind(compiler.values(step), end)

    return compile_step


def _stop(_: Step, __: Compiler) -> Executor:
    def end(_: Context) -> None:
        raise Stopped

    return end


def _return(step: Step, compiler: Compiler) -> Executor:
    values = compiler.values(step)

    def leave(_: Context, *value: Any) -> None:
        raise ReturnValue(value[0] if value else None)

    return bind(values, leave)


def _actor(step: Step, compiler: Compiler) -> Executor:
    name, body = step.parts["name"].text, compiler.block(step.body or ())

    def execute(context: Context) -> Waiting:
        before, context.actor = context.actor, name
        try:
            yield from body(context)
        finally:
            context.actor = before

    return execute


EXECUTORS: Mapping[str, CompileStep] = {
    "let": _let,
    "call_step": _call,
    "if": _if,
    "for": _for,
    "repeat": _repeat,
    "while": _while,
    "wait": _wait,
    "wait_until": _wait_until,
    "wait_quiet": _wait_quiet,
    "log": _log,
    "fail": _ending(Failed),
    "skip": _ending(Skipped),
    "block": _ending(Blocked),
    "stop": _stop,
    "return": _return,
    "actor": _actor,
}
