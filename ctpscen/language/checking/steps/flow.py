"""The flow of control: values, branches, loops, calls, and the waits that take a time or a condition."""

from collections.abc import Mapping, Sequence

from attrs import evolve

from ctpscen.language.checking.expressions.checker import names_defined
from ctpscen.language.checking.steps.checker import Handler, StepChecker
from ctpscen.language.meaning import types
from ctpscen.language.meaning.scope import Known, names_given
from ctpscen.language.meaning.types import ANY, BOOLEAN, DURATION
from ctpscen.language.meaning.verbs import VERBS
from ctpscen.language.syntax.tree import DefineCall, Expression, LiteralValue, Step, Template, Word


def _let(checker: StepChecker, step: Step) -> Step:
    name: Word = step.parts["name"]
    value, kind = checker.expressions.check(step.parts["value"][0])
    checker.scope.bind(name, kind)
    return evolve(step, parts={**step.parts, "value": (value,)})


def _if(checker: StepChecker, step: Step) -> Step:
    """Every branch starts from what is known before it; afterwards they meet, but for those that have ended."""
    before = checker.scope.known()
    ends: list[Known] = []

    def branch(condition: Expression | None, body: Sequence[Step]) -> tuple[Expression | None, tuple[Step, ...]]:
        checker.scope.go_back(before)
        resolved = None if condition is None else checker.expressions.wanted(condition, BOOLEAN)
        if resolved is not None:
            checker.scope.sure |= names_defined(resolved)
        checked = checker.block(body)
        if not (body and VERBS[body[-1].verb].ends_path):
            ends.append(checker.scope.known())
        return resolved, checked

    condition, body = branch(step.parts["value"][0], step.body or ())
    others = tuple(branch(*clause) for clause in step.many("elif"))
    parts = {**step.parts, "value": (condition,), "elif": others}
    if step.has("else"):
        parts["else"] = branch(None, step.parts["else"])[1]
    else:
        ends.append(before)
    checker.scope.meet(before, ends)
    return evolve(step, parts=parts, body=body)


def _for(checker: StepChecker, step: Step) -> Step:
    name: Word = step.parts["name"]
    items, kind = checker.expressions.check(step.parts["value"][0])
    if kind.base not in ("list", "any"):
        checker.expressions.expect_type(items, kind, types.list_of(ANY))
    before = checker.scope.known()
    _forget_types(checker, step)
    checker.scope.bind(name, (kind.detail or ANY) if kind.base == "list" else ANY, quiet=True)
    body = checker.block(step.body or ())
    checker.scope.meet(before, (before, checker.scope.known()))
    return evolve(step, parts={**step.parts, "value": (items,)}, body=body)


def _loop(checker: StepChecker, step: Step) -> Step:
    before = checker.scope.known()
    _forget_types(checker, step)
    parts = checker.parts(step)
    before = evolve(before, sure=checker.scope.known().sure)  # what was warned of is taken as sure from there on
    body = checker.block(step.body or ())
    checker.scope.meet(before, (before, checker.scope.known()))
    return evolve(step, parts=parts, body=body)


def _forget_types(checker: StepChecker, step: Step) -> None:
    """What a loop gives anew may be of another type from its second round on."""
    for name in names_given(step.body or ()):
        if name in checker.scope.types:
            checker.scope.types[name] = ANY


def _wait_until(checker: StepChecker, step: Step) -> Step:
    value, kind = checker.expressions.check(step.parts["value"][0])
    if kind.base not in ("boolean", "time", "date", "moment", "any"):
        message = f"`wait until` wants a time or a condition, not {types.spoken(kind)}"
        checker.expressions.error("E301", message, value.span)
    parts = dict(step.parts)
    if step.has("within"):
        parts["within"] = checker.expressions.wanted(step.required("within"), DURATION)
        if kind.base in ("time", "date", "moment"):
            checker.expressions.error("E408", "`wait until` a time takes no `within`", step.required("within").span)
    return evolve(step, parts={**parts, "value": (value,)})


def _return(checker: StepChecker, step: Step) -> Step:
    if not checker.may_return:
        checker.expressions.error("E401", "`return` stands inside a `define`; a scenario ends with `stop`", step.head)
    values = [checker.expressions.check(value) for value in step.many("value")]
    checker.returned.append(values[0][1] if values else types.NONE)
    return evolve(step, parts={**step.parts, "value": tuple(value for value, _ in values)} if values else step.parts)


def _call(checker: StepChecker, step: Step) -> Step:
    call, _ = checker.expressions.check(step.parts["value"][0])
    if not isinstance(call, DefineCall):
        message = "a function's value is lost here; only a `define` is a step"
        checker.expressions.error("E401", message, call.span)
    return evolve(step, parts={"value": (call,)})


def _log(checker: StepChecker, step: Step) -> Step:
    """What is written down is shown as in a text: CTP's constants by their names."""
    value, kind = checker.expressions.check(step.parts["value"][0])
    if not isinstance(value, Template | LiteralValue):
        value = Template((value,), value.span, (checker.expressions.constants_of(value, kind),))
    return evolve(step, parts={**step.parts, "value": (value,)})


def always_returns(body: Sequence[Step]) -> bool:
    """Whether every way through a block ends in a `return`, or ends the scenario."""
    if not body:
        return False
    last = body[-1]
    if last.verb != "if":
        return VERBS[last.verb].ends_path
    branches = [last.body or (), *(clause for _, clause in last.many("elif")), last.parts.get("else", ())]
    return all(always_returns(branch) for branch in branches)


HANDLERS: Mapping[str, Handler] = {
    "let": _let,
    "if": _if,
    "for": _for,
    "repeat": _loop,
    "while": _loop,
    "wait_until": _wait_until,
    "return": _return,
    "call_step": _call,
    "log": _log,
}
