"""Journals as files: JSON Lines, one event a line, written while the scenario runs.

The first line is the environment, in which two runs of the same scenario and seed may differ; every line after it is
the same to the byte.
"""

import contextlib
import os
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path, PurePath
from types import TracebackType
from typing import Any, Self

import msgspec

from ctpscen import __version__
from ctpscen.engine.state.journal import SCHEMA
from ctpscen.report.files import Unwritable, open_journal
from ctpscen.report.runs import Item

Event = Mapping[str, Any]

# Events that are written together in virtual time.
PIECE = 100

_lines = msgspec.json.Encoder().encode_lines


def journal_name(item: Item) -> str:
    """The name of an item's journal: its file, its line, which repetition it is, and which attempt after the first."""
    repetition = f"-{item.repetition + 1}" if item.repetition else ""
    repetition += f"-retry{item.attempt}" if item.attempt else ""
    return f"{_flat(item.file)}-{item.line}{repetition}.jsonl"


_SUFFIX = ".scn"

# What else than a slash would be taken for one, or must not be in a name somewhere.
_ESCAPES = str.maketrans({each: f"%{ord(each):02X}" for each in "%./\\:"})


@lru_cache(1)
def _flat(path: str) -> str:
    """A path as one name, a point for each slash; no two files have the same."""
    *folders, last = PurePath(os.path.normpath(path)).parts
    stem = last.removesuffix(_SUFFIX)
    name = ".".join(part.translate(_ESCAPES) for part in (*folders, stem))
    return f"{name}{_SUFFIX}" if stem != last else name.replace("-", "%2D")  # a line's number comes after one


class JournalFile:
    """A journal that is being written.

    Of a live run each event is handed to the system at once, for it will not come again; in virtual time they go in
    pieces, because a call of the system for each takes longer than all else about it.

    What the system refuses does not stop the run, which may have orders to see to: `trouble` says what it was. With
    `force` what is no journal is written over, too.
    """

    def __init__(self, folder: str, item: Item, *, at_once: bool, force: bool = False) -> None:
        self._force = force
        self._path = os.path.join(folder, journal_name(item))
        self._piece = 1 if at_once else PIECE
        self._kept: list[Event] = []
        self._file = -1
        self.trouble = ""

    def __enter__(self) -> Self:
        try:
            self._begin()
        except (OSError, Unwritable) as reason:
            self._give_up(reason)
        return self

    def _begin(self) -> None:
        try:
            self._file = open_journal(self._path, force=self._force)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
            self._file = open_journal(self._path, force=self._force)
        # Cut behind its first line, and not to nothing: ext4 writes a file that was emptied to the disk as soon as it
        # is closed, which takes ten times as long as all else about it.
        first = _first_line()
        self._write(first)
        os.ftruncate(self._file, len(first))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file >= 0:
            try:
                self._write(_lines(self._kept))
                file, self._file = self._file, -1
                os.close(file)
            except OSError as reason:
                self._give_up(reason)

    def write(self, event: Event) -> None:
        """Takes an event that will not change any more."""
        kept = self._kept
        kept.append(event)
        if len(kept) >= self._piece:
            if self._file >= 0:
                try:
                    self._write(_lines(kept))
                except OSError as reason:
                    self._give_up(reason)
            kept.clear()

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:  # a disk that is nearly full takes a part
            rest = rest[os.write(self._file, rest) :]

    def _give_up(self, reason: OSError | Unwritable) -> None:
        self.trouble = str(Unwritable.because(self._path, reason) if isinstance(reason, OSError) else reason)
        if self._file >= 0:
            file, self._file = self._file, -1
            with contextlib.suppress(OSError):
                os.close(file)


@cache
def _first_line() -> bytes:
    return _lines([environment()])


def environment() -> Event:
    """What a journal says of where it was made."""
    return {
        "event": "environment",
        "schema": SCHEMA,
        "ctpscen": __version__,
        "python": platform.python_version(),
        "platform": sys.platform,
    }


class BadJournal(ValueError):
    """A file that is no journal; the text says which line and why."""


def read_journal(path: Path) -> Iterator[Event]:
    """The events of a journal, the environment left out. A last line that was cut off is left out, too.

    Raises BadJournal, and OSError.
    """
    from ctpscen.report.journal_events import what_is_wrong  # which writing journals does not need

    sessions: list[str] | None = None
    with path.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            if not line.endswith("\n"):
                return
            try:
                event = msgspec.json.decode(line)
            except msgspec.DecodeError:
                raise BadJournal(f"{path}:{number}: this is not JSON") from None
            if not isinstance(event, dict) or not isinstance(event.get("event"), str):
                raise BadJournal(f"{path}:{number}: this is no event of a journal")
            if event["event"] == "environment":
                if event.get("schema") != SCHEMA:
                    written = f"a journal of schema {event.get('schema')}, and this ctpscen reads {SCHEMA}"
                    raise BadJournal(f"{path}: {written}; run the scenario again, which writes one anew")
                continue
            if wrong := what_is_wrong(event, sessions):
                raise BadJournal(f"{path}:{number}: this is no event of a journal: {wrong}")
            if sessions is None:
                sessions = event["sessions"]
            yield event


def load_journal(path: str) -> tuple[Event, Sequence[Event]]:
    """The scenario of a journal, and the events after that. Raises BadJournal, also for what cannot be read."""
    try:
        events = list(read_journal(Path(path)))
    except UnicodeDecodeError:
        raise BadJournal(f"{path}: this is not UTF-8 text") from None
    except OSError as reason:
        raise BadJournal(f"{path}: cannot be read: {reason.strerror}") from None
    if not events or events[0]["event"] != "scenario":
        raise BadJournal(f"{path}: there is no scenario in this journal")
    return events[0], events[1:]
