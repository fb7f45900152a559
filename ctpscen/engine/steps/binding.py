"""Steps to executors: what every step's compilation has in common."""

from __future__ import annotations  # closures are made for every step, and theirs need not be evaluated

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, field

from ctpscen.engine.expressions.compile import CallDefine, Code, ExpressionCompiler, evaluate_all
from ctpscen.engine.state.accounts import note_accounts
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import Failed, NeedsQuote, Place
from ctpscen.engine.state.waits import Waiting
from ctpscen.language.meaning.needs import needs_session
from ctpscen.language.meaning.verbs import ACTORS, VERBS
from ctpscen.language.syntax.tree import Expression, Step
from ctpscen.language.text.source import Source

Executor = Callable[[Context], Waiting | None]
"""Does a step. Gives None where it took no time, else what is to be waited for."""

BeforeStep = Callable[[Context, Step], Waiting | None]
"""Gives what must be done before a step, such as connecting; None where nothing must."""

Block = Callable[[Context], Waiting]
CompileStep = Callable[[Step, "Compiler"], Executor]


def bind(codes: Sequence[Code], action: Callable[..., Waiting | None]) -> Executor:
    """An executor that works out some values and acts on them; plain where all of it is plain."""
    plains = [code.plain for code in codes]

    def slowly(context: Context) -> Waiting:
        values = yield from evaluate_all(codes, context)
        waiting = action(context, *values)
        if waiting is not None:
            yield from waiting

    if any(plain is None for plain in plains):
        return slowly

    def at_once(context: Context) -> Waiting | None:
        try:
            values = [plain(context) for plain in plains if plain is not None]
        except NeedsQuote:
            return slowly(context)
        return action(context, *values)

    return at_once


def each_of(values: Sequence[Any], codes: Sequence[Code]) -> list[tuple[Any, Place]]:
    """What a step takes several of: its values, those of a list one by one, each with the place of what gave it."""
    return [
        (each, code.place)
        for value, code in zip(values, codes, strict=True)
        for each in (value if isinstance(value, list) else [value])
    ]


@define(eq=False, repr=False)
class Compiler:
    """Compiles the steps of one source. `executors` is the table from verb to how a step of it is compiled."""

    source: Source
    executors: Mapping[str, CompileStep]
    before_step: BeforeStep
    call_define: CallDefine
    expressions: ExpressionCompiler = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.expressions = ExpressionCompiler(self.source, self.call_define)

    def place(self, step: Step) -> Place:
        return Place(self.source, step.span)

    def code(self, expression: Expression) -> Code:
        return self.expressions.code(expression)

    def codes(self, expressions: Sequence[Expression]) -> list[Code]:
        return self.expressions.codes(expressions)

    def values(self, step: Step) -> list[Code]:
        """The expressions that stand in a step without a word before them."""
        return self.codes(step.many("value"))

    def optional(self, step: Step, part: str) -> Code | None:
        expression = step.expression(part)
        return None if expression is None else self.code(expression)

    def block(self, steps: Sequence[Step]) -> Block:
        """A block of steps, each entered in the journal before it is done."""
        compiled = [self._step(step) for step in steps]

        def execute(context: Context) -> Waiting:
            for step in compiled:
                waiting = step(context)
                if waiting is not None:
                    yield from waiting

        return execute

    def _step(self, step: Step) -> Executor:
        executor = self.executors[step.verb](step, self)
        if step.verb == "actor":  # says who acts, and does nothing itself
            return executor
        place = Place(self.source, step.span)
        return _Entered(
            step,
            _with_api(executor, place) if VERBS[step.verb].calls_api else executor,
            place,
            self.before_step if needs_session(step) else None,
            " ".join(self.source.slice(step.span).split("\n", 1)[0].split()),
            self.source.place(step.span[0]).line,
        )


@define(eq=False, repr=False)
class _Entered:
    """A compiled step that is entered in the journal before it is done.

    A run makes one of these for each of its steps: as a closure it would be a dozen objects that refer to each other.
    """

    step: Step
    executor: Executor
    place: Place
    before: BeforeStep | None
    text: str
    line: int

    def __call__(self, context: Context) -> Waiting | None:
        run = context.run
        run.count_step(self.place)
        if self.before is not None and (connecting := self.before(context, self.step)) is not None:
            return self._after(connecting, context)
        if run.journal.wants_accounts:
            note_accounts(run)
        run.journal.add(
            "step",
            run.now,
            text=self.text,
            file=self.place.source.shown_name,
            line=self.line,
            actor=context.actor,
            depth=context.nesting,
        )
        if run.observe is not None:
            run.observe(context)
        waiting = self.executor(context)
        return None if waiting is None else _timed(waiting, context)

    def _after(self, connecting: Waiting, context: Context) -> Waiting:
        yield from connecting
        waiting = self(context)
        if waiting is not None:
            yield from waiting


def _with_api(executor: Executor, place: Place) -> Executor:
    """A step that calls the API, which may not be there: the session has not connected yet, or was released."""

    def execute(context: Context) -> Waiting | None:
        if context.actor not in ACTORS and context.acting.session.connection.state == "absent":
            message = f"{context.actor} has no API object; `connect` makes one"
            raise Failed(place.located("R603", message), message)
        return executor(context)

    return execute


def _timed(waiting: Waiting, context: Context) -> Waiting:
    """Notes in the journal when a step that took time is over."""
    run, start, set_before = context.run, context.run.now, context.run.clock_set_by
    context.nesting += 1
    try:
        result = yield from waiting
    finally:
        context.nesting -= 1
    run.journal.add("end", run.now, waited=run.now - start - (run.clock_set_by - set_before))
    return result
