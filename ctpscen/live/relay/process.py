"""The run's end of its relay: a process of its own, so that nothing in the engine stalls the wire."""

import contextlib
import json
import shlex
import signal
import socket
import subprocess
import threading
from collections.abc import Sequence
from typing import Any

from attrs import define, field

from ctpscen.live import children

CLOSE_PATIENCE = 5.0
"""Seconds that the relay may take to end."""


class RelayFailed(RuntimeError):
    """The relay is gone, or cannot do what it is told; the text says why."""


@define(eq=False)
class RelayProcess:
    """A relay, and the pipe on which it is told what to do."""

    _process: "subprocess.Popen[str] | None" = None
    _talking: threading.Lock = field(factory=threading.Lock)
    _unread: int = 0
    _hand: socket.socket | None = None

    def start(self) -> None:
        arguments: list[str] = []
        passed: list[int] = []
        theirs: socket.socket | None = None
        if hasattr(socket, "send_fds"):
            self._hand, theirs = socket.socketpair()
            passed = [theirs.fileno()]
            arguments = [str(theirs.fileno())]
        self._process = subprocess.Popen(
            children.command("ctpscen.live.relay.server", *arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env=children.environment(),
            bufsize=1,
            process_group=children.GROUP,
            pass_fds=passed,
        )
        if theirs is not None:
            theirs.close()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def command(self, line: str) -> str:
        """Has it do something; gives its answer. Raises RelayFailed."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with self._talking:
                while self._unread:  # the answer of a command whose wait was interrupted
                    process.stdout.readline()
                    self._unread -= 1
                process.stdin.write(line + "\n")
                process.stdin.flush()
                self._unread += 1
                answer = process.stdout.readline()
                self._unread -= 1
        except OSError:
            raise RelayFailed(self._cause_of_death()) from None
        if not answer:
            raise RelayFailed(self._cause_of_death())
        done, _, rest = answer.strip().partition(" ")
        if done != "ok":
            raise RelayFailed(rest)
        return rest

    def _cause_of_death(self) -> str:
        assert self._process is not None
        try:
            code = self._process.wait(CLOSE_PATIENCE)
        except subprocess.TimeoutExpired:
            return "the relay does not talk any more"
        with contextlib.suppress(ValueError):  # a number without a name stays one
            return f"the relay died: {signal.Signals(-code).name}"
        return f"the relay died: exit code {code}"

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def troubles(self) -> list[str]:
        """What went wrong by itself, and not where it was told to do something."""
        try:
            return [group["trouble"] for group in self.status().values() if group["trouble"]]
        except RelayFailed as reason:
            return [str(reason)]

    def open(self, group: str, front: str) -> str:
        """Listens for a front; gives the address to use in its stead."""
        scheme = front.partition("://")[0]
        where = self.command(f"open {shlex.quote(group)} {shlex.quote(front)}")
        return f"{'ssl' if scheme == 'ssl' else 'tcp'}://{where}"

    def adopt(
        self, group: str, fronts: Sequence[str] = (), doors: Sequence[socket.socket] = (), life: int = -1
    ) -> None:
        """Listens for each front at one of the doors, for as long as `life`, a pipe, is open. Raises RelayFailed.

        Doors and pipe stay the caller's to close. Without fronts, the group is made, and listens nowhere.
        """
        if fronts:
            assert self._hand is not None, "where programs are started, descriptors can be sent"
            try:
                socket.send_fds(self._hand, [b"d"], [*(door.fileno() for door in doors), life])
            except OSError:
                raise RelayFailed(self._cause_of_death()) from None
        self.command(" ".join(["adopt", *map(shlex.quote, (group, *fronts))]))

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.command("status"))
        return found

    def close(self) -> None:
        process = self._process
        if process is None:
            return
        if self._hand is not None:
            self._hand.close()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        try:
            process.wait(CLOSE_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
