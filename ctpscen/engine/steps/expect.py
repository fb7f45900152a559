"""Expectations: what must come, what must not, what must be so."""

from __future__ import annotations  # closures are made for every step, and theirs need not be evaluated

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from attrs import define, field

from ctpscen.client.books.orders import Order
from ctpscen.client.books.reports import Report, Sent
from ctpscen.ctp.reports import kind_of_call
from ctpscen.ctp.schema import constants
from ctpscen.ctp.times import SECOND, precise_text, spoken_duration
from ctpscen.engine.expressions.compile import Code, truth
from ctpscen.engine.expressions.conditions import Condition, compile_condition
from ctpscen.engine.expressions.describe import describe
from ctpscen.engine.expressions.patterns import Matcher, PatternCode, compile_pattern
from ctpscen.engine.expressions.values import equal, is_number, show
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import Blocked, Failed, Outcome, Place
from ctpscen.engine.state.program_actor import ProgramActor
from ctpscen.engine.state.waits import Wait, Waiting
from ctpscen.engine.steps.binding import Compiler, Executor, bind
from ctpscen.engine.steps.flow import duration, patience_of
from ctpscen.engine.steps.program import state_of
from ctpscen.engine.steps.watch import await_condition
from ctpscen.language.syntax.tree import Step

DEFAULT_WAIT = 10 * SECOND

# How long after an order's end another report of it is still thinkable: doubled and delayed ones come within this.
GRACE = SECOND

# What comes of an order only while it lives. A refused cancel is not among it: a finished order may still be cancelled.
_OF_AN_ORDER = frozenset(
    {"order", "trade", "rejection", "OnRtnOrder", "OnRtnTrade", "OnRspOrderInsert", "OnErrRtnOrderInsert"}
)


@define(eq=False, repr=False)
class Search:
    """One search for reports in the acting session's inbox.

    `found` are those that match, the oldest first; nothing is taken before the expectation holds.
    """

    matcher: Matcher
    found: list[Report] = field(factory=list)
    began_at: int = field(init=False)
    _seen: int = 0
    _undecided: list[Report] = field(factory=list)
    _ended_at: int | None = None

    def __attrs_post_init__(self) -> None:
        self.began_at = len(self.matcher.actor.inbox.history)

    def look(self) -> None:
        """Looks at what has come since the last look, and at what could not be told then."""
        history, inbox = self.matcher.actor.inbox.history, self.matcher.actor.inbox
        again, self._undecided = self._undecided, []
        fresh = history[self._seen :]
        self._seen = len(history)
        for report in sorted([*again, *fresh], key=lambda each: each.number):
            if not inbox.has(report):
                continue
            if self.matcher.matches(report):
                self.found.append(report)
            elif report.name == "OnRtnTrade" and self.matcher.owner(report) is None:
                self._undecided.append(report)
        self.found.sort(key=lambda each: each.number)

    def over(self, wait: Wait, now: int) -> bool:
        """Whether nothing more can come; brings the wait's deadline forward when that is about to be so."""
        if self.program_has_ended:
            return True
        subjects = self.matcher.subjects
        if subjects is None or self.matcher.pattern.kind not in _OF_AN_ORDER:
            return False
        actor = self.matcher.actor
        if actor.session.connection.was_released:
            return True
        orders = [subject for subject in subjects if isinstance(subject, Order)]
        if len(orders) != len(subjects) or not all(order.is_final for order in orders):
            return False
        if self.matcher.context.run.environment.reports_held_back(actor.name):
            return False
        if self._ended_at is None:
            self._ended_at = now
        if wait.deadline is not None:
            wait.deadline = min(wait.deadline, self._ended_at + GRACE)
        return now >= self._ended_at + GRACE

    @property
    def program_has_ended(self) -> bool:
        """Whether it is a program's inbox, and the program is gone."""
        actor = self.matcher.actor
        return isinstance(actor, ProgramActor) and actor.has_ended

    def end_note(self) -> str:
        """Why the search ended before its time; '' where it did not."""
        session = self.matcher.actor.session
        if self.program_has_ended:
            return f"{session.name} has ended: nothing can come any more"
        if session.connection.was_released:
            return f"{session.name} is released: nothing can come any more"
        if self._ended_at is None:
            return ""
        subjects = self.matcher.subjects or ()
        ends = ", ".join(_end_of(order) for order in subjects if isinstance(order, Order))
        return f"nothing more can come: {ends}"


def _end_of(order: Order) -> str:
    reference = order.key[2].strip()
    if order.refused or order.refused_by_exchange:
        return f"the order {reference} was refused"
    status = constants.name_of("OrderStatus", order.status or "") or "final"
    return f"the order {reference} is {status}" + (" and its trades have come" if order.trades else "")


# ------------------------------------------------------------------------------------------------ one pattern


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
            numbers[part] = _count((yield from code.evaluate(context)), code.place)
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


