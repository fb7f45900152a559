"""The slips that people make, and what they are told: the words, the place, and one error for one slip."""

import pytest
from support import checked, codes

from ctpscen.language.text.diagnostics import Located, render


def shown(located: Located) -> tuple[str, int, str]:
    """A diagnostic as its message, its line, and the words under its carets."""
    diagnostic, source = located.diagnostic, located.source
    return diagnostic.message, source.place(diagnostic.span[0]).line, source.slice(diagnostic.span)


def only(text: str) -> Located:
    (located,) = checked(text).diagnostics
    return located


ENTRY = "buy open 1 rb2705 at ask as entry\n"

# The table of section 10 of the language's definition, word by word: what is written, the message, the very words.
TABLE = [
    (ENTRY + "expct trade of entry", "unknown step `expct`; did you mean `expect`?", "expct"),
    (ENTRY + "expect trad of entry", "unknown report kind `trad`; did you mean `trade`?", "trad"),
    (ENTRY + "expect trade of entry within 5", "a duration needs a unit: `5s`, `500ms`", "5"),
    (ENTRY + "expect trade of entry where volume = 2", "compare with `==`", "="),
    ("buy open 2 cu2612 at", "a price must follow `at`", "at"),
    ("waite 10s", "unknown step `waite`; did you mean `wait`?", "waite"),
    ('log "abc', "this text is never closed", '"abc'),
    (ENTRY + "cancel entri", "`entri` is not defined; did you mean `entry`?", "entri"),
    ("if true:\n\tlog 1", "a tab in the indentation; blocks are indented with spaces", "\t"),
    ("log 1\n  log 2", "unexpected indent: no `:` above opens a block here", "  "),
]


@pytest.mark.parametrize(("text", "message", "words"), TABLE, ids=[message for _, message, _ in TABLE])
def test_each_slip_of_the_table_has_its_message(text: str, message: str, words: str) -> None:
    located = only(text)
    assert shown(located) == (message, text.count("\n") + 1, words)
    assert located.diagnostic.severity == "error"


def test_a_name_used_too_early_shows_where_it_gets_its_value() -> None:
    text = "buy open 1 rb2705 at ask as entry\nexpect trades of fill\ncancel entry\nbuy open 1 rb2705 at ask as fill\n"
    located = only(text)
    assert shown(located) == ("`fill` is used before anything gives it a value", 2, "fill")
    (other,) = located.diagnostic.others
    assert located.source.place(other.span[0]).line == 4
    assert located.source.slice(other.span) == "fill"


@pytest.mark.parametrize("name", ["entry", "buy", "canceled", "position"])
def test_a_name_that_ctp_has_a_constant_of_can_be_used_too_early_as_well(name: str) -> None:
    text = f"expect trades of {name}\nbuy open 1 rb2705 at ask as {name}\n"
    assert codes(text) == ["E202"]


def test_a_constant_keeps_its_meaning_beside_its_field_whatever_is_named_so_later() -> None:
    text = ENTRY + "expect order of entry where order_status == canceled as canceled\nlog canceled.time\n"
    assert codes(text) == []


def test_a_name_that_is_a_constant_only_by_accident_is_not_defined() -> None:
    assert codes("cancel entry\n") == ["E201"]
    assert codes("check entry.volume_traded == 1\n") == ["E201"]
    assert codes("expect trades of entry\n") == ["E201"]


def test_all_errors_of_a_file_are_found_in_one_pass() -> None:
    text = "".join(each.removeprefix(ENTRY) + "\n" for each, _, _ in TABLE[:8])
    found = [shown(each)[0] for each in checked(ENTRY + text).diagnostics]
    assert found == [message for _, message, _ in TABLE[:8]]


def test_what_follows_from_a_slip_is_not_reported_as_well() -> None:
    unread = "byu open 1 rb2705 at ask as entry\nexpect trade of entry\ncancel entry\n"
    assert codes(unread) == ["E102"]
    assert codes("parm volume = 2\nbuy open volume rb2705 at ask\n") == ["E102"]
    assert codes("sesion bob\nbob: log 1\n") == ["E102"]
    assert codes("define f(a b):\n    log a + b\nf(1, 2)\n") == ["E101"]
    assert codes("let volume = 2\nbuy open volum rb2705 at ask\n") == ["E201"]


def test_a_statement_that_could_not_be_read_hides_nothing_before_it() -> None:
    assert codes("expect trades of fill\nexpct trades of fill\nbuy open 1 rb2705 at ask as fill\n") == ["E202", "E102"]


def test_an_unknown_actor_is_one_error() -> None:
    assert codes("vneue: halt rb2705\n") == ["E209"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("session bob\nwait 1s\nbbo: log 1\n", "there is no session `bbo`; did you mean `bob`?"),
        ("query postions\n", "`postions` does not fit here; did you mean `positions`?"),
        ("repeat 3:\n    log 1\n", "`:` does not fit here"),
        ("x = 3\n", "a value is named with `let`: `let x = …`"),
        ("let at = 3\n", "`at` is a reserved word and cannot be a name"),
        ("let 3 = 3\n", "a name must follow `let`, not `3`"),
        ("if true\n    log 1\n", "`:` must end this line and open a block"),
        ("venue\n", "`:` must follow `venue`"),
        ("expect trade as _x where volume == 1\n", "`where` stands before `as _x`, which comes last"),
        ("expect trade within as x\n", "a duration must follow `within`, not `as`"),
        ("halt rb2705\n", "`halt` is a step of the venue"),
        ("venue: drop next 2 trads\n", "unknown report kind `trads`; did you mean `trade`?"),
        ("log 1 + not true\n", "`not` needs brackets here: `(not …)`"),
        ("log -not true\n", "`not` needs brackets here: `(not …)`"),
    ],
)
def test_other_slips_are_told_in_as_plain_words(text: str, message: str) -> None:
    assert shown(only(text))[0] == message


def test_what_would_fit_is_said_in_words_that_people_know() -> None:
    notes = {
        "repeat 3: log 1\n": "would fit: `times`",
        '"a text"\n': "would fit: a step",
        "disconnect now\n": "would fit: `;`, `market`, `silently` or the end of the line",
        "log 1 2\n": "would fit: an operator, `;` or the end of the line",
    }
    for text, note in notes.items():
        assert note in "\n".join(render(only(text))), text


def test_a_bracket_that_swallowed_the_next_line_is_pointed_at() -> None:
    located = only('log (1 + 2\nlog "after")\n')
    (other,) = located.diagnostic.others
    assert (located.source.slice(other.span), other.text) == ("(", "this `(` is still open")
    assert located.source.place(located.diagnostic.span[0]).line == 2
