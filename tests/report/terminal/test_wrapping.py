"""Lines that are longer than the terminal is wide are broken at words."""

from io import StringIO

from hypothesis import given
from hypothesis import strategies as some
from rich.console import Console

from ctpscen.report.terminal.lines import Piece, plain
from ctpscen.report.terminal.writer import StyledWriter


def written(text: str, width: int) -> list[str]:
    stream = StringIO()
    writer = StyledWriter(Console(file=stream, width=width, highlight=False, markup=False, emoji=False))
    writer.write(plain(text))
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def test_a_line_is_broken_at_words_and_goes_on_further_in() -> None:
    assert written("  there was no trade of entry where volume == 2 and price > 3", 30) == [
        "  there was no trade of",
        "      entry where volume == 2",
        "      and price > 3",
    ]


def test_a_line_that_fits_stays_what_it_is() -> None:
    assert written("  a   b    ", 30) == ["  a   b"]


def test_styles_stay_with_their_words() -> None:
    stream = StringIO()
    writer = StyledWriter(Console(file=stream, width=20, force_terminal=True, color_system="standard"))
    writer.write([Piece("first words and then "), Piece("something bad", "bad")])
    assert "\x1b[1;31msomething" in stream.getvalue()


@given(some.lists(some.text("abc中文", min_size=1, max_size=8), min_size=1, max_size=20), some.integers(24, 60))
def test_no_line_is_wider_than_the_terminal_and_no_word_is_lost(words: list[str], width: int) -> None:
    lines = written("  " + " ".join(words), width)
    assert " ".join(lines).split() == words
    assert all(sum(2 if character > "\u2fff" else 1 for character in line) <= width for line in lines)
