"""The debugger: a scenario step by step, forwards and back, and what is known at each."""

import io
import re
import sys
from pathlib import Path

import pytest
from support import GOLDEN, command, compare, sound

from ctpscen.debugger import LOOKS, Debugger
from ctpscen.engine.unit import Unit

TEXT = """\
session alice
session bob account second

scenario "two trade":
    alice: sell open 2 rb2705 at 3150 as offer; wait 1s
    repeat 2 times:
        bob: buy open 1 rb2705 at 3150
        alice: expect trade of offer
    check offer.volume_traded == 2
"""

COMMANDS = """\
clock
step
print offer.status
inbox
step 3
orders
books
print len(trades())
to 8
print offer.volume_traded
to 8
print offer.volume_traded
back

list
print offr
print
print ask +
back many
to
to 99
dance
end
clock
back
print offer.volume_traded
help
quit
step
"""


def debugged(monkeypatch: pytest.MonkeyPatch, commands: str, *arguments: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "stdin", io.StringIO(commands))
    return command("debug", *arguments)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two.scn").write_text(TEXT)


def test_a_session_with_the_debugger(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    code, out, err = debugged(monkeypatch, COMMANDS, "two.scn")
    assert code == 0
    compare(GOLDEN / "debug" / "two.txt", out + "\n--- standard error\n" + err, request)


def test_the_end_of_what_is_typed_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, err = debugged(monkeypatch, "end\n", "two.scn")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "passed"


def test_one_scenario_is_debugged_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("many.scn").write_text('scenario "a":\n    log 1\n\nscenario "b":\n    log 2\n')
    code, out, err = debugged(monkeypatch, "", "many.scn")
    assert (code, out) == (5, "")
    assert "name it by FILE:LINE" in err
    assert "many.scn:4  b" in err
    assert debugged(monkeypatch, "", "many.scn:4")[1].startswith("many.scn:4  b\n")
    Path("wrong.scn").write_text("expct\n")
    assert debugged(monkeypatch, "", "wrong.scn")[0] == 2


PROGRAM = """\
program helper "sh -c 'read what; echo it is $what; exit 3'" network none

helper:
    start
    type "noon"
    expect line "it is noon" as answer
    check answer.stream == "out"
    expect exit where code == 3
"""

PROGRAM_COMMANDS = """\
step 2
back
print answer.text
step
print answer.text
print answr
print requests(ReqOrderInsert)
to 99
orders
"""


def test_a_run_with_a_program_goes_forwards_alone(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    Path("program.scn").write_text(PROGRAM)
    code, out, err = debugged(monkeypatch, PROGRAM_COMMANDS, "program.scn")
    assert code == 0
    out = re.sub(r"09:30:00\.\d{3}", "09:30:00.TIME", out)  # which is the program's
    compare(GOLDEN / "debug" / "program.txt", out + "\n--- standard error\n" + err, request)


def test_a_run_with_a_program_ends_where_it_halts(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("program.scn").write_text(PROGRAM)
    code, out, _ = debugged(monkeypatch, "step 2\nquit\n", "program.scn")
    assert code == 0
    assert "check answer" not in out


def test_what_is_seen_at_a_step_does_not_depend_on_the_way_to_it() -> None:
    program = sound(TEXT)
    there = Debugger(program, Unit("test.scn", TEXT, "two trade"))
    seen = []
    while not there.is_over:
        seen.append([there.look(each) for each in LOOKS])
        there.move(1)
    assert seen[0] != seen[-1]
    for at in reversed(range(len(there.steps))):
        there.move(-1)
        assert [there.look(each) for each in LOOKS] == seen[at]
    assert there.evaluate("1 + 1") == ["2"]


def test_params_are_given_as_a_run_is_given_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.scn"
    file.write_text("param volume = 1\n\nlet twice = volume * 2\nlog twice\n", encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("print volume\nquit\n"))
    code, out, err = command("debug", str(file), "--set", "volume=5")
    assert (code, err) == (0, "")
    assert "\n  5\n" in out
    assert command("debug", str(file), "--set", "volme=5")[0] == 2
