"""A live program without any scenario: the tap, a double of the library behind it, and a front that only is there."""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import platformdirs
from attrs import define, field

from ctpscen.ctp.schema.api import ApiKind
from ctpscen.ctp.times import SECOND
from ctpscen.live.library import locale
from ctpscen.program.events import Called, Delivered, Event, Exited, Hazard, HeldBack, Line
from ctpscen.program.programs import Program, Programs
from ctpscen.program.spec import Spec
from ctpscen.program.tapping.limits import LimitsPage
from ctpscen.program.tapping.server import Tap
from ctpscen.program.tapping.tables import Passage, Rules
from ctpscen.program.tapping.wall import WallWorld
from support.loopback import listen_in_silence

T = TypeVar("T")

_PASSAGES = {
    "ReqOrderInsert": Passage.IS_COUNTED,
    "ReqUserPasswordUpdate": Passage.IS_REFUSED,
    "ReqUserLogin": Passage.NAMES_A_USER,
    "ReqAuthenticate": Passage.NAMES_A_USER,
}
RULES = Rules(lambda name: _PASSAGES.get(name, Passage.PASSES), ("VolumeTotalOriginal",), ("100001",))


@define(eq=False)
class HereIAm:
    """A front on the network of the program, which says that it is there, or hangs up. Its connections are kept."""

    hangs_up: bool = False
    connections: list[socket.socket] = field(factory=list)
    is_alone: bool = False
    address: str = ""
    _listening: list[socket.socket] = field(factory=list)

    def doors(self, _: str, alone: bool, /) -> int:
        self.is_alone = alone
        return 1

    def open(self, _: str, doors: Sequence[socket.socket], __: int, /) -> None:
        for door in doors:
            host, port = door.getsockname()
            self.address = f"tcp://{host}:{port}"
            self._listening.append(door)
            threading.Thread(target=self._serve, args=(door,), daemon=True).start()

    def _serve(self, door: socket.socket) -> None:
        while True:
            try:
                connection, _ = door.accept()
            except OSError:
                return
            self.connections.append(connection)
            if self.hangs_up:
                connection.close()
            else:
                connection.sendall(b"H")

    @staticmethod
    def greet(connection: socket.socket) -> None:
        """What such a front does, where it is reached through a relay."""
        with connection:
            connection.sendall(b"H")
            listen_in_silence(connection)

    def of(self, _: str, __: ApiKind, /) -> Sequence[str]:
        return [self.address]

    def close(self) -> None:
        for each in self._listening:
            each.shutdown(socket.SHUT_RDWR)
            each.close()
        for each in self.connections:
            each.close()


@define(eq=False)
class TapStage:
    """Live programs, and what they did."""

    programs: Programs
    tap: Tap
    front: HereIAm
    events: list[Event] = field(factory=list)
    exits: list[Exited] = field(factory=list)

    def take(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, Exited):  # looked for after every event, of which there may be very many
            self.exits.append(event)

    def start(self, *command: str, name: str = "robot", **spec: Any) -> Program:
        program = self.programs.add(Spec(name, command, clock="own", **spec), self.take)
        program.start()
        return program

    def until(self, ready: Callable[[], object], seconds: float = 30) -> bool:
        limit = self.programs.now + int(seconds * SECOND)
        while not ready():
            if not self.programs.advance(limit):
                return bool(ready())
        return True

    def to_end(self, seconds: float = 60) -> Exited:
        assert self.until(lambda: self.exits, seconds), self.lines
        (ended,) = self.exits
        return ended

    def of(self, kind: type[T]) -> list[T]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def lines(self) -> list[str]:
        """What the program wrote, and the library in it."""
        return [event.text for event in self.of(Line)]

    @property
    def calls(self) -> list[tuple[str, int | str]]:
        return [(event.request.name, event.returned) for event in self.of(Called)]

    @property
    def callbacks(self) -> list[str]:
        return [event.callback.name for event in self.of(Delivered)]

    @property
    def hazards(self) -> list[str]:
        return [event.kind for event in self.of(Hazard)]

    @property
    def held_back(self) -> list[tuple[str, int]]:
        return [(event.request.name, event.reason) for event in self.of(HeldBack)]


@contextmanager
def tap_stage(home: Path, most_of_an_order: int = 10, most_of_the_run: int = 100) -> Iterator[TapStage]:
    world, front = WallWorld(), HereIAm()
    limits = LimitsPage(home.parent / "limits", most_of_an_order, most_of_the_run)
    tap = Tap(limits, RULES, front, world.time_of)
    try:
        variables = locale.environment(Path(platformdirs.user_state_dir("ctpscen")) / "locales")
        with Programs(world, 1.0, home, variables=variables, tap=tap) as programs:
            yield TapStage(programs, tap, front)
    finally:
        front.close()
        limits.close()
