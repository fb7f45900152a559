"""Lines of the terminal: a list of pieces, each a text and a style. How styles look is the writer's business."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from ctpscen.language.text.diagnostics import Located, render

Style = str
"""`` for plain, `heading`, `dim`, `good`, `bad`, `warn`, `fault`, `log`."""


@frozen
class Piece:
    text: str
    style: Style = ""


Line = Sequence[Piece]

VERDICT_STYLES: Mapping[str, Style] = {
    "passed": "good",
    "flaky": "warn",
    "failed": "bad",
    "blocked": "warn",
    "skipped": "dim",
    "error": "bad",
    "interrupted": "warn",
}


def counted(number: int, noun: str) -> str:
    """`1 file`, `2 files`, `no errors`."""
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def plain(text: str, style: Style = "") -> Line:
    return [Piece(text, style)]


def diagnostic_lines(located: Located) -> Iterator[Line]:
    """A diagnostic, its first line standing out."""
    style = "bad" if located.diagnostic.severity == "error" else "warn"
    for index, text in enumerate(render(located)):
        if index == 0:
            yield plain(text, style)
        else:
            yield plain(text, style if set(text.strip(" |")) == {"^"} else "")
