"""The programs under test of a simulated run: each a port of the world, its traffic in the names of its own login."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from attrs import define, field

from ctpscen.client.identity import Identity
from ctpscen.client.session import Session
from ctpscen.ctp.commands.plan import KILL_LASTS
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.times import SECOND
from ctpscen.engine.state.actors import Clock
from ctpscen.engine.state.journal import Journal
from ctpscen.engine.state.program_actor import CannotBeStarted, ProgramActor, ProgramTexts
from ctpscen.environments.logins import Logins
from ctpscen.environments.running import RunningProcess, hand_on, python_locale
from ctpscen.language.meaning.program import TestedProgram
from ctpscen.program.programs import Programs
from ctpscen.program.spec import Pace, Spec
from ctpscen.simulator.counter.core import PASSWORD
from ctpscen.simulator.exchange.orders import BROKER
from ctpscen.simulator.front.trading import APP_ID, AUTH_CODE
from ctpscen.simulator.simulation import Simulation

# Addresses that nobody serves: wherever a program connects, it reaches the simulated fronts.
FRONT, MARKET_FRONT = "tcp://127.0.0.1:41205", "tcp://127.0.0.1:41213"


def words(account: str) -> Mapping[str, str]:
    """What a program's texts may name: `python`, and a login that the venue knows."""
    return {
        "python": sys.executable,
        "front": FRONT,
        "market_front": MARKET_FRONT,
        "broker": BROKER,
        "user": account,
        "password": PASSWORD,
        "app_id": APP_ID,
        "auth_code": AUTH_CODE,
    }


@define(eq=False, repr=False)
class ProgramsUnderTest:
    """All programs of one run. `keep` leaves their folders where they are."""

    simulation: Simulation
    journal: Journal
    clock: Clock
    pace: Pace
    ask_venue: Callable[[str, str, Fields], Sequence[Fields]]
    keep: bool = False
    home: Path = field(init=False)
    running: Programs = field(init=False)
    _by_name: dict[str, ProgramActor] = field(factory=dict)
    _actors: list[ProgramActor] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="ctpscen-programs-"))
        self.running = Programs(self.simulation.world, self.pace, self.home, variables=python_locale())

    def add(
        self, declared: TestedProgram, texts: ProgramTexts, account: str, changed: Callable[[], None]
    ) -> ProgramActor:
        """A program with its network path."""
        if declared.network == "open":
            self.journal.add("note", self.clock.now, text=f"the network is open to {declared.name}")
        spec = Spec(
            declared.name,
            texts.command,
            texts.folder,
            texts.logs,
            texts.variables,
            declared.network,
            declared.clock,
            bool(texts.stand_in),
        )
        program = self.running.add(spec, lambda event: hand_on(actor, event))
        identity = Identity(BROKER, account, PASSWORD, APP_ID, AUTH_CODE, flow=declared.name)
        actor = ProgramActor(
            Session(declared.name, identity),
            self.clock,
            self.journal,
            changed,
            process=RunningProcess(program, lambda text: self._note(f"{declared.name}: {text}")),
            declared_at=declared.span,
            ask_venue=lambda name, fields: self.ask_venue(account, name, fields),
        )
        self._actors.append(actor)
        logins = Logins(program.deliver, account, lambda: self.simulation.admitted.get(declared.name, ()))
        logins.api = self.simulation.host(declared.name, account, logins)
        program.api = logins
        self._by_name[declared.name] = actor
        if self.simulation.injection is not None:
            self.simulation.injection.kill = self._kill
        return actor

    def _kill(self, name: str) -> None:
        """Kills a program by a planned fault, and starts it again a little later."""
        actor, world = self._by_name[name], self.simulation.world
        if actor.process.is_running:
            actor.killed = True
            actor.process.kill()
            world.at(world.now + KILL_LASTS, self._start_again, actor)

    def _start_again(self, actor: ProgramActor) -> None:
        world = self.simulation.world
        if actor.process.is_running:  # the system has not ended it yet, or a step has started it again
            if actor.killed:
                world.at(world.now + SECOND, self._start_again, actor)
            return
        try:
            actor.begin()
        except CannotBeStarted as reason:
            self._note(f"{actor.name} cannot be started again: {reason}")

    def _note(self, text: str) -> None:
        self.journal.add("note", self.clock.now, text=text)

    def close(self) -> None:
        """Ends them; their folders go where all is well."""
        for actor in self._actors:
            actor.killed = actor.killed or actor.process.is_running
        self.running.close()
        if not self.keep:
            shutil.rmtree(self.home, ignore_errors=True)
            return
        for name in self.running.all:
            if (self.home / name).exists():
                self._note(f"the folder in which {name} ran is left at {self.home / name}")