def _count(value: Any, place: Place) -> int:
    if not is_number(value) or value != int(value) or value < 0:
        raise place.error(f"so many reports are a whole number, not {show(value)}")
    return int(value)


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
    message = f"there was no {_spoken(matcher.pattern)}"
    if least != 1 or all_of:
        count = f"{'at least ' if all_of else ''}{least}"
        message = f"{len(search.found) or 'none'} of {count} came: {_spoken(matcher.pattern)}"
    raise _failure(search, message, place, start, patience)


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
    message = f"the volumes add up to {volume}, {which} {show(total)}: {_spoken(matcher.pattern)}"
    raise _failure(search, message, place, start, patience)


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
    what = _spoken(matcher.pattern)
    message = f"there was {what}, and none was wanted" if not most else f"there were more than {most} {what}"
    notes = [f"it came at {precise_text(first.at)}: {describe(first)}"]
    raise Failed(place.located("R612", message, notes=_with_wait(notes, run.now - start)), message)


def _with_wait(notes: Sequence[str], waited: int) -> list[str]:
    return [*notes, f"waited {spoken_duration(waited)}"] if waited else list(notes)


def _spoken(pattern: PatternCode) -> str:
    """A pattern as it is written."""
    return pattern.place.text


def _failure(search: Search, message: str, place: Place, start: int, patience: int) -> Outcome:
    """What was wanted and for how long, what came instead, and the nearest reports."""
    matcher = search.matcher
    notes = [_waited(start, matcher.context.run.now, patience, search.end_note())]
    notes += _came_as_wanted(search.found)
    notes += _what_came(search)
    notes += _nearest(matcher)
    if isinstance(matcher.actor, ProgramActor):
        notes += state_of(matcher.actor)
    return Failed(place.located("R611", message, notes=notes), message)


def _waited(start: int, now: int, patience: int, end: str) -> str:
    """How long a wait took, of how long it could have, and why it ended before."""
    waited = f"waited {spoken_duration(now - start)}"
    if now - start < patience:
        waited += f" of {spoken_duration(patience)}"
    return f"{waited}: {end}" if end else waited


def _came_as_wanted(reports: Iterable[Report]) -> list[str]:
    lines = [f"{precise_text(report.at)} {describe(report)}" for report in reports]
    more = [f"and {len(lines) - 5} more"] if len(lines) > 5 else []
    return ["came as wanted:\n" + "\n".join([*lines[:5], *more])] if lines else []


def _what_came(search: Search) -> list[str]:
    """The reports of other kinds that came while it was waiting."""
    matcher = search.matcher
    came = matcher.actor.inbox.history[search.began_at :]
    others = [report for report in came if report.name and not matcher.is_kind(report)]
    if not others:
        return []
    lines = [f"{precise_text(report.at)} {describe(report)}" for report in others[:5]]
    more = [f"and {len(others) - 5} more"] if len(others) > 5 else []
    head = "came besides" if search.found else "came instead"
    return [f"{head}:\n" + "\n".join([*lines, *more])]


def _nearest(matcher: Matcher, beside: Sequence[Report] = (), *, in_order: bool = False) -> list[str]:
    """Reports of the kind that was wanted, those that differ least first.

    `beside` are the reports that the other patterns of a list have; with `in_order` the wanted one must follow them.
    """
    inbox = matcher.actor.inbox
    last = max((report.number for report in beside), default=0) if in_order else 0
    scored, any_came = [], False
    for report in inbox.history:
        if matcher.is_kind(report):
            any_came = True
            differences = matcher.differences(report)
            score = len(differences)
            if not inbox.has(report):
                differences.append("taken by an expectation before")
            elif report in beside:
                differences.append("wanted by another line of the list")
            elif report.number < last:
                differences.append("came before what it should follow")
            if differences:
                scored.append((score, -report.number, report, differences))
    if not scored:
        return [] if any_came else [f"no report of the kind `{matcher.pattern.kind}` came at all"]
    scored.sort(key=lambda each: each[:2])
    lines = [
        f"{precise_text(report.at)} {describe(report)}: {'; '.join(differences)}"
        for _, _, report, differences in scored[:3]
    ]
    return ["nearest:\n" + "\n".join(lines)]


# ---------------------------------------------------------------------------------------------- several patterns


def _expect_listed(*, in_order: bool) -> Callable[[Step, Compiler], Executor]:
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
) -> Outcome:
    missing = next(index for index, report in enumerate(taken) if report is None)
    pattern = searches[missing].matcher.pattern
    after = f" after {_spoken(searches[missing - 1].matcher.pattern)}" if in_order and missing else ""
    message = f"there was no {_spoken(pattern)}{after}"
    ended = next((end for search in searches if (end := search.end_note())), "")
    notes = [_waited(start, searches[missing].matcher.context.run.now, patience, ended)]
    came = sorted((each for each in taken if each is not None), key=lambda each: each.number)
    notes += _came_as_wanted(came)
    notes += _nearest(searches[missing].matcher, came, in_order=in_order)
    return Failed(pattern.place.located("R613", message, notes=notes), message)


# -------------------------------------------------------------------------------------------------- conditions


