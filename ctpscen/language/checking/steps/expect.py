"""Expectations: which reports a pattern means, and whether its parts go together."""

from collections.abc import Mapping

from attrs import evolve

from ctpscen.ctp import reports
from ctpscen.ctp.schema import api
from ctpscen.language.checking.steps.checker import Handler, StepChecker
from ctpscen.language.checking.steps.impossible import impossible_numbers
from ctpscen.language.meaning import types
from ctpscen.language.meaning.types import ANY, BOOLEAN, INSTRUMENT, NUMBER, ORDER, REQUEST, TEXT
from ctpscen.language.syntax.tree import Expression, Pattern, Step, Word
from ctpscen.language.text.suggestions import did_you_mean

_NOT_IN_A_CHECK = "`always`, `never` and `where` look at what is known, at every report"


def _expect(checker: StepChecker, step: Step) -> Step:
    pattern = _pattern(checker, step.parts["pattern"])
    parts = {**checker.parts(step), "pattern": pattern}
    _can_hold(checker, step, pattern)
    _spans_fit(checker, step)
    one = _given(pattern)
    several = any(step.has(part) for part in ("count", "at_least", "at_most")) or "total" in pattern.parts
    checker.name_result(step, types.list_of(one) if several else one, quiet=step.has("no"))
    return evolve(step, parts=parts)


def _given(pattern: Pattern) -> types.Type:
    """The type of what `as` names: of a call it is the request, or the order that it inserts."""
    kind = reports.find_kind(pattern.kind.text)
    if kind is not None and kind.is_call:
        return ORDER if kind.name == "ReqOrderInsert" else REQUEST
    return types.report_of(pattern.kind.text)


def _spans_fit(checker: StepChecker, step: Step) -> None:
    """`for` belongs to what must not come, `within` to what must."""
    lasting = step.has("no") or step.has("at_most")
    if step.has("within") and lasting:
        message = "what must not come is waited for with `for`, not `within`"
        checker.expressions.error("E408", message, step.required("within").span)
    if step.has("for_span") and not lasting:
        message = "what must come is waited for with `within`, not `for`"
        checker.expressions.error("E408", message, step.required("for_span").span)
    if step.has("no") and step.has("as_name"):
        checker.expressions.error("E408", "what does not come cannot be named", step.parts["as_name"].span)


def _can_hold(checker: StepChecker, step: Step, pattern: Pattern) -> None:
    """Expectations that no run can meet, and numbers that do not go together."""
    for found in impossible_numbers(step, pattern):
        checker.diagnostics.add(found)
    total = pattern.expression("total")
    if total is not None and any(step.has(part) for part in ("count", "at_least", "at_most", "no")):
        checker.expressions.error("E408", "a `total` and a count do not go together", total.span)


