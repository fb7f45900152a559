"""A run: one scenario, one row, one seed, from nothing to a verdict.

`run_one` keeps no state and shares none: the same unit gives the same journal to the byte. Runners, the pytest
plugin and whatever spreads work over processes all use it as it is.
"""

from __future__ import annotations  # closures are made for every step, and theirs need not be evaluated

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from ctpscen.ctp.commands.plan import plan_text
from ctpscen.ctp.times import MINUTE, from_duration
from ctpscen.engine.driver import drive
from ctpscen.engine.environment import Environment, EnvironmentFactory
from ctpscen.engine.interpreter import CompiledProgram, scenario_steps
from ctpscen.engine.state.accounts import note_accounts
from ctpscen.engine.state.context import Context, Run
from ctpscen.engine.state.journal import Event, Journal, diagnostic_event
from ctpscen.engine.state.outcomes import (
    Blocked,
    Broken,
    DoesNotEnd,
    Failed,
    Outcome,
    Place,
    ScenarioError,
    Skipped,
    Stopped,
)
from ctpscen.engine.unit import Explored, Result, Unit
from ctpscen.engine.verdict import Excused, InternalError, Interrupted, as_shown, ended_by, verdict_of
from ctpscen.interruption import interruptions
from ctpscen.language.meaning.program import Program, Scenario
from ctpscen.language.text.source import Source

if TYPE_CHECKING:
    from ctpscen.engine.judging.judge import Judge

AFTER_BUDGET = MINUTE


def run_one(
    unit: Unit,
    environment_of: EnvironmentFactory,
    compiled: CompiledProgram | None = None,
    sink: Callable[[Event], None] | None = None,
    observe: Callable[[Context], None] | None = None,
) -> Result:
    """Runs one scenario, or one row of it. Never raises for anything that the scenario does.

    `environment_of` makes what it is run against. `compiled` spares parsing and checking where the caller has done it;
    it must be of the same text. `sink` is handed the events of the journal while the run goes on, `observe` the
    context of each step before it is done, which it may end by raising an Outcome.

    Raises ValueError for a text that does not check, and KeyError for a title that it does not have.
    """
    if compiled is None:
        compiled = CompiledProgram(_checked(unit))
    program = compiled.program
    scenario = next((each for each in program.scenarios if each.title == unit.title), None)
    if scenario is None:
        raise KeyError(unit.title)
    journal = Journal(sink=sink, faults_alone=unit.wanted != "journal")
    environment = environment_of(program, unit, journal)
    journal.begin(
        environment.now,
        program,
        scenario,
        unit.row,
        unit.name,
        unit.seed if unit.given_seed is None else unit.given_seed,
        plan_text(unit.plan or ()),
        **({"repetition": unit.repetition} if unit.repetition else {}),
        **environment.header,
    )
    result = _ScenarioRun(compiled, scenario, unit, environment, journal, observe).perform()
    journal.settle()
    return result


def _checked(unit: Unit) -> Program:
    from ctpscen.language.checking.file import check

    def read(_: str, path: str) -> tuple[str, str]:
        if path not in unit.used:
            raise FileNotFoundError(2, "no such file", path)
        return path, unit.used[path]

    checked = check(Source(unit.name, unit.text), read)
    if checked.program is None:
        raise ValueError("; ".join(located.diagnostic.message for located in checked.diagnostics))
    return checked.program


