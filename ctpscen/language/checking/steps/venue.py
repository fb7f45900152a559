"""Steps of the venue of which the rows of the verbs do not say all."""

from collections.abc import Mapping

from attrs import evolve

from ctpscen.ctp.schema import api
from ctpscen.ctp.terms.instruments import EXCHANGES
from ctpscen.language.checking.steps.checker import Handler, StepChecker
from ctpscen.language.meaning import types
from ctpscen.language.syntax.tree import Expression, ListOf, LiteralValue, Name, Step, Word
from ctpscen.language.text.suggestions import did_you_mean


def _quote(checker: StepChecker, step: Step) -> Step:
    checked = checker.generic(step)
    if not any(step.has(part) for part in ("bid", "ask", "last", "pre_settlement")):
        checker.expressions.error("E408", "a quote has a side, a last price or a settlement price", step.span)
    return checked


def _phase(checker: StepChecker, step: Step) -> Step:
    """A phase is that of an instrument, or of a whole exchange under its bare name."""
    amounts = tuple(_exchange(checker, each) for each in step.many("amount"))
    return checker.generic(evolve(step, parts={**step.parts, "amount": amounts}))


def _exchange(checker: StepChecker, named: Expression) -> Expression:
    """The bare name of an exchange as a text, also in a list; anything else as it is."""
    if isinstance(named, ListOf):
        return evolve(named, items=tuple(_exchange(checker, each) for each in named.items))
    if isinstance(named, Name) and named.name.upper() in EXCHANGES and named.name not in checker.scope.types:
        return LiteralValue("text", named.name.upper(), named.span)
    return named


def _clock(checker: StepChecker, step: Step) -> Step:
    value, kind = checker.expressions.check(step.parts["value"][0])
    if kind.base not in ("time", "date", "moment", "any"):
        message = f"the clock takes a time, a date or both, not {types.spoken(kind)}"
        checker.expressions.error("E301", message, value.span)
    return evolve(step, parts={**step.parts, "value": (value,)})


def _reject(checker: StepChecker, step: Step) -> Step:
    source, code = step.parts["by"]
    if source.text == "api":
        checker.expressions.error("E408", "the venue refuses at the `counter` or at the `exchange`", source.span)
    if code is None:
        checker.expressions.error("E408", f"a refusal has a code: `by {source.text} 31`", source.span)
    return checker.generic(step)


def _refuse(checker: StepChecker, step: Step) -> Step:
    """The requests that can be refused are those of the trading API."""
    request: Word = step.parts["dialog"]
    known = api.requests("trader")
    if request.text not in ("login", "authentication", "query", *known):
        found = did_you_mean(request.text, [name for name in known if name.startswith("Req")])
        checker.expressions.error("E408", f"the trading API has no request `{request.text}`{found}", request.span)
    if step.has("after_login") and not step.has("for_span"):
        message = "how long after each login must be said: `refuse queries by 90 for 5s after login`"
        checker.expressions.error("E408", message, step.span)
    if not step.has("in"):
        return checker.generic(step)
    where = _exchange(checker, step.parts["in"])
    return checker.generic(evolve(step, parts={**step.parts, "in": where}))


def _admit(checker: StepChecker, step: Step) -> Step:
    """Sessions log in with what the venue gives them: only programs bring something of their own."""
    name: Word = step.parts["name"]
    checked = checker.generic(step)
    if checker.declared.get(name.text) == "session":
        message = f"`{name.text}` is a session, which logs in as the venue has it; a program may be admitted"
        checker.expressions.error("E408", message, name.span)
    return checked


HANDLERS: Mapping[str, Handler] = {
    "quote": _quote,
    "phase": _phase,
    "clock": _clock,
    "reject_next": _reject,
    "refuse": _refuse,
    "admit": _admit,
}
