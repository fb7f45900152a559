"""What a scenario is run against: the protocol that every environment implements, simulated, live or between.

An environment is the only source of time, makes the actors, does what a scenario does to venue and network, and says
where it differs from the others: how far steps may reach, and what is to be done at certain moments of a run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from ctpscen.client.books.orders import Key, Order
from ctpscen.client.books.positions import Position
from ctpscen.ctp.commands.record import Command, Done
from ctpscen.ctp.messages import Fields
from ctpscen.engine.state.actors import Actor
from ctpscen.engine.state.journal import Journal
from ctpscen.engine.state.waits import Waiting
from ctpscen.engine.unit import Unit
from ctpscen.language.meaning.program import Program, Scenario, Session, TestedProgram

if TYPE_CHECKING:
    from ctpscen.ctp.commands.plan import Boundary
    from ctpscen.engine.state.program_actor import ProgramActor, ProgramTexts


class Environment(Protocol):
    """One run's environment."""

    @property
    def header(self) -> Mapping[str, Any]:
        """What the journal's head says of it."""

    @property
    def patience(self) -> int | None:
        """How long a scenario may take that does not say how long, in microseconds; None is without limit."""

    def unsupported(self, program: Program, scenario: Scenario, /) -> str:
        """Why a scenario cannot be run here, and is skipped; '' where it can be."""

    # ----------------------------------------------------------------------------------------------------- time

    @property
    def now(self) -> int: ...

    @property
    def elapsed(self) -> int:
        """The time that has passed since the start, in microseconds; setting the clock is no passing of time."""

    def advance(self, limit: int | None) -> bool:
        """Lets the next thing happen, or time pass until `limit`; False where all is done that can be by then."""

    # --------------------------------------------------------------------------------------------------- actors

    def actor(self, session: Session, account: str, changed: Callable[[], None]) -> Actor:
        """A session's machine. Raises Outcome where it cannot be had."""

    def touchable_orders(self, actor: Actor, /) -> Collection[Order]:
        """The orders that a step may cancel that names none."""

    def touchable_positions(self, actor: Actor, /) -> Mapping[str, Position] | None:
        """The positions that a step may close that names no volume; None for all that the front answers."""

    # ---------------------------------------------------------------------------------------- venue and network

    def command(self, command: Command) -> Done:
        """Does what a step of the venue or the network says; gives what came of it, for the journal.

        Raises ValueError with the reason where it cannot be done, and NoVenue where only a simulated venue could.
        """

    @property
    def injection(self) -> PlanAtWork | None:
        """The fault plan of the run; None where it has none."""

    def ask_venue(self, account: str, name: str, fields: Fields, /) -> Sequence[Fields] | None:
        """The rows of an answer out of the venue's own books; None where there is no looking into them."""

    def list_instruments(self, names: Sequence[str]) -> list[str]:
        """Sees to it that the venue lists these contracts; gives those whose product it knows."""

    def has_arrived(self, key: Key) -> bool:
        """Whether an order is at its exchange by now."""

    def reports_held_back(self, session: str, /) -> bool:
        """Whether the scenario's own faults still hold reports for a session."""

    # ------------------------------------------------------------------------------------ programs under test

    def program(
        self, declared: TestedProgram, texts: ProgramTexts, account: str, changed: Callable[[], None], /
    ) -> ProgramActor:
        """A program under test, not started yet. Raises Outcome where it cannot be had."""

    def program_words(self, account: str, /) -> Mapping[str, str]:
        """What a program's texts may name: `front`, `user` and their like."""

    def prompt(self, text: str, /) -> None:
        """Asks whoever sits before the programs to do something. Raises Skipped where nobody does."""

    def keep_folders(self) -> None:
        """Leaves the programs' folders in place, because the scenario did not pass."""

    # -------------------------------------------------------------------------------------- moments of the run

    def after_login(self, actor: Actor, /) -> Waiting:
        """What is to be waited for before a session that has logged in goes on."""

    def after_cut(self) -> Waiting | None:
        """What is to be waited for after a path was cut; None where it is cut at once."""

    def after_reconnect(self, actor: Actor, /) -> Waiting:
        """What is to be waited for before a session that was cut off goes on."""

    def before_verdict(self) -> Waiting:
        """What is to be waited for before the scenario is judged."""

    def explain(self, session: str, /) -> str:
        """Why a session cannot be connected, where more is known than that it is not; else ''."""

    def excuse(self, actors: Collection[Actor], /) -> str:
        """What else than the program may be to blame for a failure: the hour, or a front that is not ready; else ''."""

    def finish(self) -> Sequence[str]:
        """Ends the run's sessions and leaves nothing behind; gives what could not be cleared away."""


class PlanAtWork(Protocol):
    """A fault plan, as the engine sees it.

    `watch` is told of every boundary, where anybody wants to know; `struck` are those that were struck.
    """

    watch: Callable[[Boundary], None] | None
    struck: list[Boundary]

    @property
    def happened(self) -> int:
        """How many things the venue has done; where it is the same at two moments, nothing was between them."""

    def reach(self, actor: str, name: str, /) -> object:
        """Counts a boundary that is no message, such as the start of a program, and does to it what the plan says."""


EnvironmentFactory = Callable[[Program, Unit, Journal], Environment]
"""Makes the environment of one run, which is its alone."""
