"""The command line as its users meet it: what is selected, what comes out, and with which exit code."""

import io
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT, command, timeless

PASSES = "place order as entry; expect trade of entry\n"
FAILS = "place order as entry; expect no trade of entry for 1s\n"
BLOCKS = 'require 1 == 2, "not today"\n'
ERRS = "let orders_of_mine = []; log orders_of_mine[3]\n"
WRONG = "expct trade\n"


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to write scenarios in, which is where commands run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def spawn(*arguments: str, **more: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-m", "ctpscen", *arguments],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8", **more},
    )


# --------------------------------------------------------------------------------------------------- exit codes


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        ([PASSES], 0),
        (['skip "not here"\n'], 0),
        ([FAILS], 1),
        ([WRONG], 2),
        ([ERRS], 3),
        ([BLOCKS], 4),
        ([PASSES, BLOCKS], 4),
        ([BLOCKS, FAILS], 1),
        ([FAILS, BLOCKS, ERRS], 3),
        ([ERRS, WRONG], 2),
    ],
)
def test_the_exit_code_tells_the_worst_that_happened(write: Path, texts: list[str], code: int) -> None:
    names = [f"{index}.scn" for index in range(len(texts))]
    for name, text in zip(names, texts, strict=True):
        (write / name).write_text(text)
    assert command("run", *names)[0] == code


def test_nothing_runs_where_one_file_does_not_check(write: Path) -> None:
    (write / "a.scn").write_text(PASSES)
    (write / "b.scn").write_text(WRONG)
    code, out, err = command("run", "a.scn", "b.scn")
    assert (code, out) == (2, "")
    assert "unknown step `expct`" in err


def test_a_line_outside_of_every_scenario_selects_none(write: Path) -> None:
    (write / "a.scn").write_text('param volume = 1\n\nscenario "one":\n    log "{volume}"\n')
    code, _, err = command("run", "a.scn:1")
    assert code == 5
    assert "no scenario was selected" in err


def test_a_usage_that_is_none_exits_with_2() -> None:
    assert command("run")[0] == 2
    assert command("dance")[0] == 2
    assert command()[0] == 2


def test_the_version_and_the_help_say_what_they_should() -> None:
    code, out, _ = command("--version")
    assert code == 0
    assert out.startswith("ctpscen 0.")
    code, out, _ = command("run", "--help")
    assert code == 0
    assert "exit codes:" in out
    assert "--seed" in out


def test_ctrl_c_ends_with_the_report_of_what_ran(write: Path) -> None:
    (write / "a.scn").write_text(
        'after:\n    log "cleaned up"\n\n'
        'scenario "short":\n    log "ran"\n\n'
        'scenario "endless":\n    log "began"\n    while true at most 1_000_000_000 times:\n        wait 1h\n'
    )
    running = spawn("run", "a.scn")
    assert running.stdout is not None
    head = [running.stdout.readline()]
    while "passed" not in head[-1]:  # the first scenario is over, the endless one runs
        head.append(running.stdout.readline())
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert err == ""
    assert "interrupted" in out
    assert "1 passed" in out.splitlines()[-1]


# ---------------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "there is no scenario and no step in this file"),
        (b"# only a comment\n", "there is no scenario and no step in this file"),
        (b"log \xff\xfe\n", "a.scn:1: this is not UTF-8 text (byte 0xff)"),
        (b"\x00\x01\x02\n", "error[E100]"),
        (b'log "abc\n', "this text is never closed"),
        (b'"""abc\n', "this text is never closed"),
        (b"log " + b"(" * 10_000 + b"1" + b")" * 10_000 + b"\n", "nested deeper than 100"),
        (b"x" * 200_000, "error["),
        (b"\t log 1\n", "tab"),
    ],
    ids=["empty", "comment", "encoding", "binary", "text", "docstring", "nesting", "one word", "tab"],
)
def test_bad_input_gets_a_message(write: Path, content: bytes, said: str) -> None:
    (write / "a.scn").write_bytes(content)
    code, out, err = command("run", "a.scn")
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err
    assert len(err) < 20_000


