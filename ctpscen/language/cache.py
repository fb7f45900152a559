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

from attrs import frozen

from ctpscen import __version__
from ctpscen.cache_folder import cache_folder
from ctpscen.hashing import blake2b
from ctpscen.language import grammar_path
from ctpscen.language.meaning.program import Checked
from ctpscen.language.text.source import Read, Source

_PACKAGE = Path(__file__).resolve().parent.parent

# Entries beyond this number go, those that were not read for the longest time first.
_MOST_ENTRIES = 2_000


@cache
def fingerprint() -> str:
    """Tells one state of the program from another, an editable checkout's included."""
    files = [grammar_path()]
    for part in ("language", "ctp"):
        files += sorted(path for path in (_PACKAGE / part).rglob("*") if path.suffix in (".py", ".json", ".csv"))
    states = [(path.name, state.st_size, state.st_mtime_ns) for path in files for state in [path.stat()]]
    return f"{__version__} {sys.version} {states}"


@frozen(eq=False, repr=False)
class _Used:
    """A file that was read while another one was checked: by whom, under which path, and what it was."""

    user: str
    path: str
    name: str
    text: str


@frozen(eq=False, repr=False)
class _Entry:
    checked: Checked
    used: Sequence[_Used]


def checked(source: Source, read: Read, check: Callable[[Source, Read], Checked]) -> Checked:
    """A file's check, remembered where nothing has changed since; `check` does it where something has.

    A check whose used files could not all be read is not kept.
    """
    path = _path(source)
    if path is not None and (entry := _load(path)) is not None and _is_unchanged(entry, read):
        return entry.checked
    used: list[_Used] = []
    sound = True

    def noting(user: str, written: str) -> tuple[str, str]:
        nonlocal sound
        try:
            name, text = read(user, written)
        except (OSError, UnicodeDecodeError):
            sound = False
            raise
        used.append(_Used(user, written, name, text))
        return name, text

    found = check(source, noting)
    if path is not None and sound:
        _store(path, _Entry(found, used))
    return found


def _path(source: Source) -> Path | None:
    where = cache_folder()
    if where is None:
        return None
    key = blake2b("\0".join((fingerprint(), source.name, source.text)).encode(), digest_size=16).hexdigest()
    return where / f"checked-{key}.pickle"


def _is_unchanged(entry: _Entry, read: Read) -> bool:
    try:
        return all(read(each.user, each.path) == (each.name, each.text) for each in entry.used)
    except (OSError, UnicodeDecodeError):
        return False


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
    import tempfile

    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as stream:
            pickle.dump(entry, stream, pickle.HIGHEST_PROTOCOL)
        os.replace(stream.name, path)
        _clear_old(path.parent)
    except (OSError, RecursionError, pickle.PicklingError):
        return


@cache
def _clear_old(where: Path) -> None:
    """Once a process: looking at all entries is dear where a thousand files are new."""
    entries = sorted(where.glob("checked-*.pickle"), key=lambda entry: entry.stat().st_mtime)
    for entry in entries[: max(0, len(entries) - _MOST_ENTRIES)]:
        entry.unlink(missing_ok=True)
