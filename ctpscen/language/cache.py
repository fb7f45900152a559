"""Files that were checked before and have not changed, kept between runs.

They lie in the user's cache folder as pickles, and nothing is unpickled from a folder that somebody else may write. A
file counts as unchanged if its text and those of all files that it uses are the same, and ctpscen, its
grammar and Python are too.
"""

import os
import pickle
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from attrs import define, field, frozen

from ctpscen import __version__
from ctpscen.cache_folder import cache_folder, clear_abandoned
from ctpscen.hashing import blake2b
from ctpscen.language import grammar_path, words_path
from ctpscen.language.meaning.program import Checked
from ctpscen.language.text.source import Read, Source
from ctpscen.regular_files import in_place_of

_PACKAGE = Path(__file__).resolve().parent.parent

# Entries beyond this number go, those that were not read for the longest time first.
_MOST_ENTRIES = 2_000


@cache
def fingerprint() -> str:
    """Tells one state of the program from another, an editable checkout's included."""
    files = [grammar_path(), words_path()]
    for part in ("language", "ctp"):
        files += sorted(path for path in (_PACKAGE / part).rglob("*") if path.suffix in (".py", ".json", ".csv"))
    states = [(path.name, state.st_size, state.st_mtime_ns) for path in files for state in [path.stat()]]
    return f"{__version__} {sys.version} {states}"


@define(eq=False, repr=False)
class ReadTexts:
    """Reads the files that another one uses, and remembers what they were: by whom, as which path, name and text.

    `sound` says that all of them could be read.
    """

    _read: Read
    texts: list[tuple[str, str, str, str]] = field(factory=list)
    sound: bool = True

    def read(self, user: str, written: str) -> tuple[str, str]:
        """Reads a file for another one. Raises OSError or UnicodeDecodeError."""
        try:
            name, text = self._read(user, written)
        except (OSError, UnicodeDecodeError):
            self.sound = False
            raise
        self.texts.append((user, written, name, text))
        return name, text

    def are_unchanged(self, read: Read) -> bool:
        return self.sound and _are_unchanged(self.texts, read)


def _are_unchanged(texts: Sequence[tuple[str, str, str, str]], read: Read) -> bool:
    try:
        return all(read(user, written) == (name, text) for user, written, name, text in texts)
    except (OSError, UnicodeDecodeError):
        return False


@frozen(eq=False, repr=False)
class _Entry:
    checked: Checked
    used: Sequence[tuple[str, str, str, str]]


def checked(source: Source, read: Read, check: Callable[[Source, Read], Checked]) -> Checked:
    """A file's check, remembered where nothing has changed since; `check` does it where something has.

    A check whose used files could not all be read is not kept.
    """
    path = _path(source)
    if path is not None and (entry := _load(path)) is not None and _are_unchanged(entry.used, read):
        return entry.checked
    texts = ReadTexts(read)
    found = check(source, texts.read)
    if path is not None and texts.sound:
        _store(path, _Entry(found, texts.texts))
    return found


def _path(source: Source) -> Path | None:
    where = cache_folder()
    if where is None:
        return None
    named = "\0".join((fingerprint(), source.name, source.text)).encode("utf-8", "surrogateescape")
    key = blake2b(named, digest_size=16).hexdigest()
    return where / f"checked-{key}.pickle"


def _load(path: Path) -> _Entry | None:
    try:
        with path.open("rb") as stream:
            entry = pickle.load(stream)
    except FileNotFoundError:
        return None
    except Exception:  # whatever a damaged pickle raises, the file is checked anew
        return None
    return entry if isinstance(entry, _Entry) else None


def _store(path: Path, entry: _Entry) -> None:
    """Writes beside and renames, so that nobody ever reads half an entry; a full disk costs the entry alone."""
    try:
        with in_place_of(path, path.with_name(f"{path.name}.{os.getpid()}.part")) as stream:
            pickle.dump(entry, stream, pickle.HIGHEST_PROTOCOL)
        _clear_old(path.parent)
    except (OSError, RecursionError, pickle.PicklingError):
        return


@cache
def _clear_old(where: Path) -> None:
    """Once a process: looking at all entries is dear where a thousand files are new."""
    clear_abandoned(where)
    entries = sorted(where.glob("checked-*.pickle"), key=lambda entry: entry.stat().st_mtime)
    for entry in entries[: max(0, len(entries) - _MOST_ENTRIES)]:
        entry.unlink(missing_ok=True)
