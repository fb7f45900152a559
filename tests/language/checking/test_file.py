"""A tree to a checked program: what is taken over, what clashes, what each name and each part may be."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from support import checked, codes, messages

from ctpscen.ctp.terms.instruments import Instrument
from ctpscen.language.checking.file import check
from ctpscen.language.meaning.program import Program
from ctpscen.language.meaning.types import (
    BOOLEAN,
    DATE,
    DURATION,
    INSTRUMENT,
    MOMENT,
    NONE,
    NUMBER,
    TEXT,
    TIME,
    Type,
    list_of,
)
from ctpscen.language.meaning.values import read_value
from ctpscen.language.syntax.tree import LiteralValue, Variable
from ctpscen.language.text.source import Source
from ctpscen.loading import load


def program(text: str) -> Program:
    found = checked(text)
    assert found.program is not None, messages(found.diagnostics)
    return found.program


def said(text: str) -> list[str]:
    return messages(checked(text).diagnostics)


ENTRY = "buy open 1 rb2705 at ask as entry\n"


# ----------------------------------------------------------------------------------------------------- the file


def test_bare_steps_are_one_scenario_named_after_the_file() -> None:
    found = check(Source("some/folder/many words.scn", "log 1\nlog 2\n"))
    assert found.program is not None
    assert [scenario.title for scenario in found.program.scenarios] == ["many words"]


def test_in_bare_steps_what_stands_before_the_first_step_is_the_files() -> None:
    text = "let a = 1\nvenue: halt rb2705\nlog a\nlet b = 2\nvenue: resume rb2705\nlog b\n"
    found = program(text)
    assert [let.name for let in found.lets] == ["a"]
    assert len(found.venue) == 1
    assert [step.verb for step in found.scenarios[0].body] == ["log", "let", "actor", "log"]


def test_definitions_between_scenarios_hold_for_the_whole_file() -> None:
    text = 'scenario "a": log k + f()\nlet k = 3\ndefine f(): return 1\nvenue: halt rb2705\nscenario "b": log k\n'
    found = program(text)
    assert [scenario.title for scenario in found.scenarios] == ["a", "b"]
    assert (list(found.defines), [let.name for let in found.lets], len(found.venue)) == (["f"], ["k"], 1)


def test_a_scenario_has_its_title_tags_timeout_and_lines() -> None:
    text = 'param n = 2\n\nscenario "a \\"b\\"" @one @t-w.o timeout n * 1m:\n    log 1\n\n    log 2\n\n'
    text += 'scenario "c": log 3\n'
    first, second = program(text).scenarios
    assert (first.title, first.tags, first.line, first.last_line) == ('a "b"', ("one", "t-w.o"), 3, 6)
    assert first.timeout is not None
    assert (second.tags, second.timeout, second.line, second.last_line) == ((), None, 8, 8)


def test_with_no_session_declared_there_is_one_called_trader() -> None:
    assert [session.name for session in program("log 1\n").sessions] == ["trader"]
    assert codes("trader: log 1\n") == []
    assert codes("session alice\nalice: log 1\ntrader: log 1\n") == ["E209"]


def test_a_session_has_its_account_and_its_modes() -> None:
    text = "session a\nsession b account second private restart public none\nsession c public quick\nlog 1\n"
    assert [(each.name, each.account, each.private, each.public) for each in program(text).sessions] == [
        ("a", "", "resume", "resume"),
        ("b", "second", "restart", "none"),
        ("c", "", "resume", "quick"),
    ]


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
    assert program(text).scenarios[0].manual == manual


def test_titles_are_unique_in_a_file() -> None:
    found = checked('scenario "a": log 1\nscenario "b": log 2\nscenario "a": log 3\n').diagnostics
    assert [each.diagnostic.code for each in found] == ["E403"]
    (other,) = found[0].diagnostic.others
    assert (other.text, found[0].source.slice(other.span)) == ("the first", '"a"')


def test_a_file_needs_something_to_run() -> None:
    assert codes("") == codes("# nothing\n") == codes("venue: halt rb2705\n") == ["E405"]
    assert codes('scenario "x":\n    where:\n        | a |\n        | 1 |\n') == ["E405"]


# ---------------------------------------------------------------------------------------------------------- use


def files(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        path = folder / (name.replace("__", "/") + ".scn")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def found_in(path: Path) -> tuple[list[str], list[str]]:
    _, found = load(str(path))
    return [each.diagnostic.code for each in found.diagnostics], messages(found.diagnostics)


def test_a_used_file_gives_its_params_lets_sessions_and_defines_and_nothing_else(tmp_path: Path) -> None:
    used = (
        '"""Other."""\nparam volume = 2\nlet twice = volume * 2\nsession bob account x\ndefine f(a): log a\n'
        'venue: halt rb2705\nbefore: log "before"\nafter: log "after"\nscenario "not taken": log 1\n'
    )
    files(tmp_path, used=used, main='use "used.scn"\nscenario "x":\n    f(twice + volume)\n    bob: place order\n')
    _, found = load(str(tmp_path / "main.scn"))
    assert found.diagnostics == []
    program = found.program
    assert program is not None
    assert (list(program.params), [let.name for let in program.lets]) == (["volume"], ["twice"])
    assert ([session.name for session in program.sessions], list(program.defines)) == (["bob"], ["f"])
    assert (program.venue, program.before, program.after) == ((), (), ())
    assert [scenario.title for scenario in program.scenarios] == ["x"]


def test_the_default_session_of_a_used_file_is_not_taken_over(tmp_path: Path) -> None:
    files(tmp_path, used="param a = 1\n", main='use "used.scn"\nsession alice\nlog a\n')
    _, found = load(str(tmp_path / "main.scn"))
    assert found.program is not None
    assert [session.name for session in found.program.sessions] == ["alice"]


def test_a_path_is_relative_to_the_file_that_uses_it(tmp_path: Path) -> None:
    files(
        tmp_path,
        main='use "folder/one.scn"\nlog a + b\n',
        folder__one='use "two.scn"\nlet a = 1\n',
        folder__two="let b = 2\n",
    )
    assert found_in(tmp_path / "main.scn") == ([], [])


def test_one_definition_may_come_by_two_ways(tmp_path: Path) -> None:
    files(
        tmp_path,
        main='use "one.scn"\nuse "two.scn"\nlog a + b\n',
        one='use "base.scn"\nlet b = a\n',
        two='use "base.scn"\n',
        base="let a = 1\n",
    )
    assert found_in(tmp_path / "main.scn") == ([], [])


def test_a_clash_of_names_shows_both_places(tmp_path: Path) -> None:
    files(tmp_path, main='use "one.scn"\nuse "two.scn"\nlog a\n', one="let a = 1\n", two="\nparam a = 2\n")
    _, found = load(str(tmp_path / "main.scn"))
    (located,) = found.diagnostics
    diagnostic = located.diagnostic
    assert (diagnostic.code, diagnostic.message) == ("E210", "`a` is already defined")
    assert located.source.slice(diagnostic.span) == '"two.scn"'
    one, two = diagnostic.notes
    assert one == f"first defined at {tmp_path / 'one.scn'}:1:5"
    assert two == f"and again at {tmp_path / 'two.scn'}:2:7"


def test_a_circle_shows_its_chain(tmp_path: Path) -> None:
    files(tmp_path, a='use "b.scn"\nlog 1\n', b='use "c.scn"\n', c='use "a.scn"\n')
    _, found = load(str(tmp_path / "a.scn"))
    (located,) = found.diagnostics
    a, b, c = (str(tmp_path / f"{name}.scn") for name in "abc")
    assert located.diagnostic.code == "E406"
    wanted = f"files that use each other in a circle: `{a}` uses `{b}` uses `{c}` uses `{a}`"
    assert located.diagnostic.message == wanted
    assert located.source.name == c


def test_a_file_that_uses_itself_is_a_circle(tmp_path: Path) -> None:
    files(tmp_path, a='use "a.scn"\nlog 1\n')
    assert found_in(tmp_path / "a.scn")[0] == ["E406"]


def test_a_file_that_cannot_be_read_is_told_at_its_name(tmp_path: Path) -> None:
    files(tmp_path, main='use "gone.scn"\nuse "bytes.scn"\nuse "."\nlog 1\n')
    (tmp_path / "bytes.scn").write_bytes(b"log \xff\n")
    found, said = found_in(tmp_path / "main.scn")
    assert found == ["E406"] * 3
    assert said[0] == "`gone.scn` cannot be read: No such file or directory"
    assert said[1] == "`bytes.scn` is not UTF-8 text"


def test_the_errors_of_a_used_file_are_told_in_that_file_and_its_warnings_are_not(tmp_path: Path) -> None:
    used = "param unused = 1\nlet a = b\nwaite 1s\ndefine f():\n    log c\n    let d = 1\n"
    files(tmp_path, main='use "used.scn"\nlog a\nlog nothing\n', used=used)
    _, found = load(str(tmp_path / "main.scn"))
    told = [
        (Path(each.source.name).name, each.source.place(each.diagnostic.span[0]).line, each.diagnostic.code)
        for each in found.diagnostics
    ]
    assert sorted(told) == [
        ("main.scn", 3, "E201"),
        ("used.scn", 2, "E201"),
        ("used.scn", 3, "E102"),
        ("used.scn", 5, "E201"),
    ]
    assert found.program is None


def test_a_text_that_is_no_file_uses_none() -> None:
    found = check(Source("stdin", 'use "a.scn"\nlog 1\n'))
    assert [each.diagnostic.code for each in found.diagnostics] == ["E406"]


# ------------------------------------------------------------------------------------------------------- params

VALUES: list[tuple[str, Type, Any]] = [
    ("3", NUMBER, 3),
    ("-3", NUMBER, -3),
    ("0x1001", NUMBER, 4097),
    ("5%", NUMBER, 0.05),
    ("10s", DURATION, timedelta(seconds=10)),
    ("-1m", DURATION, timedelta(minutes=-1)),
    ("1h30m", DURATION, timedelta(minutes=90)),
    ("true", BOOLEAN, True),
    ("none", NONE, None),
    ("21:00", TIME, time(21)),
    ("2026-11-23", DATE, date(2026, 11, 23)),
    ("2026-11-23 21:00", MOMENT, datetime(2026, 11, 23, 21)),
    ("any text = so {x}", TEXT, "any text = so {x}"),
    ('"quoted"', TEXT, '"quoted"'),
    ("10", TEXT, "10"),
    ("", TEXT, ""),
    ("cu2612", INSTRUMENT, "cu2612"),
    ("SHFE.cu2612", INSTRUMENT, "cu2612"),
    ("SPD MA701&MA705", INSTRUMENT, "SPD MA701&MA705"),
    ("[1, 2]", list_of(NUMBER), [1, 2]),
    ("[]", list_of(NUMBER), []),
]


@pytest.mark.parametrize(("text", "kind", "value"), VALUES, ids=[f"{kind.base} {text}" for text, kind, _ in VALUES])
def test_a_value_of_the_command_line_is_read_as_the_type_of_its_param(text: str, kind: Type, value: object) -> None:
    found = read_value(text, kind)
    assert found == value
    if kind == INSTRUMENT:
        assert isinstance(found, Instrument)


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("10", DURATION, "`10` is a number; a duration is wanted"),
        ("10s", NUMBER, "`10s` is a duration; a number is wanted"),
        ("abc", NUMBER, "`abc` is not a number"),
        ("1 + 2", NUMBER, "`1 + 2` is not a number"),
        ("", NUMBER, "`` is not a number"),
        ("-true", BOOLEAN, "`-true` is not true or false"),
        ('"x"', NUMBER, '`"x"` is a text; a number is wanted'),
        ("25:00", TIME, "`25:00` is not a time of day"),
        ("1", list_of(NUMBER), "`1` is a number; a list is wanted"),
        ("[1s]", list_of(NUMBER), "`[1s]` is a list; a list is wanted"),
        ("1; 2", NUMBER, "`1; 2` is not a number"),
    ],
)
def test_a_value_of_another_type_is_refused_with_the_reason(text: str, kind: Type, reason: str) -> None:
    with pytest.raises(ValueError, match="is") as caught:
        read_value(text, kind)
    assert str(caught.value) == reason


def test_the_literal_of_a_param_fixes_its_type() -> None:
    text = "param a = 2\nparam b = 5s\nparam c = cu2612\nparam d = [1]\nlog [a, b, c, d]\n"
    assert [param.kind for param in program(text).params.values()] == [NUMBER, DURATION, INSTRUMENT, list_of(NUMBER)]


def test_a_param_is_used_as_its_type() -> None:
    assert codes("param d = 5\nwait d\n") == ["E302"]
    assert codes('param d = "5"\nwait d\n') == ["E301"]
    assert codes("param d = 5s\nwait d\n") == []


@pytest.mark.parametrize("value", ["1 + 2", "entry", "len([1])", "[1, x]", '"{1}"', "-(-x)", "not true"])
def test_a_params_value_is_a_literal(value: str) -> None:
    assert codes(f"param a = {value}\nlog a\n") == ["E304"]


# ---------------------------------------------------------------------------------------------------- constants


@pytest.mark.parametrize("value", ["ask", "position(rb2705).net", "orders()", "f()", "quote(rb2705)", "account()"])
def test_a_let_of_the_file_is_a_constant(value: str) -> None:
    text = f'let a = {value}\ndefine f(): return 1\nscenario "x": log a\n'
    assert set(codes(text)) <= {"E304", "E208"}
    assert codes(text)


def test_the_lets_of_the_file_see_params_and_earlier_lets() -> None:
    assert codes('param a = 2\nlet b = a * 2\nlet c = b + a\nscenario "x": log c\n') == []
    assert codes('let c = b\nlet b = 2\nscenario "x": log c + b\n') == ["E202"]


def test_a_timeout_and_the_default_of_a_parameter_are_constants() -> None:
    assert codes('param n = 2\nscenario "x" timeout n * 1m: log 1\n') == []
    assert codes('scenario "x" timeout 60: log 1\n') == ["E302"]
    assert codes('define f(a = ask): log a\nscenario "x": f()\n') == ["E304"]


# ------------------------------------------------------------------------------------------------------- tables


def table(rows: str, body: str = "log a") -> str:
    lines = "".join(f"        {row}\n" for row in rows.split("\n"))
    return f'scenario "x":\n    where:\n{lines}    {body}\n'


def test_a_table_has_its_columns_and_rows() -> None:
    (scenario,) = program("let x = 1\n" + table("| a | b |\n| 1 | x + 1 |\n| 2 | 3s |", "log [a, b]")).scenarios
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


# ------------------------------------------------------------------------------------------------------ defines


def test_a_define_sees_the_params_and_lets_of_the_file_and_nothing_of_the_scenario() -> None:
    text = 'param p = 1\nlet l = 2\ndefine f(): log p + l\nscenario "x":\n    let mine = 3\n    log mine\n    f()\n'
    assert codes(text) == []
    assert codes(text.replace("log p + l", "log p + l + mine")) == ["E201"]


def test_defines_may_call_each_other_in_any_order() -> None:
    assert codes('define a(): b()\ndefine b(): a()\nscenario "x": a()\n') == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("f()", "`f` takes 1 or 2 arguments, not 0"),
        ("f(1, 2, 3)", "`f` takes 1 or 2 arguments, not 3"),
        ("g(1)", "`g` takes no arguments, not 1"),
        ("h()", "`h` takes 1 argument, not 0"),
    ],
)
def test_a_call_has_the_arguments_that_are_wanted(call: str, message: str) -> None:
    text = 'define f(a, b = 1): log a + b\ndefine g(): stop\ndefine h(a): log a\nscenario "x":\n    '
    assert said(text + call + "\n") == [message]


def test_parameters_with_a_default_come_last_and_have_names_of_their_own() -> None:
    assert codes('define f(a = 1, b): log a + b\nscenario "x": f(1, 2)\n') == ["E303"]
    assert codes('define f(a, a): log a\nscenario "x": f(1, 2)\n') == ["E210"]


def test_only_a_define_is_a_step_and_only_it_returns() -> None:
    assert codes("len([1])\n") == ["E401"]
    assert codes('scenario "x": return 1\n') == ["E401"]


@pytest.mark.parametrize("what", ["session", "define"])
@pytest.mark.parametrize(
    "name", ["buy", "expect", "trade", "orders", "fak", "memo", "venue", "network", "position", "ask", "len", "if"]
)
def test_sessions_and_defines_are_not_called_like_words_of_the_language(what: str, name: str) -> None:
    text = f"session {name}\nlog 1\n" if what == "session" else f'define {name}(): stop\nscenario "x": log 1\n'
    assert codes(text) == ["E211"]


def test_a_name_is_given_once_in_a_file() -> None:
    for first in ("param a = 1", "let a = 1", "session a", "define a(): stop"):
        for second in ("param a = 1", "let a = 1", "session a", "define a(): stop"):
            found = codes(f'{first}\n{second}\nscenario "x": log 1\n')
            assert [code for code in found if code != "W501"] == ["E210"], (first, second)


# -------------------------------------------------------------------------------------------------------- names


def test_a_name_on_some_paths_only_is_warned_of_once() -> None:
    text = "if true:\n    let a = 1\nlog a\nlog a\n"
    assert codes(text) == ["W502"]


@pytest.mark.parametrize(
    "text",
    [
        "if true:\n    let a = 1\nelse:\n    let a = 2\nlog a\n",
        "if true:\n    let a = 1\nelse:\n    stop\nlog a\n",
        'if true:\n    let a = 1\nelif false:\n    let a = 2\nelse:\n    fail "no"\nlog a\n',
        "if true:\n    let a = 1\nif defined(a):\n    log a\n",
        "if true:\n    let a = 1\ncheck defined(a) and a == 1\n",
        "for x in [1]:\n    log x\n",
        "let a = 1\nrepeat 2 times:\n    let a = a + 1\nlog a\n",
    ],
)
def test_a_name_that_is_sure_is_not_warned_of(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize("first", ["1", '"a text"'])
def test_a_name_that_only_some_paths_gave_does_not_keep_its_first_type(first: str) -> None:
    text = f"if true:\n    let patience = {first}\nlet patience = 5s\nexpect trade within patience\nwait patience\n"
    assert codes(text) == []


@pytest.mark.parametrize("loop", ["repeat 2 times:", "while true at most 2 times:", "for x in [1]:"])
def test_a_name_of_a_loop_is_on_some_paths_only(loop: str) -> None:
    assert codes(f"{loop}\n    let a = 1\nlog a\n") == ["W502"]


def test_what_a_scenario_named_is_seen_by_after() -> None:
    text = 'after:\n    cancel entry\nscenario "x":\n    buy open 1 rb2705 as entry\n'
    assert codes(text) == ["W502"]  # it runs whatever happened
    assert codes(text.replace("cancel entry", "if defined(entry): cancel entry")) == []


def test_what_before_named_is_seen_by_the_scenarios() -> None:
    assert codes('before: buy open 1 rb2705 as entry\nscenario "x": cancel entry\n') == []


def test_names_that_nobody_reads_are_warned_of_unless_they_say_so() -> None:
    text = 'param p = 1\nsession s\nscenario "x":\n    let a = 1\n    let _b = 2\n    place order as c\n'
    text += "    for d in [1]: log 1\n"
    assert said(text) == ["the param `p` is never used", "`a` is never used", "`c` is never used"]


def test_the_param_instrument_is_used_by_every_order() -> None:
    assert codes("param instrument = rb2705\nplace order\n") == []


def test_a_name_in_a_text_is_read() -> None:
    assert codes('let a = 1\nlog "{a}"\n') == []


@pytest.mark.parametrize(
    ("steps", "warned"),
    [
        ("wait 1s\nexpect trade\n", ["W503"]),
        ("wait 1s\nexpect at least 1 trades\n", ["W503"]),
        ("wait 1s\nexpect no trade\n", []),
        ("wait 1s\nexpect at most 1 trades\n", []),
        ("wait 1s\nexpect reconciled\n", []),
        ("wait 1s\nlog 1\nexpect trade\n", []),
        ("wait until 21:00\nexpect trade\n", []),
    ],
)
def test_a_wait_right_before_an_expect_is_warned_of(steps: str, warned: list[str]) -> None:
    assert codes(steps) == warned


def test_a_variable_that_a_field_hides_is_warned_of() -> None:
    text = "let price = 3\nexpect trade where price == 3\nlog price\n"
    assert codes(text) == ["W504"]
    assert codes(text.replace("price", "wanted_price")) == []


def test_a_field_compared_with_itself_is_refused() -> None:
    assert codes("expect trade where Volume == volume\n") == ["E305"]
    assert codes("expect trade where volume == price\n") == []


# ------------------------------------------------------------------------------------- fields, constants, types


@pytest.mark.parametrize("spelling", ["volume_traded", "VolumeTraded", "volumetraded", "VOLUME_TRADED"])
def test_case_and_underscores_do_not_matter_in_fields(spelling: str) -> None:
    assert codes(ENTRY + f"check entry.{spelling} == 1\n") == []


@pytest.mark.parametrize("spelling", ["all_traded", "AllTraded", "alltraded", "ALL_TRADED"])
def test_case_and_underscores_do_not_matter_in_constants(spelling: str) -> None:
    assert codes(ENTRY + f"check entry is {spelling}\ncheck entry.order_status == {spelling}\n") == []


def test_requests_and_callbacks_are_written_exactly_as_ctp_does() -> None:
    assert codes("request reqQryNotice()\n") == ["E206"]
    assert codes("expect OnRtnorder\n") == ["E207"]


def test_a_constant_takes_its_meaning_from_the_field_beside_it() -> None:
    assert codes("expect order where OrderStatus == unknown\n") == []
    assert codes("expect order where unknown == OrderStatus\n") == []
    assert codes("expect order where OrderStatus in [unknown, canceled]\n") == []
    assert codes("buy open 1 rb2705 with (TimeCondition = GFD)\n") == []
    assert codes("log unknown\n") == ["E205"]
    assert codes("expect order where OrderStatus == accepted\n") == ["E204"]


def test_a_constant_of_the_wrong_type_lists_those_that_there_are() -> None:
    (located,) = checked("expect trade where direction == bought\n").diagnostics
    assert located.diagnostic.message == "Direction is never `bought`"
    assert list(located.diagnostic.notes) == ["it may be `buy`, `sell`"]


DURATIONS = (
    "wait 5|wait until quiet for 5|expect trade within 5|expect no trade for 5|connect within 5|query orders within 5|"
    "wait until true within 5|network: latency 5|network: latency 5ms jitter 5|expect reconciled within 5|"
    "expect in order within 5: trade|log 1; venue: refuse login by 7 for 5|let x = 5; wait x"
).split("|")


@pytest.mark.parametrize("step", DURATIONS)
def test_a_duration_has_a_unit_wherever_one_is_wanted(step: str) -> None:
    assert said(step + "\n") == ["a duration needs a unit: `5s`, `500ms`"]


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("1 + 2s", "E301"),
        ("2 * 3s", None),
        ("3s / 2s + 1", None),
        ("now() - now() + 1s", None),
        ("now() + 1", "E301"),
        ("1s * 1s", "E301"),
        ('"a" + rb2705', None),
        ("[1] + [2]", None),
        ("-true", "E301"),
        ("not 1", "E301"),
        ("1 == none", None),
        ("1 == true", "E301"),
        ("1s < 2", "E301"),
        ("1 < 2 < 3s", "E301"),
        ("1 in [1]", None),
        ("1 in 1", "E301"),
        ("21:00 < now()", None),
        ("1[0]", "E301"),
        ("[1][true]", "E301"),
        ("1.5.x", "E203"),
        ("len(1, 2)", "E303"),
        ("sum(3)", "E301"),
        ("position(3).net", "E301"),
        ("ask + 1 tick", None),
        ("3 ticks", None),
        ("1s ticks", "E301"),
        ("true or 1", "E301"),
    ],
)
def test_types_go_together_or_are_told(expression: str, code: str | None) -> None:
    assert codes(f"log {expression}\n") == ([code] if code else [])


@pytest.mark.parametrize("place", ["always {}", "never trade where {}", "expect trade where {}"])
@pytest.mark.parametrize("asked", ["position(rb2705).net == 0", "account().balance > 0", "f() == 1"])
def test_nothing_asks_the_front_where_every_report_is_looked_at(place: str, asked: str) -> None:
    text = f'define f(): return 1\nscenario "x":\n    {place.format(asked)}\n'
    assert codes(text) == ["E306"]


def test_the_words_of_a_report_depend_on_its_kind() -> None:
    assert codes('expect login where code == 3 and message == "x" and connection == 1 and not replayed\n') == []
    assert codes("expect trade as t\nlog [t.time, t.connection, t.replayed, t.price]\n") == []
    assert codes("expect trade as t\nlog t.code\n") == ["E203"]
    assert codes("expect 2 trades as t\nlog sum(t.volume) + len(t) + t[0].volume\n") == []


def test_volume_and_instrument_of_an_order_are_told_apart_by_type() -> None:
    text = "param p = 2\nparam i = rb2705\nbuy open p i as a\nbuy open i p as b\nbuy open p as c\nbuy open i as d\n"
    text += "log [a, b, c, d]\n"
    steps = program(text).scenarios[0].body[:4]
    assert [(step.parts.get("volume"), step.parts.get("instrument")) for step in steps] == [
        (Variable("p", (0, 0)), Variable("i", (0, 0))),
        (Variable("p", (0, 0)), Variable("i", (0, 0))),
        (Variable("p", (0, 0)), None),
        (None, Variable("i", (0, 0))),
    ]


def test_a_bare_exchange_is_one_in_phase_only() -> None:
    (scenario,) = program("log 1\nvenue: phase shfe auction\n").scenarios
    (step,) = scenario.body[1].body or ()
    assert step.parts["amount"] == (LiteralValue("text", "SHFE", (0, 0)),)


# ----------------------------------------------------------------------------------------------- who does what


@pytest.mark.parametrize("step", ["halt rb2705", "settle", "kick trader", "clock 21:00", "down", "fill entry 1"])
def test_a_step_of_the_venue_stands_in_its_block(step: str) -> None:
    verb = step.split()[0]
    found = checked(ENTRY + step + "\n").diagnostics
    told = [each.diagnostic for each in found if each.diagnostic.code == "E402"]
    assert [each.message for each in told] == [f"`{verb}` is a step of the venue"]
    assert list(told[0].notes) == [f"write `venue:` before it: `venue: {step}`"]


@pytest.mark.parametrize("step", ["cut", "heal", "stall", "flap every 1s"])
def test_a_step_of_the_network_stands_in_its_block(step: str) -> None:
    told = [each.diagnostic for each in checked(step + "\n").diagnostics if each.diagnostic.code == "E402"]
    assert [each.message for each in told] == [f"`{step.split()[0]}` is a step of the network"]


@pytest.mark.parametrize("step", ["connect", "disconnect", "expect trade", "place order", "target 1", "query orders"])
@pytest.mark.parametrize("actor", ["venue", "network"])
def test_neither_the_venue_nor_the_network_does_what_a_session_does(actor: str, step: str) -> None:
    assert "E402" in codes(f"log 1\n{actor}: {step}\n")


def test_an_order_has_an_offset_unless_it_comes_from_elsewhere() -> None:
    assert codes("buy 1 rb2705 at ask\n") == ["E408"]
    assert codes("log 1\nvenue: buy 1 rb2705 at 3000\n") == []
    assert codes("log 1\nvenue: buy open 1 rb2705 at 3000\n") == ["E408"]
    assert codes("log 1\nvenue: buy 1 rb2705\n") == ["E408"]


def test_a_venue_block_of_the_file_names_no_order() -> None:
    assert codes('venue: halt rb2705\nscenario "x": log 1\n') == []
    assert codes('venue: fill entry 1\nscenario "x": log 1\n')[0] == "E402"


@pytest.mark.parametrize("item", ["param a = 1", "session b", 'use "x"', "before: log 1", "define f(): stop"])
def test_the_items_of_a_file_stand_at_its_top(item: str) -> None:
    assert codes(f'scenario "x":\n    {item}\n    log 1\n') == ["E401"]


# --------------------------------------------------------------------------------- expectations that never hold


@pytest.mark.parametrize(
    "expectation",
    [
        "expect trades total 0",
        "expect trades total -1",
        "expect trades total 1.5",
        "expect 0 trades",
        "expect 1.5 trades",
        "expect at least 0 trades",
        "expect at most (-1) trades for 1s",
    ],
)
def test_numbers_that_no_reports_have_are_refused(expectation: str) -> None:
    assert codes(expectation + "\n") == ["E307"]


@pytest.mark.parametrize(
    "expectation", ["expect trades total 1", "expect 1 trades", "expect at most 0 trades for 1s", "expect no trade"]
)
def test_numbers_that_reports_may_have_are_not(expectation: str) -> None:
    assert codes(expectation + "\n") == []


SENT = "buy open 1 rb2705 at 3200 as entry\n"


@pytest.mark.parametrize(
    "steps",
    [
        "release\nexpect trade of entry\n",
        "release\nexpect order of entry within 1h\n",
        "release\nwait 1h\nlog 1\nexpect OnRtnTrade of entry\n",
        "log 1\nlet x = 2\nrelease\nlog x\nexpect 2 trades of entry\n",
        "trader: release\ntrader: expect trade of entry\n",
        "release\nexpect no order of entry\nsoft expect trade of entry\n",
    ],
)
def test_a_released_session_never_hears_of_an_order_that_it_had_just_sent(steps: str) -> None:
    found = checked(SENT + steps).diagnostics
    assert [each.diagnostic.code for each in found] == ["E307"]
    (where,) = found[0].diagnostic.others
    assert found[0].source.slice(where.span) == "release"


@pytest.mark.parametrize(
    "steps",
    [
        "wait 1s\nrelease\nexpect trade of entry\n",  # it may have come before
        "release\nconnect\nexpect trade of entry\n",  # the private stream brings it again
        "release\nexpect no trade of entry for 1s\n",
        "release\nexpect rejection of entry\n",  # by the API itself, at once
        "release\nif true:\n    connect\nexpect trade of entry\n",
        "release\nagain()\nexpect trade of entry\n",
        "expect order of entry\nrelease\nexpect trade of entry\n",
        "release\nbuy open 1 rb2705 at 3200 as entry\nexpect trade of entry\n",
        "log ask\nrelease\nexpect trade of entry\n",  # which may have waited for market data
        "release\nother: expect trade of entry\n",
        "other: release\nexpect trade of entry\n",
    ],
)
def test_whatever_may_still_come_is_not_refused(steps: str) -> None:
    text = "session trader\nsession other\ndefine again(): connect\n" + 'scenario "x":\n'
    text += "".join(f"    {line}\n" for line in (SENT + steps).splitlines())
    assert [code for code in codes(text) if code.startswith("E")] == []


def test_parts_that_do_not_go_together_are_told() -> None:
    assert codes("expect no trade within 3s\n") == ["E408"]
    assert codes("expect trade for 3s\n") == ["E408"]
    assert codes("expect 2 trades total 3\n") == ["E408"]
    assert codes("expect orders total 3\n") == ["E408"]
    assert codes("expect trade by counter\n") == ["E408"]
    assert codes("expect login in rb2705\n") == ["E408"]
    assert codes("buy open 1 rb2705 fak fok\n") == ["E408"]
    assert codes("expect no trade as x\n") == ["E408"]


def test_an_actor_that_nobody_can_be_breaks_nothing() -> None:
    """A block whose actor's name could not be read is looked at like any other."""
    found = checked("place order as resting\n: expect order of resting\n\nfoo\nbar:\n    expect trade of resting\n")
    assert found.program is None


def test_a_file_of_definitions_is_there_to_be_used() -> None:
    assert codes("param volume = 2\nsession alice\ndefine f(x): return x\n") == []
    assert codes("venue: clock 09:30\n") == ["E405"]
    assert codes("") == ["E405"]
