"""Text to tokens: every literal and its edge cases, comments, layout, lines that run on, and what cannot be read."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from ctpscen.ctp.terms.instruments import Instrument
from ctpscen.language.syntax.lexer import NESTING_LIMIT, Lexer
from ctpscen.language.syntax.parser import parse, parse_expression, tables
from ctpscen.language.syntax.tree import Chain, LiteralValue, Name, Step, Template
from ctpscen.language.text.source import Source


def value(text: str) -> Any:
    found = parse_expression(Source("x", text))
    assert isinstance(found, LiteralValue), found
    return found.value


def tokens(text: str) -> list[list[str]]:
    """The kinds of the tokens of every logical line."""
    compiled, _ = tables()
    return [[token.type for token in line] for line in Lexer(text, compiled.scanner).lines()]


def found(text: str) -> list[tuple[str, str]]:
    return [(each.code, each.message) for each in parse(Source("x", text)).diagnostics.found]


def steps(text: str) -> tuple[Step, ...]:
    parsed = parse(Source("x", text))
    assert parsed.diagnostics.found == []
    return parsed.tree.steps


# ------------------------------------------------------------------------------------------------------ literals

LITERALS = [
    ("2", 2),
    ("0", 0),
    ("1_000_000", 1_000_000),
    ("71230.5", 71230.5),
    ("1_000.25", 1000.25),
    ("1e3", 1000.0),
    ("2.5e-3", 0.0025),
    ("0x1001", 4097),
    ("0X20_01", 0x2001),
    ("5%", 0.05),
    ("12.5%", 0.125),
    ("0%", 0),
    ("500us", timedelta(microseconds=500)),
    ("200ms", timedelta(milliseconds=200)),
    ("10s", timedelta(seconds=10)),
    ("1.5s", timedelta(milliseconds=1500)),
    ("5m", timedelta(minutes=5)),
    ("2h", timedelta(hours=2)),
    ("1h30m", timedelta(minutes=90)),
    ("1m30s500ms", timedelta(seconds=90, milliseconds=500)),
    ("0s", timedelta(0)),
    ("21:00", time(21)),
    ("9:30", time(9, 30)),
    ("14:59:58", time(14, 59, 58)),
    ("14:59:58.500", time(14, 59, 58, 500_000)),
    ("14:59:58.5", time(14, 59, 58, 500_000)),
    ("14:59:58.000001", time(14, 59, 58, 1)),
    ("2026-11-23", date(2026, 11, 23)),
    ("2026-11-23 21:00", datetime(2026, 11, 23, 21)),
    ("2026-11-23  9:30:01.25", datetime(2026, 11, 23, 9, 30, 1, 250_000)),
    ("true", True),
    ("false", False),
    ("none", None),
    ('""', ""),
    (r'"a\n\t\"\\b"', 'a\n\t"\\b'),
    (r'"\u{4e2d}\u{1F600}"', "中😀"),
    ('"中文"', "中文"),
    ('"{{a}}"', "{a}"),
    ('"# no comment; no end"', "# no comment; no end"),
]


@pytest.mark.parametrize(("text", "wanted"), LITERALS, ids=[text for text, _ in LITERALS])
def test_a_literal_is_the_value_that_it_writes(text: str, wanted: object) -> None:
    assert value(text) == wanted
    assert type(value(text)) in (type(wanted), float)


def test_a_day_and_a_time_without_seconds_are_not_a_subtraction() -> None:
    assert isinstance(parse_expression(Source("x", "2026-11-23 + 1s")), Chain)
    assert isinstance(parse_expression(Source("x", "2026 - 11 - 23")), Chain)


INSTRUMENTS = [
    ("cu2612", "cu2612", ""),
    ("IF2612", "IF2612", ""),
    ("SR701", "SR701", ""),
    ("m2701", "m2701", ""),
    ("m2701-C-3000", "m2701-C-3000", ""),
    ("cu2612C80000", "cu2612C80000", ""),
    ("SR701P5400", "SR701P5400", ""),
    ("SHFE.cu2612", "cu2612", "SHFE"),
    ("cu2612.SHFE", "cu2612", "SHFE"),
    ("czce.SR701", "SR701", "CZCE"),
    ("m2701-C-3000.DCE", "m2701-C-3000", "DCE"),
]


@pytest.mark.parametrize(("text", "name", "exchange"), INSTRUMENTS, ids=[text for text, _, _ in INSTRUMENTS])
def test_an_instrument_in_every_notation(text: str, name: str, exchange: str) -> None:
    got = value(text)
    assert isinstance(got, Instrument)
    assert (str(got), got.exchange) == (name, exchange)


def test_a_field_of_an_instrument_is_no_exchange() -> None:
    assert tokens("cu2612.volume")[0] == ["INSTRUMENT", "DOT", "NAME", "NEWLINE"]


@pytest.mark.parametrize("text", ["cu26123", "cu26", "abc2612", "cu2612x", "_cu2612", "c2612_", "x", "entry1"])
def test_what_is_not_shaped_like_an_instrument_is_a_name(text: str) -> None:
    assert isinstance(parse_expression(Source("x", text)), Name)


@pytest.mark.parametrize("text", ["a701", "zz2612", "x123", "ab1234C5"])
def test_a_name_cannot_be_shaped_like_an_instrument(text: str) -> None:
    assert found(f"let {text} = 1\n") == [
        ("E101", f"`{text}` has the shape of an instrument and cannot be a name"),
    ]


BAD_NUMBERS = ["5x", "1h30", "1.2.3", "0xg", "10sec", "2days", "1_0s2"]


@pytest.mark.parametrize("text", BAD_NUMBERS)
def test_a_number_never_runs_into_letters(text: str) -> None:
    assert [code for code, _ in found(f"log {text}\n")] == ["E100"]


def test_a_common_unit_is_answered_with_the_units_that_there_are() -> None:
    assert found("wait 10sec") == [("E100", "`10sec` is no duration; the units are `us`, `ms`, `s`, `m`, `h`")]


def test_a_percentage_is_told_from_a_remainder() -> None:
    assert value("5%") == 0.05
    remainder = parse_expression(Source("x", "7 % 4"))
    assert isinstance(remainder, Chain)
    assert remainder.operators == ("%",)
    for text in ("7%(4)", "7%x", "7%[1][0]"):
        assert isinstance(parse_expression(Source("x", text)), Chain)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2026-02-30", "date"),
        ("24:00", "time"),
        ("09:60", "time"),
        ("2026-11-23 09:30:61", "moment"),
        ("9e999", "number"),
    ],
)
def test_a_literal_that_does_not_exist_is_said_to_be_none(text: str, kind: str) -> None:
    assert found(f"log {text}") == [("E111", f"`{text}` is no {kind}")]


# --------------------------------------------------------------------------------------------------------- texts


def test_a_text_holds_expressions_and_their_spans_are_those_of_the_file() -> None:
    (step,) = steps('log "a {1 + x} b {{c}} {y.z}"')
    (template,) = step.many("value")
    assert isinstance(template, Template)
    texts = [part if isinstance(part, str) else type(part).__name__ for part in template.parts]
    assert texts == ["a ", "Chain", " b {c} ", "FieldOf"]
    chain = template.parts[1]
    assert not isinstance(chain, str)
    assert 'log "a {1 + x} b'[slice(*chain.span)] == "1 + x"


def test_a_text_ends_at_the_end_of_its_line() -> None:
    assert found('log "abc\nlog "d"\n') == [("E100", "this text is never closed")]


def test_a_docstring_runs_over_lines_and_must_be_closed() -> None:
    (docstring, _) = steps('"""One\ntwo "three" \\"""\n"""\nlog 1\n')
    assert docstring.verb == "docstring"
    assert found('"""One\nlog 1\n')[0] == ("E100", "this text is never closed")


