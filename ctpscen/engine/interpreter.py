"""A checked program to executors, and one scenario of it as a generator of waits."""

from __future__ import annotations  # closures are made for every step, and theirs need not be evaluated

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from ctpscen.engine.expressions.compile import Code
from ctpscen.engine.state.actors import Actor
from ctpscen.engine.state.context import CALL_LIMIT, Context
from ctpscen.engine.state.outcomes import Place, ReturnValue
from ctpscen.engine.state.waits import Nested, Waiting
from ctpscen.engine.steps import connection, flow, program, venue
from ctpscen.engine.steps.binding import Block, Compiler, CompileStep, Executor
from ctpscen.engine.steps.connection import connect_actor
from ctpscen.engine.steps.expectations import conditions, expect, listed, reconcile, watches
from ctpscen.engine.steps.flow import STEP_PATIENCE
from ctpscen.engine.steps.trading import orders, queries, targets
from ctpscen.language.meaning.program import Program, Scenario
from ctpscen.language.meaning.verbs import ACTORS, VERBS
from ctpscen.language.syntax.tree import Step
from ctpscen.language.text.source import Source

if TYPE_CHECKING:
    from ctpscen.engine.judging.invariants import CompiledInvariant


def _by_actor(session: CompileStep, venue: CompileStep) -> CompileStep:
    """A verb that a session and the venue share; who acts is known when it is done."""

    def compile_step(step: Step, compiler: Compiler) -> Executor:
        for_session, for_venue = session(step, compiler), venue(step, compiler)
        return lambda context: (for_venue if context.actor in ACTORS else for_session)(context)

    return compile_step


def _by_program(session: CompileStep, program: CompileStep) -> CompileStep:
    """A step that a program has as well as a session, in its own way."""

    def compile_step(step: Step, compiler: Compiler) -> Executor:
        for_session, for_program = session(step, compiler), program(step, compiler)
        return lambda context: (for_program if context.run.is_program(context.actor) else for_session)(context)

    return compile_step


EXECUTORS: Mapping[str, CompileStep] = {
    **flow.EXECUTORS,
    **connection.EXECUTORS,
    **orders.EXECUTORS,
    **targets.EXECUTORS,
    **queries.EXECUTORS,
    **expect.EXECUTORS,
    **listed.EXECUTORS,
    **conditions.EXECUTORS,
    **watches.EXECUTORS,
    **reconcile.EXECUTORS,
    **venue.EXECUTORS,
    **program.EXECUTORS,
    "reconnect": _by_program(connection.EXECUTORS["reconnect"], program.reconnect),
    "order": _by_actor(orders.order_step, venue.outside_order),
    "cancel": _by_actor(orders.cancel_step, venue.cancel_by_exchange),
}


@frozen(eq=False, repr=False)
class CompiledDefine:
    parameters: tuple[tuple[str, Code | None], ...]
    body: Block


