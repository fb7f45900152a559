"""The programs of a run: what one is told and does, and the one loop that serves them all."""

import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from attrs import define, field

from ctpscen import stand_in
from ctpscen.ctp.messages import Api, Callback
from ctpscen.program.events import Event, Exited, Line
from ctpscen.program.pacing.pacer import COMPUTING, Pacer, World
from ctpscen.program.pacing.threads import Threads
from ctpscen.program.processes import executables
from ctpscen.program.processes.building import Native, native
from ctpscen.program.processes.output import MOST_LINES, Logs, Output
from ctpscen.program.processes.plain import PlainProcess
from ctpscen.program.processes.process import Mode, NoNamespace, Process, copy_folder
from ctpscen.program.serving.address import Address
from ctpscen.program.serving.connections import Poller
from ctpscen.program.serving.flows import FlowFiles
from ctpscen.program.serving.interface import interface
from ctpscen.program.serving.server import Server
from ctpscen.program.serving.stand_ins import StandIns
from ctpscen.program.spec import CannotStart, Pace, Spec
from ctpscen.program.tapping.server import Tap, TapServer

PATIENCE = 30.0
"""Seconds of the wall's clock within which a program makes its first API object; until then time does not jump."""

QUIET = 0.005
"""Seconds of the wall's clock for which a program that can reach others must rest: they may be about to answer it."""

_WITHOUT_OBJECT = "it has loaded the stand-in for the CTP library, and has made no API object"
_WITHOUT_STAND_IN = (
    "it is no Python program, or one whose Python was told not to look at its environment (-I, -E, -S), so that "
    "nothing could stand in for the CTP library"
)

TIME_ZONE = "Asia/Shanghai"
TIME_ZONE_WITHOUT_A_TABLE = "CST-8"


