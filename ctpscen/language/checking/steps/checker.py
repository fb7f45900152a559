"""Statements: where they may stand, what their parts mean, and which names they give a value."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, evolve, field

from ctpscen.language.checking.expressions.checker import ExpressionChecker
from ctpscen.language.checking.steps.impossible import released_too_early
from ctpscen.language.meaning.scope import Scope
from ctpscen.language.meaning.types import ANY, NUMBER, ORDER, Type
from ctpscen.language.meaning.verbs import ACTORS, VERBS, ActorKind, Verb, spoken_verb
from ctpscen.language.syntax.tree import Step, Word
from ctpscen.language.text.diagnostics import Diagnostics
from ctpscen.language.text.suggestions import did_you_mean

Handler = Callable[["StepChecker", Step], Step]
"""Checks a step of which its verb's row does not say all."""


@define
class StepChecker:
    """Checks the statements of one scenario or one `define`.

    `declared` are the actors of the file, `actor` is who acts where nobody is named. `may_return` holds in a `define`,
    and `returned` are the types of what it returns so far; `scene_only` holds where no scenario has begun.
    """

    expressions: ExpressionChecker
    handlers: Mapping[str, Handler]
    declared: Mapping[str, ActorKind]
    actor: str
    may_return: bool = False
    scene_only: bool = False
    returned: list[Type] = field(factory=list)

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
        if step.verb == "actor":
            return self._actor(step)
        handler = self.handlers.get(step.verb)
        return self.generic(step) if handler is None else handler(self, step)

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
        if self.kind_of(self.actor) in verb.actors:
            if self.scene_only and ORDER in verb.values:
                message = f"{spoken} names an order, and there is none before a scenario begins"
                self.expressions.error("E402", message, step.head)
        elif "session" in verb.actors or "program" in verb.actors:
            self._not_its_own(verb, spoken, step)
        else:
            others = [name for name, kind in ACTORS.items() if kind in verb.actors]
            where = " or ".join(f"`{name}:`" for name in others)
            written = self.diagnostics.source.slice(step.span).split("\n")[0]
            message = f"{spoken} is a step of the {' or the '.join(others)}"
            note = f"write {where} before it: `{others[0]}: {written}`"
            self.expressions.error("E402", message, step.head, notes=[note])

    def kind_of(self, actor: str) -> ActorKind:
        """What an actor is; one that nobody knows is taken for a session."""
        return ACTORS.get(actor) or self.declared.get(actor, "session")

    def _not_its_own(self, verb: Verb, spoken: str, step: Step) -> None:
        """A step of sessions or programs in the name of somebody else."""
        kind, notes = self.kind_of(self.actor), list[str]()
        whose = "a session's" if "session" in verb.actors else "a program's"
        message = f"{spoken} is {whose} step; the {self.actor} has no such step"
        if kind == "program":
            message = f"{spoken} is a session's step; what the program {self.actor} does, it does itself"
            notes = ["a session of the same account can act beside it: `session NAME account …`"]
        elif kind == "session":
            message = f"{spoken} is a program's step, and {self.actor} is a session"
            programs = [name for name, each in self.declared.items() if each == "program"]
            notes = [f"write `{programs[0]}:` before it"] if programs else ["the file declares no `program`"]
        self.expressions.error("E402", message, step.head, notes=notes)

    def _actor(self, step: Step) -> Step:
        name = step.parts["name"]
        known = [*self.declared, *ACTORS]
        if name.text not in known:
            suggestion = did_you_mean(name.text, known)
            note = f"there are {', '.join(f'`{each}`' for each in known)}"
            what = "session or program" if "program" in self.declared.values() else "session"
            self.expressions.error("E209", f"there is no {what} `{name.text}`{suggestion}", name.span, notes=[note])
        # Who is not known may do anything: one slip is one error.
        before, self.actor = self.actor, name.text if name.text in known else ""
        body = self.block(step.body or (), starts=False)
        self.actor = before
        return evolve(step, body=body)

    def _session_name(self, word: Word) -> None:
        if word.text not in self.declared:
            suggestion = did_you_mean(word.text, self.declared)
            self.expressions.error("E209", f"there is no session `{word.text}`{suggestion}", word.span)

    # ---------------------------------------------------------------------------------------------------- parts

    def generic(self, step: Step) -> Step:
        """A statement of which its verb's row says all."""
        parts = self.parts(step)
        body = None if step.body is None else self.block(step.body)
        self.name_result(step)
        return evolve(step, parts=parts, body=body)

    def name_result(self, step: Step, kind: Type | None = None, *, quiet: bool = False) -> None:
        """Gives the name behind `as`, if there is one, its value; `kind` where the verb's row leaves it open."""
        if (name := step.word("as_name")) is not None:
            self.scope.bind(name, kind or VERBS[step.verb].gives or ANY, quiet=quiet)

    def parts(self, step: Step, *others: str) -> dict[str, Any]:
        """The parts of a step, each as its verb's row says what it is; `others` are left as they are."""
        verb = VERBS[step.verb]
        return {name: value if name in others else self._part(verb, name, value) for name, value in step.parts.items()}

    def _part(self, verb: Verb, name: str, value: Any) -> Any:
        if name in ("value", "amount"):
            kinds = verb.values if name == "value" else verb.amounts
            last = len(kinds) - 1
            wanted = self.expressions.wanted_each if verb.takes_lists else self.expressions.wanted
            return tuple(wanted(item, kinds[min(index, last)]) for index, item in enumerate(value))
        kind = verb.parts.get(name)
        if isinstance(kind, Type):
            return self.expressions.wanted(value, kind)
        if kind == "price":
            return self._price(value)
        if kind == "level":
            return tuple(self.expressions.wanted(item, NUMBER) for item in value)
        if kind == "refusal":
            source, code = value
            return source, None if code is None else self.expressions.wanted(code, NUMBER)
        if kind == "session":
            self._session_name(value)
        return value

    def _price(self, value: Any) -> Any:
        if isinstance(value, Word):
            return value
        with self.expressions.within(prices_first=True):
            return self.expressions.wanted(value, NUMBER)

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