def _pattern(checker: StepChecker, pattern: Pattern) -> Pattern:
    kind = reports.find_kind(pattern.kind.text)
    if kind is None:
        name = pattern.kind.text
        is_callback = name.startswith("On")
        known = [*api.callbacks("trader"), *api.callbacks("market")] if is_callback else reports.calls()
        what = "callback" if is_callback else "function"
        message = f"the API has no {what} `{name}`{did_you_mean(name, known)}"
        checker.expressions.error("E207", message, pattern.kind.span)
        for part in ("of", "in", "total"):
            if (value := pattern.expression(part)) is not None:
                checker.expressions.check(value)
        return pattern
    parts = dict(pattern.parts)
    if kind.of_program and checker.actor and checker.kind_of(checker.actor) != "program":
        message = f"`{kind.name}` is a report of programs alone; {checker.actor} is a session"
        checker.expressions.error("E402", message, pattern.kind.span)
    if (text := pattern.expression("containing")) is not None:
        parts["containing"] = checker.expressions.wanted(text, TEXT)
        if kind.name != "line":
            message = f"a text behind `{kind.name}` means nothing; only a `line` is told by a text that it contains"
            checker.expressions.error("E408", message, text.span)
    if (of := pattern.expression("of")) is not None:
        parts["of"] = _subject(checker, of)
    if (instrument := pattern.expression("in")) is not None:
        parts["in"] = checker.expressions.wanted(instrument, INSTRUMENT)
        names_login = not kind.of_program and checker.actor and checker.kind_of(checker.actor) == "program"
        if reports.find_field(kind, "InstrumentID") is None and not names_login:
            checker.expressions.error("E408", f"`{kind.name}` is not about an instrument", instrument.span)
    if (total := pattern.expression("total")) is not None:
        parts["total"] = checker.expressions.wanted(total, NUMBER)
        if reports.find_field(kind, "Volume") is None:
            checker.expressions.error("E408", f"`{kind.name}` has no volume to add up", total.span)
    if "by" in parts:
        parts["by"] = _source(checker, pattern)
    if (where := pattern.expression("where")) is not None:
        with checker.expressions.within(report=types.report_of(kind.name), no_asking=_NOT_IN_A_CHECK):
            parts["where"] = checker.expressions.wanted(where, BOOLEAN)
    return evolve(pattern, parts=parts)


def _subject(checker: StepChecker, of: Expression) -> Expression:
    resolved, kind = checker.expressions.check(of)
    element = (kind.detail or ANY) if kind.base == "list" else kind
    if not (types.fits(element, ORDER) or types.fits(element, REQUEST)):
        wanted = "`of` takes an order, a request, or a list of them"
        if not checker.expressions.only_constant(resolved, wanted):
            written = checker.diagnostics.source.slice(resolved.span)
            meant = f"; reports about an instrument are those `in {written}`" if kind == types.INSTRUMENT else ""
            checker.expressions.error("E301", f"{wanted}, not {types.spoken(kind)}{meant}", resolved.span)
    return resolved


def _source(checker: StepChecker, pattern: Pattern) -> tuple[Word, Expression | None]:
    source, code = pattern.parts["by"]
    if pattern.kind.text not in ("rejection", "cancel_rejection"):
        message = f"`by` says who refused; `{pattern.kind.text}` is not a refusal"
        checker.expressions.error("E408", message, source.span)
    return source, None if code is None else checker.expressions.wanted(code, NUMBER)


def _expect_listed(checker: StepChecker, step: Step) -> Step:
    parts, listed = checker.parts(step), []
    for pattern, name in step.many("listed"):
        checked = _pattern(checker, pattern)
        if (total := checked.expression("total")) is not None:
            checker.expressions.error("E408", "a `total` has no place in a list of reports", total.span)
        listed.append((checked, name))
        if name is not None:
            checker.scope.bind(name, _given(pattern))
    return evolve(step, parts={**parts, "listed": tuple(listed)})


def _never(checker: StepChecker, step: Step) -> Step:
    pattern = _pattern(checker, step.parts["pattern"])
    if (total := pattern.expression("total")) is not None:
        checker.expressions.error("E408", "`never` looks at one report at a time; it has no `total`", total.span)
    return evolve(step, parts={**step.parts, "pattern": pattern})


def _never_more(checker: StepChecker, step: Step) -> Step:
    pattern = _pattern(checker, step.parts["pattern"])
    if (total := pattern.expression("total")) is not None:
        checker.expressions.error("E408", "`never more than` counts reports; it has no `total`", total.span)
    return evolve(step, parts={**checker.parts(step), "pattern": pattern})


def _always(checker: StepChecker, step: Step) -> Step:
    with checker.expressions.within(no_asking=_NOT_IN_A_CHECK):
        return checker.generic(step)


HANDLERS: Mapping[str, Handler] = {
    "expect": _expect,
    "expect_in_order": _expect_listed,
    "expect_in_any_order": _expect_listed,
    "never": _never,
    "never_more": _never_more,
    "always": _always,
}