@define(eq=False)
class Program:
    """One program, started once or several times in the same folder. `guard` says why its network is only guarded."""

    spec: Spec
    run: "Programs"
    take: Callable[[Event], None]
    folder: Path
    guard: str = ""
    server: Server | TapServer = field(init=False)
    address: Address = field(init=False)
    stand_ins: StandIns = field(init=False)
    _process: Process | PlainProcess | None = None
    _threads: Threads | None = None
    _outputs: list[Output] = field(factory=list)
    _logs: Logs | None = None
    _started_at: float = 0.0
    _lines: int = 0
    _is_dying: bool = False
    _reach: executables.Reach = "dynamic"
    _has_loaded_ctp: bool = False
    _made_before: int = 0

    def __attrs_post_init__(self) -> None:
        path = self.run.folder / f"{len(self.run.all)}.socket"
        run = self.run
        self.stand_ins = StandIns(self.gave)
        if run.tap is None:
            self.address, flows = Address.at(path), FlowFiles(self.folder)
            self.server = Server(self.address, run.poller, run, self, self.take, flows, self.stand_ins)
        else:
            self.address = Address(path)
            name, next_api = self.spec.name, self.next_api
            self.server = TapServer(name, path, run.poller, run, next_api, self.take, self.folder, run.tap)

    # ------------------------------------------------------------------------------------------- as a port

    @property
    def api(self) -> Api | None:
        return self._venue.api

    @api.setter
    def api(self, api: Api) -> None:
        self._venue.api = api

    def deliver(self, callback: Callback) -> None:
        """Takes a callback from the venue."""
        self._venue.deliver(callback)

    @property
    def _venue(self) -> Server:
        assert isinstance(self.server, Server), "a live program has the real library for a venue"
        return self.server

    # ------------------------------------------------------------------------------------------- being commanded

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.is_running

    @property
    def pid(self) -> int | None:
        """The process id of its first process, while that runs."""
        return self._process.pid if self._process is not None and self.is_running else None

    def start(self) -> None:
        """Starts it, the first time in a fresh copy of its folder. Raises CannotStart."""
        assert not self.is_running, "a program is started when it does not run"
        self._is_dying = False
        self._clear()
        if not self.folder.exists():
            copy_folder(self.spec.folder, self.folder)
        variables = self._variables()
        found = executables.locate(self.spec.command[0], self.folder, variables.get("PATH", os.defpath))
        if self.spec.stand_in:
            executables.check_python(self.spec.command)
        else:
            self._reach = executables.reach_of(found)
        self._made_before = len(self.server.objects)
        self.server.unknown_version, self._has_loaded_ctp = "", False
        self._logs = Logs(self.folder, self.spec.logs, self._logged)
        process = self._process = self._launch(variables)
        self._threads = Threads(process.launcher, process.pid) if isinstance(process, Process) else None
        self._started_at = time.monotonic()
        self._outputs = [
            Output(stream, self.run.poller, said)
            for stream, said in zip(process.streams(), (self._said_out, self._said_err), strict=True)
        ]
        self.run.pacer.moved()

    def _launch(self, variables: Mapping[str, str]) -> Process | PlainProcess:
        """Starts the process in the network that it is to have, or as near to that as there is."""
        made = None if self.spec.stand_in else native()
        if self.run.tap is not None and self.spec.network == "open" and self._reach in executables.WHY:
            why = executables.WHY[self._reach]
            raise CannotStart(f"`{self.spec.command[0]}` would reach its front past the tap: {why}")
        if self.spec.network != "none":
            guarded = self.spec.network == "loopback"
            return self._start(made, {**variables, **(self._guarded() if guarded else {})}, "open")
        try:
            return self._start(made, variables, "none")
        except NoNamespace as reason:
            self.guard = f"{reason}; its calls of the network are guarded instead"
            return self._start(made, {**variables, **self._guarded()}, "open")

    def _guarded(self) -> Mapping[str, str]:
        """What turns the guard on. Raises CannotStart for what would get past it."""
        if self._reach in executables.WHY:
            why = executables.WHY[self._reach]
            raise CannotStart(f"`{self.spec.command[0]}` cannot be kept off the network by wrapped calls: {why}")
        return {"CTPSCEN_NETWORK": "guard"}

    def _start(self, made: Native | None, variables: Mapping[str, str], network: Mode) -> Process | PlainProcess:
        if made is None:
            if network == "none" and "CTPSCEN_TOKEN" in variables:
                raise NoNamespace(f"`{self.spec.command[0]}` reaches ctpscen through this machine's loopback")
            plain = PlainProcess(self.run.poller, self._ended)
            plain.start(self.spec.command, variables, self.folder, network)
            return plain
        process, tap = Process(self.run.poller, self._ended), self.run.tap
        doors = None if tap is None else tap.fronts.doors(self.spec.name, network == "none")
        process.start(made, self.spec.command, variables, self.folder, network, doors=doors)
        if tap is not None:
            tap.fronts.open(self.spec.name, process.doors, process.life)
            process.doors, process.life = [], -1
        return process

    def _variables(self) -> Mapping[str, str]:
        """The environment: this one's, what the run gives all programs, what we need of it, and its own last."""
        variables = {**os.environ, **self.run.variables, "HOME": str(self.folder), "PYTHONUNBUFFERED": "1"}
        variables |= self.address.variables()
        if self.spec.stand_in:
            variables |= self.run.stand_in_variables(variables.get("PYTHONPATH", ""))
        if self.spec.clock == "venue":
            variables["CTPSCEN_CLOCK"] = str(self.run.pacer.path)
            has_table = Path("/usr/share/zoneinfo", TIME_ZONE).exists()
            variables["TZ"] = TIME_ZONE if has_table else TIME_ZONE_WITHOUT_A_TABLE
        return {**variables, **self.spec.variables}

    def terminate(self) -> None:
        """Asks it to end, by SIGTERM to its process group."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kills it, as a crash does."""
        self._is_dying = True
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        if self._process is not None:
            self.stand_ins.signalled(number)
            self._process.send_signal(number)
            self.run.pacer.moved()

    def type(self, line: str) -> bool:
        """Writes a line to its standard input; false where it takes none any more."""
        self.run.pacer.moved()
        return self._process is not None and self._process.is_running and self._process.write(line + "\n")

    # ------------------------------------------------------------------------------------------- what it does

    def before_call(self) -> None:
        self.run.pacer.follow()

    def gave(self) -> None:
        self.run.pacer.moved()

    def next_api(self) -> int:
        return self.run.next_api()

    def hang_doorbell(self, slot: int, doorbell: socket.socket) -> None:
        self.run.pacer.hang_doorbell(slot, doorbell)

    def doorbell_closed(self, slot: int) -> None:
        self.run.pacer.doorbell_closed(slot)

    def _said(self, stream: str, text: str) -> None:
        if self.run.tap is not None:
            self.run.tap.read()  # what it writes is mostly about what has passed
        self._lines += 1
        if self._lines < MOST_LINES:
            self.run.pacer.follow()
            self.take(Line(self.run.now, stream, text))
        elif self._lines == MOST_LINES:
            self.take(Line(self.run.now, stream, f"[no more than {MOST_LINES} lines are shown]"))

    def _said_out(self, text: str) -> None:
        self._said("out", text)

    def _said_err(self, text: str) -> None:
        self._said("err", text)

    def _logged(self, name: str, text: str) -> None:
        self._said(name, text)

    def _ended(self, code: int | None, by: str | None) -> None:
        self.run.pacer.follow()
        for output in self._outputs:
            output.read()
        if self._logs is not None:
            self._logs.end()
        if self.run.tap is not None:
            self.run.tap.read()
        self.take(Exited(self.run.now, code, by))

    # ------------------------------------------------------------------------------------------- how it is

    def look_at_logs(self) -> bool:
        before = self._lines
        if self._logs is not None and self.is_running:
            self._logs.read()
        return self._lines != before

    def rests(self) -> bool:
        """Whether nothing but time, or somebody outside, can move it."""
        if self._process is None or not (self.is_running or self.server.is_used):
            return True
        if self._is_starting() or (self._is_dying and self.is_running):
            return False
        if self.spec.stand_in:
            return self._stand_ins_rest()
        if self._threads is None or not self._threads.rest():
            return self._threads is None
        return self.spec.network == "none" or self._threads.rested_for() >= QUIET

    def ran(self) -> float | None:
        """Seconds for which it has had a processor since this was asked last; None where that cannot be told."""
        return None if self._threads is None else self._threads.ran()

    def _stand_ins_rest(self) -> bool:
        """Whether all its Python processes do. One that has let go of its connection is about to end."""
        known = self.stand_ins
        if not known.all or not known.rest:
            return False
        return self.spec.network == "none" or known.rested_for() >= QUIET

    def _is_starting(self) -> bool:
        """Whether it has not made an API object yet, and may still be about to."""
        if not self.is_running or self._has_made_an_object():
            return False
        assert self._process is not None
        self._has_loaded_ctp = self._has_loaded_ctp or executables.loaded_ctp(self._process.pid)
        return time.monotonic() - self._started_at < self.run.patience

    def _has_made_an_object(self) -> bool:
        return len(self.server.objects) > self._made_before

    def explain(self) -> str:
        """Why it has made no API object since it was started; empty where it has."""
        if self._process is None or self._has_made_an_object():
            return ""
        if self.server.unknown_version:
            return f"it uses CTP {self.server.unknown_version}, a version of which there are no tables"
        if self._reach in executables.WHY:
            return executables.WHY[self._reach]
        if self.spec.stand_in:
            return _WITHOUT_OBJECT if self.stand_ins.have_been else _WITHOUT_STAND_IN
        self._has_loaded_ctp = self._has_loaded_ctp or executables.loaded_ctp(self._process.pid)
        if self._has_loaded_ctp:
            return "it has loaded a CTP library, and has made no API object"
        return "it has loaded no CTP library"

    # ------------------------------------------------------------------------------------------- the end

    def _clear(self) -> None:
        """Ends what is left of the run before."""
        if self._process is not None:
            self._process.close()
            self._process = None
        for output in self._outputs:
            output.read()
            output.close()
        self._outputs.clear()
        if self._threads is not None:
            self._threads.close()
            self._threads = None
            self.run.pacer.forget_waits(_is_alive)

    def close(self) -> None:
        """Ends it, whatever it does."""
        self._clear()
        self.server.close()


