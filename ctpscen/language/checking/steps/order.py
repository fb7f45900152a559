"""Orders and what else is asked of the front: cancels, queries, requests."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve

from ctpscen.ctp.schema import api
from ctpscen.ctp.schema.records import record
from ctpscen.ctp.terms.instruments import Instrument
from ctpscen.ctp.terms.products import product_of
from ctpscen.language.checking.steps.checker import Handler, StepChecker
from ctpscen.language.meaning import types
from ctpscen.language.meaning.queries import QUERIES
from ctpscen.language.meaning.scope import spelled
from ctpscen.language.meaning.types import BOOLEAN
from ctpscen.language.meaning.verbs import ACTORS, VERBS
from ctpscen.language.syntax.tree import Chain, Constant, Expression, LiteralValue, PriceWord, Step, Word
from ctpscen.language.text.suggestions import did_you_mean

_OWN_RULES = ("when", "with")  # parts of which their types do not say all
_FROM_ELSEWHERE = ("side", "at")  # what an order of somebody without a session has besides its amounts

_Settings = Sequence[tuple[Word, Expression]]


def _order(checker: StepChecker, step: Step) -> Step:
    """An order, whose volume and instrument are told apart by type."""
    _order_place(checker, step)
    volume: Expression | None = None
    instrument: Expression | None = None
    unclear: list[Expression] = []
    for amount in step.many("amount"):
        resolved, kind = checker.expressions.check(amount)
        if kind.base == "number" and volume is None:
            volume = resolved
        elif kind.base in ("instrument", "text") and instrument is None and not isinstance(resolved, Constant):
            instrument = resolved
        elif kind.base == "any":
            unclear.append(resolved)
        elif not checker.expressions.only_constant(resolved, "an order has one volume and one instrument"):
            what = "a second " + ("volume" if kind.base == "number" else "instrument")
            wrong = what if kind.base in ("number", "instrument", "text") else f"this is {types.spoken(kind)}"
            checker.expressions.error("E301", f"{wrong}; an order has one volume and one instrument", resolved.span)
    if len(unclear) == 1 and volume is not None and instrument is None:
        instrument = unclear.pop()
    elif len(unclear) == 1 and instrument is not None and volume is None:
        volume = unclear.pop()
    parts = {name: value for name, value in checker.parts(step, "amount", *_OWN_RULES).items() if name != "amount"}
    parts |= {"unclear": tuple(unclear)}
    parts |= {"volume": volume} if volume is not None else {}
    parts |= {"instrument": instrument} if instrument is not None else {}
    _modifiers(checker, step, parts)
    if not step.has("at"):
        _warn_of_price(checker, volume, instrument)
    checker.name_result(step, quiet=checker.actor in ACTORS)
    return evolve(step, parts=parts)


def _warn_of_price(checker: StepChecker, volume: Expression | None, instrument: Expression | None) -> None:
    """Asks whether a price was meant where the contract knows no order as large as the volume."""
    if not (isinstance(volume, LiteralValue) and isinstance(instrument, LiteralValue)):
        return
    product = product_of(Instrument.parse(str(instrument.value)))
    if product is not None and isinstance(volume.value, int | float) and volume.value > product.max_limit_volume:
        written = checker.expressions.diagnostics.source.slice(volume.span)
        message = f"{written} lots are more than an order in {product.id} may have: was `at {written}` meant?"
        notes = [f"its largest order has {product.max_limit_volume} lots; a price behind `at` says that lots are meant"]
        checker.expressions.warn("W506", message, volume.span, notes=notes)


def _order_place(checker: StepChecker, step: Step) -> None:
    side = step.word("side")
    if not checker.actor or checker.actor == "network":
        return
    if checker.actor == "venue":
        if any(step.has(part) for part in VERBS[step.verb].parts if part not in _FROM_ELSEWHERE):
            message = "an order from elsewhere has a side, a volume, an instrument and a price, nothing else"
            checker.expressions.error("E408", message, step.span)
        elif not step.has("at") or len(step.many("amount")) != 2:
            message = f"write `{side.text if side else 'buy'} VOLUME INSTRUMENT at PRICE`"
            checker.expressions.error("E408", message, step.span)
    elif side is not None and not step.has("offset"):
        message = f"`{side.text}` must say `open`, `close`, `close_today` or `close_yesterday`"
        checker.expressions.error("E408", message, side.span)


def _modifiers(checker: StepChecker, step: Step, parts: dict[str, Any]) -> None:
    if step.has("fak") and step.has("fok"):
        checker.expressions.error("E408", "an order is `fak` or `fok`, not both", step.parts["fok"].span)
    if step.has("hedge") and step.has("arbitrage"):
        checker.expressions.error("E408", "an order is `hedge` or `arbitrage`, not both", step.parts["hedge"].span)
    if step.has("when"):
        parts["when"] = _when(checker, step.required("when"))
    if step.has("with"):
        parts["with"] = _settings(checker, "InputOrder", step.many("with"))


def _when(checker: StepChecker, condition: Expression) -> Expression:
    """The condition of a conditional order: the counter knows three prices and four comparisons."""
    found_before = len(checker.diagnostics.found)
    with checker.expressions.within(prices_first=True):
        resolved = checker.expressions.wanted(condition, BOOLEAN)
    fits = len(checker.diagnostics.found) > found_before or (
        isinstance(resolved, Chain)
        and resolved.operators in ((">",), (">=",), ("<",), ("<=",))
        and isinstance(resolved.operands[0], PriceWord)
        and resolved.operands[0].word in ("last", "ask", "bid")
    )
    if not fits:
        message = "a condition is `last`, `ask` or `bid`, then `>`, `>=`, `<` or `<=`, then a price"
        checker.expressions.error("E408", message, condition.span)
    return resolved


def _settings(checker: StepChecker, name: str, settings: _Settings) -> _Settings:
    """`(Field = value, …)` for a record."""
    schema = record(name)
    checked: list[tuple[Word, Expression]] = []
    for word, value in settings:
        found = schema.find(word.text)
        if found is None:
            suggestion = did_you_mean(word.text, [*schema.fields, *map(spelled, schema.fields)])
            checker.expressions.error("E203", f"{name} has no field `{word.text}`{suggestion}", word.span)
            checker.expressions.check(value)
            continue
        if any(found.name == earlier.text for earlier, _ in checked):
            checker.expressions.error("E210", f"`{word.text}` is given twice", word.span)
        kind = types.of_field(found)
        resolved = checker.expressions.wanted(value, kind, found)
        checked.append((Word(found.name, word.span), resolved))
    return tuple(checked)


def _query(checker: StepChecker, step: Step) -> Step:
    asked: Word = step.parts["asked"]
    _, row, single = QUERIES[asked.text]
    checked = evolve(step, parts=checker.parts(step))
    answer = types.record_of(row)
    checker.name_result(step, answer if single else types.list_of(answer))
    return checked


def _request(checker: StepChecker, step: Step) -> Step:
    name: Word = step.parts["name"]
    known = {**api.requests(), **api.SUBSCRIPTIONS}
    parts = dict(step.parts)
    if name.text not in known:
        suggestion = did_you_mean(name.text, known)
        checker.expressions.error("E206", f"the API has no request `{name.text}`{suggestion}", name.span)
        for _, value in step.many("setting"):
            checker.expressions.check(value)
    else:
        parts["setting"] = _settings(checker, known[name.text], step.many("setting"))
    checker.name_result(step)
    return evolve(step, parts=parts)


HANDLERS: Mapping[str, Handler] = {
    "order": _order,
    "place_order": _order,
    "query": _query,
    "request": _request,
}
