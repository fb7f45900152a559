"""Writing files: one that cannot be written is named, with the reason, and what is not ours is left as it is."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

# How each kind of report begins, and what stands in its first lines.
_REPORTS = (
    (b"<testsuites", b' name="ctpscen"'),
    (b"{", b'"environment": {\n  "ctpscen"'),
    (b"<!DOCTYPE html>", b'<meta name="generator" content="ctpscen">'),
)
_JOURNAL = b'{"event":"environment"'
_FIRST_LINES = 1_000

# Opens without making room, and never what a link leads to.
_AS_IT_IS = (
    os.O_RDWR
    | os.O_CREAT
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class Unwritable(Exception):
    """A file or a stream that cannot be written; the text says which and why."""

    @classmethod
    def because(cls, what: str, reason: OSError) -> "Unwritable":
        return cls(f"{what}: cannot be written: {reason.strerror or reason}")


def prepare_file(path: str, *, force: bool = False) -> None:
    """Makes the folder of a report that is to be written later, and looks whether that can be.

    Raises Unwritable, also for a file that is no report of ours, unless it is to be written over all the same.
    """
    found = Path(path)
    prepare_folder(str(found.parent))
    if found.is_dir():
        raise Unwritable(f"{path}: cannot be written: this is a folder")
    if found.exists() and not os.access(found, os.W_OK):
        raise Unwritable(f"{path}: cannot be written: Permission denied")
    if found.is_file() and not force and not _is_report(found):
        raise Unwritable(f"{path}: this is no report of ctpscen's; it was left as it is (--force writes over it)")


def _is_report(path: Path) -> bool:
    """Whether a file was written here, or is empty."""
    try:
        with path.open("rb") as stream:
            lines = stream.read(_FIRST_LINES)
    except OSError:  # one that can be written and not read is whoever's it is
        return False
    return not lines or any(lines.startswith(start) and mark in lines for start, mark in _REPORTS)


def prepare_folder(path: str) -> None:
    """Makes a folder, and looks whether files can be made in it. Raises Unwritable."""
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise Unwritable(f"{path}: this is a file, where a folder is needed") from None
    except OSError as reason:
        raise Unwritable(f"{path}: this folder cannot be made: {reason.strerror}") from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise Unwritable(f"{path}: nothing can be written in this folder: Permission denied")


def prepare_journal(path: str, *, force: bool = False) -> None:
    """Looks whether a journal can be written there later. Raises Unwritable."""
    if os.path.lexists(path):
        os.close(open_journal(path, force=force))


def open_journal(path: str, *, force: bool = False) -> int:
    """A file to write a journal into, from its beginning, with whatever is in it.

    The names of journals can be foretold. So one is never written through a link, which somebody may have put there to
    have another file overwritten, nor over what is no journal, unless that is asked for. Raises Unwritable and OSError.
    """
    if os.path.islink(path):
        raise Unwritable(f"{path}: cannot be written: this is a link, and no journal is written through one")
    number = os.open(path, _AS_IT_IS, 0o666)
    try:
        state = os.fstat(number)
        if not stat.S_ISREG(state.st_mode):
            raise Unwritable(f"{path}: cannot be written: this is no file")
        if not force and not _JOURNAL.startswith(os.read(number, len(_JOURNAL))):  # a killed run may leave less
            raise Unwritable(f"{path}: this is no journal; it was left as it is (--force writes over it)")
        os.lseek(number, 0, os.SEEK_SET)
    except BaseException:
        os.close(number)
        raise
    return number


def write_text(path: str, text: str) -> None:
    """Writes a whole file, in UTF-8. Raises Unwritable."""
    write_pieces(path, [text])


def write_pieces(path: str, pieces: Iterable[str]) -> None:
    """Writes a file piece by piece, in UTF-8. Raises Unwritable."""
    try:
        with open(path, "w", encoding="utf-8") as stream:
            for piece in pieces:
                stream.write(piece)
    except OSError as reason:
        raise Unwritable.because(path, reason) from None