@define(eq=False)
class Programs:
    """All programs of a run, their clock, and what serves them.

    Their folders are made in `home`. `variables` are added to the environment of all, such as the one by which a Python
    binding of CTP finds its locale. `patience` is how many seconds of the wall's clock a program may take to make its
    first API object before time jumps. With a `tap`, they are live: it stands before the real library.
    """

    world: World
    pace: Pace
    home: Path
    computing: float = COMPUTING
    patience: float = PATIENCE
    variables: Mapping[str, str] = field(factory=dict)
    tap: Tap | None = None
    folder: Path = field(init=False)
    poller: Poller = field(factory=Poller)
    pacer: Pacer = field(init=False)
    all: dict[str, Program] = field(factory=dict)
    _apis: int = 0

    def __attrs_post_init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ctpscen-"))
        self.pacer = Pacer(self.world, self.pace, self.folder / "clock", self, self.computing)

    def __enter__(self) -> "Programs":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def now(self) -> int:
        return self.world.now

    def add(self, spec: Spec, take: Callable[[Event], None]) -> Program:
        """A program, not started yet; it is given its `api` before it is."""
        program = self.all[spec.name] = Program(spec, self, take, self.home / spec.name)
        return program

    def advance(self, limit: int | None) -> bool:
        """Lets the next thing happen; see the package."""
        return self.pacer.advance(limit)

    def close(self) -> None:
        """Ends every program, and leaves nothing but their folders."""
        for program in self.all.values():
            program.close()
        self.pacer.close()
        self.poller.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ------------------------------------------------------------------------------------- for the pacer and them

    def serve(self, timeout: float) -> bool:
        return self.poller.serve(timeout)

    def look_at_logs(self) -> bool:
        looked = [program.look_at_logs() for program in self.all.values()]  # at all of them
        if self.tap is not None:
            looked.append(self.tap.read())
        return any(looked)

    def rest(self) -> bool:
        return all(program.rests() for program in self.all.values())

    def ran(self) -> float | None:
        running = [program.ran() for program in self.all.values() if program.is_running]
        return None if None in running else max((each for each in running if each is not None), default=None)

    def deadlines(self) -> Iterator[int]:
        for program in self.all.values():
            yield from program.stand_ins.deadlines()

    def wake_due(self, now: int) -> bool:
        woke = [program.stand_ins.wake_due(now) for program in self.all.values()]
        return any(woke)

    def stand_in_variables(self, python_path: str) -> Mapping[str, str]:
        """What has a Python program find the stand-in first."""
        path = self.folder / "interface.json"
        if not path.exists():
            path.write_text(interface(), encoding="utf-8")
        first = str(Path(stand_in.__file__).parent / "path")
        return {
            "CTPSCEN_STAND_IN": str(path),
            "PYTHONPATH": os.pathsep.join(filter(None, [first, python_path])),
        }

    @property
    def are_alone(self) -> bool:
        return all(program.spec.network == "none" for program in self.all.values())

    def next_api(self) -> int:
        self._apis += 1
        return self._apis


def _is_alive(process: int) -> bool:
    return Path(f"/proc/{process}").exists()
