"""The run's end of its relay: a process of its own, so that nothing in the engine stalls the wire."""

import contextlib
import json
import os
import shlex
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from attrs import define, field


class RelayFailed(Exception):
    """The relay is gone, or cannot do what it is told; the text says why."""


@define(eq=False)
class RelayProcess:
    """A relay, and the pipe on which it is told what to do."""

    _process: "subprocess.Popen[str] | None" = None
    _talking: threading.Lock = field(factory=threading.Lock)

    def start(self) -> None:
        package = str(Path(__file__).resolve().parents[3])
        path = os.pathsep.join(part for part in (package, os.environ.get("PYTHONPATH", "")) if part)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ctpscen.live.relay.server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": path},
            bufsize=1,
        )

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
            with self._talking:  # the next answer is this command's
                process.stdin.write(line + "\n")
                process.stdin.flush()
                answer = process.stdout.readline()
        except OSError as reason:
            raise RelayFailed(f"the relay is gone: {reason.strerror}") from None
        if not answer:
            raise RelayFailed("the relay is gone")
        done, _, rest = answer.strip().partition(" ")
        if done != "ok":
            raise RelayFailed(rest)
        return rest

    def open(self, group: str, front: str) -> str:
        """Listens for a front; gives the address to use in its stead."""
        scheme = front.partition("://")[0]
        where = self.command(f"open {shlex.quote(group)} {shlex.quote(front)}")
        return f"{'ssl' if scheme == 'ssl' else 'tcp'}://{where}"

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.command("status"))
        return found

    def close(self) -> None:
        process = self._process
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
