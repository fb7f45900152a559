"""The unit of work: one scenario, one row, one seed, from nothing to a verdict.

`run_one` keeps no state and shares none: the same unit gives the same journal to the byte. Runners, the pytest
plugin and whatever spreads work over processes all use it as it is.
"""

from __future__ import annotations  # closures are made for every step, and theirs need not be evaluated

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import evolve, field, frozen

from ctpscen.ctp.times import MINUTE, SECOND, from_duration
from ctpscen.engine.driver import drive
from ctpscen.engine.interpreter import CompiledProgram, scenario_steps
from ctpscen.engine.settings import Settings
from ctpscen.engine.state.context import Context, Environment, Run
from ctpscen.engine.state.journal import SCHEMA, Event, Journal, diagnostic_event
from ctpscen.engine.state.outcomes import SOUND, Blocked, Failed, Outcome, ScenarioError, Skipped, Stopped, Verdict
from ctpscen.environments.simulated import SimulatedEnvironment
from ctpscen.internal_error import describe
from ctpscen.language.meaning.program import Program, Scenario
from ctpscen.language.text.diagnostics import Located
from ctpscen.language.text.source import Source

AFTER_BUDGET = MINUTE
LIVE_BUDGET = 10 * MINUTE


@frozen
class Unit:
    """What `run_one` needs, all of it plain.

    `used` are the texts of the files that the text uses, by the name under which `use` finds them; `plan` is the
    fault plan (see `simulator.world`).
    """

    name: str
    text: str
    title: str
    row: int | None = None
    used: Mapping[str, str] = field(factory=dict)
    seed: int = 0
    plan: Mapping[int, Any] = field(factory=dict)
    settings: Settings = field(factory=Settings)


@frozen
class Result:
    """How a run ended. `elapsed` is the virtual time that it took, in microseconds."""

    name: str
    title: str
    row: int | None
    line: int
    verdict: Verdict
    reason: str
    diagnostics: Sequence[Located]
    elapsed: int
    journal: Sequence[Event]

    @property
    def passed(self) -> bool:
        return self.verdict == "passed"


