"""All that lies between the engine and the fronts: a worker for each session, one relay, and the clock.

The engine asks for what arrives next, but not beyond a time, and is told that or that the time has come. The clock is
the wall's, whoever asks and whenever: a step that takes long takes long. What a worker sends bears the moment at which
the library called back, by the clock that all processes share; so a report that came in time counts as such, even if
it is looked at late.
"""

import os
import queue
import shutil
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from attrs import define, field, frozen

from ctpscen.ctp.messages import Api, Callback
from ctpscen.ctp.schema.api import ApiKind
from ctpscen.ctp.times import HOUR
from ctpscen.live.library import locale
from ctpscen.live.library.process import Arrival, WorkerProcess
from ctpscen.live.library.worker import BINDING, monotonic
from ctpscen.live.profile.addresses import with_password
from ctpscen.live.profile.profiles import Profile
from ctpscen.live.relay.process import RelayFailed, RelayProcess
from ctpscen.private_files import make_private_folder

BEIJING = 8 * HOUR


@frozen
class Channel:
    """What a session talks through: the API, the folder of its flow files, and the fronts as it reaches them."""

    api: Api
    flow: str
    trading_fronts: tuple[str, ...]
    market_fronts: tuple[str, ...]


@frozen
class Fronts:
    """The addresses at which the fronts are reached through the relay."""

    trading: tuple[str, ...]
    market: tuple[str, ...]

    def of(self, kind: ApiKind) -> tuple[str, ...]:
        return self.trading if kind == "trader" else self.market


class _Ringing(queue.SimpleQueue[Arrival]):
    """Arrivals of which somebody is told who waits for other things as well: `bell` is an eventfd."""

    bell = -1

    def put(self, item: Arrival, *how: Any, **more: Any) -> None:
        super().put(item, *how, **more)
        if self.bell >= 0:
            os.eventfd_write(self.bell, 1)


@frozen
class Delivery:
    """Something that arrived for a session: a callback, or the end of its worker, and its cause."""

    session: str
    callback: Callback | None
    cause: str = ""


class Wire(Protocol):
    """The live wire, or what stands in for it."""

    @property
    def now(self) -> int:
        """The trading clock."""

    def open(self, session: str) -> Channel:
        """Starts what a session needs, anew where it had it. Raises what is told as blocked."""

    def receive(self, limit: int | None) -> Delivery | None:
        """What arrives next; None where it is `limit` before anything does."""

    def control(self, line: str) -> None:
        """Has the relay do something."""

    def fronts(self, session: str, kind: ApiKind) -> list[Mapping[str, Any]]:
        """What became of the attempts to reach a session's fronts (see `relay.Group.status`)."""

    def troubles(self) -> list[str]:
        """What went wrong on the wire by itself, so that what was seen may not be the session's doing."""

    def close(self) -> None:
        """Ends everything. The folder with the logs stays where a library died."""


class ProgramPaths(Protocol):
    """What live programs need of the wire: their paths through its relay."""

    def expect(self, program: str) -> None:
        """A program will be started: its paths are there, and lead nowhere yet."""

    def listen(self, program: str) -> Fronts:
        """Has the relay listen for a program's fronts on this machine's loopback, once; gives where."""

    def adopt(self, program: str, doors: Sequence[socket.socket], life: int) -> Fronts:
        """Has the relay listen for them at sockets in the program's own network, for as long as `life` is open."""

    def hang_bell(self, bell: int) -> None:
        """Has an eventfd rung with everything that arrives."""


