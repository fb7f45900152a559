"""A scenario's text and places in it."""

from bisect import bisect_right
from collections.abc import Callable
from functools import cached_property

from attrs import define, frozen

Span = tuple[int, int]
"""Start and end (exclusive), in characters from the start of the text."""


@frozen
class Place:
    """A place as people count it: line and column from 1, columns in characters."""

    line: int
    column: int


@define(slots=False, frozen=True)
class Source:
    """The text of one file, under the name by which it is read."""

    name: str
    text: str

    @cached_property
    def shown_name(self) -> str:
        """The name as messages and reports have it: bytes that are no UTF-8 are escaped."""
        return self.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        end = self.text.find("\n")
        while end >= 0:
            starts.append(end + 1)
            end = self.text.find("\n", end + 1)
        return starts

    def place(self, offset: int) -> Place:
        line = bisect_right(self._line_starts, offset)
        return Place(line, offset - self._line_starts[line - 1] + 1)

    def line_text(self, line: int) -> str:
        """The text of a line (from 1), without its end."""
        start = self._line_starts[line - 1]
        end = self.text.find("\n", start)
        return self.text[start : len(self.text) if end < 0 else end].rstrip("\r")

    def slice(self, span: Span) -> str:
        return self.text[span[0] : span[1]]


Read = Callable[[str, str], tuple[str, str]]
"""Reads a used file: the name of the file that uses it and the path as written give its name and its text.

Raises OSError or UnicodeDecodeError.
"""
