"""Writing lines: with styles where the output is a terminal, plain everywhere else.

`rich` draws the styles and is imported only for a terminal; what goes into a pipe or a file needs nothing of it.
"""

import os
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TextIO

from ctpscen.language.text.diagnostics import Located
from ctpscen.report.terminal.lines import Line, diagnostic_lines
from ctpscen.report.terminal.visible import visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from ctpscen.report.terminal.progress import Bar

_STYLES: Mapping[str, str] = {
    "": "",
    "heading": "bold",
    "dim": "dim",
    "good": "bold green",
    "bad": "bold red",
    "warn": "yellow",
    "fault": "magenta",
    "log": "cyan",
}


HANGING = 4
"""By so many characters the rest of a line that was broken stands further in."""


class NoBar:
    """What stands for the bar of a long run where there is no terminal."""

    def __enter__(self) -> Self:
        return self

    def advance(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        pass


class Writer(Protocol):
    """Writes what is safe to read: see `visible`."""

    def write(self, line: Line) -> None:
        """Writes one line."""

    def write_part(self, line: Line) -> None:
        """Writes without ending the line."""

    def flush(self) -> None:
        """Lets readers have what was written."""

    def progress(self, total: int, /) -> "Bar | NoBar":
        """A bar to advance so many times, below what is written meanwhile; each piece of that must be a whole line."""


class PlainWriter:
    """Text and nothing else."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, line: Line) -> None:
        self._stream.write(visible("".join(piece.text for piece in line)).rstrip() + "\n")

    def write_part(self, line: Line) -> None:
        self._stream.write(visible("".join(piece.text for piece in line)))

    def flush(self) -> None:
        self._stream.flush()

    def progress(self, _: int, /) -> NoBar:
        return NoBar()


class StyledWriter:
    """Text with colours, for a terminal."""

    def __init__(self, console: "Console") -> None:
        self._console = console

    @classmethod
    def on(cls, stream: TextIO) -> "StyledWriter":
        from rich.console import Console

        return cls(Console(file=stream, highlight=False, markup=False, emoji=False))

    def write(self, line: Line) -> None:
        self._print(line, "\n")

    def write_part(self, line: Line) -> None:
        self._print(line, "")

    def _print(self, line: Line, end: str) -> None:
        from rich.text import Text

        text = Text.assemble(*((visible(piece.text), _STYLES[piece.style]) for piece in line))
        for part in self._wrapped(text) if end else [text]:
            self._console.print(part, soft_wrap=True, end=end)

    def _wrapped(self, text: "Text") -> Iterable["Text"]:
        """A line as it fits the terminal: broken at words, what follows standing further in."""
        width = self._console.width
        if text.cell_len <= width:
            return [text]
        indent = min(len(text.plain) - len(text.plain.lstrip()) + HANGING, width // 2)
        first, *rest = text.wrap(self._console, width - indent)
        for each in rest:
            each.pad_left(indent)
        return [first, *rest]

    def flush(self) -> None:
        self._console.file.flush()

    def progress(self, total: int, /) -> "Bar":
        from ctpscen.report.terminal.progress import Bar

        return Bar(self._console, total)


def write_diagnostics(found: Iterable[Located], writer: Writer) -> None:
    for located in found:
        for line in diagnostic_lines(located):
            writer.write(line)


def writer_for(stream: TextIO) -> Writer:
    """Colours on a terminal, unless the user does not want any (https://no-color.org)."""
    if stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb":
        return StyledWriter.on(stream)
    return PlainWriter(stream)