@define(eq=False)
class NativeWire:
    """The real one."""

    profile: Profile
    folder: Path
    locales: Path
    binding: str = BINDING
    proxy_password: Callable[[], str] = field(default=lambda: "", repr=False)
    _arrivals: _Ringing = field(factory=_Ringing)
    _workers: dict[str, WorkerProcess] = field(factory=dict)
    _relay: RelayProcess | None = None
    _pending: Arrival | None = None
    _base: int = field(init=False)
    _opened: int = 0
    _lost_one: bool = False
    _listening: dict[str, Fronts] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self._base = time.time_ns() // 1_000 + BEIJING - monotonic()

    def _clock(self, moment: int) -> int:
        return self._base + moment

    @property
    def now(self) -> int:
        return self._clock(monotonic())

    def _living_relay(self) -> RelayProcess:
        if self._relay is not None and not self._relay.is_alive:
            self._relay.close()
            self._relay = None  # all that went through it is cut
        if self._relay is None:
            self._relay = RelayProcess()
            self._relay.start()
        return self._relay

    def _fronts(self) -> Mapping[ApiKind, tuple[str, ...]]:
        """The profile's fronts, with the proxy's password in them."""
        word, profile = self.proxy_password(), self.profile
        kinds: Mapping[ApiKind, tuple[str, ...]] = {"trader": profile.trading_fronts, "market": profile.market_fronts}
        return {kind: tuple(with_password(front, word) for front in fronts) for kind, fronts in kinds.items()}

    def _listen(self, name: str) -> Fronts:
        relay, fronts = self._living_relay(), self._fronts()
        trading, market = (tuple(relay.open(f"{name}/{kind}", each) for each in of) for kind, of in fronts.items())
        return Fronts(trading, market)

    def expect(self, program: str) -> None:
        for kind in self._fronts():
            self._living_relay().adopt(f"{program}/{kind}")

    def listen(self, program: str) -> Fronts:
        if program not in self._listening:
            self._listening[program] = self._listen(program)
        return self._listening[program]

    def adopt(self, program: str, doors: Sequence[socket.socket], life: int) -> Fronts:
        relay, left = self._living_relay(), list(doors)
        found: dict[ApiKind, tuple[str, ...]] = {}
        for kind, fronts in self._fronts().items():
            mine, left = left[: len(fronts)], left[len(fronts) :]
            relay.adopt(f"{program}/{kind}", fronts, mine, life)
            found[kind] = tuple(_address_of(door, front) for door, front in zip(mine, fronts, strict=True))
        return Fronts(found["trader"], found["market"])

    def hang_bell(self, bell: int) -> None:
        self._arrivals.bell = bell

    def open(self, session: str) -> Channel:
        self._living_relay()
        if (before := self._workers.pop(session, None)) is not None:
            self._lost_one = self._lost_one or before.has_died
            before.close()
        self._opened += 1
        place = self.folder / f"{session}-{self._opened}"
        make_private_folder(place)
        variables = locale.environment(self.locales)
        worker = WorkerProcess(session, place / "library.log", self._arrivals, self._clock, variables, self.binding)
        worker.start()
        self._workers[session] = worker
        fronts = self._listen(session)
        return Channel(worker, str(place), fronts.trading, fronts.market)

    def receive(self, limit: int | None) -> Delivery | None:
        while True:
            arrival = self._pending or self._next(limit)
            self._pending = None
            if arrival is None:
                return None
            if self._workers.get(arrival.worker.name) is not arrival.worker:
                continue  # of a worker that has been replaced
            callback = arrival.callback
            if callback is None:
                return Delivery(arrival.worker.name, None, arrival.worker.cause_of_death())
            if limit is not None and callback.time > limit:
                self._pending = arrival
                return None
            return Delivery(arrival.worker.name, callback)

    def _next(self, limit: int | None) -> Arrival | None:
        try:
            if limit is None:
                return self._arrivals.get()
            left = (limit - self.now) / 1e6
            return self._arrivals.get(timeout=left) if left > 0 else self._arrivals.get_nowait()
        except queue.Empty:
            return None

    def control(self, line: str) -> None:
        assert self._relay is not None
        self._relay.command(line)

    def fronts(self, session: str, kind: ApiKind) -> list[Mapping[str, Any]]:
        if self._relay is None:
            return []
        try:
            status = self._relay.status()
        except RelayFailed as reason:
            return [{"front": "any front", "accepted": 1, "refused": 0, "reason": str(reason)}]
        found: list[Mapping[str, Any]] = status.get(f"{session}/{kind}", {}).get("fronts", [])
        return found

    def troubles(self) -> list[str]:
        return [] if self._relay is None else self._relay.troubles()

    def close(self) -> None:
        keep = self._lost_one or any(worker.has_died for worker in self._workers.values())
        for worker in self._workers.values():
            worker.close()
        if self._relay is not None:
            self._relay.close()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def _address_of(door: socket.socket, front: str) -> str:
    """How a program reaches a front at a door."""
    host, port = door.getsockname()[:2]
    return f"{'ssl' if front.startswith('ssl://') else 'tcp'}://{host}:{port}"
