"""The scenarios that need no venue pass live on any account and any day: here on one that trades, and not on the day
on which the simulated venue opens."""

from pathlib import Path

import pytest
from attrs import evolve
from support import ROOT, checked
from support.standin import StandinWire

from ctpscen.ctp.times import HOUR
from ctpscen.engine.interpreter import CompiledProgram
from ctpscen.engine.run import run_one
from ctpscen.engine.settings import Settings
from ctpscen.engine.state.journal import Journal
from ctpscen.engine.unit import Result, Unit
from ctpscen.environments.live import LiveEnvironment
from ctpscen.environments.simulated import OPENING
from ctpscen.language.meaning.program import Program
from ctpscen.live.care.guard import Credentials
from ctpscen.live.care.keys import KeyFile
from ctpscen.live.care.permit import Permit
from ctpscen.live.profile.profiles import Account, LiveOptions, Profile
from ctpscen.live.profile.secret import Secret, SecretPlace
from ctpscen.loading import load
from ctpscen.simulator.counter.core import PASSWORD
from ctpscen.simulator.exchange.orders import BROKER
from ctpscen.simulator.front.trading import APP_ID, AUTH_CODE
from ctpscen.simulator.simulation import Simulation
from ctpscen.simulator.world import World

THREE_DAYS_LATER = OPENING + 3 * 24 * HOUR
USER = "100001"
TRADED = ("cu2612", "rb2705")

# A broker's position is not the run's own on such an account; and what may go out only if it is asked for, or never.
NOT_FOR_IT = {"double_send.scn", "bank_transfer.scn", "inquiry.scn"}

# What others have done on the account before: it holds lots of either side, and an order of theirs works.
BEFORE = "".join(
    f"buy open 7 {each} at ask as bought_{each}\nsell open 4 {each} at bid as sold_{each}\n"
    f"expect trades of bought_{each} total 7\nexpect trades of sold_{each} total 4\n"
    f"buy open 3 {each} at bid - 3 ticks as resting_{each}\nexpect resting_{each} is no_trade_queueing\n"
    for each in TRADED
)


def files() -> list[Path]:
    """Those of sessions: what a program does with the account is the program's affair."""
    found = [*(ROOT / "scenarios").rglob("*.scn"), *(ROOT / "examples").glob("*.scn")]
    of_programs = {ROOT / "scenarios" / "program", ROOT / "scenarios" / "certification"}
    return sorted(path for path in found if of_programs.isdisjoint(path.parents) and path.name not in NOT_FOR_IT)


def units(program: Program) -> list[Unit]:
    """The scenarios that need no venue, row by row."""
    return [
        Unit(program.source.name, program.source.text, scenario.title, row, settings=Settings(account=""))
        for scenario in program.scenarios
        if not (scenario.uses_venue or program.venue)
        for row in (range(len(scenario.table.rows)) if scenario.table else (None,))
    ]


def program_of(path: Path) -> Program:
    found = load(str(path))[1].program
    assert found is not None
    return found


def live_options() -> LiveOptions:
    account, fronts = Account("", USER, USER, SecretPlace("public", PASSWORD)), ("tcp://simulated:1",)
    code = SecretPlace("public", AUTH_CODE)
    profile = Profile("desk", BROKER, account, fronts, fronts, APP_ID, code, True, 20_000, 100_000)
    return LiveOptions(profile, allow_orders=True)


def run(simulation: Simulation, folder: Path, program: Program, unit: Unit, options: LiveOptions) -> Result:
    wire = StandinWire(simulation, str(folder / "flow"))

    def environment(_: Program, __: Unit, journal: Journal) -> LiveEnvironment:
        return LiveEnvironment(wire, Permit(options), KeyFile(folder / "keys.jsonl"), journal, credentials)

    def credentials(account: str) -> Credentials:
        wire.account = account or USER
        return Credentials(
            account, BROKER, wire.account, wire.account, Secret(PASSWORD), APP_ID, Secret(AUTH_CODE), True
        )

    return run_one(unit, environment, CompiledProgram(program))


PROGRAMS = [(path, program_of(path)) for path in files()]


@pytest.mark.parametrize(
    ("program", "unit"),
    [
        pytest.param(program, unit, id=f"{path.stem}-{unit.title}-{unit.row}")
        for path, program in PROGRAMS
        for unit in units(program)
    ],
)
def test_what_needs_no_venue_passes_on_an_account_that_trades(program: Program, unit: Unit, tmp_path: Path) -> None:
    simulation = Simulation(World(THREE_DAYS_LATER, 0))
    simulation.list_instruments([*program.instruments, *TRADED])
    before = checked(BEFORE).program
    assert before is not None
    first = Unit("before.scn", BEFORE, before.scenarios[0].title, settings=Settings(account=""))
    prepared = run(simulation, tmp_path, before, first, evolve(live_options(), keep_orders=True))
    assert prepared.verdict == "passed", prepared.reason
    theirs = set(simulation.core.account(USER).orders)

    result = run(simulation, tmp_path, program, unit, live_options())
    in_text = "a password in the text is for simulated runs only" in result.reason
    assert result.verdict == ("skipped" if in_text else "passed"), result.reason
    assert result.errors == []
    for account in simulation.core.accounts.values():
        working = {key for key, order in account.orders.items() if not order.is_finished and order.status != "c"}
        assert working <= theirs
        assert account.id != USER or len(working) == len(TRADED)
