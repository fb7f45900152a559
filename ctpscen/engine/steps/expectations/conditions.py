"""`expect CONDITION`, `check` and `require`: what must become true, or is."""

from __future__ import annotations  # closures are made for every step, and theirs need not be evaluated

from collections.abc import Mapping

from ctpscen.ctp.times import spoken_duration
from ctpscen.engine.expressions.conditions import Condition, await_condition, compile_condition
from ctpscen.engine.expressions.values import show
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import Blocked, Failed
from ctpscen.engine.state.waits import Waiting
from ctpscen.engine.steps.binding import Compiler, CompileStep, Executor
from ctpscen.engine.steps.expectations.search import DEFAULT_WAIT
from ctpscen.engine.steps.expectations.soft import softened
from ctpscen.engine.steps.flow import patience_of
from ctpscen.language.syntax.tree import Step


def _expect_condition(step: Step, compiler: Compiler) -> Executor:
    expression = step.parts["value"][0]
    condition = compile_condition(expression, compiler.expressions)
    within, place = compiler.optional(step, "within"), compiler.place(step)

    def execute(context: Context) -> Waiting:
        patience = yield from patience_of(within, context, DEFAULT_WAIT)
        looked, start = Condition(condition), context.run.now
        if not (yield from await_condition(context, looked, start + patience)):
            message = f"it does not hold: {condition.place.text}"
            notes = [*looked.found, f"waited {spoken_duration(context.run.now - start)}"]
            raise Failed(place.located("R614", message, notes=notes), message)

    return execute


def _or_else(kind: type[Failed] | type[Blocked]) -> CompileStep:
    """`check` and `require`: true now, or else; `require … within` waits."""

    def compile_step(step: Step, compiler: Compiler) -> Executor:
        expression, *reasons = step.parts["value"]
        condition = compile_condition(expression, compiler.expressions)
        reason = compiler.code(reasons[0]) if reasons else None
        within, place = compiler.optional(step, "within"), compiler.place(step)

        def execute(context: Context) -> Waiting:
            looked = Condition(condition)
            if within is None:
                holds = yield from looked.holds(context)
            else:
                patience = yield from patience_of(within, context, DEFAULT_WAIT)
                holds = yield from await_condition(context, looked, context.run.now + patience)
            if not holds:
                message = f"it does not hold: {condition.place.text}"
                if reason is not None:
                    message = show((yield from reason.evaluate(context)))
                raise kind(place.located("R615", message, notes=looked.found), message)

        return execute

    return compile_step


EXECUTORS: Mapping[str, CompileStep] = {
    "expect_condition": softened(_expect_condition),
    "check": softened(_or_else(Failed)),
    "require": _or_else(Blocked),
}
