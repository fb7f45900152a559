"""The program as processes: started by the launcher (`native/launcher.c`), told of, and gone as a whole."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from attrs import define, field

from ctpscen.program.processes.building import Native
from ctpscen.program.processes.output import Stream
from ctpscen.program.serving.connections import Poller
from ctpscen.program.spec import CannotStart

Mode = str
"""What the launcher is told of the network: `none`, a namespace of its own, or `open`."""

PATIENCE = 10.0
"""Seconds of the wall's clock that starting a program may take, and ending it."""

LONGEST_INPUT = 1 << 16

FIRST_DOOR, MOST_DOORS = 41205, 64
"""The first port at which the launcher listens in a live program's network, and how many there may be."""

GRACE = 5
"""Seconds that a live program has to end by itself when ctpscen is dead."""


@define(eq=False)
class Process:
    """One run of a program. `ended` is called with its exit code or the name of its signal.

    A live program has `doors`, sockets that listen in its network, and a pipe that ends when all of it has: `life`.
    Whoever takes them closes them.
    """

    poller: Poller
    ended: Callable[[int | None, str | None], None]
    output: int = -1
    errors: int = -1
    input: int = -1
    pid: int = 0
    is_running: bool = False
    doors: list[socket.socket] = field(factory=list)
    life: int = -1
    _launcher: "subprocess.Popen[bytes] | None" = None
    _control: socket.socket | None = None
    _lines: bytearray = field(factory=bytearray)

    def streams(self) -> tuple[Stream, Stream]:
        """Its standard output and error, to be read once it has started."""
        return Stream(self.output), Stream(self.errors)

    @property
    def launcher(self) -> int:
        """The process of which all of the program's came."""
        assert self._launcher is not None
        return self._launcher.pid

    def start(
        self,
        native: Native,
        command: Sequence[str],
        variables: Mapping[str, str],
        folder: Path,
        network: Mode,
        *,
        doors: int | None = None,
    ) -> None:
        """Starts it, and waits until that is done or has failed.

        A live program is one that has `doors`, if none. Raises CannotStart, NoNamespace.
        """
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        given, self.input = os.pipe()
        self.output, written = os.pipe()
        self.errors, complained = os.pipe()
        number = os.fstat(written)
        library, manner = (native.shim, ("0", "0")) if doors is None else (native.tap, (str(doors), str(GRACE)))
        preload = os.pathsep.join(filter(None, [str(library), variables.get("LD_PRELOAD", "")]))
        outer = {name: value for name, value in variables.items() if name != "LD_PRELOAD"}
        outer["CTPSCEN_OUTPUT"] = f"{number.st_dev}:{number.st_ino}"
        how = [network, preload, str(folder), "no-cores", *manner]
        call = [str(native.launcher), str(theirs.fileno()), *how, "--", *command]
        try:
            self._launcher = subprocess.Popen(
                call, stdin=given, stdout=written, stderr=complained, env=outer, pass_fds=[theirs.fileno()]
            )
        finally:
            theirs.close()
            for descriptor in (given, written, complained):
                os.close(descriptor)
        os.set_blocking(self.input, False)
        self._await_start(command[0])
        self._control.setblocking(False)
        self.poller.watch(self._control.fileno(), self._hear)

    def _await_start(self, name: str) -> None:
        assert self._control is not None
        self._control.settimeout(PATIENCE)
        try:
            while not self.pid:
                line = self._next_line(1)  # not a byte beyond, or nobody would be told that there is more
                if line is None:
                    raise CannotStart(f"`{name}` could not be started: its launcher ended without a word")
                word, _, rest = line.partition(" ")
                if word == "failed":
                    what, _, number = rest.partition(" ")
                    raise failure(name, what, int(number))
                if word == "started":
                    self.pid, self.is_running = int(rest), True
        except TimeoutError:
            raise CannotStart(f"`{name}` did not start within {PATIENCE:.0f} s") from None
        except CannotStart:
            self.close()
            raise

    def _next_line(self, portion: int = 4096) -> str | None:
        """The next line of the launcher; None at the end. Raises BlockingIOError, TimeoutError."""
        assert self._control is not None
        while b"\n" not in self._lines:
            received, descriptors, _, _ = socket.recv_fds(self._control, portion, MOST_DOORS + 1)
            self._take_doors(descriptors)
            if not received:
                return None
            self._lines += received
        line, _, self._lines = self._lines.partition(b"\n")
        return line.decode("ascii", "replace")

    def _take_doors(self, descriptors: Sequence[int]) -> None:
        if descriptors:
            *doors, self.life = descriptors
            self.doors = [socket.socket(fileno=door) for door in doors]

    def _hear(self) -> None:
        """The launcher says something."""
        assert self._control is not None
        while True:
            try:
                line = self._next_line()
            except BlockingIOError:
                return
            except OSError:
                line = None
            if line is None:  # it was killed, and everything with it
                self._has_ended(None, "SIGKILL")
                self.poller.forget(self._control.fileno())
                return
            word, _, rest = line.partition(" ")
            if word == "exited":
                self._has_ended(int(rest), None)
            elif word == "killed":
                self._has_ended(None, signal_name(int(rest)))

    def _has_ended(self, code: int | None, by: str | None) -> None:
        if self.is_running:
            self.is_running = False
            self.ended(code, by)

    def send_signal(self, number: int) -> None:
        """Sends a signal to the program's process group; harmless where it has ended."""
        if self._control is not None and self.is_running:
            with contextlib.suppress(OSError):
                self._control.send(f"signal {number}\n".encode())

    def write(self, text: str) -> bool:
        """Writes to its standard input; false where it takes nothing, or has closed it."""
        content = text.encode()
        try:
            return os.write(self.input, content) == len(content)
        except OSError:
            return False

    def close(self) -> None:
        """Kills whatever is left of it, and lets go of everything but its output streams."""
        control, self._control = self._control, None
        if control is not None:
            self.poller.forget(control.fileno())
            control.close()
        if self.input >= 0:
            os.close(self.input)
            self.input = -1
        for door in self.doors:
            door.close()
        if self.life >= 0:
            os.close(self.life)
            self.life = -1
        if self._launcher is not None:
            try:
                self._launcher.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._launcher.kill()
                self._launcher.wait()
            if not self.pid:  # it never ran, and nobody reads what it wrote
                os.close(self.output)
                os.close(self.errors)
        self._has_ended(None, "SIGKILL")


