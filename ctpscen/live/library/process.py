"""The run's end of a worker: calls into it, its callbacks in a queue, and its death as a report."""

import contextlib
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from attrs import define, field, frozen

from ctpscen.ctp.messages import Callback, Request
from ctpscen.live import children
from ctpscen.live.library import framing
from ctpscen.live.library.worker import BINDING
from ctpscen.private_files import make_private_folder, open_private

START_PATIENCE = 30.0
CALL_PATIENCE = 30.0
CLOSE_PATIENCE = 5.0
"""Seconds that a worker may take to load the library, to make a call, to end."""

LOG_TAIL = 5
_TRACES = "Fatal Python error: "  # the first line that faulthandler writes


class WorkerDied(Exception):
    """The process that held the CTP library is gone; the text says how and after what."""


@frozen
class Arrival:
    """Something that a worker sent of itself. `callback` is None where it is the worker's end."""

    worker: "WorkerProcess"
    callback: Callback | None


Arrivals = queue.SimpleQueue[Arrival]
"""The callbacks of all workers of a run. It has no bound, so that an answer is never stuck behind what nobody takes
while a call waits for it."""


@define(eq=False)
class WorkerProcess:
    """One worker. `clock` turns the monotonic clock's microseconds into the trading clock's."""

    name: str
    log: Path
    arrivals: Arrivals
    clock: Callable[[int], int]
    variables: Mapping[str, str] = field(factory=dict)
    binding: str = BINDING
    version: str = ""
    _process: "subprocess.Popen[bytes] | None" = None
    _answers: "queue.Queue[Any]" = field(factory=queue.Queue)
    _reader: threading.Thread | None = None
    _number: int = 0
    _last_call: str = ""
    _last_callback: str = ""

    def start(self) -> None:
        """Starts the process and waits until the library is loaded. Raises WorkerDied."""
        make_private_folder(self.log.parent)
        self._process = subprocess.Popen(
            children.command("ctpscen.live.library.worker", str(self.log), self.binding),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=children.environment(self.variables),
            bufsize=0,
            process_group=children.GROUP,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.version = str(self._answer(START_PATIENCE, "loading it")[1])
        except WorkerDied:
            self.close()
            raise

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def call(self, request: Request) -> int | str:
        """Makes a call of the API. Raises WorkerDied, and ValueError for what the library cannot be given."""
        self._number += 1
        message = (self._number, request.api, request.kind, request.name, request.fields, request.request_id)
        process = self._process
        assert process is not None
        assert process.stdin is not None
        try:
            framing.write(_raw(process.stdin), message)
        except OSError:
            raise WorkerDied(self.cause_of_death()) from None
        self._last_call = request.name
        answer = self._answer(CALL_PATIENCE, request.name)
        while answer[1] != self._number:  # of a call whose wait was interrupted
            answer = self._answer(CALL_PATIENCE, request.name)
        if answer[0] == "failed":
            raise ValueError(answer[2])
        value: int | str = answer[2]
        return value

    def _answer(self, patience: float, what: str) -> Any:
        try:
            answer = self._answers.get(timeout=patience)
        except queue.Empty:
            self.kill()
            raise WorkerDied(f"the CTP library did not come back from {what} within {patience:.0f} s") from None
        if answer is None:
            self._answers.put(None)
            raise WorkerDied(self.cause_of_death())
        return answer

    def _read(self) -> None:
        """A thread: sorts what comes from the worker into answers and arrivals."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        for items in framing.messages(_raw(process.stdout)):
            for item in items:
                if item[0] == "callback":
                    _, api, kind, at, sequence, name, fields, error, request_id, last = item
                    self._last_callback = name
                    moment = self.clock(at)
                    callback = Callback(api, kind, moment, sequence, name, fields, error, request_id, last)
                    self.arrivals.put(Arrival(self, callback))
                elif item[0] == "trouble":
                    self._note(item[1])
                else:
                    self._answers.put(item)
        process.stdout.close()
        process.wait()
        self._answers.put(None)
        self.arrivals.put(Arrival(self, None))

    def _note(self, text: str) -> None:
        with os.fdopen(open_private(self.log, os.O_WRONLY | os.O_APPEND), "a", encoding="utf-8") as stream:
            stream.write(text + "\n")

    def cause_of_death(self) -> str:
        """How the worker ended, after what, and what it said last."""
        process = self._process
        assert process is not None
        code = process.wait()
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        if code < 0:
            with contextlib.suppress(ValueError):  # a number without a name stays one
                how = signal.Signals(-code).name
        after = [f"the call of {self._last_call}" if self._last_call else "being started"]
        after += [f"the callback {self._last_callback}"] if self._last_callback else []
        lines = [f"the CTP library of {self.name} died: {how} after {' and '.join(after)}"]
        said = self._end_of_log()
        where = [f"all that it said is in {self.log}"] if said else []
        return "\n".join([*lines, *(f"  {line}" for line in [*said, *where])])

    def _end_of_log(self) -> list[str]:
        """What was said last: before Python says where each of its threads was, which fills the end of the log."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []
        traces = next((number for number, line in enumerate(lines) if line.startswith(_TRACES)), len(lines))
        said = [line for line in lines[:traces] if line.strip()]
        return said[-LOG_TAIL:] or lines[:LOG_TAIL]

    @property
    def has_died(self) -> bool:
        """Whether the process came to an end that nobody asked for."""
        return self._process is not None and self._process.poll() not in (None, 0)

    def close(self) -> None:
        """Ends the worker: it releases its API objects and goes; one that does not is killed."""
        process = self._process
        if process is None:
            return
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(CLOSE_PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
        if self._reader is not None:
            self._reader.join(CLOSE_PATIENCE)

    def kill(self) -> None:
        if self._process is not None:
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()


def _raw(stream: Any) -> BinaryIO:
    found: BinaryIO = stream
    return found
