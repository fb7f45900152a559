"""A venue with programs in it, without any scenario: what they do is written down, and looked at afterwards."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import platformdirs
from attrs import define, field

from ctpscen.ctp.times import SECOND, from_moment
from ctpscen.live.library import locale
from ctpscen.program.events import Called, Delivered, Event, Exited, Hazard, Line
from ctpscen.program.pacing.pacer import COMPUTING
from ctpscen.program.programs import PATIENCE, Program, Programs
from ctpscen.program.spec import Pace, Spec
from ctpscen.simulator.simulation import Simulation
from ctpscen.simulator.world import World
from support.ctp_header import header, library_source, stubs

OPENING = from_moment(datetime(2026, 11, 23, 9, 30))
ACCOUNT = "100001"
PROGRAMS = Path(__file__).resolve().parents[1] / "program" / "programs"

ASAN_OPTIONS = "verify_asan_link_order=0:detect_leaks=0"
"""The library of the sanitizer wants to be the first; that ours is, it need not mind."""

_OLD = ("-DCREATE_OPTIONS=", "-DCREATE_MARKET_OPTIONS=,false,false")


@define(eq=False)
class Stage:
    """A simulated venue, and the programs that run in it."""

    world: World
    simulation: Simulation
    programs: Programs
    events: list[Event] = field(factory=list)
    exits: list[Exited] = field(factory=list)

    def take(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, Exited):  # looked for after every event, of which there may be very many
            self.exits.append(event)

    def start(self, *command: str, name: str = "robot", **spec: Any) -> Program:
        """Starts a program whose account is ACCOUNT; `spec` is more of its Spec."""
        program = self.programs.add(Spec(name, command, **spec), self.take)
        program.api = self.simulation.host(name, ACCOUNT, program)
        program.start()
        return program

    def until(self, ready: Callable[[], object], seconds: float = 60) -> bool:
        """Lets things happen until it is so; false where it is not after so many seconds of the venue."""
        limit = self.world.now + int(seconds * SECOND)
        while not ready():
            if not self.programs.advance(limit):
                return bool(ready())
        return True

    def to_end(self, seconds: float = 120) -> Exited:
        """Lets things happen until a program ends."""
        assert self.until(lambda: self.exits, seconds), self.lines
        return self.exits[-1]

    @property
    def seconds(self) -> float:
        """The venue's time since the opening."""
        return (self.world.now - OPENING) / SECOND

    @property
    def lines(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Line)]

    @property
    def written(self) -> list[tuple[str, str]]:
        """Each line with its stream."""
        return [(event.stream, event.text) for event in self.events if isinstance(event, Line)]

    @property
    def hazards(self) -> list[Hazard]:
        return [event for event in self.events if isinstance(event, Hazard)]

    @property
    def calls(self) -> list[Called]:
        return [event for event in self.events if isinstance(event, Called)]

    @property
    def callbacks(self) -> list[Delivered]:
        return [event for event in self.events if isinstance(event, Delivered)]


@contextmanager
def stage(
    home: Path, pace: Pace = "jump", *, computing: float = COMPUTING, patience: float = PATIENCE
) -> Iterator[Stage]:
    """A venue that lists one contract, in continuous trading."""
    world = World(OPENING, 1)
    simulation = Simulation(world)
    simulation.list_instruments(["cu2612"])
    variables = locale.environment(Path(platformdirs.user_state_dir("ctpscen")) / "locales")
    with Programs(world, pace, home, computing, patience, variables) as programs:
        yield Stage(world, simulation, programs)


def compile_robot(folder: Path, version: str = "6.7.11", options: Sequence[str] = (), *, double: bool = False) -> Path:
    """Compiles `robot.cpp` against a version of CTP, linked as programs are: to a library of its own beside it.

    That makes no objects, or is a `double` of CTP's that plays a front.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ctp.h").write_text(header(version) + (stubs(version) if double else ""), encoding="utf-8")
    source = (PROGRAMS / "double.cpp").read_text(encoding="utf-8") if double else library_source(version)
    (folder / "library.cpp").write_text(source, encoding="utf-8")
    library, program = folder / "libthosttraderapi_se.so", folder / "robot"
    old = _OLD if "bool" not in header(version).partition("CreateFtdcTraderApi(")[2].partition(")")[0] else ()
    compiler = ["g++", "-std=c++17", f"-I{folder}"]
    subprocess.run(
        [*compiler, "-shared", "-fPIC", "-pthread", "-o", str(library), str(folder / "library.cpp")],
        check=True,
        stderr=sys.stderr,
    )
    linked = [f"-L{folder}", "-lthosttraderapi_se", f"-Wl,-rpath,{folder}", "-pthread"]
    subprocess.run(
        [*compiler, *old, *options, "-o", str(program), str(PROGRAMS / "robot.cpp"), *linked],
        check=True,
        stderr=sys.stderr,
    )
    return program