def _expect_condition(step: Step, compiler: Compiler) -> Executor:
    expression = step.parts["value"][0]
    condition = compile_condition(expression, compiler.expressions)
    within, place = compiler.optional(step, "within"), compiler.place(step)

    def execute(context: Context) -> Waiting:
        patience = yield from patience_of(within, context, DEFAULT_WAIT)
        looked, start = Condition(condition), context.run.now
        if not (yield from await_condition(context, looked, start + patience)):
            message = f"it is not so: {condition.place.text}"
            notes = [*looked.found, f"waited {spoken_duration(context.run.now - start)}"]
            raise Failed(place.located("R614", message, notes=notes), message)

    return execute


def _now(kind: type[Failed] | type[Blocked]) -> Callable[[Step, Compiler], Executor]:
    """`check` and `require`: true now, or else."""

    def compile_step(step: Step, compiler: Compiler) -> Executor:
        expression, *reasons = step.parts["value"]
        condition = compile_condition(expression, compiler.expressions)
        reason = compiler.code(reasons[0]) if reasons else None
        place = compiler.place(step)

        def execute(context: Context) -> Waiting:
            looked = Condition(condition)
            if not (yield from looked.holds(context)):
                message = f"it is not so: {condition.place.text}"
                if reason is not None:
                    message = show((yield from reason.evaluate(context)))
                raise kind(place.located("R615", message, notes=looked.found), message)

        return execute

    return compile_step


# ---------------------------------------------------------------------------------------------- standing watches


def _never(step: Step, compiler: Compiler) -> Executor:
    pattern, place = compile_pattern(step.parts["pattern"], compiler.expressions), compiler.place(step)

    def execute(context: Context) -> Waiting:
        watching = _watching_context(context)
        matcher: Matcher = yield from pattern.matcher(watching)

        def watch(report: Report) -> None:
            if matcher.matches(report):
                message = f"there was {_spoken(pattern)}, which must never be"
                notes = [f"it came at {precise_text(report.at)}: {describe(report)}"]
                _violated(context, Failed(place.located("R616", message, notes=notes), message))

        context.acting.watchers.append(_guarded(context, watch))

    return execute


def _never_more(step: Step, compiler: Compiler) -> Executor:
    """No stretch of time has more than so many; reports exactly that far apart are not in one."""
    pattern, place = compile_pattern(step.parts["pattern"], compiler.expressions), compiler.place(step)
    (most,), within = compiler.values(step), compiler.code(step.required("within"))

    def execute(context: Context) -> Waiting:
        watching = _watching_context(context)
        matcher: Matcher = yield from pattern.matcher(watching)
        limit = _count((yield from most.evaluate(context)), most.place)
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
                    f"there were {len(times)} within {spoken_duration(span)}, more than {limit}: {_spoken(pattern)}"
                )
                notes = [f"the first of them at {first}, the last at {precise_text(report.at)}: {describe(report)}"]
                _violated(context, Failed(place.located("R619", message, notes=notes), message))

        actor, guarded = context.acting, _guarded(context, watch)
        (actor.watchers if isinstance(actor, ProgramActor) else actor.call_watchers).append(guarded)
        if not isinstance(actor, ProgramActor) and kind_of_call(pattern.kind) is None:
            actor.watchers.append(guarded)

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
                _violated(context, failure([*_found_now(condition, watching), f"after {describe(report)}"]))

        context.acting.watchers.append(_guarded(context, watch))

    return execute


def _found_now(condition: Any, context: Context) -> list[str]:
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


def _violated(context: Context, outcome: Outcome) -> None:
    context.run.violation = outcome


def _forget(_: Step, __: Compiler) -> Executor:
    return bind([], lambda context: context.acting.inbox.forget())


def softly(executor: Executor) -> Executor:
    """`soft`: a failure is noted, and the scenario goes on."""

    def execute(context: Context) -> Waiting:
        try:
            waiting = executor(context)
            if waiting is not None:
                yield from waiting
        except Failed as failure:
            run = context.run
            run.soft_failures.append(failure)
            run.journal.add("soft", run.now, reason=failure.reason)

    return execute


def _softened(compile_step: Callable[[Step, Compiler], Executor]) -> Callable[[Step, Compiler], Executor]:
    def compile_softly(step: Step, compiler: Compiler) -> Executor:
        executor = compile_step(step, compiler)
        return softly(executor) if step.has("soft") else executor

    return compile_softly


EXECUTORS: Mapping[str, Callable[[Step, Compiler], Executor]] = {
    "expect": _softened(_expect),
    "expect_condition": _softened(_expect_condition),
    "expect_in_order": _softened(_expect_listed(in_order=True)),
    "expect_in_any_order": _softened(_expect_listed(in_order=False)),
    "check": _softened(_now(Failed)),
    "require": _now(Blocked),
    "never": _never,
    "never_more": _never_more,
    "always": _always,
    "forget": _forget,
}

__all__ = ["DEFAULT_WAIT", "EXECUTORS", "Code", "softly"]