@define(eq=False, repr=False)
class CompiledProgram:
    """A program ready to be run, any number of times. It holds no state of a run.

    Of the scenarios the body of the newest one is kept: its rows and repetitions follow each other, and a file of many
    scenarios would be many times its size.
    """

    program: Program
    before: Block = field(init=False)
    after: Block = field(init=False)
    venue: Block = field(init=False)
    defines: dict[str, CompiledDefine] = field(factory=dict)
    lets: list[tuple[str, Code]] = field(factory=list)
    params: dict[str, Code] = field(factory=dict)
    invariants: tuple[CompiledInvariant, ...] = ()
    _compilers: dict[str, Compiler] = field(factory=dict)
    _newest: tuple[Scenario, Block] | None = None

    def __attrs_post_init__(self) -> None:
        program = self.program
        compiler = self.compiler(program.source)
        self.before, self.after = compiler.block(program.before), compiler.block(program.after)
        self.venue = compiler.block(program.venue)
        self.params = {name: self.compiler(param.source).code(param.value) for name, param in program.params.items()}
        self.lets = [(let.name, self.compiler(let.source).code(let.value)) for let in program.lets]
        for name, each in program.defines.items():
            own = self.compiler(each.source)
            parameters = tuple(
                (parameter, None if default is None else own.code(default)) for parameter, default in each.parameters
            )
            self.defines[name] = CompiledDefine(parameters, own.block(each.body))

        if program.invariants:
            from ctpscen.engine.judging.invariants import compile_invariant  # which most runs do not need

            self.invariants = tuple(
                compile_invariant(each, self.compiler(each.source).expressions) for each in program.invariants
            )

    def compiler(self, source: Source) -> Compiler:
        found = self._compilers.get(source.name)
        if found is None:
            found = self._compilers[source.name] = Compiler(source, EXECUTORS, self._before_step, self._call_define)
        return found

    def body(self, scenario: Scenario) -> Block:
        if self._newest is None or self._newest[0] is not scenario:
            self._newest = scenario, self.compiler(self.program.source).block(scenario.body)
        return self._newest[1]

    def row_values(self, context: Context, row: int | None) -> dict[str, Any]:
        """The values of one row of the scenario's table, by column."""
        table = context.run.scenario.table
        if table is None or row is None:
            return {}
        compiler = self.compiler(self.program.source)
        values = [_constant(compiler.code(cell), context) for cell in table.rows[row]]
        return dict(zip(table.columns, values, strict=True))

    def file_scope(self, context: Context, values: Mapping[str, Any]) -> dict[str, Any]:
        """Params and lets; `values` stand in for params."""
        scope = context.scope
        for name, code in self.params.items():
            scope[name] = values[name] if name in values else _constant(code, context)
        for name, code in self.lets:
            scope[name] = _constant(code, context)
        return scope

    # ------------------------------------------------------------------------------------- while a scenario runs

    def _before_step(self, context: Context, step: Step) -> Waiting | None:
        """Just before the first step that needs a session, the sessions are connected."""
        run = context.run
        sets_scene = VERBS[step.verb].needs_session == "never"
        if run.connected or (context.actor in ACTORS and (context.actor == "network" or sets_scene)):
            return None
        run.connected = True
        waiting = [
            actor for name, actor in run.actors.items() if name not in run.scenario.manual and not actor.is_program
        ]
        place = Place(self.program.source, step.head)
        return _connect_all(context, waiting, place) if waiting else None

    def _call_define(self, context: Context, name: str, values: list[Any], place: Place) -> Waiting:
        """Runs a step of one's own in a scope of its own; gives what it returns."""
        compiled = self.defines[name]
        if context.depth >= CALL_LIMIT:
            raise place.error(f"`{name}` is called more than {CALL_LIMIT} deep")
        scope = dict(context.run.file_scope)
        for index, (parameter, default) in enumerate(compiled.parameters):
            if index < len(values):
                scope[parameter] = values[index]
            elif default is not None:
                scope[parameter] = _constant(default, context)
        inner = Context(context.run, scope, context.actor, context.depth + 1, nesting=context.nesting)
        try:
            yield Nested(compiled.body(inner))
        except ReturnValue as returned:
            return returned.value
        return None


def _constant(code: Code, context: Context) -> Any:
    assert code.plain is not None, "the checker lets nothing that takes time stand here"
    return code.plain(context)


def _connect_all(context: Context, actors: list[Actor], place: Place) -> Waiting:
    run = context.run
    for actor in actors:
        run.journal.add("step", run.now, text="connect", actor=actor.name, implicit=True, depth=0)
        start = run.now
        yield from connect_actor(context, actor, STEP_PATIENCE, place)
        run.journal.add("end", run.now, waited=run.now - start)


def scenario_steps(compiled: CompiledProgram, context: Context) -> Waiting:
    """The scenario with what stands before it."""
    yield from compiled.venue(_as(context, "venue"))
    yield from compiled.before(context)
    yield from compiled.body(context.run.scenario)(context)


def _as(context: Context, actor: str) -> Context:
    return Context(context.run, context.scope, actor)
