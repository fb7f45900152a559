"""Standard streams that end the printing, and nothing else, when they cannot be written.

A reader may go before the end (`ctpscen run … | head -1`), a stream may be closed from the start (`>&-`), a disk may be
full. The run goes on in each case, for it may have orders to see to, reports to write and a verdict to give.
"""

import errno
import io
import os
import stat
import sys
from typing import TYPE_CHECKING, TextIO

from attrs import frozen

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# What a write fails with where nobody reads any more: a pipe or socket without its other end, a terminal that is gone.
_GONE = frozenset({errno.EPIPE, errno.ECONNRESET, errno.ESHUTDOWN})


class Output(io.FileIO):
    """A file descriptor to write to. What can no longer be written is dropped.

    `trouble` is what the system said, where it is not merely that the reader has gone.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number, "w", closefd=False)
        self.trouble: OSError | None = None
        self._ended = False

    def write(self, data: "ReadableBuffer", /) -> int:
        rest = memoryview(data).cast("B")
        size = rest.nbytes
        while rest and not self._ended:
            try:
                written = super().write(rest)
            except OSError as reason:
                self._ended = True
                self.trouble = None if self._is_gone(reason) else reason
            else:
                if written is None:
                    self._wait()
                rest = rest[written or 0 :]
        return size

    def _is_gone(self, reason: OSError) -> bool:
        if sys.platform == "win32":  # where a pipe without a reader is an invalid argument
            return reason.errno in _GONE or reason.errno == errno.EINVAL
        # a terminal that is gone is none any more, but still a device that is written to by the character
        is_device = stat.S_ISCHR(os.fstat(self.fileno()).st_mode)
        return reason.errno in _GONE or (reason.errno == errno.EIO and is_device)

    def _wait(self) -> None:
        """Waits for a reader who is slow, where somebody has set the pipe not to wait by itself."""
        import select

        select.select([], [self], [])


@frozen
class StandardOutputs:
    """Standard output and standard error, where they are ours."""

    out: Output | None
    err: Output | None


def open_standard_streams() -> StandardOutputs:
    """Puts streams that bear all this in the places of Python's own, and opens on nothing what is closed."""
    for number in range(3):
        _open_where_closed(number)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout, out = _stream(sys.stdout, 1)
    sys.stderr, err = _stream(sys.stderr, 2)
    return StandardOutputs(out, err)


def _open_where_closed(number: int) -> None:
    """A number that is free would be given to the next file that is opened, a journal for one."""
    try:
        os.fstat(number)
    except OSError:
        found = os.open(os.devnull, os.O_RDWR)
        if found != number:
            os.dup2(found, number)
            os.close(found)


def _stream(present: TextIO | None, number: int) -> tuple[TextIO, Output | None]:
    """A stream like the present one, for text of which not all may fit into its encoding."""
    if sys.platform == "win32" and present is not None and present.isatty():
        return present, None  # a console takes text, and not bytes
    output = Output(number)
    if not isinstance(present, io.TextIOWrapper):
        return io.TextIOWrapper(io.BufferedWriter(output), "utf-8", "replace"), output
    if present.write_through:  # python -u
        return io.TextIOWrapper(output, present.encoding, "replace", write_through=True), output
    buffer = io.BufferedWriter(output)
    return io.TextIOWrapper(buffer, present.encoding, "replace", line_buffering=present.line_buffering), output
