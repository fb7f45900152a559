"""A stand-in for the binding and the wire: the live path with a simulated world where the native library would be.

`Binding` has the class and method names of openctp_ctp. Calls and callbacks go through the worker's own code (native
records, copies, the wire's encoding) and through the live environment; time is virtual.
"""

from collections import deque
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from attrs import define, field

from ctpscen.ctp.commands.effects import Effect
from ctpscen.ctp.commands.network import Cut, Heal, PathCommand, Silence, Stall
from ctpscen.ctp.messages import Callback, Fields, Request
from ctpscen.ctp.schema import api as ctp
from ctpscen.ctp.schema.api import ApiKind
from ctpscen.ctp.schema.records import defaults
from ctpscen.live.library import framing
from ctpscen.live.library.process import WorkerDied
from ctpscen.live.library.worker import Native
from ctpscen.live.wire import Channel, Delivery
from ctpscen.simulator.commands.perform import perform
from ctpscen.simulator.simulation import Simulation
from ctpscen.simulator.wire.path import Connection


@cache
def struct(name: str) -> type:
    """A native record's class: its fields with their defaults."""
    return type(f"CThostFtdc{name}Field", (), dict(defaults(name)))


def filled(name: str, fields: Fields | None) -> Any:
    """A native record with these values; None for NULL."""
    if fields is None:
        return None
    native = struct(name)()
    for key, value in fields.items():
        setattr(native, key, value)
    return native


def pass_to(spi: Any, callback: Callback) -> None:
    """Calls an SPI object as the library does."""
    shape = ctp.callbacks(callback.kind)[callback.name]
    passed: list[Any] = []
    if callback.name in ("OnFrontDisconnected", "OnHeartBeatWarning"):
        passed += (callback.fields or {}).values()
    elif shape.record:
        passed.append(filled(shape.record, callback.fields))
    if shape.has_error:
        passed.append(filled("RspInfo", callback.error))
    if shape.has_request:
        passed += [callback.request_id, callback.last]
    getattr(spi, callback.name)(*passed)


class Spi:
    """The SPI base class; all that matters is what the worker adds."""


@define(eq=False)
class StandinApi:
    """An API object in the simulated world."""

    wire: "StandinWire"
    session: str
    kind: ApiKind
    api: int
    spi: Any = None

    def call(self, name: str, fields: Fields | None = None, request_id: int = 0) -> int | str:
        request = Request(self.api, self.kind, self.wire.now, 0, name, fields, request_id)
        return self.wire.simulation.hosts[self.session].call(request)

    def RegisterSpi(self, spi: Any) -> None:  # noqa: N802
        self.spi = spi

    def RegisterFront(self, front: str) -> None:  # noqa: N802
        self.call("RegisterFront", {"pszFrontAddress": front})

    def Init(self) -> None:  # noqa: N802
        self.call("Init")

    def Release(self) -> None:  # noqa: N802
        self.call("Release")

    def GetTradingDay(self) -> int | str:  # noqa: N802
        return self.call("GetTradingDay")

    def __getattr__(self, name: str) -> Any:
        if name.endswith("Topic"):
            return lambda mode: self.call(name, {"nResumeType": mode})
        if name.startswith(("Subscribe", "UnSubscribe")):
            return lambda names, _: self.call(name, {"ppInstrumentID": [each.decode() for each in names]})
        if name not in ctp.requests(self.kind):
            raise AttributeError(name)
        usual = defaults(ctp.requests(self.kind)[name])
        return lambda native, number: self.call(
            name, {key: value for key, value in vars(native).items() if value != usual[key]}, number
        )


@define(eq=False)
class Binding:
    """What stands for `tdapi` and `mdapi`; it makes API objects of the session that is being served."""

    wire: "StandinWire"
    session: str
    api: int = 0

    CThostFtdcTraderSpi = Spi
    CThostFtdcMdSpi = Spi

    def __getattr__(self, name: str) -> Any:
        if name in ("CThostFtdcTraderApi", "CThostFtdcMdApi"):
            return self
        return struct(name.removeprefix("CThostFtdc").removesuffix("Field"))

    def CreateFtdcTraderApi(self, flow: str, production: bool) -> StandinApi:  # noqa: N802
        return self._made("trader", "CreateFtdcTraderApi", flow, production)

    def CreateFtdcMdApi(self, flow: str, _: bool, __: bool, production: bool) -> StandinApi:  # noqa: N802
        return self._made("market", "CreateFtdcMdApi", flow, production)

    def _made(self, kind: ApiKind, name: str, flow: str, production: bool) -> StandinApi:
        made = StandinApi(self.wire, self.session, kind, self.api)
        made.call(name, {"pszFlowPath": flow, "bIsProductionMode": production})
        self.wire.objects[self.session, self.api] = made
        return made


