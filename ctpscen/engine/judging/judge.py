"""When invariants are judged: at every report, and once the steps are over, all faults have ended and all is quiet.

A run with a fault plan is judged by its invariants alone: where a fault breaks the steps, they end, and that is no
failure. A run without one is judged by both.
"""

from __future__ import annotations  # closures are made for every run, and theirs need not be evaluated

from collections.abc import Callable, Sequence

from attrs import define, field

from ctpscen.client.books.reports import Report
from ctpscen.ctp import commands
from ctpscen.ctp.times import SECOND, precise_text, spoken_duration
from ctpscen.engine.environment import PlanAtWork
from ctpscen.engine.expressions.describe import describe
from ctpscen.engine.judging.boundaries import Recorder
from ctpscen.engine.judging.invariants import CompiledInvariant, default_invariants, note_holdings
from ctpscen.engine.state.actors import Actor
from ctpscen.engine.state.context import Context, Run
from ctpscen.engine.state.outcomes import Broken
from ctpscen.engine.state.waits import Wait, Waiting
from ctpscen.engine.unit import Explored

RECONNECTING = 60 * SECOND
"""How long a session is given to log in again when all faults have ended."""

QUIET = 5 * SECOND
"""What is under way arrives within that time; what was true before must still be true then."""

MOST_EVENTS = 100_000
"""Events of an explored run: a scenario that has more does not come to an end."""


