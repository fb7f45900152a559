"""The bar of a long run: not at once, above nothing, and gone at the end."""

import io
from collections.abc import Iterator

from rich.console import Console

from ctpscen.report.terminal.progress import PATIENCE, Bar
from ctpscen.report.terminal.writer import PlainWriter


def seconds(*at: float) -> Iterator[float]:
    yield from at
    while True:
        yield at[-1]


def drawn(*at: float) -> str:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=60)
    ticking = seconds(*at)
    with Bar(console, 3, clock=lambda: next(ticking)) as bar:
        for _ in range(2):
            bar.advance()
    return stream.getvalue()


def test_a_run_that_is_soon_over_has_no_bar() -> None:
    assert drawn(0.0, PATIENCE / 2) == ""


def test_a_run_that_lasts_has_one_and_leaves_nothing_of_it() -> None:
    text = drawn(0.0, PATIENCE + 0.1)
    assert "2/3" in text
    assert text.endswith("\x1b[1A\x1b[2K"), "the line is wiped"


def test_what_goes_into_a_pipe_has_none() -> None:
    stream = io.StringIO()
    with PlainWriter(stream).progress(10) as bar:
        bar.advance()
    assert stream.getvalue() == ""