@frozen(eq=False, repr=False)
class _ScenarioRun:
    """A scenario from its first step to its result: what stands before it, its steps, `after`, the end of it all."""

    compiled: CompiledProgram
    scenario: Scenario
    unit: Unit
    environment: Environment
    journal: Journal
    observe: Callable[[Context], None] | None = None

    def perform(self) -> Result:
        run = Run(self.compiled.program, self.scenario, self.unit.settings, self.environment, self.journal)
        run.observe = self.observe
        context = Context(run, {}, self.compiled.program.default_actor)
        judge = self._judge(run, context)
        outcome, soft, after = self._do_all(run, context, judge)
        late = [*run.soft_failures, *([after] if after else [])]
        with interruptions.deferred() as before:
            try:
                if outcome is not None or soft or late:
                    self.environment.keep_folders()
                errors = [self.journal.shown(each) for each in self.environment.finish()]
            except KeyboardInterrupt:  # the user wants to leave whatever is left
                errors = []
            interrupted = interruptions.count > before
        explored = None if judge is None else judge.explored(_broken_by(outcome))
        errors += self._unreached(explored)
        result = self._result(run, outcome, soft, late, errors, interrupted=interrupted)
        return result if explored is None else evolve(result, explored=explored)

    def _judge(self, run: Run, context: Context) -> Judge | None:
        """Who judges the run; None where there is nothing to judge it by, as in most runs."""
        if self.environment.injection is None and not self.compiled.invariants:
            return None
        from ctpscen.engine.judging.judge import Judge

        return Judge.of(run, context, self.compiled.invariants, records=self.unit.wanted != "verdict")

    def _do_all(
        self, run: Run, context: Context, judge: Judge | None
    ) -> tuple[Outcome | None, Sequence[Outcome], Outcome | None]:
        """The scenario and `after`; gives what ended the one, what failed softly in it, and what ended the other."""
        try:
            outcome = ended_by(lambda: self._do_steps(run, context, judge))
            soft: Sequence[Outcome] = run.soft_failures
            run.soft_failures = []
            if judge is not None:
                outcome, soft = self._judged(run, judge, outcome, soft)
            after = ended_by(lambda: self._do_after(run, context))
            if judge is not None and judge.explores and not isinstance(after, Interrupted):
                after, run.soft_failures = None, []
            return self._excused(run, outcome, soft), soft, after
        except KeyboardInterrupt:  # between them
            return Interrupted(), [], None

    def _judged(
        self, run: Run, judge: Judge, outcome: Outcome | None, soft: Sequence[Outcome]
    ) -> tuple[Outcome | None, Sequence[Outcome]]:
        """How the run ended by its invariants, too: an explored one by them alone."""
        breaks = (Failed, Blocked, ScenarioError)
        if judge.explores and not isinstance(outcome, Broken | DoesNotEnd):
            first = outcome if outcome is not None else next(iter(soft), None)
            if isinstance(first, breaks):
                judge.steps_ended = first.reason
                run.journal.add("note", run.now, text=f"the steps end here: {first.reason}")
            outcome, soft = (None if isinstance(outcome, breaks) else outcome), ()
        if outcome is None and run.actors and self.environment.ask_venue("", "ReqQryOrder", {}) is not None:
            outcome = ended_by(lambda: drive(run, judge.settle(), None))
        return outcome, soft

    def _unreached(self, explored: Explored | None) -> list[str]:
        """The faults of the plan that struck nothing: the plan is of another run."""
        struck = () if explored is None else explored.struck
        missed = [each for each in self.unit.plan or () if each.boundary not in struck]
        return [f"the plan's {each} was not reached" for each in missed]

    def _do_steps(self, run: Run, context: Context, judge: Judge | None) -> None:
        """The scenario with what stands before it."""
        environment = self.environment
        if why := environment.unsupported(run.program, self.scenario):
            raise Skipped(reason=why)
        run.file_scope = self.compiled.file_scope(context, self.unit.settings.values)
        context.scope = {**run.file_scope, **self.compiled.row_values(context, self.unit.row)}
        self._make_actors(run, context)
        if judge is not None:
            judge.begin()
        with suppress(Stopped):
            drive(run, scenario_steps(self.compiled, context), self._budget(context))
        self._check_ends(run)
        drive(run, environment.before_verdict(), None)

    def _check_ends(self, run: Run) -> None:
        """A program that ended badly fails the scenario, unless that was expected."""
        if not run.program.programs:
            return
        from ctpscen.engine.state.program_actor import ProgramActor

        for actor in run.actors.values():
            if isinstance(actor, ProgramActor) and (how := actor.bad_end()):
                place = Place(self.compiled.program.source, actor.declared_at)
                notes = [*actor.tail(), "`expect exit` takes an end that is meant to be"]
                raise Failed(place.located("R633", how, notes=notes), how)

    def _raise_programs(self, run: Run, context: Context) -> None:
        """The programs under test, none of them started."""
        settings, environment, program = self.unit.settings, self.environment, run.program
        for declared in program.programs:
            account = declared.account or settings.account
            compiler = self.compiled.compiler(declared.source).expressions
            from ctpscen.engine.program_texts import work_out  # which a run without programs does not need

            texts = work_out(declared, compiler, context, environment.program_words(account))
            run.actors[declared.name] = environment.program(declared, texts, account, run.changed)

    def _make_actors(self, run: Run, context: Context) -> None:
        """The sessions' machines, with the prices that they will want."""
        settings, environment = self.unit.settings, self.environment
        names = [
            *run.program.instruments,
            *(v for v in context.scope.values() if isinstance(v, str)),
            context.default_instrument,
        ]
        listed = environment.list_instruments(names)
        for session in run.program.sessions:
            actor = environment.actor(session, session.account or settings.account, run.changed)
            run.actors[session.name] = actor
            if session.name in self.scenario.priced or (
                session is run.program.sessions[0] and "venue" in self.scenario.priced
            ):
                actor.session.market.want(listed, run.now)
        self._raise_programs(run, context)

    def _budget(self, context: Context) -> int | None:
        if self.scenario.timeout is None:
            return self.environment.patience
        code = self.compiled.compiler(self.compiled.program.source).code(self.scenario.timeout)
        assert code.plain is not None
        return from_duration(code.plain(context))

    def _do_after(self, run: Run, context: Context) -> None:
        """`after`, whatever happened before."""
        if self.compiled.program.after and run.actors:
            run.violation = None
            for actor in run.actors.values():
                actor.unwatch()
            after = Context(run, context.scope, self.compiled.program.default_actor)
            self.journal.add("note", run.now, text="after")
            drive(run, self.compiled.after(after), AFTER_BUDGET, "`after`")

    def _excused(self, run: Run, outcome: Outcome | None, soft: Sequence[Outcome]) -> Outcome | None:
        """A failure for which the hour or the front is to blame says nothing of the program: it is blocked."""
        failed = outcome if outcome is not None else next(iter(soft), None)
        if isinstance(failed, Failed) and (why := self.environment.excuse(run.actors.values())):
            return Excused(None if outcome is None else outcome.located, f"{why} (so: {failed.reason})")
        return outcome

    def _result(
        self,
        run: Run,
        outcome: Outcome | None,
        soft: Sequence[Outcome],
        late: Sequence[Outcome],
        errors: Sequence[str],
        *,
        interrupted: bool,
    ) -> Result:
        verdict, reason = verdict_of(outcome, soft, late, errors)
        if interrupted and verdict != "interrupted":
            said = f": {reason}" if reason else ""
            verdict, reason = "interrupted", f"while it was cleaned up; without that it had come to {verdict}{said}"
        ended = [*soft, *([outcome] if outcome else []), *late]
        located = [as_shown(each.located, self.journal) for each in ended if each.located is not None]
        reason = self.journal.shown(reason)
        elapsed = self.environment.elapsed
        if self.journal.wants_accounts:
            note_accounts(run)
        self.journal.add(
            "verdict",
            run.now,
            verdict=verdict,
            reason=reason,
            elapsed=elapsed,
            diagnostics=[diagnostic_event(each) for each in located],
            **({"errors": errors} if errors else {}),
        )
        return Result(
            name=self.journal.shown(self.unit.name),
            title=self.journal.shown(self.scenario.title),
            row=self.unit.row,
            line=self.scenario.line,
            verdict=verdict,
            reason=reason,
            diagnostics=located,
            elapsed=elapsed,
            journal=self.journal.events,
            errors=errors,
        )


NO_INTERNAL_ERROR, IT_ENDS = "no internal error", "it ends"
"""What holds of every run, whatever its invariants are."""


def _broken_by(outcome: Outcome | None) -> str:
    """What did not hold, where a run ended like this."""
    if isinstance(outcome, Broken):
        return outcome.title
    if isinstance(outcome, InternalError):
        return NO_INTERNAL_ERROR
    return IT_ENDS if isinstance(outcome, DoesNotEnd) else ""
