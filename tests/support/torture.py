"""Random live runs with random kills: whatever dies, no order works afterwards that nobody has named.

All is drawn from a seed: a scenario, what strikes it and when. What strikes is the death of a worker, of the relay or
of the whole run, a signal, a front that goes down, a request that is lost, a cancel that is refused, queries that are
answered late. Runs that are not
killed must name what may still work; the run after one that was killed finds its keys.
"""

import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from attrs import define, evolve, field

from ctpscen.ctp.commands.front import LoseRequest
from ctpscen.ctp.commands.network import Cut
from ctpscen.ctp.commands.refusals import RejectNext
from ctpscen.ctp.messages import Api, Request
from ctpscen.ctp.times import MILLISECOND, SECOND
from ctpscen.engine.interpreter import CompiledProgram
from ctpscen.engine.run import run_one
from ctpscen.engine.settings import Settings
from ctpscen.engine.unit import Result, Unit
from ctpscen.environments.live_run import LiveRun
from ctpscen.environments.simulated import OPENING
from ctpscen.interruption import interruptions
from ctpscen.live.profile.profiles import Account, LiveOptions, Profile
from ctpscen.live.profile.secret import SecretPlace
from ctpscen.live.relay.process import RelayFailed
from ctpscen.live.wire import Channel
from ctpscen.simulator.commands.perform import perform
from ctpscen.simulator.counter.core import PASSWORD
from ctpscen.simulator.exchange.orders import BROKER, Order
from ctpscen.simulator.front.trading import APP_ID, AUTH_CODE
from ctpscen.simulator.simulation import Simulation
from ctpscen.simulator.world import World
from support import checked
from support.standin import StandinWire

ACCOUNTS = {"": "100001", "second": "100002"}
HEAD = "session trader private {mode}\nsession other account second\n"
RECOVERY = HEAD.format(mode="resume") + "trader: connect\nother: connect\n"

STEPS = (
    "{who}: buy open {volume} rb2705 at bid - {ticks} ticks as {name}",
    "{who}: sell open {volume} rb2705 at ask + {ticks} ticks as {name}",
    "{who}: buy open {volume} rb2705 at ask as {name}",
    '{who}: buy open {volume} rb2705 at bid - {ticks} ticks with (OrderRef = "") as {name}',
    '{who}: buy open {volume} rb2705 at bid - {ticks} ticks ref "{ticks}" as {name}',
    '{who}: buy open {volume} rb2705 at bid with (InvestorID = "100009") as {name}',
    "{who}: buy open {volume} rb2705 at bid - {ticks} ticks when last >= 3000 as {name}",
    "{who}: buy open {volume} rb2705 at bid - {ticks} ticks when last >= 4000 as {name}",
    '{who}: request ReqOrderInsert(BrokerID = "9999", InvestorID = "100001", UserID = "100001",'
    ' InstrumentID = "rb2705", ExchangeID = "SHFE", OrderPriceType = "2", Direction = "0", CombOffsetFlag = "0",'
    ' CombHedgeFlag = "1", VolumeTotalOriginal = 1, TimeCondition = "3", VolumeCondition = "1", MinVolume = 1,'
    ' ContingentCondition = "1", ForceCloseReason = "0", LimitPrice = 3000)',
    "{who}: cancel all within 5s",
    "{who}: cancel orders()",
    "{who}: query orders within 5s",
    "{who}: disconnect",
    "{who}: disconnect silently",
    "{who}: reconnect within 10s",
    "{who}: logout",
    "{who}: release",
    "wait 3s",
    "wait 200ms",
    "check 1 == 2",
)


class Killed(BaseException):
    """The run is gone, and cleans nothing up."""


@define(eq=False)
class BlindFront:
    """An API whose front lists no orders for some queries: the part of it that answers them may be behind."""

    wire: "TorturedWire"
    api: Api

    def call(self, request: Request) -> int | str:
        if request.name == "ReqQryOrder" and self.wire.blind > 0:
            self.wire.blind -= 1
            request = evolve(request, fields={**(request.fields or {}), "InvestorID": "?"})
        return self.api.call(request)


@define(eq=False)
class TorturedWire(StandinWire):
    """A wire whose relay may die: what went through it is cut, until a session is opened anew.

    So many queries for orders as `blind` says are answered with none.
    """

    relay_is_dead: bool = False
    blind: int = 0
    watches: list[Callable[[Request], None]] = field(factory=list)

    def open(self, session: str) -> Channel:
        self.relay_is_dead = False
        channel = super().open(session)
        self.workers[session].watch = lambda request: [watch(request) for watch in self.watches]
        return evolve(channel, api=BlindFront(self, channel.api))

    def control(self, line: str) -> None:
        if self.relay_is_dead:
            raise RelayFailed("the relay died: SIGKILL")
        super().control(line)

    def troubles(self) -> list[str]:
        return ["the relay died: SIGKILL"] if self.relay_is_dead else []


@define(eq=False)
class TorturedRun(LiveRun):
    """A live run on a simulation."""

    simulation: Simulation = field(kw_only=True)
    prepare: Callable[[TorturedWire], None] = field(kw_only=True)
    wires: list[TorturedWire] = field(factory=list)

    def _wire(self, name: str) -> TorturedWire:
        wire = TorturedWire(self.simulation, str(self.folder / "flow" / name), account=ACCOUNTS[""])
        self.wires.append(wire)
        self.prepare(wire)
        return wire


def kill_worker(wire: TorturedWire) -> None:
    worker = wire.workers.get("trader")
    if worker is not None and not worker.dead:
        wire.kill("trader")


