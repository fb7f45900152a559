"""Expectations that plainly no run can meet: of none at all, of parts of a lot, of what a release has cut off."""

from collections.abc import Iterator, Sequence

from ctpscen.language.meaning.functions import is_price
from ctpscen.language.meaning.types import ORDER
from ctpscen.language.meaning.verbs import ACTORS, VERBS
from ctpscen.language.syntax.tree import Call, Expression, LiteralValue, Name, Pattern, Prefix, Step
from ctpscen.language.syntax.walk import own_expressions
from ctpscen.language.text.diagnostics import Diagnostic, Label
from ctpscen.language.text.source import Span


def _error(message: str, span: Span, *others: Label) -> Diagnostic:
    return Diagnostic("E307", message, span, others=others)


# ------------------------------------------------------------------------------------------------------- numbers


def impossible_numbers(step: Step, pattern: Pattern) -> Iterator[Diagnostic]:
    """Counts and totals, as far as they are written out, that no reports have."""
    for name in ("count", "at_least"):
        number = _number(amount := step.expression(name))
        if number is None or amount is None:
            continue
        if number < 1:
            yield _error("an expectation of nothing; write `expect no …`", amount.span)
        elif number % 1:
            yield _error("reports come whole: they are never so many", amount.span)
    total, most = pattern.expression("total"), step.expression("at_most")
    if total is not None and (number := _number(total)) is not None:
        if number <= 0:
            yield _error("volumes never add up to this; write `expect no …`", total.span)
        elif number % 1:
            yield _error("volumes are whole numbers, and never add up to this", total.span)
    if most is not None and (number := _number(most)) is not None and number < 0:
        yield _error("there are never fewer than none", most.span)


def _number(value: Expression | None) -> int | float | None:
    """The number that is written out here."""
    if isinstance(value, Prefix) and value.operator == "-":
        number = _number(value.operand)
        return None if number is None else -number
    if isinstance(value, LiteralValue) and value.kind == "number" and isinstance(value.value, int | float):
        return value.value
    return None


# ------------------------------------------------------------------------------------------------------ releases

_OF_THE_ORDER = frozenset(["order", "trade", "OnRtnOrder", "OnRtnTrade"])


def released_too_early(steps: Sequence[Step], actor: str) -> Iterator[Diagnostic]:
    """Reports of an order that its session sent and was then released at once: on that way they cannot come.

    Only a straight line of steps counts; behind a branch, a loop or a call everything is possible.
    """
    line = list(_in_line(steps, actor))
    if not any(step.verb == "release" for _, step in line):
        return
    sent: dict[str, str] = {}  # orders of which nothing can have been reported yet, with who sent them
    lost: dict[str, tuple[str, Span]] = {}  # those whose session was released before anything could
    for who, step in line:
        name = step.word("as_name")
        if step.body is not None or any(isinstance(each, Call) for each in own_expressions(step)):
            sent, lost = {}, {}
        elif step.verb == "expect" and (order := _wanted_of(step)) in lost and lost[order][0] == who:
            where = Label(lost[order][1], "released here, before anything could be reported")
            span = step.parts["pattern"].span
            yield _error(f"the reports of `{order}` cannot come: its session is released", span, where)
        elif step.verb == "release":
            lost |= {each: (who, step.head) for each, sender in sent.items() if sender == who}
        elif VERBS[step.verb].connects:
            lost = {each: (sender, span) for each, (sender, span) in lost.items() if sender != who}
        if not VERBS[step.verb].instant or who == "venue" or _reads_a_price(step):
            sent = {}
        if name is not None:
            lost.pop(name.text, None)
            sent.pop(name.text, None)
            if VERBS[step.verb].gives == ORDER and who not in ACTORS:
                sent[name.text] = who


def _in_line(steps: Sequence[Step], actor: str) -> Iterator[tuple[str, Step]]:
    """Steps one after the other, with who acts."""
    for step in steps:
        if step.verb == "actor":
            yield from _in_line(step.body or (), step.parts["name"].text)
        else:
            yield actor, step


def _reads_a_price(step: Step) -> bool:
    """Whether a step may have to wait for market data."""
    if VERBS[step.verb].defaults_to_market and not step.has("at"):
        return True
    return any(isinstance(each, Name) and is_price(each.name) for each in own_expressions(step))


def _wanted_of(step: Step) -> str:
    """The name of the order of which a report is wanted; '' where none is, or it is not a plain name."""
    pattern: Pattern = step.parts["pattern"]
    of = pattern.expression("of")
    if step.has("no") or step.has("at_most") or pattern.kind.text not in _OF_THE_ORDER or not isinstance(of, Name):
        return ""
    return of.name
