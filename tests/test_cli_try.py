"""`ctpscen try`: a program without a scenario, and the scenario that comes of it."""

import platform
import shlex
import sys
from pathlib import Path

import pytest
from support import ROOT, command

import ctpscen
from ctpscen.report.files import Unwritable
from ctpscen.report.skeleton import quoted

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="programs run on Linux x86-64"
)

ROBOT = str(ROOT / "examples" / "programs")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder that is copied unless another is named."""
    monkeypatch.chdir(tmp_path)


def tried(*words: str, options: str = "") -> tuple[int, str, str]:
    """Tries a program in jumping time."""
    return command("try", "--pace", "jump", "--for", "60s", *shlex.split(options), "--", *words)


def robot(options: str, more: str = "") -> tuple[int, str, str]:
    return tried(sys.executable, "robot.py", *shlex.split(options), options=f"--in {ROBOT} {more}")


def test_what_it_did_is_shown_and_drawn() -> None:
    code, out, _ = robot("")
    assert code == 0
    assert "robot 1 ← OnRspUserLogin" in out, "as it happens"
    assert "┃───────────▶│            │   ReqUserLogin" in out, "and as a diagram"
    assert "robot was stopped after 1 m" in out
    assert "no hazards" in out


@pytest.mark.parametrize(
    "options", ["", "--price 80000", "--price 72000 --volume 3"], ids=["rests", "refused", "trades"]
)
def test_the_scenario_to_go_on_from_passes_and_has_no_warning(options: str, tmp_path: Path) -> None:
    path = tmp_path / "saved.scn"
    code, _, _ = robot(options, f"--save {path}")
    assert code == 0
    assert ctpscen.check(path) == []
    result = ctpscen.run(path)
    assert (result.verdict, result.reason) == ("passed", "")
    assert "expect ReqOrderInsert where" in path.read_text(encoding="utf-8")


TWICE = """
from openctp_ctp import tdapi
api = tdapi.CThostFtdcTraderApi.CreateFtdcTraderApi("")
api.Init()
api.Init()
"""


def test_hazards_are_listed() -> None:
    code, out, _ = tried(sys.executable, "-c", TWICE)
    assert "hazards, which the real library punishes" in out
    assert code in (0, 1)


def test_a_program_that_fails_is_told_by_its_code_and_its_output() -> None:
    code, out, _ = tried("sh", "-c", "echo no settings >&2; exit 3")
    assert code == 1
    assert "robot ! no settings" in out
    assert "robot ended with exit code 3" in out
    assert "called nothing" not in out


def test_a_program_that_never_comes_to_the_library_is_told_so() -> None:
    code, out, _ = tried("sh", "-c", "exit 0")
    assert code == 0
    assert "it called nothing of the CTP library" in out


def test_what_cannot_be_started_is_blocked() -> None:
    code, out, _ = tried("no-such-program")
    assert code == 4
    assert "no-such-program" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["try"], "no program is named"),
        (["try", "--in", "no/such", "--", "sh"], "no/such: there is no such folder"),
        (["try", "--save", "no/such/a.scn", "--", "sh"], "no/such/a.scn: there is no folder for it"),
    ],
)
def test_bad_usage_is_told(words: list[str], said: str) -> None:
    code, _, err = command(*words)
    assert code == 2
    assert said in err


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "mine.scn"
    path.write_text("log 1\n")
    code, _, err = robot("", f"--save {path}")
    assert code == 2
    assert "--force" in err
    assert path.read_text() == "log 1\n"


def test_any_text_can_be_quoted() -> None:
    text = 'a "b" {c} \\d\te'
    assert ctpscen.run(f"let x = {quoted(text)}\ncheck len(x) == {len(text)}\n").passed


def test_a_scenario_that_cannot_be_written_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: str, _: str) -> None:
        raise Unwritable(f"{path}: cannot be written: No space left on device")

    monkeypatch.setattr("ctpscen.commands.try_program.write_text", full)
    code, _, err = robot("", "--save a.scn")
    assert (code, err) == (3, "a.scn: cannot be written: No space left on device\n")


def test_an_option_behind_the_command_is_the_program_s_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = "`--for` goes to the program; what is for ctpscen stands before it: ctpscen try --for 10s -- COMMAND …"
    assert said in command("try", "--pace", "jump", "true", "--for", "5s")[2]
    assert "goes to the program" not in command("try", "--pace", "jump", "--", "true", "--for", "5s")[2]
    assert "there is no command `own.py`; a script is started by `python own.py`" in "".join(
        command("try", "own.py")[1:]
    )
