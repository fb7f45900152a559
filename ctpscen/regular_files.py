"""Reading files that somebody names: only regular ones, and only so much; and writing files whole or not at all.

A pipe to which nobody writes would be waited for without end, and a device such as /dev/zero has none.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, BinaryIO

LARGEST_TEXT = 16_000_000
LARGEST_TABLE = 256_000_000
"""Bytes that a scenario or a file of settings may have, and a file of prices."""

_KINDS: Mapping[str, Callable[[int], bool]] = {
    "a folder": stat.S_ISDIR,
    "a pipe": stat.S_ISFIFO,
    "a socket": stat.S_ISSOCK,
    "a device": lambda mode: stat.S_ISCHR(mode) or stat.S_ISBLK(mode),
}

# Not to wait for somebody who writes to a pipe; and on Windows, not to change the ends of lines.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """A file to be read. Raises OSError, also where it is not a regular one; `strerror` says why."""
    try:
        descriptor = os.open(path, _FLAGS)
    except ValueError:  # a NUL is in the path
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)) from None
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    kind = next((name for name, fits in _KINDS.items() if fits(mode)), "no file")
    number = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
    raise OSError(number, f"this is {kind}, where a regular file is needed")


def read_regular(path: str | os.PathLike[str], largest: int) -> bytes:
    """What a file holds. Raises OSError, also where it is not a regular one, or has more than so many bytes."""
    with open_regular(path) as stream:
        return read_bounded(stream, largest)


def read_regular_text(path: str | os.PathLike[str], largest: int, encoding: str = "utf-8") -> str:
    """A text file, each of its lines ended by a line feed. Raises OSError as `read_regular`, and UnicodeDecodeError."""
    text = read_regular(path, largest).decode(encoding)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def read_bounded(stream: BinaryIO, largest: int) -> bytes:
    """All of a stream. Raises OSError where that is more than so many bytes."""
    data = stream.read(largest + 1)
    if len(data) > largest:
        raise OSError(errno.EFBIG, f"it is larger than {largest:,} bytes")
    return data


@contextlib.contextmanager
def in_place_of(path: Path, part: Path, mode: int = 0o600) -> Iterator[IO[bytes]]:
    """A file to write, which then takes the place of another: whole, or not at all.

    It is `part` until then, beside the other. Where writing fails nothing stays of it; what a killed process left there
    is written over. Raises OSError.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    try:
        with os.fdopen(os.open(part, flags, 0o600), "wb") as stream:
            yield stream
        os.chmod(part, mode)
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
