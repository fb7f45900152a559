"""`expect in order:` and `expect in any order:`: several patterns, a report of its own for each."""

from __future__ import annotations  # closures are made for every step, and theirs need not be evaluated

from collections.abc import Mapping, Sequence

from ctpscen.client.books.reports import Report
from ctpscen.engine.expressions.patterns import compile_pattern
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import Failed
from ctpscen.engine.state.waits import Wait, Waiting
from ctpscen.engine.steps.binding import Compiler, CompileStep, Executor
from ctpscen.engine.steps.expectations.failures import as_written, came_as_wanted, nearest_reports, time_waited
from ctpscen.engine.steps.expectations.search import DEFAULT_WAIT, Search
from ctpscen.engine.steps.expectations.soft import softened
from ctpscen.engine.steps.flow import patience_of
from ctpscen.language.syntax.tree import Step


def _expect_listed(*, in_order: bool) -> CompileStep:
    def compile_step(step: Step, compiler: Compiler) -> Executor:
        listed = [(compile_pattern(pattern, compiler.expressions), name) for pattern, name in step.many("listed")]
        within = compiler.optional(step, "within")

        def execute(context: Context) -> Waiting:
            searches = []
            for pattern, _ in listed:
                matcher = yield from pattern.matcher(context)
                searches.append(Search(matcher))
            patience = yield from patience_of(within, context, DEFAULT_WAIT)
            start, run = context.run.now, context.run
            assign = _in_sequence if in_order else _one_each

            def ready() -> bool:
                for search in searches:
                    search.look()
                taken = assign(searches)
                missing = [search for search, report in zip(searches, taken, strict=True) if report is None]
                return not missing or any(search.over(wait, run.now) for search in missing)

            wait = Wait(ready, start + patience)
            yield wait
            ready()
            taken = assign(searches)
            if None in taken:
                raise _listed_failure(searches, taken, start, patience, in_order=in_order)
            reports = [report for report in taken if report is not None]
            context.acting.inbox.take(reports)
            for (_, name), report in zip(listed, reports, strict=True):
                if name is not None:
                    context.scope[name.text] = report

        return execute

    return compile_step


def _in_sequence(searches: Sequence[Search]) -> list[Report | None]:
    """For each pattern the first report after the one before; None from the first that has none."""
    taken: list[Report | None] = []
    last = 0
    for search in searches:
        report = next((each for each in search.found if each.number > last), None)
        if report is None:
            return [*taken, *[None] * (len(searches) - len(taken))]
        taken.append(report)
        last = report.number
    return taken


def _one_each(searches: Sequence[Search]) -> list[Report | None]:
    """A report of its own for each pattern, by augmenting paths: no greedy choice hides a solution."""
    owner: dict[int, int] = {}

    def place_pattern(index: int, tried: set[int]) -> bool:
        for report in searches[index].found:
            if report.number not in tried:
                tried.add(report.number)
                if report.number not in owner or place_pattern(owner[report.number], tried):
                    owner[report.number] = index
                    return True
        return False

    for index in range(len(searches)):
        place_pattern(index, set())
    by_number = {report.number: report for search in searches for report in search.found}
    taken: list[Report | None] = [None] * len(searches)
    for number, index in owner.items():
        taken[index] = by_number[number]
    return taken


def _listed_failure(
    searches: Sequence[Search], taken: Sequence[Report | None], start: int, patience: int, *, in_order: bool
) -> Failed:
    missing = next(index for index, report in enumerate(taken) if report is None)
    matcher = searches[missing].matcher
    after = f" after {as_written(searches[missing - 1].matcher)}" if in_order and missing else ""
    message = f"there was no {as_written(matcher)}{after}"
    ended = next((end for search in searches if (end := search.end_note())), "")
    notes = [time_waited(start, matcher.context.run.now, patience, ended)]
    came = sorted((each for each in taken if each is not None), key=lambda each: each.number)
    notes += came_as_wanted(came)
    notes += nearest_reports(matcher, came, in_order=in_order)
    return Failed(matcher.pattern.place.located("R613", message, notes=notes), message)


EXECUTORS: Mapping[str, CompileStep] = {
    "expect_in_order": softened(_expect_listed(in_order=True)),
    "expect_in_any_order": softened(_expect_listed(in_order=False)),
}
