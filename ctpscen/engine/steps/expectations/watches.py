"""`never` and `always`: what is looked at with every report, from here to the end of the scenario."""

from __future__ import annotations  # closures are made for every step, and theirs need not be evaluated

from collections import deque
from collections.abc import Callable, Iterable, Mapping

from ctpscen.client.books.reports import Report
from ctpscen.ctp.reports import kind_of_call
from ctpscen.ctp.times import precise_text, spoken_duration
from ctpscen.engine.expressions.compile import truth
from ctpscen.engine.expressions.conditions import Condition, ConditionCode, compile_condition
from ctpscen.engine.expressions.describe import describe
from ctpscen.engine.expressions.patterns import Matcher, compile_pattern
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import Failed, Outcome
from ctpscen.engine.state.waits import Waiting
from ctpscen.engine.steps.binding import Compiler, CompileStep, Executor
from ctpscen.engine.steps.expectations.failures import as_written
from ctpscen.engine.steps.expectations.search import report_count
from ctpscen.engine.steps.flow import duration
from ctpscen.language.syntax.tree import Step


def _never(step: Step, compiler: Compiler) -> Executor:
    pattern, place = compile_pattern(step.parts["pattern"], compiler.expressions), compiler.place(step)

    def execute(context: Context) -> Waiting:
        watching = _watching_context(context)
        matcher: Matcher = yield from pattern.matcher(watching)

        def watch(report: Report) -> None:
            if matcher.matches(report):
                message = f"there was {as_written(matcher)}, which must never be"
                notes = [f"it came at {precise_text(report.at)}: {describe(report)}"]
                context.run.violation = Failed(place.located("R616", message, notes=notes), message)

        context.acting.watch(_guarded(context, watch))

    return execute


def _never_more(step: Step, compiler: Compiler) -> Executor:
    """No stretch of time has more than so many; reports exactly that far apart are not in one."""
    pattern, place = compile_pattern(step.parts["pattern"], compiler.expressions), compiler.place(step)
    (most,), within = compiler.values(step), compiler.code(step.required("within"))

    def execute(context: Context) -> Waiting:
        watching = _watching_context(context)
        matcher: Matcher = yield from pattern.matcher(watching)
        limit = report_count((yield from most.evaluate(context)), most.place)
        span = duration((yield from within.evaluate(context)), within.place)
        times: deque[int] = deque()

        def watch(report: Report) -> None:
            if not matcher.matches(report):
                return
            times.append(report.at)
            while times[0] <= report.at - span:
                times.popleft()
            if len(times) > limit:
                first = precise_text(times[0])
                message = (
                    f"there were {len(times)} within {spoken_duration(span)}, more than {limit}: {as_written(matcher)}"
                )
                notes = [f"the first of them at {first}, the last at {precise_text(report.at)}: {describe(report)}"]
                context.run.violation = Failed(place.located("R619", message, notes=notes), message)

        context.acting.watch(_guarded(context, watch), calls=kind_of_call(pattern.kind) is not None)

    return execute


def _always(step: Step, compiler: Compiler) -> Executor:
    expression = step.parts["value"][0]
    code, place = compiler.code(expression), compiler.place(step)
    condition = compile_condition(expression, compiler.expressions)

    def execute(context: Context) -> Waiting:
        watching = _watching_context(context)
        assert code.plain is not None, "nothing in `always` takes time"

        def failure(notes: Iterable[str]) -> Failed:
            message = f"it is not always so: {code.place.text}"
            return Failed(place.located("R617", message, notes=tuple(notes)), message)

        looked = Condition(condition)
        if not (yield from looked.holds(watching)):
            raise failure(looked.found)

        def watch(report: Report) -> None:
            assert code.plain is not None
            if not truth(code.plain(watching), code.place):
                context.run.violation = failure([*_found_now(condition, watching), f"after {describe(report)}"])

        context.acting.watch(_guarded(context, watch))

    return execute


def _found_now(condition: ConditionCode, context: Context) -> list[str]:
    """What the condition's sides are at this moment; nothing in it takes time."""
    looked = Condition(condition)
    for _ in looked.holds(context):
        break
    return looked.found


def _watching_context(context: Context) -> Context:
    """A context that keeps who acts, and sees the scenario's names as they change."""
    return Context(context.run, context.scope, context.actor)


def _guarded(context: Context, watch: Callable[[Report], None]) -> Callable[[Report], None]:
    """What goes wrong in a watch is the scenario's to answer for, not the session's that was delivering."""

    def guarded(report: Report) -> None:
        if context.run.violation is None:
            try:
                watch(report)
            except Outcome as outcome:
                context.run.violation = outcome

    return guarded


EXECUTORS: Mapping[str, CompileStep] = {"never": _never, "never_more": _never_more, "always": _always}
