"""Scenarios, their tables, and what stands around them."""

import pytest
from support import checked, codes, said, sound


def test_a_scenario_has_its_title_tags_timeout_and_lines() -> None:
    text = 'param n = 2\n\nscenario "a \\"b\\"" @one @t-w.o timeout n * 1m:\n    log 1\n\n    log 2\n\n'
    text += 'scenario "c": log 3\n'
    first, second = sound(text).scenarios
    assert (first.title, first.tags, first.line, first.last_line) == ('a "b"', ("one", "t-w.o"), 3, 6)
    assert first.timeout is not None
    assert (second.tags, second.timeout, second.line, second.last_line) == ((), None, 8, 8)


@pytest.mark.parametrize(
    ("text", "manual"),
    [
        ("connect\nplace order\n", {"trader"}),
        ("connect front\n", {"trader"}),
        ("login\n", {"trader"}),
        ("log 1\nwait 1s\nlet x = 3\nconnect\nlog x\n", {"trader"}),
        ("place order\nconnect\n", set()),
        ("log position(rb2705).net\nconnect\n", set()),
        ("network: cut\nconnect\n", {"trader"}),
        ("session a\nsession b\na: place order\nb: connect\n", {"b"}),
        ("session a\nsession b\nb:\n    if true:\n        connect\n", {"b"}),
        ("define begin(): connect\nbegin()\n", {"trader"}),
        ('before: connect\nscenario "x": place order\n', {"trader"}),
        ('before: place order\nscenario "x": connect\n', set()),
    ],
)
def test_a_session_is_connected_by_hand_if_its_own_first_step_does_it(text: str, manual: set[str]) -> None:
    assert sound(text).scenarios[0].manual == manual


def test_titles_are_unique_in_a_file() -> None:
    found = checked('scenario "a": log 1\nscenario "b": log 2\nscenario "a": log 3\n').diagnostics
    assert [each.diagnostic.code for each in found] == ["E403"]
    (other,) = found[0].diagnostic.others
    assert (other.text, found[0].source.slice(other.span)) == ("the first", '"a"')


def table(rows: str, body: str = "log a") -> str:
    lines = "".join(f"        {row}\n" for row in rows.split("\n"))
    return f'scenario "x":\n    where:\n{lines}    {body}\n'


def test_a_table_has_its_columns_and_rows() -> None:
    (scenario,) = sound("let x = 1\n" + table("| a | b |\n| 1 | x + 1 |\n| 2 | 3s |", "log [a, b]")).scenarios
    assert scenario.table is not None
    assert scenario.table.columns == ("a", "b")
    assert len(scenario.table.rows) == len(scenario.table.spans) == 2


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("| a | b |\n| 1 |", "this row has 1 cell, and the table 2 columns"),
        ("| a |\n| 1 | 2 |", "this row has 2 cells, and the table 1 column"),
        ("| a | a |\n| 1 | 2 |", "two columns are called `a`"),
        ("| a | 3 |\n| 1 | 2 |", "the first row of a table names its columns"),
        ("| a |", "this table has no row below its column names"),
    ],
)
def test_a_table_is_rectangular_and_named(rows: str, message: str) -> None:
    assert said(table(rows)) == [message]


def test_the_cells_of_a_table_are_constants() -> None:
    assert codes(table("| a |\n| ask |")) == ["E304"]
    assert codes(table("| a |\n| position(rb2705) |")) == ["E304"]
    assert codes(table("| a |\n| nothing |")) == ["E201"]


def test_a_column_is_of_the_type_of_its_cells() -> None:
    assert codes(table("| a |\n| 1 |\n| 2 |", "wait a")) == ["E302"]
    assert codes(table("| a |\n| 1s |\n| 2s |", "wait a")) == []
    assert codes(table("| a |\n| 1s |\n| 2 |", "wait a")) == []  # of either, which only the run can tell


def test_a_table_comes_first_in_a_scenario() -> None:
    assert codes('scenario "x":\n    log 1\n    where:\n        | a |\n        | 1 |\n') == ["E401"]
    assert codes("where:\n    | a |\n    | 1 |\nlog 1\n") == ["E401"]


def test_what_a_scenario_named_is_seen_by_after() -> None:
    text = 'after:\n    cancel entry\nscenario "x":\n    buy open 1 rb2705 as entry\n'
    assert codes(text) == ["W502"]  # it runs whatever happened
    assert codes(text.replace("cancel entry", "if defined(entry): cancel entry")) == []


def test_what_before_named_is_seen_by_the_scenarios() -> None:
    assert codes('before: buy open 1 rb2705 as entry\nscenario "x": cancel entry\n') == []
