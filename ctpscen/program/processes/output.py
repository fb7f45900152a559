"""What a program writes: its two streams and its log files, as lines, in order within each.

A line is UTF-8, and if not, GB18030. What is written without end is cut, and what is written without measure is read
and shown no more, so that a program cannot fill the memory.
"""

import contextlib
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from attrs import define, field

from ctpscen.program.serving.connections import Poller

LONGEST_LINE = 1 << 16
MOST_LINES = 100_000

PORTION = 1 << 16


@define(eq=False)
class Lines:
    """Bytes as they come, as the lines that they make."""

    _rest: bytearray = field(factory=bytearray)

    def feed(self, portion: bytes) -> Iterator[str]:
        """The lines that are whole now."""
        rest = self._rest
        rest += portion
        *whole, last = rest.split(b"\n")
        self._rest = last
        for line in whole:
            yield from _cut(line)
        while len(self._rest) > LONGEST_LINE:
            yield decoded(self._rest[:LONGEST_LINE])
            del self._rest[:LONGEST_LINE]

    def end(self) -> Iterator[str]:
        """What stands there without an end of line."""
        rest, self._rest = self._rest, bytearray()
        if rest:
            yield decoded(rest)


def _cut(line: bytearray) -> Iterator[str]:
    """A whole line, in pieces where it is too long."""
    yield from (decoded(line[start : start + LONGEST_LINE]) for start in range(0, len(line) or 1, LONGEST_LINE))


def decoded(line: bytes | bytearray) -> str:
    """A line's text, without its end."""
    line = line.removesuffix(b"\r")
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("gb18030", "replace")


@define(eq=False)
class Stream:
    """What a program writes to one of its streams: a pipe, or a socket by which a thread passes it on."""

    descriptor: int
    _socket: socket.socket | None = None

    def __attrs_post_init__(self) -> None:
        if self._socket is not None:
            self._socket.setblocking(False)
        else:
            os.set_blocking(self.descriptor, False)

    def read(self) -> bytes | None:
        """What is there; empty at the end, None where there is nothing yet."""
        try:
            return self._socket.recv(PORTION) if self._socket is not None else os.read(self.descriptor, PORTION)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        else:
            os.close(self.descriptor)


@define(eq=False)
class Output:
    """One stream of a program. `said` is given each line."""

    stream: Stream
    poller: Poller
    said: Callable[[str], None]
    is_open: bool = True
    _lines: Lines = field(factory=Lines)

    def __attrs_post_init__(self) -> None:
        self.poller.watch(self.stream.descriptor, self.read, early=True)

    def read(self) -> None:
        """Takes what is there; closes at the end."""
        while self.is_open:
            portion = self.stream.read()
            if portion is None:
                return
            if not portion:
                self.close()
                return
            for line in self._lines.feed(portion):
                self.said(line)

    def close(self) -> None:
        if self.is_open:
            self.is_open = False
            self.poller.forget(self.stream.descriptor)
            for line in self._lines.end():
                self.said(line)
            self.stream.close()


@define(eq=False)
class _Log:
    position: int = 0
    inode: int = 0
    lines: Lines = field(factory=Lines)


@define(eq=False)
class Logs:
    """The log files of a program: those that fit its patterns, also those that come later.

    What stands in them at the beginning does not count. A file that becomes shorter, or another one under its name, is
    read from its start.
    """

    folder: Path
    patterns: Sequence[str]
    said: Callable[[str, str], None]
    _logs: dict[Path, _Log] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        for path, found in self._found():
            self._logs[path] = _Log(found.st_size, found.st_ino)

    def read(self) -> None:
        """Takes what was written since; `said` is given the file's name and a line."""
        for path, found in self._found():
            log = self._logs.setdefault(path, _Log())
            if found.st_ino != log.inode or found.st_size < log.position:
                log.position, log.inode = 0, found.st_ino
            if found.st_size > log.position:
                for line in self._new_lines(path, log):
                    self.said(path.name, line)

    def end(self) -> None:
        """Takes what stands there without an end of line."""
        self.read()
        for path, log in self._logs.items():
            for line in log.lines.end():
                self.said(path.name, line)

    def _new_lines(self, path: Path, log: _Log) -> Iterator[str]:
        with contextlib.suppress(OSError), path.open("rb") as stream:
            stream.seek(log.position)
            while portion := stream.read(PORTION):
                log.position += len(portion)
                yield from log.lines.feed(portion)

    def _found(self) -> Iterator[tuple[Path, os.stat_result]]:
        if not self.patterns:
            return
        for path in sorted({path for pattern in self.patterns for path in self.folder.glob(pattern)}):
            with contextlib.suppress(OSError):
                found = path.stat()
                if path.is_file():
                    yield path, found
