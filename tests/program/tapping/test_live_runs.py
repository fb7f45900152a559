"""Scenarios with programs on a live front: through the tap and the relay, and what they leave behind."""

import signal
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest
from support import checked
from support.desk import Desk
from support.loopback import SECONDS, closed_port, front_that
from support.stage import OPENING
from support.standin import StandinWire
from support.tapped import HereIAm, tap_stage

from ctpscen.ctp.messages import Callback, Request
from ctpscen.ctp.times import SECOND
from ctpscen.engine.interpreter import CompiledProgram
from ctpscen.engine.run import run_one
from ctpscen.engine.settings import Settings
from ctpscen.engine.state.journal import Journal
from ctpscen.engine.state.outcomes import Blocked
from ctpscen.engine.state.program_actor import ProgramTexts
from ctpscen.engine.state.waits import Wait
from ctpscen.engine.unit import Result, Unit
from ctpscen.environments.live import LiveEnvironment
from ctpscen.environments.live_programs import LivePrograms
from ctpscen.environments.live_run import LiveRun
from ctpscen.language.meaning.program import Session
from ctpscen.live.care.guard import Credentials
from ctpscen.live.care.keys import KeyFile, SentOrder
from ctpscen.live.care.permit import Permit
from ctpscen.live.profile.profiles import Account, LiveOptions, Profile
from ctpscen.live.profile.secret import Secret, SecretPlace
from ctpscen.live.wire import Fronts
from ctpscen.program.events import Called, Delivered
from ctpscen.program.processes.process import Process
from ctpscen.program.tapping.limits import LimitsPage
from ctpscen.simulator.front.trading import APP_ID, AUTH_CODE
from ctpscen.simulator.simulation import Simulation
from ctpscen.simulator.world import World

PASSWORD = "123456"


def options(*fronts: str, keep_orders: bool = False, allow_orders: bool = True) -> LiveOptions:
    account = Account("", "100001", "100001", SecretPlace("public", PASSWORD))
    code = SecretPlace("public", AUTH_CODE)
    profile = Profile("desk", "9999", account, fronts, fronts, APP_ID, code, True, 10, 12)
    return LiveOptions(profile, allow_orders, keep_orders)


def run(text: str, folder: Path, allowed: LiveOptions) -> Result:
    found = checked(text).program
    assert found is not None
    live = LiveRun(allowed, folder)
    try:
        unit = Unit("test.scn", text, found.scenarios[0].title, settings=Settings(account=""))
        return run_one(unit, live.environment_of, CompiledProgram(found))
    finally:
        live.close()


def notes(result: Result | Journal) -> list[str]:
    events = result.journal if isinstance(result, Result) else result.events
    return [event["text"] for event in events if event["event"] == "note"]


def test_a_program_trades_breaks_and_is_held_back(robot: str, tmp_path: Path) -> None:
    text = f"""
program robot "{robot} live"

scenario "all of it":
    robot:
        start
        expect ReqOrderInsert within 20s as entry
        expect trades of entry total 5 within 5s
        check entry is all_traded
        disconnect
        expect OnFrontDisconnected within 5s
        reconnect
        expect ReqUserLogin where connection == 2 within 5s
        expect line "again" within 5s
        expect exit within 5s
"""
    with front_that(HereIAm.greet) as front:
        result = run(text, tmp_path, options(front, keep_orders=True))
    assert (result.verdict, result.reason) == (
        "failed",
        "robot: an order of 20 lots was not sent: profile `desk` allows 10 (max_order_volume)",
    )
    assert "OnFrontDisconnected" in {event.get("name") for event in result.journal}
    assert "robot left working: cu2612 1/8/8; --keep-orders leaves them" in notes(result)
    assert PASSWORD not in str(result.journal)
    assert not list((tmp_path / "live").glob("*")), "the page of the limits and the files of the relay are gone"


def test_without_leave_no_order_goes_out(robot: str, tmp_path: Path) -> None:
    text = f"""
program robot "{robot} trade"

scenario "none":
    robot:
        start
        expect exit within 20s
"""
    with front_that(HereIAm.greet) as front:
        result = run(text, tmp_path, options(front, allow_orders=False))
    assert result.reason == "robot: ReqOrderInsert was not sent: live, orders and changes need --allow-orders"
    assert "library: ReqOrderInsert" not in [event.get("text") for event in result.journal]


def test_a_program_whose_front_cannot_be_reached_is_blocked(robot: str, tmp_path: Path) -> None:
    text = f"""
program robot "{robot} trade"

scenario "nobody is there":
    robot:
        start
        expect OnFrontConnected within 2s
"""
    address = f"tcp://127.0.0.1:{closed_port()}"
    result = run(text, tmp_path, options(address))
    assert result.verdict == "blocked"
    assert result.reason == f"{address} cannot be reached: Connection refused (so: there was no OnFrontConnected)"