def test_ten_megabytes_of_noise_are_refused_and_not_all_repeated(write: Path) -> None:
    noise = bytes((index * 7919 + index // 251) % 94 + 33 if index % 71 else 10 for index in range(1_000_000)) * 10
    (write / "a.scn").write_bytes(noise)
    code, _, err = command("run", "a.scn")
    assert code == 2
    assert "the rest of the file was not read" in err
    assert len(err) < 50_000


def test_what_cannot_be_read_is_said_by_name(write: Path) -> None:
    (write / "folder.scn").mkdir()
    (write / "empty").mkdir()
    for argument, said in (
        ("missing.scn", "missing.scn: there is no such file"),
        ("empty", "empty: there is no .scn file in this folder"),
        ("folder.scn", "folder.scn: there is no .scn file in this folder"),
    ):
        code, _, err = command("run", argument)
        assert code == 2
        assert said in err


# ------------------------------------------------------------------------------------------- selection and values


def test_a_folder_gives_its_scenarios_in_order(write: Path) -> None:
    for name in ("b.scn", "a.scn", "below/c.scn"):
        (write / "all" / name).parent.mkdir(exist_ok=True, parents=True)
        (write / "all" / name).write_text('log "x"\n')
    _, out, _ = command("run", "all")
    heads = [line.split(":")[0] for line in out.splitlines() if line.startswith("all/")]
    assert heads == ["all/a.scn", "all/b.scn", "all/below/c.scn"]


def test_standard_input_is_a_file_like_any(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "place order; disconnect; wait 10s; reconnect; expect trades"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    code, out, _ = command("run", "-")
    assert code == 0
    assert out.startswith("stdin:1")


def test_a_line_selects_a_scenario_or_a_row(write: Path) -> None:
    (write / "a.scn").write_text(
        'scenario "table":\n'
        "    where:\n        | n |\n        | 1 |\n        | 2 |\n"
        '    log "row {n}"\n\n'
        'scenario "other":\n    log "other"\n'
    )
    assert "2 passed" in command("run", "a.scn:6")[1]
    row = command("run", "a.scn:5")[1]
    assert "row 2" in row
    assert "row 1\n" not in row
    assert "1 passed" in row
    assert "other" in command("run", "a.scn:8")[1]


def test_the_command_to_run_it_again_runs_just_that(write: Path) -> None:
    (write / "a.scn").write_text(
        'param volume = 1\n\nscenario "other":\n    log "{volume}"\n\n'
        'scenario "it":\n    buy open volume rb2705 as entry\n    expect trades of entry total volume + 1\n'
    )
    _, out, _ = command("run", "a.scn", "--set", "volume=3", "--seed", "5", "--account", "8000")
    (line,) = [line for line in out.splitlines() if "run just this again" in line]
    again = line.partition(": ctpscen ")[2].split()
    assert again == ["run", "a.scn:6", "--seed", "5", "--set", "volume=3", "--account", "8000"]
    code, out, _ = command(*again)
    assert code == 1
    assert "buy 3 at" in out
    assert "1 failed" in out


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("volume", "write NAME=VALUE"),
        ("volum=3", "there is no param `volum`; did you mean `volume`?"),
        ("volume=many", "--set volume=many:"),
        ("pause=5", "--set pause=5:"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(write: Path, pair: str, said: str) -> None:
    (write / "a.scn").write_text('param volume = 1\nparam pause = 5s\n\nlog "{volume} {pause}"\n')
    code, out, err = command("run", "a.scn", "--set", pair)
    assert (code, out) == (2, "")
    assert said in err


def test_a_strategy_gets_its_values_from_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    path = "scenarios/change_position.scn"
    assert command("run", path)[0] == 0
    code, out, _ = command("run", path, "--set", "instrument=cu2701", "--set", "tick_delta=-20", "--account", "8000123")
    assert code == 1
    assert "cu2701" in out
    assert "--account 8000123" in out


# ------------------------------------------------------------------------------------------------------ terminals


def on_terminal(folder: Path, **variables: str) -> str:
    """What `ctpscen run a.scn` writes to a terminal."""
    master, slave = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    running = spawn(
        "run", "a.scn", stdout=slave, cwd=folder, env={**environment, "TERM": "xterm-256color", **variables}
    )
    os.close(slave)
    written = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # Linux says so when the other side has closed
            break
        if not piece:
            break
        written += piece
    os.close(master)
    running.communicate(timeout=60)
    return written.decode()


def test_a_terminal_gets_colours_unless_it_wants_none(tmp_path: Path) -> None:
    (tmp_path / "a.scn").write_text(PASSES)
    assert "\x1b[" in on_terminal(tmp_path)
    assert "\x1b[" not in on_terminal(tmp_path, NO_COLOR="1")
    assert "\x1b[" not in on_terminal(tmp_path, TERM="dumb")


def test_a_pipe_gets_the_same_words_without_colours(tmp_path: Path) -> None:
    (tmp_path / "a.scn").write_text(PASSES)
    out, _ = spawn("run", "a.scn", cwd=tmp_path).communicate(timeout=60)
    shown = on_terminal(tmp_path, NO_COLOR="1").replace("\r\n", "\n")
    assert "\x1b" not in out
    assert timeless(out) == timeless(shown)


# ------------------------------------------------------------------------------------------ check, fmt and explain


def test_check_tells_all_and_runs_nothing(write: Path) -> None:
    (write / "a.scn").write_text('log "never shown"; expct trade; waite 1s\n')
    code, out, _ = command("check", "a.scn")
    assert code == 2
    assert out.count("error[E102]") == 2
    assert out.splitlines()[-1] == "1 file: 2 errors, no warnings"


def test_check_of_a_warning_is_no_failure(write: Path) -> None:
    (write / "a.scn").write_text("param volume = 1\nplace order\n")
    code, out, _ = command("check", "a.scn")
    assert code == 0
    assert out.splitlines()[-1] == "1 file: no errors, 1 warning"


def test_check_as_json_gives_places(write: Path) -> None:
    (write / "a.scn").write_text("place order\nexpct trade\n")
    code, out, err = command("check", "a.scn", "missing.scn", "--json")
    found = json.loads(out)
    assert (code, err) == (2, "")
    assert found["unreadable"] == ["missing.scn: there is no such file"]
    (diagnostic,) = found["diagnostics"]
    assert (diagnostic["code"], diagnostic["severity"]) == ("E102", "error")
    assert [diagnostic[name] for name in ("line", "column", "end_line", "end_column")] == [2, 1, 2, 6]


def test_an_internal_error_is_told_without_a_traceback(write: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (write / "a.scn").write_text('log "x"\n')

    def broken(*_: object) -> None:
        raise LookupError("what should be there is not")

    monkeypatch.setattr("ctpscen.engine.run.drive", broken)
    code, out, err = command("run", "a.scn")
    assert code == 3
    assert "internal error: LookupError: what should be there is not" in out
    assert "please report" in out
    assert "Traceback" not in out + err