def kill_relay(wire: TorturedWire) -> None:
    wire.relay_is_dead = True
    perform(wire.simulation, Cut(session=None, market=False))


def kill_run(_: TorturedWire) -> None:
    raise Killed


def interrupt(_: TorturedWire) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def go_down_for(seconds: int) -> Callable[[TorturedWire], None]:
    def go_down(wire: TorturedWire) -> None:
        front, world = wire.simulation.trading, wire.simulation.world
        front.go_down()
        world.at(world.now + seconds * SECOND, front.come_up)

    return go_down


def lose_request(wire: TorturedWire) -> None:
    perform(wire.simulation, LoseRequest())


def refuse_cancel(wire: TorturedWire) -> None:
    perform(wire.simulation, RejectNext("cancel", "counter", 26))


def blind(wire: TorturedWire) -> None:
    wire.blind = 4


STRIKES: tuple[Callable[[TorturedWire], None], ...] = (
    *(kill_worker, kill_worker, kill_relay, kill_relay, kill_run, kill_run, interrupt),
    *(go_down_for(5), go_down_for(300)),
    *(lose_request, refuse_cancel, blind, blind),
)


def scenario(chance: Random) -> str:
    """A random scenario."""
    steps = [
        chance.choice(STEPS).format(
            who=chance.choice(["trader", "trader", "other"]),
            name=f"order_{number}",
            volume=chance.randint(1, 3),
            ticks=chance.randint(1, 9),
        )
        for number in range(chance.randint(2, 10))
    ]
    mode = chance.choice(["resume", "restart", "quick"])
    return "\n".join([HEAD.format(mode=mode), "trader: connect", *steps, ""])


@define(eq=False)
class Torture:
    """One scenario, what strikes it, and the runs that come after it.

    `said` is what the newest run told, `ended` how the first did.
    """

    seed: int
    folder: Path
    chance: Random = field(init=False)
    simulation: Simulation = field(init=False)
    said: str = ""
    ended: str = ""

    def __attrs_post_init__(self) -> None:
        self.chance = Random(self.seed)
        self.simulation = Simulation(World(OPENING, self.seed))
        self.simulation.list_instruments(["rb2705"])
        for user in ACCOUNTS.values():
            self.simulation.core.account(user)

    def run(self) -> list[str]:
        """What is wrong; nothing, if all is well."""
        text = scenario(self.chance)
        strikes = [(self.chance.random(), self.chance.choice(STRIKES)) for _ in range(self.chance.randint(0, 3))]
        first = self._run(text, strikes)
        self.ended = "killed" if first is None else first.verdict
        found = [] if first is None else list(self._unnamed("the run"))
        if not strikes:
            found += [f"nothing struck it, and it left {each.key}" for each in self._working()]
        for number in (1, 2):
            self._run(RECOVERY, [])
            found += self._unnamed(f"recovery {number}")
            while not self.simulation.trading.is_up:
                self.simulation.world.step()
        found += [f"the last recovery left {each.key}" for each in self._working()]
        return [f"seed {self.seed}: {each}" for each in found]

    def _run(self, text: str, strikes: list[tuple[float, Callable[[TorturedWire], None]]]) -> Result | None:
        """The result of a run; None of one that was killed."""
        program = checked(text).program
        assert program is not None, text

        def prepare(wire: TorturedWire) -> None:
            for when, strike in strikes:
                self._plan(wire, when, strike)

        live = TorturedRun(_options(), self.folder, simulation=self.simulation, prepare=prepare)
        unit = Unit("torture.scn", text, program.scenarios[0].title, settings=Settings(account=""))
        try:
            with interruptions.taken():
                result = run_one(unit, live.environment_of, CompiledProgram(program))
        except Killed:
            for each in live.wires:
                each.close()
            return None
        finally:
            live.close()  # which the system does, too, for one that is killed
        notes = [event["text"] for event in result.journal if event["event"] == "note"]
        self.said = "\n".join([result.reason, *result.errors, *notes])
        return result

    def _plan(self, wire: TorturedWire, when: float, strike: Callable[[TorturedWire], None]) -> None:
        """Something strikes at a time in the first 20 seconds, or just before a call."""
        if when < 0.5:
            world = self.simulation.world
            world.at(world.now + int(40 * when * SECOND) + MILLISECOND, _strike, wire, strike)
            return
        left = int(60 * (when - 0.5))

        def seen(_: Request) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                strike(wire)

        wire.watches.append(seen)

    def _working(self) -> Iterator[Order]:
        """The orders that may trade."""
        for account in self.simulation.core.accounts.values():
            for order in account.orders.values():
                if not order.is_finished and order.status != "c":
                    yield order

    def _unnamed(self, who: str) -> Iterator[str]:
        """The orders that work and that the newest run did not name."""
        for order in self._working():
            origin = order.account.by_sys_id.get((order.contract.exchange, order.released_by), order)
            front, session, reference = origin.key
            if not re.search(rf"rb2705 {front}/{session}/({re.escape(reference)})?(?=[\s,]|$)", self.said):
                yield f"{who} did not name {origin.key}, which works; it said: {self.said}"


def _strike(wire: TorturedWire, strike: Callable[[TorturedWire], None]) -> None:
    if not wire.closed:  # it came too late for this run
        strike(wire)


def _options() -> LiveOptions:
    own, second = (Account(name, user, user, SecretPlace("public", PASSWORD)) for name, user in ACCOUNTS.items())
    fronts, code = ("tcp://simulated:1",), SecretPlace("public", AUTH_CODE)
    profile = Profile("torture", BROKER, own, fronts, fronts, APP_ID, code, True, 100, 10_000, {"second": second})
    return LiveOptions(profile, allow_orders=True, show_ids=True)