@define(eq=False)
class StandinWorker:
    """The worker of one session, without its process: its calls, through the encoding of the wire."""

    wire: "StandinWire"
    session: str
    natives: dict[int, Native] = field(factory=dict)
    dead: bool = False
    calls: list[Request] = field(factory=list)
    watch: Callable[[Request], object] = lambda _: None

    def call(self, request: Request) -> int | str:
        if self.dead:
            raise WorkerDied(f"the CTP library of {self.session} died: SIGSEGV after the call of {request.name}")
        self.calls.append(request)
        self.watch(request)
        message = (0, request.api, request.kind, request.name, request.fields, request.request_id)
        _, api, kind, name, fields, request_id = through_the_wire(message)
        if name.startswith("CreateFtdc"):
            self.natives[api] = Native(Binding(self.wire, self.session, api), kind, fields, self._taker(api, kind))
            return 0
        value: int | str = through_the_wire(self.natives[api].call(name, fields, request_id))
        return value

    def _taker(self, api: int, kind: ApiKind) -> Any:
        def take(_: int, name: str, fields: Any, error: Any, request_id: int, last: bool) -> None:
            assert name, fields
            item = ("callback", api, kind, self.wire.now, 0, name, fields, error, request_id, last)
            self.wire.items.append((self, through_the_wire(item)))

        return take

    def deliver(self, callback: Callback) -> None:
        """The port of the simulated world: the library calls back."""
        if not self.dead:
            pass_to(self.wire.objects[self.session, callback.api].spi, callback)


def through_the_wire(message: Any) -> Any:
    """The message as it comes out at the other end."""
    return framing._decoder.decode(framing._encoder.encode(message))


_COMMANDS: Mapping[str, type[PathCommand]] = {"cut": Cut, "silence": Silence, "stall": Stall, "heal": Heal}


@define(eq=False)
class StandinWire:
    """The wire in virtual time: workers without processes, the simulation's paths for a relay.

    `flow` gives the folder of a session's flow files; `front_status` is what the fronts' status says, `cut_takes` the
    time in which a cut lets through what was sent before it, in microseconds.
    """

    simulation: Simulation
    folder: str
    account: str = "100001"
    noted: Callable[[Effect], object] = lambda _: None
    items: deque[tuple[StandinWorker | None, Any]] = field(factory=deque)
    objects: dict[tuple[str, int], StandinApi] = field(factory=dict)
    workers: dict[str, StandinWorker] = field(factory=dict)
    opened: list[str] = field(factory=list)
    cut_takes: int = 50_000
    front_status: list[Mapping[str, Any]] = field(factory=list)
    closed: bool = False
    controls: list[str] = field(factory=list)
    _cuts: list[Cut] = field(factory=list)
    _halved: list[Connection] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.simulation.world.note = lambda effect: self.items.append((None, effect))

    @property
    def now(self) -> int:
        return self.simulation.world.now

    def open(self, session: str) -> Channel:
        self.opened.append(session)
        worker = self.workers[session] = StandinWorker(self, session)
        self.simulation.hosts.pop(session, None)
        self.simulation.host(session, self.account, worker)
        flow = f"{self.folder}/{session}-{len(self.opened)}"
        return Channel(worker, flow, ("tcp://simulated",), ("tcp://simulated",))

    def kill(self, session: str) -> None:
        """The worker of a session dies."""
        worker = self.workers[session]
        worker.dead = True
        for native in worker.natives.values():
            native.api.call("Release")
        self.items.append((worker, None))

    def receive(self, limit: int | None) -> Delivery | None:
        world = self.simulation.world
        while True:
            if self.items:
                worker, item = self.items.popleft()
                if worker is None:
                    self.noted(item)
                    continue
                if self.workers[worker.session] is not worker:
                    continue
                if item is None:
                    return Delivery(worker.session, None, f"the CTP library of {worker.session} died: SIGSEGV")
                _, api, kind, time, sequence, name, fields, error, request_id, last = item
                made = Callback(api, kind, time, sequence, name, fields, error, request_id, last)
                return Delivery(worker.session, made)
            following = world.next_time()
            if following is not None and (limit is None or following <= limit):
                world.step()
                continue
            if limit is not None and world.now < limit:
                world.rest_until(limit)
            return None

    def control(self, line: str) -> None:
        """What a relay would do, done to the simulation's paths."""
        self.controls.append(line)
        words = line.split()
        if words[0] == "latency":
            for host in self.simulation.hosts.values():
                for path in host.paths.values():
                    path.latency = int(words[1].removesuffix("us"))
            return
        session, _, kind = words[-1].partition("/")
        command = _COMMANDS[words[0]](session=None if session == "*" else session, market=kind == "market")
        self._finish_cuts()
        if isinstance(command, Cut):
            self._begin(command)
        else:
            perform(self.simulation, command)

    def _begin(self, cut: Cut) -> None:
        """From now on nothing comes from the front; the library hears of the break when all has gone there."""
        self._cuts.append(cut)
        for path in self.simulation.paths(cut.session):
            if path.market >= cut.market:
                self._halved += path.connections
        for connection in self._halved:
            connection.open = False
        self.simulation.world.at(self.now + self.cut_takes, self._finish_cuts)

    def _finish_cuts(self) -> None:
        for connection in self._halved:
            connection.open = True
        self._halved.clear()
        while self._cuts:
            perform(self.simulation, self._cuts.pop())

    def fronts(self, _: str, __: ApiKind) -> list[Mapping[str, Any]]:
        return self.front_status

    def troubles(self) -> list[str]:
        return []

    def close(self) -> None:
        self.closed = True
        for worker in self.workers.values():
            for native in worker.natives.values():
                if not (worker.dead or native.released):
                    native.call("Release", None, 0)