class NoNamespace(CannotStart):
    """This system gives a program no network namespace of its own."""


def failure(name: str, what: str, number: int) -> CannotStart:
    """Why the launcher could not start a program, in words."""
    reason = os.strerror(number)
    if what == "network":
        return NoNamespace(f"`{name}` cannot have a network namespace of its own here: {reason}")
    if what == "exec":
        return CannotStart(f"`{name}` cannot be started: {reason}")
    return CannotStart(f"`{name}` could not be started ({what}: {reason})")


def signal_name(number: int) -> str:
    """A signal's name; that of one without a name is its number."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"


def copy_folder(source: Path | None, target: Path) -> None:
    """A fresh copy of a program's folder; an empty one where it has none. Raises CannotStart."""
    if source is None:
        target.mkdir(parents=True)
        return
    if not source.is_dir():
        raise CannotStart(f"the folder `{source}` is not there")
    try:
        shutil.copytree(source, target, symlinks=True, ignore=_special)
    except (OSError, shutil.Error) as reason:
        raise CannotStart(f"the folder `{source}` cannot be copied: {reason}") from None


def _special(folder: str, names: list[str]) -> list[str]:
    """What is no file, folder or link, and cannot be copied."""
    paths = {name: Path(folder, name) for name in names}
    return [name for name, path in paths.items() if not (path.is_symlink() or path.is_file() or path.is_dir())]
