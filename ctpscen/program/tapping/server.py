"""The other end of the tap: the API objects of one live program, in all its processes.

Each process says at its first object who it is, is given a file to write down what passes, and rings when there is
something to read. Nothing that passes waits for anybody here.
"""

import heapq
import os
import socket
import struct
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Protocol

from attrs import define, field, frozen

from ctpscen.ctp.messages import Request
from ctpscen.ctp.schema.api import ApiKind
from ctpscen.ctp.schema.versions import UnknownVersion
from ctpscen.program.events import Called, Event, Hazard
from ctpscen.program.serving import frames, hazards
from ctpscen.program.serving.address import Address
from ctpscen.program.serving.connections import Connection, Listener, Poller
from ctpscen.program.serving.frames import Frame, Kind
from ctpscen.program.serving.layouts import layout
from ctpscen.program.serving.server import CREATE, Clock, read_hello
from ctpscen.program.tapping.events import EventFile
from ctpscen.program.tapping.limits import LimitsPage
from ctpscen.program.tapping.passing import Passing, Tapped
from ctpscen.program.tapping.tables import Rules, tap_table

_PROCESS = struct.Struct("=I")


class Fronts(Protocol):
    """Whoever leads the programs to their fronts. A program is named."""

    def doors(self, program: str, alone: bool, /) -> int:
        """How many ports a program needs in its network; `alone` is whether that is one of its own."""

    def open(self, program: str, doors: Sequence[socket.socket], life: int, /) -> None:
        """Takes the sockets that listen there, and a pipe that ends with the program; they are its to close."""

    def of(self, program: str, kind: ApiKind, /) -> Sequence[str]:
        """The addresses at which a program reaches its fronts."""


@define(eq=False)
class Tap:
    """What the taps of a run share. `time_of` turns the monotonic clock's nanoseconds into the trading clock's time."""

    limits: LimitsPage
    rules: Rules
    fronts: Fronts
    time_of: Callable[[int], int]
    servers: list["TapServer"] = field(factory=list)

    def read(self) -> bool:
        """Has everything be told that was written down; false where nothing was."""
        found = False
        for again in (False, True):  # what came before the bell was hung up again would ring no more
            for server in self.servers:
                found = server.read() or found
            if not again:
                self.limits.sleep()
        return found

    @property
    def lost(self) -> int:
        """The events that were not told, because they were not written down or are not there."""
        return self.limits.lost + sum(server.missing for server in self.servers)


@frozen(eq=False)
class _Process:
    """A process of the program, and what it has written down."""

    file: EventFile
    passing: Passing


@define(eq=False)
class TapServer:
    """All API objects of one live program. `home` is the folder in which it runs."""

    name: str
    path: Path
    poller: Poller
    clock: Clock
    next_api: Callable[[], int]
    take: Callable[[Event], None]
    home: Path
    tap: Tap
    objects: dict[int, Tapped] = field(factory=dict)
    unknown_version: str = ""
    missing: int = 0
    _listener: Listener = field(init=False)
    _processes: dict[int, _Process] = field(factory=dict)
    _is_reading: bool = False

    def __attrs_post_init__(self) -> None:
        self._listener = Listener(Address(self.path), self.poller, self._introduce)
        self.tap.servers.append(self)

    @property
    def is_used(self) -> bool:
        """Whether any process still has an API object."""
        return any(not api.is_released for api in self.objects.values())

    def _introduce(self, connection: Connection, hello: Frame) -> None:
        if hello.kind == Kind.HELLO_TAP:
            self._create(connection, hello)
        elif hello.kind == Kind.HELLO_EVENTS:
            self._link(connection, hello)
        else:
            raise frames.BadFrame(f"a connection began with a frame of kind {hello.kind}")

    # ------------------------------------------------------------------------------------------------ the objects

    def _create(self, connection: Connection, hello: Frame) -> None:
        protocol, process, kind, version, folder, flow = read_hello(hello)
        self.read()
        number = self.next_api()
        files = [str(self._file_of(process)), str(self.tap.limits.path)]
        fronts = self.tap.fronts.of(self.name, kind)
        try:
            if protocol != frames.PROTOCOL:
                raise UnknownVersion("the tap is one of another version of ctpscen")
            table = tap_table(version, kind, number, self.tap.rules, files, fronts)
            found = layout(version, kind)
        except UnknownVersion as reason:
            self.unknown_version = version or "?"
            connection.send(frames.frame(Kind.REFUSED, str(reason).encode()))
            return
        prefix = os.path.normpath(os.path.join(folder, flow)) + ("/" if flow.endswith("/") or not flow else "")
        key = os.path.relpath(prefix, self.home) + ("/" if prefix.endswith("/") else "")
        api = Tapped(number, kind, found, process, prefix if key.startswith("..") else key, sequence=1)
        shared = any(not other.is_released and other.flow == api.flow for other in self.objects.values())
        self.objects[number] = api
        now = self.clock.now
        self.take(Called(Request(number, kind, now, 1, CREATE[kind], {"pszFlowPath": api.flow}), 0, process))
        if not os.path.isdir(os.path.dirname(prefix)):
            self._hazard(api, hazards.missing_folder(os.path.dirname(prefix)))
        if shared:
            self._hazard(api, hazards.shared_flow(flow))
        connection.handle = lambda *_: None
        connection.send(frames.frame(Kind.TABLE, table))

    def _hazard(self, api: Tapped, misuse: hazards.Misuse) -> None:
        kind, text = misuse
        self.take(Hazard(self.clock.now, kind, api.number, text))

    def _file_of(self, process: int) -> Path:
        """The file to which a process writes, made when it makes its first object."""
        if process not in self._processes:
            file = EventFile(self.path.with_suffix(f".{process}.events"), process)
            self._processes[process] = _Process(file, Passing(process, self.objects.__getitem__, self.tap.time_of))
        return self._processes[process].file.path

    def _link(self, connection: Connection, hello: Frame) -> None:
        try:
            (number,) = _PROCESS.unpack(hello.body)
        except struct.error:
            raise frames.BadFrame("a doorbell of nobody") from None
        if number not in self._processes:
            raise frames.BadFrame("a doorbell of a process that is not known")
        connection.handle = lambda *_: self._rung()
        connection.closed = lambda: self._gone(number)
        self.tap.limits.sleep()

    def _rung(self) -> None:
        self.tap.read()

    # ----------------------------------------------------------------------------------------------------- reading

    def read(self) -> bool:
        """Tells what was written down; false where nothing was."""
        if self._is_reading:  # whoever is told looks again
            return False
        self._is_reading, found = True, False
        try:
            told = map(self._events_of, list(self._processes.values()))
            for event in heapq.merge(*told, key=attrgetter("time")):
                found = True
                self.take(event)
        finally:
            self._is_reading = False
        return found

    def _events_of(self, process: _Process) -> Iterator[Event]:
        for written in process.file.read():
            process.passing.take(written)
            yield from process.passing.told(self.clock.now)
        yield from process.passing.told(self.clock.now)

    def _gone(self, number: int) -> None:
        """A process is over, and has told everything that it had to."""
        self.read()
        process = self._processes.pop(number)
        for event in process.passing.end():
            self.take(event)
        for api in self.objects.values():
            if api.process == number and not api.is_released:
                api.is_released = True
        self.missing += process.file.missing
        process.file.close()
        process.file.path.unlink(missing_ok=True)

    def close(self) -> None:
        self._listener.close()
        for number in list(self._processes):
            self._gone(number)
