"""What a file defines and takes over: sessions, params, lets, steps of one's own, and their names."""

from pathlib import Path

import pytest
from support import codes, messages, said, sound

from ctpscen.language.checking.file import check
from ctpscen.language.meaning.types import (
    DURATION,
    INSTRUMENT,
    NUMBER,
    list_of,
)
from ctpscen.language.text.source import Source
from ctpscen.loading import load


def test_with_no_session_declared_there_is_one_called_trader() -> None:
    assert [session.name for session in sound("log 1\n").sessions] == ["trader"]
    assert codes("trader: log 1\n") == []
    assert codes("session alice\nalice: log 1\ntrader: log 1\n") == ["E209"]


def test_a_session_has_its_account_and_its_modes() -> None:
    text = "session a\nsession b account second private restart public none\nsession c public quick\nlog 1\n"
    assert [(each.name, each.account, each.private, each.public) for each in sound(text).sessions] == [
        ("a", "", "resume", "resume"),
        ("b", "second", "restart", "none"),
        ("c", "", "resume", "quick"),
    ]


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


def test_the_literal_of_a_param_fixes_its_type() -> None:
    text = "param a = 2\nparam b = 5s\nparam c = cu2612\nparam d = [1]\nlog [a, b, c, d]\n"
    assert [param.kind for param in sound(text).params.values()] == [NUMBER, DURATION, INSTRUMENT, list_of(NUMBER)]


def test_a_param_is_used_as_its_type() -> None:
    assert codes("param d = 5\nwait d\n") == ["E302"]
    assert codes('param d = "5"\nwait d\n') == ["E301"]
    assert codes("param d = 5s\nwait d\n") == []


@pytest.mark.parametrize("value", ["1 + 2", "entry", "len([1])", "[1, x]", '"{1}"', "-(-x)", "not true"])
def test_a_params_value_is_a_literal(value: str) -> None:
    assert codes(f"param a = {value}\nlog a\n") == ["E304"]


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
