"""What is wrong, where, what was found, and what would fit: one form for parse, check and run.

A diagnostic is a value; it is turned into text in one place, `render`.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

from attrs import field, frozen

from ctpscen.language.text.source import Source, Span

Severity = Literal["error", "warning"]


@frozen
class Label:
    """A second span that belongs to the matter, with a word about it."""

    span: Span
    text: str


@frozen
class Diagnostic:
    """One message. `notes` are further lines; `label` is a few words under the carets."""

    code: str
    message: str
    span: Span
    severity: Severity = "error"
    label: str = ""
    others: Sequence[Label] = ()
    notes: Sequence[str] = ()


@frozen
class Located:
    """A diagnostic together with the text it speaks of."""

    source: Source
    diagnostic: Diagnostic


def render(located: Located) -> Iterator[str]:
    """The lines of a message, plain."""
    source, diagnostic = located.source, located.diagnostic
    start = source.place(diagnostic.span[0])
    code = f"[{diagnostic.code}]" if diagnostic.code else ""
    yield f"{diagnostic.severity}{code}: {_clipped(diagnostic.message, _LONGEST)}"
    spans = sorted([Label(diagnostic.span, diagnostic.label), *diagnostic.others], key=lambda label: label.span)
    margin = " " * len(str(max(source.place(label.span[0]).line for label in spans)))
    yield f"{margin}--> {source.name}:{start.line}:{start.column}"
    yield f"{margin} |"
    previous = skipped = 0
    for label in spans:
        place = source.place(label.span[0])
        if previous and place.line > previous + 1:
            yield f"{margin} ..."
        line = source.line_text(place.line)
        if place.line != previous:
            skipped = 0 if place.column < _FAR else place.column - _BEFORE
            yield f"{place.line:>{len(margin)}} | {_excerpt(line, skipped)}".rstrip()
        previous = place.line
        yield f"{margin} | {_carets(_excerpt(line, skipped), place.column - skipped, label)}"
    if diagnostic.notes:
        yield f"{margin} |"
    for note in diagnostic.notes:
        first, *rest = note.split("\n")
        yield f"{margin} = {first}"
        yield from (f"{margin}   {line}" for line in rest)


_WIDEST = 160  # of a line of the file
_FAR, _BEFORE = 120, 60  # a line is shown from _BEFORE columns before a word that stands as far out as _FAR
_LONGEST = 600  # of a message


def _excerpt(line: str, skipped: int) -> str:
    """What is shown of a line of the file."""
    return _clipped("…" + line[skipped + 1 :] if skipped else line)


def _clipped(text: str, limit: int = _WIDEST) -> str:
    """A line short enough to be read, each tab one column."""
    text = "".join(character if character.isprintable() else " " for character in text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _carets(line: str, column: int, label: Label) -> str:
    """Blanks and carets under a span that starts at a column; of a span of several lines, under its first line."""
    column = min(max(column - 1, 0), len(line))
    length = max(1, min(label.span[1] - label.span[0], len(line) - column))
    before, under = line[:column], line[column : column + length]
    marks = "^" * max(1, display_width(under))
    return " " * display_width(before) + marks + (f" {label.text}" if label.text else "")


def display_width(text: str) -> int:
    """The columns that a text takes on a terminal: Chinese characters take two."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


@frozen(eq=False, repr=False)
class Diagnostics:
    """A growing list of diagnostics of one source."""

    source: Source
    found: list[Diagnostic] = field(factory=list)

    def add(self, diagnostic: Diagnostic) -> None:
        self.found.append(diagnostic)

    @property
    def located(self) -> list[Located]:
        return [Located(self.source, diagnostic) for diagnostic in self.found]
