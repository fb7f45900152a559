"""Journals as files: JSON Lines, one event a line, written while the scenario runs.

The first line is the environment, in which two runs of the same scenario and seed may differ; every line after it is
the same to the byte.
"""

import platform
import sys
from collections.abc import Iterator, Mapping
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import msgspec

from ctpscen import __version__
from ctpscen.engine.journal import SCHEMA

Event = Mapping[str, Any]

_encode = msgspec.json.Encoder().encode


class Named(Protocol):
    """What a journal is of."""

    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def repetition(self) -> int: ...
    @property
    def attempt(self) -> int: ...


def journal_name(item: Named) -> str:
    """The name of an item's journal: its file, its line, which repetition it is, and which attempt after the first."""
    repetition = f"-{item.repetition + 1}" if item.repetition else ""
    repetition += f"-retry{item.attempt}" if item.attempt else ""
    return f"{item.file.strip('./').replace('/', '.')}-{item.line}{repetition}.jsonl"


class JournalFile:
    """A journal that is being written. Each event is handed to the system at once, so that a killed run leaves it."""

    def __init__(self, folder: Path, item: Named) -> None:
        self._path = folder / journal_name(item)
        self._stream: FileIO

    def __enter__(self) -> Self:
        try:
            self._stream = self._path.open("wb", buffering=0)
        except FileNotFoundError:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = self._path.open("wb", buffering=0)
        self.write(environment())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stream.close()

    def write(self, event: Event) -> None:
        self._stream.write(_encode(event) + b"\n")


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
                    raise BadJournal(f"{path}: a journal of schema {event.get('schema')}; this ctpscen reads {SCHEMA}")
            else:
                yield event