# ------------------------------------------------------------------------------------ comments, ends, and layout


def test_a_comment_goes_to_the_end_of_the_line_and_its_span_is_kept() -> None:
    text = "# first\nlog 1 # second  \n    # third\nlog (1 + # fourth\n  2)\n"
    parsed = parse(Source("x", text))
    assert parsed.diagnostics.found == []
    assert [text[slice(*span)] for span in parsed.tree.comments] == ["# first", "# second", "# third", "# fourth"]


def test_a_semicolon_ends_a_statement_and_may_end_a_line() -> None:
    assert [step.verb for step in steps("log 1; wait 1s ;log 2;\nstop\n")] == ["log", "wait", "log", "stop"]


def test_lines_run_on_inside_brackets_whatever_their_indentation() -> None:
    (step,) = steps("log [1,\n2,\n        3\n]\n")
    assert len(step.many("value")[0].items) == 3
    assert [step.verb for step in steps("log len(\n[1]\n)\nlog 2")] == ["log", "log"]


def test_lines_do_not_run_on_elsewhere() -> None:
    assert [code for code, _ in found("log 1 +\n2\n")] == ["E101", "E101"]


def test_a_bracket_that_is_never_closed_hides_only_its_own_line() -> None:
    parsed = parse(Source("x", "log (1 + 2\nlog 3\n"))
    assert [(each.code, each.message) for each in parsed.diagnostics.found] == [
        ("E100", "this `(` is never closed"),
    ]
    assert [step.verb for step in parsed.tree.steps] == ["unread", "log"]


