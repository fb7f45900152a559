"""Where the interpreter stands: the run of one scenario, and the execution context of a step in it."""

from collections.abc import Callable
from typing import Any

from attrs import define, field

from ctpscen.client.books.reports import Report
from ctpscen.ctp.terms.products import product_of
from ctpscen.engine import limits
from ctpscen.engine.environment import Environment
from ctpscen.engine.settings import Settings
from ctpscen.engine.state.actors import Actor
from ctpscen.engine.state.journal import Journal
from ctpscen.engine.state.outcomes import Blocked, DoesNotEnd, Outcome, Place
from ctpscen.language.meaning.program import Program, Scenario

CALL_LIMIT = 100


@define(eq=False, repr=False)
class Run:
    """One run of one scenario. `place` is the step that was begun last; `observe` is called before each is done.

    `noted_accounts` are the venue's books of each account as they were noted last. `clock_set_by` is how far steps have
    set the clock, in microseconds: that is no time that anything took.
    """

    program: Program
    scenario: Scenario
    settings: Settings
    environment: Environment
    journal: Journal
    actors: dict[str, Actor] = field(factory=dict)
    file_scope: dict[str, Any] = field(factory=dict)
    soft_failures: list[Outcome] = field(factory=list)
    violation: Outcome | None = None
    changes: int = 0
    clock_set_by: int = 0
    connected: bool = False
    noted_accounts: dict[str, Any] = field(factory=dict)
    place: Place | None = None
    most_events: int = field(factory=lambda: limits.EVENTS)
    observe: "Callable[[Context], None] | None" = None
    _steps: int = 0
    _steps_at: int = -1

    @property
    def now(self) -> int:
        return self.environment.now

    @property
    def any_connected(self) -> bool:
        """Whether a session has made its API object."""
        return any(actor.session.connection.state != "absent" for actor in self.actors.values())

    def is_program(self, name: str) -> bool:
        """Whether an actor of this name is a program under test."""
        actor = self.actors.get(name)
        return actor is not None and actor.is_program

    def changed(self) -> None:
        self.changes += 1

    def count_step(self, place: Place) -> None:
        """Notes where the scenario is; a loop in which the clock stands still has an end."""
        self.place = place
        if self._steps_at != self.environment.now:
            self._steps_at, self._steps = self.environment.now, 0
        self._steps += 1
        if self._steps > limits.STEPS_AT_ONE_TIME:
            raise DoesNotEnd.at(place, f"{limits.STEPS_AT_ONE_TIME:,} steps in which the clock did not move")
        self.check_size()

    def check_size(self) -> None:
        """Raises ScenarioError where the run has become too long to be kept."""
        if self.journal.length > self.most_events and self.place is not None:
            most = self.most_events
            self.most_events += most  # `after` has as many of its own
            raise DoesNotEnd.at(self.place, f"the scenario has more than {most:,} events")


@define(eq=False, repr=False)
class Context:
    """The execution context of the scenario, or of one call of a `define`: its scope, and who acts in it.

    `actor` is who acts; `reads_venue` says that what asks the front reads the venue's books instead. `subject` is the
    report that `where` looks at, `instrument` the one whose prices `at` means.
    """

    run: Run
    scope: dict[str, Any]
    actor: str
    depth: int = 0
    subject: Report | None = None
    instrument: str | None = None
    nesting: int = 0
    reads_venue: bool = False

    @property
    def acting(self) -> Actor:
        """The session that acts; for what a step of the venue or the network asks, the default one."""
        actors = self.run.actors
        return actors[self.actor] if self.actor in actors else next(iter(actors.values()))

    @property
    def default_instrument(self) -> str:
        """The param or the table's column of that name, else what the command or the venue says (LANGUAGE 5)."""
        named = self.scope.get("instrument")
        program, columns = self.run.program, self.run.scenario.table
        is_column = columns is not None and "instrument" in columns.columns
        if isinstance(named, str) and ("instrument" in program.params or is_column):
            return named
        return self.run.settings.instrument or program.venue_instrument or "rb2705"


def tick_of(instrument: str) -> float:
    """The price tick of an instrument. Raises Blocked for one of an unknown product."""
    product = product_of(instrument)
    if product is None:
        raise Blocked(reason=f"the price tick of {instrument} is not known")
    return product.tick
