"""A program as a process without anything native: on any platform, started by Python alone.

What came of it is one process group, killed as a whole; a Python process that has left the group ends with its
connection to ctpscen (`stand_in/control.py`).
"""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from attrs import define, field

from ctpscen.program.processes import isolation
from ctpscen.program.processes.output import PORTION, Stream
from ctpscen.program.processes.process import PATIENCE, Mode, NoNamespace, signal_name
from ctpscen.program.serving.connections import Poller
from ctpscen.program.spec import CannotStart

PIPES_ARE_WATCHED = sys.platform != "win32"
"""Whether pipes can be waited for as sockets can; where not, a thread passes on what they bring."""


@define(eq=False)
class PlainProcess:
    """One run of a program, as `Process` is one."""

    poller: Poller
    ended: Callable[[int | None, str | None], None]
    is_running: bool = False
    _streams: tuple[Stream, ...] = ()
    _child: "subprocess.Popen[bytes] | None" = None
    _bell: socket.socket | None = None
    _threads: list[threading.Thread] = field(factory=list)

    def streams(self) -> tuple[Stream, ...]:
        """Its standard output and error, to be read once it has started."""
        return self._streams

    @property
    def pid(self) -> int:
        return self._child.pid if self._child is not None else 0

    def start(self, command: Sequence[str], variables: Mapping[str, str], folder: Path, network: Mode) -> None:
        """Starts it. Raises CannotStart, NoNamespace."""
        alone = isolation.leave_network if network == "none" else None
        if alone is not None and not isolation.CAN_BE_TRIED:
            raise NoNamespace("there are no network namespaces on this system")
        try:
            child = self._child = subprocess.Popen(
                command,
                cwd=folder,
                env=variables,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                preexec_fn=alone,
                start_new_session=sys.platform != "win32",
                creationflags=_NEW_PROCESS_GROUP,
            )
        except subprocess.SubprocessError:
            raise NoNamespace(f"`{command[0]}` cannot have a network namespace of its own here") from None
        except OSError as reason:
            raise CannotStart(f"`{command[0]}` cannot be started: {reason.strerror}") from None
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        self.is_running = True
        self._streams = tuple(self._stream(pipe.fileno()) for pipe in (child.stdout, child.stderr))
        self._bell, ringer = socket.socketpair()
        self.poller.watch(self._bell.fileno(), self._hear)
        threading.Thread(target=_await_end, args=(child, list(self._threads), ringer), daemon=True).start()

    def _stream(self, pipe: int) -> Stream:
        descriptor = os.dup(pipe)
        if PIPES_ARE_WATCHED:
            return Stream(descriptor)
        ours, theirs = socket.socketpair()
        thread = threading.Thread(target=_pass_on, args=(descriptor, theirs), daemon=True)
        thread.start()
        self._threads.append(thread)
        return Stream(ours.fileno(), ours)

    def _hear(self) -> None:
        """Its first process has ended."""
        assert self._child is not None
        assert self._bell is not None
        self.poller.forget(self._bell.fileno())
        code = self._child.wait()
        self._has_ended(code if code >= 0 else None, signal_name(-code) if code < 0 else None)

    def _has_ended(self, code: int | None, by: str | None) -> None:
        if self.is_running:
            self.is_running = False
            self.ended(code, by)

    def send_signal(self, number: int) -> None:
        """Sends a signal to the program's process group; harmless where it has ended."""
        if self._child is None or not self.is_running:
            return
        try:
            if sys.platform == "win32":
                self._child.terminate()
            else:
                os.killpg(self._child.pid, number)
        except OSError:
            return

    def write(self, text: str) -> bool:
        """Writes to its standard input; false where it takes nothing, or has closed it."""
        assert self._child is not None
        assert self._child.stdin is not None
        content = text.encode()
        try:
            return os.write(self._child.stdin.fileno(), content) == len(content)
        except OSError:
            return False

    def close(self) -> None:
        """Kills whatever is left of it, and lets go of everything but its output streams."""
        child, self._child = self._child, None
        if child is None:
            return
        try:
            if sys.platform == "win32":
                child.kill()
            else:
                os.killpg(child.pid, signal.SIGKILL)
        except OSError:
            pass  # there is nobody left
        child.wait(PATIENCE)
        for pipe in (child.stdin, child.stdout, child.stderr):
            if pipe is not None:
                pipe.close()
        if self._bell is not None:
            self.poller.forget(self._bell.fileno())
            self._bell.close()
        self._has_ended(None, "SIGKILL")


_NEW_PROCESS_GROUP = 0x200 if sys.platform == "win32" else 0


def _await_end(child: "subprocess.Popen[bytes]", passing_on: Sequence[threading.Thread], ringer: socket.socket) -> None:
    child.wait()
    for thread in passing_on:
        thread.join(PATIENCE)
    ringer.close()


def _pass_on(pipe: int, to: socket.socket) -> None:
    try:
        while portion := os.read(pipe, PORTION):
            to.sendall(portion)
    except OSError:
        return
    finally:
        os.close(pipe)
        to.close()