@pytest.mark.parametrize(("text", "bracket"), [("log 1)", ")"), ("log [1)]", ")"), ("log (1])", "]")])
def test_a_bracket_that_closes_nothing_is_said_so(text: str, bracket: str) -> None:
    assert ("E100", f"this `{bracket}` closes nothing") in found(text)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_may_end_as_on_windows(newline: str) -> None:
    lines = [
        '"""Text."""',
        "",
        'scenario "x":',
        "    log 1 # one",
        "    if true:",
        '        log "two"',
        "    log (1 +",
        "  2)",
    ]
    docstring, scenario = steps(newline.join(lines) + newline)
    assert docstring.verb == "docstring"
    assert [step.verb for step in scenario.body or ()] == ["log", "if", "log"]


def test_a_byte_order_mark_is_passed_over() -> None:
    assert [step.verb for step in steps('\ufeffscenario "x":\n    log 1\n')] == ["scenario"]
    assert [step.verb for step in steps("\ufefflog 1\nlog 2")] == ["log", "log"]


def test_the_last_line_needs_no_end() -> None:
    (scenario,) = steps('scenario "x":\n    log 1')
    assert [step.verb for step in scenario.body or ()] == ["log"]


@pytest.mark.parametrize("text", ["", "\n\n", "   \n", "# only\n", "\ufeff", "\r\n"])
def test_a_text_of_nothing_is_a_tree_of_nothing(text: str) -> None:
    assert steps(text) == ()


def test_blank_lines_and_comments_have_no_indentation() -> None:
    (step,) = steps("if true:\n    log 1\n\n# out here\n         # far\n    log 2\n")
    assert [inner.verb for inner in step.body or ()] == ["log", "log"]


def test_a_tab_in_the_indentation_is_said_on_its_line() -> None:
    source = Source("x", "if true:\n\tlog 1\n    log 2\n")
    (diagnostic,) = parse(source).diagnostics.found
    assert diagnostic.message == "a tab in the indentation; blocks are indented with spaces"
    assert source.place(diagnostic.span[0]).line == 2


def test_a_tab_elsewhere_is_a_blank() -> None:
    assert [step.verb for step in steps("log\t1\t;\tlog 2")] == ["log", "log"]


def test_an_unexpected_indent_is_said_on_its_line_and_the_line_is_read() -> None:
    source = Source("x", "log 1\n    log 2\n    log 3\nlog 4\n")
    parsed = parse(source)
    (diagnostic,) = parsed.diagnostics.found
    assert diagnostic.code == "E106"
    assert source.place(diagnostic.span[0]).line == 2
    assert [step.verb for step in parsed.tree.steps] == ["log"] * 4


def test_a_line_between_two_depths_is_said_so() -> None:
    source = Source("x", "if true:\n        log 1\n    log 2\nlog 3\n")
    (diagnostic,) = parse(source).diagnostics.found
    assert diagnostic.message == "this line is indented like no block above it"
    assert source.place(diagnostic.span[0]).line == 3


def _nested(depth: int) -> str:
    return "".join("  " * level + "if true:\n" for level in range(depth)) + "  " * depth + "log 1\n"


def test_blocks_may_nest_a_hundred_deep_and_no_deeper() -> None:
    assert found(_nested(NESTING_LIMIT)) == []
    assert [code for code, _ in found(_nested(NESTING_LIMIT + 1))] == ["E107"]


def test_blocks_on_one_line_count_as_nested() -> None:
    assert found("trader: " * NESTING_LIMIT + "log 1") == []
    assert [code for code, _ in found("trader: " * (NESTING_LIMIT + 1) + "log 1")] == ["E107"]


@pytest.mark.parametrize(("opening", "closing"), ["()", "[]"])
def test_brackets_may_nest_a_hundred_deep_and_no_deeper(opening: str, closing: str) -> None:
    deep = opening * NESTING_LIMIT + "1" + closing * NESTING_LIMIT
    assert found(f"log {deep}") == []
    assert [message for _, message in found(f"log {opening}{deep}{closing}")] == ["brackets nested deeper than 100"]


# ----------------------------------------------------------------------------------------- what cannot be read


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("log ＃", "`＃` is a full-width character; write `#`"),
        ("log ”a”", '`”` is a full-width character; write `"`'),
        ("log “a", "this text is never closed"),
        ("log 。", "`。` can stand in a text only, between quotation marks"),
        ("log ?", "`?` means nothing here"),
        ("log \x00", "the character U+0000 means nothing here"),
        ("log \u200b", "`U+200B` can stand in a text only, between quotation marks"),
        ("log 2026-11-23T09:30", "a date and its time stand apart: `2026-11-23 21:00`"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, message: str) -> None:
    assert found(text)[0] == ("E100", message)
