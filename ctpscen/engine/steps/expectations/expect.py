"""`expect PATTERN`: so many reports that match, a total of them, or none."""

from __future__ import annotations  # closures are made for every step, and theirs need not be evaluated

from collections.abc import Mapping
from typing import Any

from ctpscen.client.books.reports import Report, Sent
from ctpscen.ctp.times import precise_text
from ctpscen.engine.expressions.describe import describe
from ctpscen.engine.expressions.patterns import Matcher, compile_pattern
from ctpscen.engine.expressions.values import equal, is_number, show
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import Failed, Place
from ctpscen.engine.state.waits import Wait, Waiting
from ctpscen.engine.steps.binding import Compiler, CompileStep, Executor, bind
from ctpscen.engine.steps.expectations.failures import as_written, search_failure, with_wait
from ctpscen.engine.steps.expectations.search import DEFAULT_WAIT, Search, report_count
from ctpscen.engine.steps.expectations.soft import softened
from ctpscen.engine.steps.flow import duration, patience_of
from ctpscen.language.syntax.tree import Step


def _expect(step: Step, compiler: Compiler) -> Executor:
    pattern = compile_pattern(step.parts["pattern"], compiler.expressions)
    name = step.word("as_name")
    amounts = {part: code for part in ("count", "at_least", "at_most") if (code := compiler.optional(step, part))}
    span = compiler.optional(step, "within") or compiler.optional(step, "for_span")
    place, wants_none = compiler.place(step), step.has("no")

    def execute(context: Context) -> Waiting:
        matcher: Matcher = yield from pattern.matcher(context)
        numbers = {}
        for part, code in amounts.items():
            numbers[part] = report_count((yield from code.evaluate(context)), code.place)
        if wants_none or "at_most" in numbers:
            lasting = 0 if span is None else duration((yield from span.evaluate(context)), span.place)
            taken = yield from _at_most(context, matcher, numbers.get("at_most", 0), lasting, place)
        elif pattern.total is not None:
            total = yield from pattern.total.evaluate(context)
            patience = yield from patience_of(span, context, DEFAULT_WAIT)
            taken = yield from _until_total(context, matcher, total, patience, place)
        else:
            patience = yield from patience_of(span, context, DEFAULT_WAIT)
            least = numbers.get("count", numbers.get("at_least", 1))
            taken = yield from _at_least(context, matcher, least, patience, place, all_of="at_least" in numbers)
        matcher.actor.inbox.take(taken)
        if name is not None:
            several = bool(numbers) or pattern.total is not None
            given = [_given(report) for report in taken]
            context.scope[name.text] = given if several else given[0]

    return execute


def _given(report: Report) -> Any:
    """What `as` names: of a call the order that it inserts, or the request; else the report."""
    if report.words is None or "request_id" not in report.words:
        return report
    if report.name == "ReqOrderInsert" and report.order is not None:
        return report.order
    return Sent(report.name, report.request_id, report.words["return_code"])


def _at_least(context: Context, matcher: Matcher, least: int, patience: int, place: Place, *, all_of: bool) -> Waiting:
    """The oldest so many; with `all_of` everything that is there by then."""
    search, run = Search(matcher), context.run
    start = run.now

    def ready() -> bool:
        search.look()
        return len(search.found) >= least or search.over(wait, run.now)

    wait = Wait(ready, start + patience)
    yield wait
    search.look()
    if len(search.found) >= least:
        return search.found if all_of else search.found[:least]
    message = f"there was no {as_written(matcher)}"
    if least != 1 or all_of:
        count = f"{'at least ' if all_of else ''}{least}"
        message = f"{len(search.found) or 'none'} of {count} came: {as_written(matcher)}"
    raise search_failure(search, message, place, start, patience)


def _until_total(context: Context, matcher: Matcher, total: Any, patience: int, place: Place) -> Waiting:
    """Reports whose volumes add up; more than wanted is a failure at once."""
    search, run = Search(matcher), context.run
    start = run.now

    def summed() -> Any:
        return sum((report.fields or {}).get("Volume", 0) for report in search.found)

    def ready() -> bool:
        search.look()
        return summed() >= total or search.over(wait, run.now)

    if not is_number(total):
        raise place.error(f"a total is a number, not {show(total)}")
    wait = Wait(ready, start + patience)
    yield wait
    search.look()
    taken, volume = [], 0
    for report in search.found:
        if equal(volume, total) or volume > total:
            break
        taken.append(report)
        volume += (report.fields or {}).get("Volume", 0)
    if equal(volume, total) and taken:
        return taken
    which = "more than" if volume > total else "not"
    message = f"the volumes add up to {volume}, {which} {show(total)}: {as_written(matcher)}"
    raise search_failure(search, message, place, start, patience)


def _at_most(context: Context, matcher: Matcher, most: int, lasting: int, place: Place) -> Waiting:
    """No more than so many, now and for as long as is asked."""
    search, run = Search(matcher), context.run
    start = run.now

    def ready() -> bool:
        search.look()
        return len(search.found) > most

    if lasting:
        yield Wait(ready, start + lasting)
    search.look()
    if len(search.found) <= most:
        return search.found
    first = search.found[most]
    what = as_written(matcher)
    message = f"there was {what}, and none was wanted" if not most else f"there were more than {most} {what}"
    notes = [f"it came at {precise_text(first.at)}: {describe(first)}"]
    if first.at < start:
        notes.append("it came before this step; what has come until then is taken by an `expect`, or by `forget`")
    raise Failed(place.located("R612", message, notes=with_wait(notes, run.now - start)), message)


def _forget(_: Step, __: Compiler) -> Executor:
    return bind([], lambda context: context.acting.inbox.forget())


EXECUTORS: Mapping[str, CompileStep] = {"expect": softened(_expect), "forget": _forget}