def test_a_program_has_time_to_end_when_ctpscen_is_dead(tmp_path: Path) -> None:
    ends = "sleep 0.1; echo what nobody reads; echo bye > bye; exit"
    script = f"trap '{ends}' TERM; echo ready; while :; do sleep 0.02; done"
    with tap_stage(tmp_path / "home") as stage:
        program = stage.start("sh", "-c", script)
        assert stage.until(lambda: "ready" in stage.lines)
        process = program._process
        assert isinstance(process, Process)
        assert process._control is not None
        assert process._launcher is not None
        stage.programs.poller.forget(process._control.fileno())
        process._control.close()  # as it is when its owner has died
        process._control = None
        for output in program._outputs:
            output.close()
        process._launcher.wait(SECONDS)
        assert (program.folder / "bye").read_text() == "bye\n"
        assert process._launcher.returncode != -signal.SIGKILL


# --------------------------------------------------------------------------------------- what a program leaves working


class Paths:
    """Paths that nobody uses: the program is played."""

    def expect(self, _: str) -> None: ...

    def hang_bell(self, _: int) -> None: ...

    def listen(self, _: str) -> Fronts:
        raise AssertionError("nothing is started")

    def adopt(self, _: str, __: Sequence[socket.socket], ___: int) -> Fronts:
        raise AssertionError("nothing is started")


class Played(Desk):
    """A program that is played on a simulated front, and of which the environment is told what the tap would tell."""

    def __init__(self, simulation: Simulation, programs: LivePrograms) -> None:
        self.programs = programs
        super().__init__(simulation, "robot")

    def call(self, name: str, **fields: object) -> int | str:
        returned = super().call(name, **fields)
        request = Request(self._api, "trader", self.world.now, self._requests, name, dict(fields), self._requests)
        self.programs._take(self.programs.actors["robot"], Called(request, returned, 1))
        return returned

    def deliver(self, callback: Callback) -> None:
        super().deliver(callback)
        self.programs._take(self.programs.actors["robot"], Delivered(callback))


@pytest.mark.parametrize("keep_orders", [False, True])
def test_what_a_program_leaves_working_is_named_and_cancelled(tmp_path: Path, keep_orders: bool) -> None:
    simulation, journal = Simulation(World(OPENING, 0)), Journal()
    simulation.list_instruments(["rb2705"])
    permit = Permit(options("tcp://127.0.0.1:1", keep_orders=keep_orders))
    limits = LimitsPage(tmp_path / "limits", 10, 12)
    wire, keys = StandinWire(simulation, str(tmp_path / "flow")), KeyFile(tmp_path / "keys.jsonl")

    def credentials(account: str) -> Credentials:
        return Credentials(account, "9999", "100001", "100001", Secret(PASSWORD), APP_ID, Secret(AUTH_CODE), True)

    environment = LiveEnvironment(wire, permit, keys, journal, credentials)
    environment.make_programs = lambda it: LivePrograms(
        Paths(),
        permit,
        keys,
        journal,
        it.logins,
        limits,
        it,
        credentials,
        it.session_of,
    )
    found = checked('program robot "true"\n\nscenario "one":\n    robot:\n        start\n').program
    assert found is not None
    environment.program(found.programs[0], ProgramTexts(("true",), None, (), {}, ""), "", lambda: None)
    assert environment.programs is not None
    keys.add(SentOrder("", (9, 9, "1"), "rb2705", "SHFE"))  # of a run that was killed
    assert environment.programs.name_what_is_left() == {""}
    played = Played(simulation, environment.programs).connect()
    for volume in (1, 2):
        played.insert("rb2705", "0", "0", volume, 3_000.0, OrderRef=str(volume))
    played.rest()
    assert len(keys.orders) == 3
    robot = environment.programs.actors["robot"]
    with pytest.raises(Blocked, match="such as `session watcher`"):
        next(robot.ask("ReqQryOrder", {}, environment.now + SECOND))
    if keep_orders:
        programs, environment.programs = environment.programs, None  # whose time is the wall's
        watcher = environment.actor(Session("watcher"), "", lambda: None)
        assert environment.reach(watcher, "ready", 10 * SECOND) == ""
        asking = robot.ask("ReqQryOrder", {}, environment.now + 10 * SECOND)
        wait = next(asking)
        assert isinstance(wait, Wait)
        assert environment.until(wait.ready, 10 * SECOND)
        with pytest.raises(StopIteration) as answered:
            asking.send(True)
        assert len(answered.value.value.rows) == 2
        environment.programs = programs
    assert environment.finish() == []
    orders = simulation.core.accounts["100001"].orders.values()
    assert [order.status for order in orders] == (["3", "3"] if keep_orders else ["5", "5"])
    (left,) = [text for text in notes(journal) if text.startswith("robot left working: rb2705 ")]
    assert left.endswith("--keep-orders leaves them") is keep_orders
    assert wire.opened == (["watcher"] if keep_orders else ["cleanup-0"])
    limits.close()
