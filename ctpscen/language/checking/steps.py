"""Statements: where they may stand, what their parts mean, and which names they give a value."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, evolve, field

from ctpscen.ctp import reports
from ctpscen.ctp.schema import api
from ctpscen.ctp.schema.records import record
from ctpscen.ctp.terms.instruments import EXCHANGES
from ctpscen.language.checking.expressions import ExpressionChecker, names_defined
from ctpscen.language.checking.impossible import impossible_numbers, released_too_early
from ctpscen.language.meaning import types
from ctpscen.language.meaning.queries import QUERIES
from ctpscen.language.meaning.scope import Scope, names_given, spelled
from ctpscen.language.meaning.types import ANY, BOOLEAN, DURATION, INSTRUMENT, NUMBER, ORDER, REQUEST, Type
from ctpscen.language.meaning.verbs import ACTORS, VERBS, Verb, spoken_verb
from ctpscen.language.syntax.tree import (
    Chain,
    Constant,
    DefineCall,
    Expression,
    LiteralValue,
    Name,
    Pattern,
    PriceWord,
    Step,
    Word,
)
from ctpscen.language.text.diagnostics import Diagnostics
from ctpscen.language.text.suggestions import did_you_mean

_NOT_IN_A_CHECK = "`always`, `never` and `where` look at what is known, at every report"
_SETTING_MODIFIERS = ("fak", "fok", "hedge", "arbitrage", "ref", "memo", "when", "with", "min_volume")


@define
class StepChecker:
    """Checks the statements of one scenario or one `define`.

    `sessions` are the names of the sessions, `actor` is who acts where nobody is named.
    """

    expressions: ExpressionChecker
    sessions: Sequence[str]
    actor: str
    may_return: bool = False
    scene_only: bool = False
    _handlers: Mapping[str, Callable[[Step], Step]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._handlers = {
            "actor": self._actor,
            "let": self._let,
            "if": self._if,
            "for": self._for,
            "repeat": self._loop,
            "while": self._loop,
            "wait_until": self._wait_until,
            "return": self._return,
            "call_step": self._call,
            "order": self._order,
            "place_order": self._order,
            "cancel": self._cancel,
            "query": self._query,
            "request": self._request,
            "expect": self._expect,
            "expect_in_order": self._expect_listed,
            "expect_in_any_order": self._expect_listed,
            "never": self._never,
            "always": self._always,
            "quote": self._quote,
            "phase": self._phase,
            "clock": self._clock,
            "reject_next": self._reject,
        }

    @property
    def diagnostics(self) -> Diagnostics:
        return self.expressions.diagnostics

    @property
    def scope(self) -> Scope:
        return self.expressions.scope

    def block(self, steps: Sequence[Step], *, starts: bool = True) -> tuple[Step, ...]:
        """The checked steps of a block; `starts` unless it only goes on in another's name."""
        if starts:
            for found in released_too_early(steps, self.actor):
                self.diagnostics.add(found)
        checked = []
        previous: Step | None = None
        for step in steps:
            if previous is not None and previous.verb == "wait" and step.verb == "expect":
                self._needless_wait(previous, step)
            checked.append(self.step(step))
            previous = step
        return tuple(checked)

    def step(self, step: Step) -> Step:
        if step.verb in ("unread", "unread_block"):
            return evolve(step, body=self.block(step.body or ()))
        if VERBS[step.verb].is_item:
            self._misplaced_item(step)
            return step
        self._place(step)
        return self._handlers.get(step.verb, self._generic)(step)

    # ---------------------------------------------------------------------------------------------------- places

    def _misplaced_item(self, step: Step) -> None:
        if step.verb == "table":
            message = "`where:` with its table is the first thing in a scenario"
        elif step.verb == "docstring":
            message = "a docstring is the first thing in a file"
        else:
            message = f"`{step.verb}` stands at the top of a file, not inside a block"
        self.expressions.error("E401", message, step.head)

    def _place(self, step: Step) -> None:
        """Whether this statement is one for who acts here."""
        if not self.actor:
            return
        verb, spoken = VERBS[step.verb], f"`{spoken_verb(step.verb)}`"
        if ACTORS.get(self.actor, "session") in verb.actors:
            if self.scene_only and ORDER in verb.values:
                message = f"{spoken} names an order, and there is none before a scenario begins"
                self.expressions.error("E402", message, step.head)
        elif "session" in verb.actors:
            message = f"{spoken} is a session's step; the {self.actor} has no such step"
            self.expressions.error("E402", message, step.head)
        else:
            others = [name for name, kind in ACTORS.items() if kind in verb.actors]
            where = " or ".join(f"`{name}:`" for name in others)
            written = self.diagnostics.source.slice(step.span).split("\n")[0]
            message = f"{spoken} is a step of the {' or the '.join(others)}"
            note = f"write {where} before it: `{others[0]}: {written}`"
            self.expressions.error("E402", message, step.head, notes=[note])

    def _actor(self, step: Step) -> Step:
        name = step.parts["name"]
        known = [*self.sessions, *ACTORS]
        if name.text not in known:
            suggestion = did_you_mean(name.text, known)
            note = f"there are {', '.join(f'`{each}`' for each in known)}"
            self.expressions.error("E209", f"there is no session `{name.text}`{suggestion}", name.span, notes=[note])
        # Who is not known may do anything: one slip is one error.
        before, self.actor = self.actor, name.text if name.text in known else ""
        body = self.block(step.body or (), starts=False)
        self.actor = before
        return evolve(step, body=body)

    def _session_name(self, word: Word) -> None:
        if word.text not in self.sessions:
            suggestion = did_you_mean(word.text, self.sessions)
            self.expressions.error("E209", f"there is no session `{word.text}`{suggestion}", word.span)

    # ---------------------------------------------------------------------------------------------------- parts

    def _generic(self, step: Step) -> Step:
        """A statement of which the tables say all."""
        verb = VERBS[step.verb]
        parts = {name: self._part(verb, name, value) for name, value in step.parts.items()}
        body = None if step.body is None else self.block(step.body)
        if (named := step.word("as_name")) is not None:
            self.scope.bind(named, verb.gives or ANY)
        return evolve(step, parts=parts, body=body)

    def _part(self, verb: Verb, name: str, value: Any) -> Any:
        if name in ("value", "amount"):
            kinds = verb.values if name == "value" else verb.amounts
            last = len(kinds) - 1
            return tuple(self.expressions.wanted(item, kinds[min(index, last)]) for index, item in enumerate(value))
        kind = verb.parts.get(name)
        if isinstance(kind, Type):
            return self.expressions.wanted(value, kind)
        if kind == "price":
            return self._price(value)
        if kind == "level":
            return tuple(self.expressions.wanted(item, NUMBER) for item in value)
        if kind == "session":
            self._session_name(value)
        return value

    def _price(self, value: Any) -> Any:
        if isinstance(value, Word):
            return value
        with self.expressions.within(prices_first=True):
            return self.expressions.wanted(value, NUMBER)

    # ------------------------------------------------------------------------------------------------------ flow

    def _let(self, step: Step) -> Step:
        name: Word = step.parts["name"]
        value, kind = self.expressions.check(step.parts["value"][0])
        self.scope.bind(name, kind)
        return evolve(step, parts={**step.parts, "value": (value,)})

    def _if(self, step: Step) -> Step:
        """Every branch starts from what is sure before it; afterwards is sure what all of them leave."""
        before = set(self.scope.sure)
        ends: list[set[str]] = []

        def branch(condition: Expression | None, body: Sequence[Step]) -> tuple[Expression | None, tuple[Step, ...]]:
            self.scope.sure = set(before)
            resolved = None if condition is None else self.expressions.wanted(condition, BOOLEAN)
            if resolved is not None:
                self.scope.sure |= names_defined(resolved)
            checked = self.block(body)
            if not (body and VERBS[body[-1].verb].ends_path):
                ends.append(set(self.scope.sure))
            return resolved, checked

        condition, body = branch(step.parts["value"][0], step.body or ())
        others = tuple(branch(*clause) for clause in step.many("elif"))
        parts = {**step.parts, "value": (condition,), "elif": others}
        if step.has("else"):
            parts["else"] = branch(None, step.parts["else"])[1]
        else:
            ends.append(before)
        self.scope.sure = set.intersection(*ends) if ends else before
        return evolve(step, parts=parts, body=body)

    def _for(self, step: Step) -> Step:
        name: Word = step.parts["name"]
        items, kind = self.expressions.check(step.parts["value"][0])
        if kind.base not in ("list", "any"):
            self.expressions.expect_type(items, kind, types.list_of(ANY))
        before = set(self.scope.sure)
        self._forget_types(step)
        self.scope.bind(name, (kind.detail or ANY) if kind.base == "list" else ANY, quiet=True)
        body = self.block(step.body or ())
        self.scope.sure = before
        return evolve(step, parts={**step.parts, "value": (items,)}, body=body)

    def _loop(self, step: Step) -> Step:
        self._forget_types(step)
        values = self._part(VERBS[step.verb], "value", step.parts["value"])
        before = set(self.scope.sure)
        body = self.block(step.body or ())
        self.scope.sure = before
        return evolve(step, parts={**step.parts, "value": values}, body=body)

    def _forget_types(self, step: Step) -> None:
        """What a loop gives anew may be of another type from its second round on."""
        for name in names_given(step.body or ()):
            if name in self.scope.types:
                self.scope.types[name] = ANY

    def _wait_until(self, step: Step) -> Step:
        value, kind = self.expressions.check(step.parts["value"][0])
        if kind.base not in ("boolean", "time", "date", "moment", "any"):
            message = f"`wait until` wants a time or a condition, not {types.spoken(kind)}"
            self.expressions.error("E301", message, value.span)
        parts = dict(step.parts)
        if step.has("within"):
            parts["within"] = self.expressions.wanted(step.required("within"), DURATION)
            if kind.base in ("time", "date", "moment"):
                self.expressions.error("E408", "`wait until` a time takes no `within`", step.required("within").span)
        return evolve(step, parts={**parts, "value": (value,)})

    def _return(self, step: Step) -> Step:
        if not self.may_return:
            self.expressions.error("E401", "`return` stands inside a `define`; a scenario ends with `stop`", step.head)
        return self._generic(step)

    def _call(self, step: Step) -> Step:
        call, _ = self.expressions.check(step.parts["value"][0])
        if not isinstance(call, DefineCall):
            message = "a function's value is lost here; only a `define` is a step"
            self.expressions.error("E401", message, call.span)
        return evolve(step, parts={"value": (call,)})

    def _needless_wait(self, wait: Step, expect: Step) -> None:
        if expect.has("no") or expect.has("at_most"):
            return
        span = self.diagnostics.source.slice(wait.parts["value"][0].span)
        self.expressions.warn(
            "W503",
            "a `wait` right before an `expect`",
            wait.span,
            notes=[f"`expect` waits by itself, and no longer than it must: `expect … within {span}`"],
        )

    # --------------------------------------------------------------------------------------------------- trading

    def _order(self, step: Step) -> Step:
        """An order, whose volume and instrument are told apart by type."""
        self._order_place(step)
        volume: Expression | None = None
        instrument: Expression | None = None
        unclear: list[Expression] = []
        for amount in step.many("amount"):
            resolved, kind = self.expressions.check(amount)
            if kind.base == "number" and volume is None:
                volume = resolved
            elif kind.base in ("instrument", "text") and instrument is None and not isinstance(resolved, Constant):
                instrument = resolved
            elif kind.base == "any":
                unclear.append(resolved)
            elif not self.expressions.only_constant(resolved, "an order has one volume and one instrument"):
                what = "a second " + ("volume" if kind.base == "number" else "instrument")
                wrong = what if kind.base in ("number", "instrument", "text") else f"this is {types.spoken(kind)}"
                self.expressions.error("E301", f"{wrong}; an order has one volume and one instrument", resolved.span)
        if len(unclear) == 1 and volume is not None and instrument is None:
            instrument = unclear.pop()
        elif len(unclear) == 1 and instrument is not None and volume is None:
            volume = unclear.pop()
        parts = {name: value for name, value in step.parts.items() if name != "amount"}
        parts |= {"unclear": tuple(unclear)}
        parts |= {"volume": volume} if volume is not None else {}
        parts |= {"instrument": instrument} if instrument is not None else {}
        self._modifiers(step, parts)
        if (name := step.word("as_name")) is not None:
            self.scope.bind(name, ORDER, quiet=self.actor in ACTORS)
        return evolve(step, parts=parts)

    def _order_place(self, step: Step) -> None:
        side = step.word("side")
        if not self.actor or self.actor == "network":
            return
        if self.actor == "venue":
            for part in ("offset", "as_name", *_SETTING_MODIFIERS):
                if step.has(part):
                    message = "an order from elsewhere has a side, a volume, an instrument and a price, nothing else"
                    self.expressions.error("E408", message, step.span)
                    break
            else:
                if not step.has("at") or len(step.many("amount")) != 2:
                    message = f"write `{side.text if side else 'buy'} VOLUME INSTRUMENT at PRICE`"
                    self.expressions.error("E408", message, step.span)
        elif side is not None and not step.has("offset"):
            message = f"`{side.text}` must say `open`, `close`, `close_today` or `close_yesterday`"
            self.expressions.error("E408", message, side.span)

    def _modifiers(self, step: Step, parts: dict[str, Any]) -> None:
        if step.has("at"):
            parts["at"] = self._price(step.parts["at"])
        if step.has("fak") and step.has("fok"):
            self.expressions.error("E408", "an order is `fak` or `fok`, not both", step.parts["fok"].span)
        if step.has("hedge") and step.has("arbitrage"):
            self.expressions.error("E408", "an order is `hedge` or `arbitrage`, not both", step.parts["hedge"].span)
        for name in ("min_volume", "ref", "memo"):
            if step.has(name):
                parts[name] = self._part(VERBS[step.verb], name, step.parts[name])
        if step.has("when"):
            parts["when"] = self._when(step.required("when"))
        if step.has("with"):
            parts["with"] = self._settings("InputOrder", step.many("with"))

    def _when(self, condition: Expression) -> Expression:
        """The condition of a conditional order: the counter knows three prices and four comparisons."""
        found_before = len(self.diagnostics.found)
        with self.expressions.within(prices_first=True):
            resolved = self.expressions.wanted(condition, BOOLEAN)
        fits = len(self.diagnostics.found) > found_before or (
            isinstance(resolved, Chain)
            and resolved.operators in ((">",), (">=",), ("<",), ("<=",))
            and isinstance(resolved.operands[0], PriceWord)
            and resolved.operands[0].word in ("last", "ask", "bid")
        )
        if not fits:
            message = "a condition is `last`, `ask` or `bid`, then `>`, `>=`, `<` or `<=`, then a price"
            self.expressions.error("E408", message, condition.span)
        return resolved

    def _settings(self, name: str, settings: Sequence[tuple[Word, Expression]]) -> tuple[tuple[Word, Expression], ...]:
        """`(Field = value, …)` for a record."""
        schema = record(name)
        checked: list[tuple[Word, Expression]] = []
        for word, value in settings:
            found = schema.find(word.text)
            if found is None:
                suggestion = did_you_mean(word.text, [*schema.fields, *map(spelled, schema.fields)])
                self.expressions.error("E203", f"{name} has no field `{word.text}`{suggestion}", word.span)
                self.expressions.check(value)
                continue
            if any(found.name == earlier.text for earlier, _ in checked):
                self.expressions.error("E210", f"`{word.text}` is given twice", word.span)
            kind = types.of_field(found)
            resolved = self.expressions.wanted(value, kind, found)
            checked.append((Word(found.name, word.span), resolved))
        return tuple(checked)

    def _cancel(self, step: Step) -> Step:
        """`cancel` takes an order, or a list of them."""
        order, kind = self.expressions.check(step.parts["value"][0])
        if kind.base != "list" or not types.fits(kind.detail or ANY, ORDER):
            self.expressions.expect_type(order, kind, ORDER)
        return evolve(step, parts={**step.parts, "value": (order,)})

    def _query(self, step: Step) -> Step:
        asked: Word = step.parts["asked"]
        _, row, single = QUERIES[asked.text]
        parts = dict(step.parts)
        if step.has("of"):
            parts["of"] = self.expressions.wanted(step.required("of"), INSTRUMENT)
        if step.has("within"):
            parts["within"] = self.expressions.wanted(step.required("within"), DURATION)
        if (name := step.word("as_name")) is not None:
            answer = types.record_of(row)
            self.scope.bind(name, answer if single else types.list_of(answer))
        return evolve(step, parts=parts)

    def _request(self, step: Step) -> Step:
        name: Word = step.parts["name"]
        known = api.requests()
        parts = dict(step.parts)
        if name.text not in known:
            suggestion = did_you_mean(name.text, known)
            self.expressions.error("E206", f"the API has no request `{name.text}`{suggestion}", name.span)
            for _, value in step.many("setting"):
                self.expressions.check(value)
        else:
            parts["setting"] = self._settings(known[name.text], step.many("setting"))
        if (bound := step.word("as_name")) is not None:
            self.scope.bind(bound, REQUEST)
        return evolve(step, parts=parts)

    # ---------------------------------------------------------------------------------------------- expectations

    def _expect(self, step: Step) -> Step:
        pattern = self._pattern(step.parts["pattern"])
        parts = {**step.parts, "pattern": pattern}
        for name in ("count", "at_least", "at_most", "for_span", "within"):
            if step.has(name):
                parts[name] = self._part(VERBS[step.verb], name, step.parts[name])
        self._can_hold(step, pattern)
        self._spans_fit(step)
        if (named := step.word("as_name")) is not None:
            one = types.report_of(pattern.kind.text)
            several = any(step.has(part) for part in ("count", "at_least", "at_most")) or "total" in pattern.parts
            self.scope.bind(named, types.list_of(one) if several else one, quiet=step.has("no"))
        return evolve(step, parts=parts)

    def _spans_fit(self, step: Step) -> None:
        """`for` belongs to what must not come, `within` to what must."""
        lasting = step.has("no") or step.has("at_most")
        if step.has("within") and lasting:
            message = "what must not come is waited for with `for`, not `within`"
            self.expressions.error("E408", message, step.required("within").span)
        if step.has("for_span") and not lasting:
            message = "what must come is waited for with `within`, not `for`"
            self.expressions.error("E408", message, step.required("for_span").span)
        if step.has("no") and step.has("as_name"):
            self.expressions.error("E408", "what does not come cannot be named", step.parts["as_name"].span)

    def _can_hold(self, step: Step, pattern: Pattern) -> None:
        """Expectations that no run can meet, and numbers that do not go together."""
        for found in impossible_numbers(step, pattern):
            self.diagnostics.add(found)
        total = pattern.expression("total")
        if total is not None and any(step.has(part) for part in ("count", "at_least", "at_most", "no")):
            self.expressions.error("E408", "a `total` and a count do not go together", total.span)

    def _pattern(self, pattern: Pattern) -> Pattern:
        kind = reports.find_kind(pattern.kind.text)
        if kind is None:
            name = pattern.kind.text
            suggestion = did_you_mean(name, [*api.callbacks("trader"), *api.callbacks("market")])
            self.expressions.error("E207", f"the API has no callback `{name}`{suggestion}", pattern.kind.span)
            for part in ("of", "in", "total"):
                if (value := pattern.expression(part)) is not None:
                    self.expressions.check(value)
            return pattern
        parts = dict(pattern.parts)
        if (of := pattern.expression("of")) is not None:
            parts["of"] = self._subject(of)
        if (instrument := pattern.expression("in")) is not None:
            parts["in"] = self.expressions.wanted(instrument, INSTRUMENT)
            if reports.find_field(kind, "InstrumentID") is None:
                self.expressions.error("E408", f"`{kind.name}` is not about an instrument", instrument.span)
        if (total := pattern.expression("total")) is not None:
            parts["total"] = self.expressions.wanted(total, NUMBER)
            if reports.find_field(kind, "Volume") is None:
                self.expressions.error("E408", f"`{kind.name}` has no volume to add up", total.span)
        if "by" in parts:
            parts["by"] = self._source(pattern)
        if (where := pattern.expression("where")) is not None:
            with self.expressions.within(report=types.report_of(kind.name), no_asking=_NOT_IN_A_CHECK):
                parts["where"] = self.expressions.wanted(where, BOOLEAN)
        return evolve(pattern, parts=parts)

    def _subject(self, of: Expression) -> Expression:
        resolved, kind = self.expressions.check(of)
        element = (kind.detail or ANY) if kind.base == "list" else kind
        if not (types.fits(element, ORDER) or types.fits(element, REQUEST)):
            wanted = "`of` takes an order, a request, or a list of them"
            if not self.expressions.only_constant(resolved, wanted):
                self.expressions.error("E301", f"{wanted}, not {types.spoken(kind)}", resolved.span)
        return resolved

    def _source(self, pattern: Pattern) -> tuple[Word, Expression | None]:
        source, code = pattern.parts["by"]
        if pattern.kind.text not in ("rejection", "cancel_rejection"):
            message = f"`by` says who refused; `{pattern.kind.text}` is not a refusal"
            self.expressions.error("E408", message, source.span)
        return source, None if code is None else self.expressions.wanted(code, NUMBER)

    def _expect_listed(self, step: Step) -> Step:
        listed = []
        for pattern, name in step.many("listed"):
            checked = self._pattern(pattern)
            if (total := checked.expression("total")) is not None:
                self.expressions.error("E408", "a `total` has no place in a list of reports", total.span)
            listed.append((checked, name))
            if name is not None:
                self.scope.bind(name, types.report_of(pattern.kind.text))
        parts = {**step.parts, "listed": tuple(listed)}
        if step.has("within"):
            parts["within"] = self.expressions.wanted(step.required("within"), DURATION)
        return evolve(step, parts=parts)

    def _never(self, step: Step) -> Step:
        pattern = self._pattern(step.parts["pattern"])
        if (total := pattern.expression("total")) is not None:
            self.expressions.error("E408", "`never` looks at one report at a time; it has no `total`", total.span)
        return evolve(step, parts={**step.parts, "pattern": pattern})

    def _always(self, step: Step) -> Step:
        with self.expressions.within(no_asking=_NOT_IN_A_CHECK):
            return self._generic(step)

    # ------------------------------------------------------------------------------------------------- the venue

    def _quote(self, step: Step) -> Step:
        checked = self._generic(step)
        if not any(step.has(part) for part in ("bid", "ask", "last", "pre_settlement")):
            self.expressions.error("E408", "a quote has a side, a last price or a settlement price", step.span)
        return checked

    def _phase(self, step: Step) -> Step:
        """A phase is that of an instrument, or of a whole exchange under its bare name."""
        (which,) = step.parts["amount"]
        if isinstance(which, Name) and which.name.upper() in EXCHANGES and which.name not in self.scope.types:
            exchange = LiteralValue("text", which.name.upper(), which.span)
            return evolve(step, parts={**step.parts, "amount": (exchange,)})
        return self._generic(step)

    def _clock(self, step: Step) -> Step:
        value, kind = self.expressions.check(step.parts["value"][0])
        if kind.base not in ("time", "date", "moment", "any"):
            message = f"the clock takes a time, a date or both, not {types.spoken(kind)}"
            self.expressions.error("E301", message, value.span)
        return evolve(step, parts={**step.parts, "value": (value,)})

    def _reject(self, step: Step) -> Step:
        source, code = step.parts["by"]
        if source.text == "api":
            self.expressions.error("E408", "the venue refuses at the `counter` or at the `exchange`", source.span)
        if code is None:
            self.expressions.error("E408", f"a refusal has a code: `by {source.text} 31`", source.span)
        resolved = None if code is None else self.expressions.wanted(code, NUMBER)
        checked = self._generic(step)
        return evolve(checked, parts={**checked.parts, "by": (source, resolved)})