def run_one(
    unit: Unit,
    compiled: CompiledProgram | None = None,
    sink: Callable[[Event], None] | None = None,
    environment_of: Callable[[Journal], Environment] | None = None,
) -> Result:
    """Runs one scenario, or one row of it. Never raises for anything that the scenario does.

    `compiled` spares parsing and checking where the caller has done it; it must be of the same text. `sink` is handed
    the events of the journal while the run goes on. `environment_of` makes what the scenario is run against, where that
    is not the simulator.

    Raises ValueError for a text that does not check, and KeyError for a title that it does not have.
    """
    if compiled is None:
        compiled = CompiledProgram(_checked(unit))
    program = compiled.program
    scenario = next((each for each in program.scenarios if each.title == unit.title), None)
    if scenario is None:
        raise KeyError(unit.title)
    journal = Journal(sink=sink)
    make = environment_of or (lambda journal: SimulatedEnvironment.of(program, unit, journal))
    environment = make(journal)
    journal.add(
        "scenario",
        environment.now,
        schema=SCHEMA,
        title=scenario.title,
        file=unit.name,
        line=scenario.line,
        tags=list(scenario.tags),
        sessions=[session.name for session in program.sessions],
        row=unit.row,
        cells=program.cells(scenario, unit.row),
        seed=unit.seed,
        plan=dict(unit.plan),
        **({"live": True} if environment.is_live else {}),
    )
    result = _Conductor(compiled, scenario, unit, environment, journal).perform()
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
class _Conductor:
    """One performance of a scenario: before, the scenario, after, and what to make of how they ended."""

    compiled: CompiledProgram
    scenario: Scenario
    unit: Unit
    environment: Environment
    journal: Journal

    def perform(self) -> Result:
        run = Run(self.compiled.program, self.scenario, self.unit.settings, self.environment, self.journal)
        context = Context(run, {}, self.compiled.program.sessions[0].name)
        outcome = self._guarded(lambda: self._play(run, context))
        soft, run.soft_failures = run.soft_failures, []
        late = self._guarded(lambda: self._clean_up(run, context))
        outcome = self._excused(run, outcome, soft)
        left = [ScenarioError(reason=each) for each in self.environment.finish()]
        return self._result(run, outcome, soft, [*run.soft_failures, *([late] if late else []), *left])

    def _excused(self, run: Run, outcome: Outcome | None, soft: Sequence[Outcome]) -> Outcome | None:
        """A failure for which the hour or the front is to blame says nothing of the program: it is blocked."""
        failed = outcome if outcome is not None else next(iter(soft), None)
        if isinstance(failed, Failed) and (why := self.environment.excuse(run.actors.values())):
            return _Excused(None if outcome is None else outcome.located, f"{why} (so: {failed.reason})")
        return outcome

    def _play(self, run: Run, context: Context) -> None:
        if self.environment.is_live and (self.scenario.uses_venue or self.compiled.program.venue):
            raise Skipped(reason="it uses the simulated venue, which a live front does not have")
        run.file_scope = self.compiled.file_scope(context, self.unit.settings.values)
        context.scope = {**run.file_scope, **self.compiled.row_values(context, self.unit.row)}
        self._raise_sessions(run, context)
        drive(run, scenario_steps(self.compiled, context), self._budget(context))
        if self.environment.is_live:
            from ctpscen.environments.late_reports import late_reports

            drive(run, late_reports(run), None)

    def _raise_sessions(self, run: Run, context: Context) -> None:
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

    def _budget(self, context: Context) -> int | None:
        if self.scenario.timeout is None:
            return LIVE_BUDGET if self.environment.is_live else None
        code = self.compiled.compiler(self.compiled.program.source).code(self.scenario.timeout)
        assert code.plain is not None
        return from_duration(code.plain(context))

    def _clean_up(self, run: Run, context: Context) -> None:
        """`after`, whatever happened before."""
        if self.compiled.program.after and run.actors:
            run.violation = None
            for actor in run.actors.values():
                actor.watchers.clear()
            after = Context(run, context.scope, self.compiled.program.sessions[0].name)
            self.journal.add("note", run.now, text="after")
            drive(run, self.compiled.after(after), AFTER_BUDGET, "`after`")

    def _guarded(self, part: Any) -> Outcome | None:
        """How a part ended; None where it ended by itself."""
        try:
            part()
        except Stopped:
            return None
        except Outcome as outcome:
            return outcome
        except KeyboardInterrupt:
            return _Interrupted()
        except Exception as error:
            return _Internal(reason=describe(error))
        return None

    def _result(self, run: Run, outcome: Outcome | None, soft: Sequence[Outcome], late: Sequence[Outcome]) -> Result:
        """What the scenario's end, the failures that did not end it, and those of `after` come to."""
        ending = outcome
        lesser = outcome is None or outcome.verdict in ("skipped", "blocked")
        if soft and lesser and not isinstance(outcome, _Excused):
            ending = soft[0]  # what failed softly has failed, however the scenario ended
        verdict: Verdict = ending.verdict if ending is not None else "passed"
        reason = ending.reason if ending is not None else ""
        if late:
            reasons = [reason] if verdict not in ("passed", "skipped") else []
            reason = "\n".join([*reasons, *(f"after: {each.reason or each.verdict}" for each in late)])
            if isinstance(late[-1], _Interrupted):
                verdict = "interrupted"
            elif verdict in ("passed", "skipped"):
                verdict = "error"
        ended = [*soft, *([outcome] if outcome else []), *late]
        located = [_shown(each.located, self.journal) for each in ended if each.located is not None]
        reason = self.journal.shown(reason)
        elapsed = self.environment.elapsed
        self.journal.add(
            "verdict",
            run.now,
            verdict=verdict,
            reason=reason,
            elapsed=elapsed,
            diagnostics=[diagnostic_event(each) for each in located],
        )
        return Result(
            name=self.unit.name,
            title=self.scenario.title,
            row=self.unit.row,
            line=self.scenario.line,
            verdict=verdict,
            reason=reason,
            diagnostics=located,
            elapsed=elapsed,
            journal=self.journal.events,
        )


def _shown(located: Located, journal: Journal) -> Located:
    """A diagnostic without what must not be shown."""
    if journal.masker is None:
        return located
    found, shown = located.diagnostic, journal.shown
    others = [evolve(each, text=shown(each.text)) for each in found.others]
    notes = [shown(note) for note in found.notes]
    masked = evolve(found, message=shown(found.message), label=shown(found.label), others=others, notes=notes)
    return evolve(located, diagnostic=masked)


class _Excused(Blocked):
    """What failed, softly or not, for a reason that is not the program's."""


class _Interrupted(Outcome):
    """The user does not want to wait any longer."""

    verdict = "interrupted"


class _Internal(Outcome):
    """The program is wrong."""

    verdict = "error"


__all__ = ["SECOND", "SOUND", "Failed", "Result", "Unit", "run_one"]
