"""The simulated environment: a world of its own for each run, and the pacer that alone moves it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, time
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define

from ctpscen.client.books.orders import Key, Order
from ctpscen.client.books.positions import Position
from ctpscen.client.identity import Identity
from ctpscen.client.session import Session
from ctpscen.ctp.commands.plan import Plan
from ctpscen.ctp.commands.record import Command, Done
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.times import OPENING_DAY, SECOND, from_moment
from ctpscen.engine.settings import Pace
from ctpscen.engine.state.actors import Actor
from ctpscen.engine.state.journal import Journal
from ctpscen.engine.state.waits import Wait, Waiting, nothing
from ctpscen.engine.unit import Unit
from ctpscen.language.meaning.program import Program, Scenario, TestedProgram
from ctpscen.language.meaning.program import Session as DeclaredSession
from ctpscen.simulator.commands.perform import perform
from ctpscen.simulator.counter.core import PASSWORD
from ctpscen.simulator.exchange.orders import BROKER
from ctpscen.simulator.front.queries import answer
from ctpscen.simulator.front.trading import APP_ID, AUTH_CODE
from ctpscen.simulator.simulation import Simulation
from ctpscen.simulator.world import World

if TYPE_CHECKING:
    from ctpscen.ctp.commands.effects import Effect
    from ctpscen.engine.state.program_actor import ProgramActor, ProgramTexts
    from ctpscen.environments.programs import ProgramsUnderTest
    from ctpscen.simulator.wire.injection import Injection

OPENING = from_moment(datetime.combine(OPENING_DAY, time(9, 30)))
"""When the simulated venue opens, unless the scenario sets its clock: in continuous trading."""


LATEST = 5 * SECOND
"""How long the end of a scenario waits for what is under way."""


def arrivals(world: World) -> Waiting:
    """Lets what was sent arrive, and what comes of it, so that it counts for what the scenario watches."""
    if world.under_way:
        yield Wait(lambda: not world.under_way, world.now + LATEST, on_venue=True)


def _injection(world: World, plan: Plan) -> Injection:
    from ctpscen.simulator.wire.injection import Injection  # which most runs do not need

    return Injection(world, plan)


@define(eq=False, repr=False)
class SimulatedEnvironment:
    """A venue in virtual time. Nothing moves but by `advance`."""

    simulation: Simulation
    journal: Journal
    pace: Pace = "jump"
    unattended: bool = False
    programs: ProgramsUnderTest | None = None

    header: ClassVar[Mapping[str, Any]] = {}
    patience: ClassVar[int | None] = None

    @classmethod
    def of(cls, program: Program, unit: Unit, journal: Journal) -> SimulatedEnvironment:
        """The environment of one run (an `EnvironmentFactory`)."""
        world = World(OPENING, unit.seed)
        injection = None if unit.plan is None else _injection(world, unit.plan)
        simulation = Simulation(world, injection, unit.settings.terms)
        environment = cls(simulation, journal, unit.settings.pace, unit.settings.unattended)
        world.note = environment._note
        simulation.list_instruments(program.instruments)
        if program.programs:
            simulation.list_all()
        return environment

    def unsupported(self, _: Program, __: Scenario, /) -> str:
        return ""

    def _note(self, effect: Effect) -> None:
        self.journal.fault(self.now, effect)

    @property
    def now(self) -> int:
        return self.simulation.world.now

    @property
    def elapsed(self) -> int:
        world = self.simulation.world
        return world.now - world.set_ahead - OPENING

    def actor(self, session: DeclaredSession, account: str, changed: Callable[[], None]) -> Actor:
        """A session with a machine and a network path of its own."""
        number = len(self.simulation.hosts)
        identity = Identity(BROKER, account, PASSWORD, APP_ID, AUTH_CODE, flow=session.name)
        client = Session(
            session.name,
            identity,
            session.private,
            session.public,
            trader_api=2 * number + 1,
            market_api=2 * number + 2,
        )
        actor = Actor(client, self, self.journal, changed)
        actor.api = self.simulation.host(session.name, account, actor, wants_ticks=client.market.reported.__contains__)
        return actor

    def advance(self, limit: int | None) -> bool:
        """Does the next thing, or lets the time until `limit` pass; False where it is `limit` and nothing is due."""
        if self.programs is not None:
            self.journal.settle()  # it may be a while until something happens
            return self.programs.running.advance(limit)
        world = self.simulation.world
        due = world.next_time()
        if due is not None and (limit is None or due <= limit):
            world.step()
            return True
        if limit is None or world.now >= limit:
            return False
        world.rest_until(limit)
        return True

    def list_instruments(self, names: Sequence[str]) -> list[str]:
        self.simulation.list_instruments(names)
        return [name for name in dict.fromkeys(names) if name in self.simulation.core.contracts]

    def command(self, command: Command) -> Done:
        return perform(self.simulation, command)

    @property
    def injection(self) -> Injection | None:
        return self.simulation.injection

    def ask_venue(self, account: str, name: str, fields: Fields) -> Sequence[Fields]:
        core = self.simulation.core
        ids = {"BrokerID": BROKER, "InvestorID": account}
        return list(answer(core, core.account(account), name, {**ids, **fields}))

    def has_arrived(self, key: Key) -> bool:
        return self.simulation.core.order_at_exchange(key) is not None

    def reports_held_back(self, session: str) -> bool:
        return self.simulation.hosts[session].keeps_reports_back

    def touchable_orders(self, actor: Actor, /) -> Collection[Order]:
        """All that the session knows of: there is nobody else in the venue."""
        return list(actor.books.orders.by_key.values())

    def touchable_positions(self, _: Actor, /) -> Mapping[str, Position] | None:
        return None

    def after_login(self, _: Actor, /) -> Waiting:
        return nothing()

    def after_cut(self) -> None:
        """A path is cut at once."""

    def after_reconnect(self, _: Actor, /) -> Waiting:
        return nothing()

    def before_verdict(self) -> Waiting:
        return arrivals(self.simulation.world)

    def explain(self, _: str, /) -> str:
        return ""

    def excuse(self, _: Collection[Actor], /) -> str:
        return ""

    def finish(self) -> Sequence[str]:
        if self.programs is not None:
            self.programs.close()
        return ()

    # ---------------------------------------------------------------------------------------- programs under test

    def program_words(self, account: str) -> Mapping[str, str]:
        from ctpscen.environments import programs

        return programs.words(account)

    def program(
        self, declared: TestedProgram, texts: ProgramTexts, account: str, changed: Callable[[], None]
    ) -> ProgramActor:
        if self.programs is None:
            from ctpscen.environments.programs import ProgramsUnderTest

            pace = 1.0 if declared.clock == "own" else self.pace
            self.programs = ProgramsUnderTest(self.simulation, self.journal, self, pace, self.ask_venue)
        return self.programs.add(declared, texts, account, changed)

    def keep_folders(self) -> None:
        if self.programs is not None:
            self.programs.keep = True

    def prompt(self, text: str) -> None:
        from ctpscen.environments.running import ask_person

        ask_person(text, unattended=self.unattended)
