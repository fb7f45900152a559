"""Parity: the scenario library gives the same journals through the live path as it does directly.

The live path is the worker's code (native records, copies, the encoding of the wire) and the live environment, with a
simulated world where the native library and the relay would be; see `standin`.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import pytest
from attrs import define
from support import ROOT, library, simulate
from support.parity import BLOCKED, EXCEPTIONS
from support.standin import StandinWire

from ctpscen.client.books.orders import Key
from ctpscen.ctp.commands.record import Command, Done
from ctpscen.ctp.schema import api as ctp
from ctpscen.ctp.schema.records import defaults
from ctpscen.engine.interpreter import CompiledProgram
from ctpscen.engine.run import run_one
from ctpscen.engine.state.actors import Actor
from ctpscen.engine.state.journal import Journal
from ctpscen.engine.state.waits import Waiting
from ctpscen.engine.unit import Result, Unit
from ctpscen.environments.live import LiveEnvironment
from ctpscen.environments.simulated import OPENING, SimulatedEnvironment, arrivals
from ctpscen.language.meaning import program as language
from ctpscen.live.care.guard import Credentials
from ctpscen.live.care.keys import KeyFile
from ctpscen.live.care.permit import Permit
from ctpscen.live.profile.profiles import Account, LiveOptions, Profile
from ctpscen.live.profile.secret import Secret, SecretPlace
from ctpscen.loading import load
from ctpscen.simulator.commands.perform import perform
from ctpscen.simulator.counter.core import PASSWORD
from ctpscen.simulator.exchange.orders import BROKER
from ctpscen.simulator.front.trading import APP_ID, AUTH_CODE
from ctpscen.simulator.simulation import Simulation
from ctpscen.simulator.world import World

LIBRARY = library()


@define(eq=False)
class ThroughTheLivePath(LiveEnvironment):
    """A live environment that lets the scenario have the venue, and is not careful where the simulator need not be."""

    header: ClassVar[Mapping[str, Any]] = {}
    patience: ClassVar[int | None] = None
    unsupported = SimulatedEnvironment.unsupported
    touchable_orders = SimulatedEnvironment.touchable_orders
    touchable_positions = SimulatedEnvironment.touchable_positions
    after_login = SimulatedEnvironment.after_login
    after_reconnect = SimulatedEnvironment.after_reconnect

    @property
    def _standin(self) -> StandinWire:
        assert isinstance(self.wire, StandinWire)
        return self.wire

    @property
    def elapsed(self) -> int:
        world = self._standin.simulation.world
        return world.now - world.set_ahead - OPENING

    def before_verdict(self) -> Waiting:
        return arrivals(self._standin.simulation.world)

    def actor(self, session: Any, account: str, changed: Callable[[], None]) -> Actor:
        self._standin.account = account
        actor = super().actor(session, account, changed)
        actor.caught_up = True
        self._standin.simulation.hosts[session.name].wants_ticks = actor.session.market.reported.__contains__
        return actor

    def list_instruments(self, names: Sequence[str]) -> list[str]:
        simulation = self._standin.simulation
        simulation.list_instruments(names)
        return [name for name in dict.fromkeys(names) if name in simulation.core.contracts]

    def command(self, command: Command) -> Done:
        return perform(self._standin.simulation, command)

    def has_arrived(self, key: Key) -> bool:
        return self._standin.simulation.core.order_at_exchange(key) is not None

    def reports_held_back(self, session: str, /) -> bool:
        return self._standin.simulation.hosts[session].keeps_reports_back

    def excuse(self, _: Collection[Actor]) -> str:
        return ""


def options() -> LiveOptions:
    account = Account("", "100001", "100001", SecretPlace("public", PASSWORD))
    fronts = ("tcp://simulated:1",)
    code = SecretPlace("public", AUTH_CODE)
    profile = Profile("parity", BROKER, account, fronts, fronts, APP_ID, code, True, 10_000_000, 100_000_000)
    return LiveOptions(profile, allow_orders=True, keep_orders=True)


def through_the_live_path(program: language.Program, unit: Unit, folder: Path) -> Result:
    def environment(_: language.Program, __: Unit, journal: Journal) -> ThroughTheLivePath:
        simulation = Simulation(World(OPENING, unit.seed))
        simulation.list_instruments(program.instruments)
        made = ThroughTheLivePath(
            StandinWire(simulation, str(folder / "flow")),
            Permit(options()),
            _Nowhere(folder / "keys"),
            journal,
            _credentials,
            named=re.findall(r'"([^"]*)"', unit.text),
        )
        made._standin.noted = lambda effect: journal.fault(made.now, effect)
        return made

    return run_one(unit, environment, CompiledProgram(program))


class _Nowhere(KeyFile):
    """Keys that are not written down: the disk is another test's."""

    def add(self, _: Any) -> None:
        pass


def _credentials(account: str) -> Credentials:
    return Credentials(account, BROKER, account, account, Secret(PASSWORD), APP_ID, Secret(AUTH_CODE), True)


@cache
def _record_of(name: str) -> str | None:
    shape = ctp.callback(name)
    return shape.record if shape is not None else ctp.requests().get(name)


def normal(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event without the values that are defaults, which a record need not have, and without flow folders."""
    found = {**event}
    record = _record_of(event.get("name", ""))
    if record is not None and event.get("fields") is not None:
        usual = defaults(record)
        found["fields"] = {key: value for key, value in event["fields"].items() if value != usual.get(key)}
    elif event.get("name", "").startswith("CreateFtdc"):
        found["fields"] = None
    return found


def test_no_exception_is_for_a_scenario_that_is_gone() -> None:
    assert EXCEPTIONS.keys() | BLOCKED.keys() <= {str(path.relative_to(ROOT)) for path in LIBRARY}


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: str(path.relative_to(ROOT / "scenarios")))
def test_a_scenario_gives_the_same_journal_through_the_live_path(path: Path, tmp_path: Path) -> None:
    name = str(path.relative_to(ROOT))
    _, checked = load(str(path))
    program = checked.program
    assert program is not None
    for scenario in program.scenarios:
        for row in range(len(scenario.table.rows)) if scenario.table else (None,):
            unit = Unit(str(path), program.source.text, scenario.title, row)
            direct = simulate(unit, CompiledProgram(program))
            live = through_the_live_path(program, unit, tmp_path)
            if name in BLOCKED:
                assert live.verdict == "blocked"
                assert BLOCKED[name].partition(" which ")[2] in live.reason
                continue
            assert (live.verdict, live.reason) == (direct.verdict, direct.reason)
            if name in EXCEPTIONS:
                continue
            # Nobody looks into the books of a venue that is not simulated.
            expected = [event for event in direct.journal if event["event"] != "account"]
            for one, other in zip(live.journal, expected, strict=False):
                assert normal(one) == normal(other)
            assert len(live.journal) == len(expected)
