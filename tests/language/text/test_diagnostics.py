"""How a message looks on a terminal, places in a text, and which word is the nearest."""

import pytest

from ctpscen.language.text.diagnostics import Diagnostic, Label, Located, display_width, render
from ctpscen.language.text.source import Place, Source
from ctpscen.language.text.suggestions import did_you_mean, edit_distance, nearest


def lines(text: str, diagnostic: Diagnostic) -> list[str]:
    return list(render(Located(Source("x.scn", text), diagnostic)))


def at(text: str, words: str, **more: object) -> list[str]:
    """The lines of a message about the first such words of a text."""
    start = text.index(words)
    return lines(text, Diagnostic("E101", "so", (start, start + len(words)), **more))  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------------ places


def test_places_count_lines_and_columns_from_one() -> None:
    source = Source("x", "ab\ncd\n\ne")
    assert [source.place(offset) for offset in (0, 1, 2, 3, 6, 7, 8)] == [
        Place(1, 1),
        Place(1, 2),
        Place(1, 3),
        Place(2, 1),
        Place(3, 1),
        Place(4, 1),
        Place(4, 2),
    ]


def test_the_text_of_a_line_is_without_its_end() -> None:
    source = Source("x", "ab\r\ncd\n\nef")
    assert [source.line_text(line) for line in (1, 2, 3, 4)] == ["ab", "cd", "", "ef"]
    assert source.slice((4, 6)) == "cd"


def test_columns_are_counted_in_characters() -> None:
    assert Source("x", "中文 ab").place(3) == Place(1, 4)


# ------------------------------------------------------------------------------------------------------- layout


def test_a_message_has_the_place_the_line_and_carets_under_the_very_words() -> None:
    assert at("log 1\nwaite 10s\n", "waite") == [
        "error[E101]: so",
        " --> x.scn:2:1",
        "  |",
        "2 | waite 10s",
        "  | ^^^^^",
    ]


def test_a_label_stands_behind_the_carets_and_notes_below() -> None:
    assert at("log 1\n", "1", label="this one", notes=["a note", "of two\nlines"], severity="warning") == [
        "warning[E101]: so",
        " --> x.scn:1:5",
        "  |",
        "1 | log 1",
        "  |     ^ this one",
        "  |",
        "  = a note",
        "  = of two",
        "    lines",
    ]


def test_chinese_characters_take_two_columns() -> None:
    assert at('log "中文", x', "x")[-2:] == ['1 | log "中文", x', "  |             ^"]
    assert at("log 中文", "中文")[-1] == "  |     ^^^^"


def test_a_combining_mark_takes_none() -> None:
    assert [display_width(text) for text in ("ab", "中", "e\u0301", "")] == [2, 2, 1, 0]


def test_a_tab_is_one_column_and_other_unprintables_are_blanks() -> None:
    assert at("\tlog 1\x00", "log")[-2:] == ["1 |  log 1", "  |  ^^^"]


def test_several_labels_are_shown_in_the_order_of_the_text_with_a_gap_between() -> None:
    text = "one\ntwo\nthree\nfour five\n"
    first, last = text.index("one"), text.index("five")
    others = [Label((first, first + 3), "first"), Label((last - 5, last - 1), "here")]
    assert lines(text, Diagnostic("E1", "so", (last, last + 4), others=others))[1:] == [
        " --> x.scn:4:6",
        "  |",
        "1 | one",
        "  | ^^^ first",
        "  ...",
        "4 | four five",
        "  | ^^^^ here",
        "  |      ^^^^",
    ]


def test_the_margin_fits_the_largest_line_number() -> None:
    text = "a\n" * 9 + "b\n"
    found = lines(text, Diagnostic("E1", "so", (18, 19), others=[Label((0, 1), "")]))
    assert found[3:] == [" 1 | a", "   | ^", "   ...", "10 | b", "   | ^"]


@pytest.mark.parametrize(("text", "place"), [("", "1:1"), ("a", "1:2"), ("a\n", "2:1"), ("a\n\n", "3:1")])
def test_a_span_at_the_end_of_the_text_has_a_line_and_a_caret(text: str, place: str) -> None:
    found = lines(text, Diagnostic("E1", "so", (len(text), len(text))))
    assert found[1] == f" --> x.scn:{place}"
    assert found[-1].endswith("^")


def test_a_span_of_several_lines_is_marked_under_its_first() -> None:
    assert at("log [1,\n2]\n", "[1,\n2]")[-2:] == ["1 | log [1,", "  |     ^^^"]


def test_a_long_line_is_cut_and_still_shows_the_word() -> None:
    for column in (1, 100, 119, 120, 200, 999):
        text = "-" * (column - 1) + "X" + "-" * 1000
        shown, carets = at(text, "X")[-2:]
        assert len(shown) <= 170
        assert shown[carets.index("^")] == "X", column
        assert shown.endswith("…")


def test_two_labels_of_one_long_line_share_what_is_shown_of_it() -> None:
    text = "-" * 300 + "X---Y"
    found = lines(text, Diagnostic("E1", "so", (304, 305), others=[Label((300, 301), "first")]))
    shown, first, second = found[-3:]
    assert (shown[first.index("^")], shown[second.index("^")]) == ("X", "Y")


def test_a_message_of_any_length_stays_readable() -> None:
    (first, *_) = lines("x", Diagnostic("E1", "a" * 5000 + "\n", (0, 1)))
    assert len(first) < 700
    assert first.endswith("…")


def test_a_diagnostic_without_a_code_shows_none() -> None:
    assert lines("x", Diagnostic("", "so", (0, 1)))[0] == "error: so"


# -------------------------------------------------------------------------------------------------- suggestions


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [
        ("", "", 0),
        ("", "ab", 2),
        ("trade", "trade", 0),
        ("trad", "trade", 1),
        ("trrade", "trade", 1),
        ("trude", "trade", 1),
        ("tarde", "trade", 1),
        ("tarda", "trade", 2),
        ("edart", "trade", 4),
        ("expct", "expect", 1),
        ("kitten", "sitting", 3),
    ],
)
def test_the_edit_distance_counts_a_swap_as_one(a: str, b: str, distance: int) -> None:
    assert edit_distance(a, b) == edit_distance(b, a) == distance


@pytest.mark.parametrize(
    ("word", "candidates", "found"),
    [
        ("trad", "trade order", "trade"),
        ("rejectoin", "rejection", "rejection"),
        ("recnect", "reconnect", "reconnect"),
        ("recct", "reconnect", None),
        ("by", "buy", "buy"),
        ("byy", "buy", "buy"),
        ("byu", "buy", "buy"),
        ("bya", "buy", None),
        ("xyu", "buy", None),
        ("a", "b", None),
        ("WAIT", "wait", "wait"),
        ("wait", "wait", None),
        ("wat", "cat wait", "wait"),
        ("xat", "cat bat", "bat"),
        ("foo", "", None),
    ],
)
def test_the_nearest_word_is_within_reach(word: str, candidates: str, found: str | None) -> None:
    assert nearest(word, candidates.split()) == found


def test_the_nearest_of_several_does_not_hang_on_their_order() -> None:
    assert {nearest("rbb", each) for each in (["bb", "rb", "br"], ["br", "rb", "bb"], ["rb", "bb"])} == {"rb"}


def test_only_a_near_word_is_suggested() -> None:
    assert did_you_mean("waite", ["wait"]) == "; did you mean `wait`?"
    assert did_you_mean("frobnicate", ["wait"]) == ""
