"""Files to checked programs: reading texts, and saying plainly what cannot be read."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from ctpscen.language import cache
from ctpscen.language.meaning.program import Checked
from ctpscen.language.text.source import Read, Source
from ctpscen.regular_files import LARGEST_TEXT, read_bounded, read_regular, read_regular_text

STANDARD_INPUT = "-"


class Unreadable(Exception):
    """A file that cannot be read; the text says which and why."""


@frozen(eq=False, repr=False)
class Selected:
    """A file to run, or one place in it. `line` is None for all of it."""

    path: str
    line: int | None = None


def select(argument: str) -> Iterator[Selected]:
    """What a command-line argument names: a file, FILE:LINE, `-`, or every .scn file below a folder, sorted.

    Raises Unreadable.
    """
    path, line = _split_line(argument)
    if path == STANDARD_INPUT:
        yield Selected(path, line)
    elif os.path.isdir(path):
        found = sorted(str(each) for each in Path(path).rglob("*.scn"))
        if not found:
            raise Unreadable(f"{path}: there is no .scn file in this folder")
        yield from (Selected(each) for each in found)
    else:
        yield Selected(path, line)


def whole_files(argument: str) -> Iterator[str]:
    """The files that a command-line argument names, where it cannot name a place in one. Raises Unreadable."""
    for selected in select(argument):
        yield argument if selected.line is not None else selected.path


def _split_line(argument: str) -> tuple[str, int | None]:
    head, colon, tail = argument.rpartition(":")
    if colon and tail.isdecimal() and head and not os.path.exists(argument):
        return head, int(tail)
    return argument, None


def read_text(path: str) -> str:
    """The text of a file, or of standard input for `-`. Raises Unreadable."""
    shown = "standard input" if path == STANDARD_INPUT else path
    try:
        if path == STANDARD_INPUT:
            data = read_bounded(sys.stdin.buffer, LARGEST_TEXT)
        else:
            data = read_regular(path, LARGEST_TEXT)
    except IsADirectoryError:
        raise Unreadable(f"{shown}: this is a folder") from None
    except FileNotFoundError:
        raise Unreadable(f"{shown}: there is no such file") from None
    except OSError as reason:
        raise Unreadable(f"{shown}: cannot be read: {reason.strerror}") from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as reason:
        line = data.count(b"\n", 0, reason.start) + 1
        raise Unreadable(f"{shown}:{line}: this is not UTF-8 text (byte 0x{data[reason.start]:02x})") from None


def load(path: str) -> tuple[Source, Checked]:
    """A file, parsed and checked with all that it uses. Raises Unreadable for the file itself."""
    source = Source("stdin" if path == STANDARD_INPUT else path, read_text(path))
    return source, cache.checked(source, read_used, _check)


def _check(source: Source, read: Read) -> Checked:
    from ctpscen.language.checking.file import check

    return check(source, read)


def read_used(user: str, path: str) -> tuple[str, str]:
    """A file that another one uses, relative to that one. Raises OSError or UnicodeDecodeError."""
    found = os.path.normpath(os.path.join(os.path.dirname(user), path))
    return found, read_regular_text(found, LARGEST_TEXT)