@define(eq=False, repr=False)
class Judge:
    """The invariants of one run at work. `steps_ended` says why the steps of an explored run broke off."""

    run: Run
    context: Context
    invariants: Sequence[CompiledInvariant]
    is_default: bool
    steps_ended: str = ""
    _plan: PlanAtWork | None = None
    _recorder: Recorder | None = None
    _set_aside: set[str] = field(factory=set)

    @classmethod
    def of(
        cls, run: Run, context: Context, invariants: Sequence[CompiledInvariant], *, records: bool = True
    ) -> Judge | None:
        """Who judges a run; None where there is nothing to judge it by. One that `records` tells what was reached."""
        plan = run.environment.injection
        if plan is None and not invariants:
            return None
        judge = cls(run, context, invariants or default_invariants(run.program.actors), not invariants)
        if plan is not None:
            run.most_events = MOST_EVENTS
            judge._plan = plan
            if records:
                judge._recorder = Recorder(run)
                plan.watch = judge._recorder.reached
        return judge

    @property
    def explores(self) -> bool:
        return self._plan is not None

    def explored(self, broken: str) -> Explored | None:
        """What an explored run has to tell."""
        if self._plan is None:
            return None
        reached = () if self._recorder is None else tuple(self._recorder.found)
        return Explored(reached, tuple(self._plan.struck), self.steps_ended, broken)

    # ------------------------------------------------------------------------------------------ at every report

    def begin(self) -> None:
        """Watches the actors from their first report on."""
        for actor in self.run.actors.values():
            own = [each for each in self.invariants if each.actor == actor.name and not each.eventually]
            actor.watch(self._watch(actor, own))

    def _watch(self, actor: Actor, standing: Sequence[CompiledInvariant]) -> Callable[[Report], None]:
        def watch(report: Report) -> None:
            if actor.held_at_first is None and report.name == "OnFrontConnected":
                note_holdings(self._of(actor.name), actor)
            if self.run.violation is None:
                for each in standing:
                    if found := each.shortfalls(self._of(each.actor)):
                        self.run.violation = _broken(each, [*found, f"after {describe(report)}"])
                        return

        return watch

    def _of(self, actor: str) -> Context:
        return Context(self.run, self.context.scope, actor, reads_venue=True)

    # ------------------------------------------------------------------------------------------------ at the end

    def settle(self) -> Waiting:
        """Ends all faults and judges; raises Broken."""
        run = self.run
        run.violation = None
        for actor in run.actors.values():
            actor.unwatch()
        self.begin()
        end = commands.exploring.EndFaults()
        run.journal.fault(run.now, end, run.environment.command(end))
        began = run.now
        yield from self._reconnect()
        yield from self._judge(began)

    def _reconnect(self) -> Waiting:
        """Every session that is not logged in logs in on a new connection; that it cannot is no failure."""
        run = self.run
        waiting = []
        yield Wait(deadline=run.now)  # a break at this very moment is still to be told
        for actor in run.actors.values():
            connection = actor.session.connection
            if actor.is_program or connection.state in ("absent", "created"):
                self._set_aside_unless_there(actor)
            elif not connection.reached("logged_in"):
                if connection.reached("connected"):
                    run.environment.command(commands.front.Kick(session=actor.name))
                waiting.append(actor)
        yield Wait(deadline=run.now)
        goals = [(actor, actor.session.aim("ready", run.now)) for actor in waiting]
        for actor in waiting:
            actor.flush()

        def settled() -> bool:
            return all(actor.session.connection.reached("logged_in") or goal.refusal for actor, goal in goals)

        yield Wait(settled, run.now + RECONNECTING)
        for actor, _ in goals:
            actor.session.goal = None
            if not actor.session.connection.reached("logged_in"):
                self._set_aside.add(actor.name)

    def _set_aside_unless_there(self, actor: Actor) -> None:
        """What has no connection, and will have none, is told nothing: its books may be behind for good."""
        if not actor.session.connection.reached("connecting"):
            self._set_aside.add(actor.name)

    def _is_judged(self, invariant: CompiledInvariant) -> bool:
        """Whether a default invariant can be asked of an actor: one that hears all that its stream brings."""
        if not self.is_default:
            return True
        actor = self.run.actors[invariant.actor]
        declared = next((each for each in self.run.program.sessions if each.name == actor.name), None)
        is_deaf = declared is not None and declared.private == "quick"
        return not (is_deaf or actor.name in self._set_aside or actor.name in self._robbed())

    def _robbed(self) -> set[str]:
        """The sessions of which a report was dropped, by the scenario or by the plan."""
        faults = self.run.journal.of("fault")
        lost = {each["session"] for each in faults if each["fault"] == "ReportDropped"}
        planned = [each for each in self.run.journal.of("fault") if each["fault"] == "Planned"]
        lost |= {
            each["boundary"].split("/")[0] for each in planned if each["does"] == "lose" and "/On" in each["boundary"]
        }
        return lost

    def _judge(self, began: int) -> Waiting:
        """Waits for what is to hold eventually, each as long as it may take, and until all is quiet."""
        run = self.run
        judged = [each for each in self.invariants if self._is_judged(each)]
        deadlines = {id(each): began + each.patience(self.context) for each in judged if each.eventually}
        while True:
            for each in judged:
                yield from self._await(each, deadlines.get(id(each), run.now))
            happened = None if self._plan is None else self._plan.happened
            yield Wait(deadline=run.now + QUIET)  # prices may never be quiet, so it is not waited for silence
            if self.is_default and self._plan is not None and self._plan.happened == happened:
                return  # what holds by default is no matter of time
            if not any(each.shortfalls(self._of(each.actor)) for each in judged):
                return

    def _await(self, invariant: CompiledInvariant, deadline: int) -> Waiting:
        """Waits until an invariant holds. Raises Broken where it does not by the deadline."""
        run, context = self.run, self._of(invariant.actor)
        while found := invariant.shortfalls(context):
            if run.now >= deadline:
                notes = [*found[:8]]
                if invariant.eventually:
                    notes.append(f"waited {spoken_duration(invariant.patience(self.context))} after the last fault")
                raise _broken(invariant, [*notes, f"at {precise_text(run.now)}"])
            changes = run.changes
            yield Wait(lambda changes=changes: run.changes > changes, deadline)  # type: ignore[misc]


def _broken(invariant: CompiledInvariant, notes: Sequence[str]) -> Broken:
    message = f"the invariant does not hold: {invariant.title}"
    located = None if invariant.place is None else invariant.place.located("R640", message, notes=tuple(notes))
    broken = Broken(located, message if located else "\n".join([message, *notes]))
    broken.title = invariant.title
    return broken
