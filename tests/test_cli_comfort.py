"""What makes the command line pleasant: a first scenario, completion, running again at changes."""

import os
import pty
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT, command


def test_a_new_scenario_passes_and_is_laid_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = command("new", "order_in_flight")
    assert (code, out) == (0, "wrote order_in_flight.scn; run it: ctpscen run order_in_flight.scn\n")
    assert command("run", "order_in_flight.scn", "--set", "instrument=cu2612")[0] == 0
    assert command("check", "order_in_flight.scn")[1] == "1 file: no errors, no warnings\n"
    assert command("fmt", "--check", "order_in_flight.scn")[0] == 0


def test_a_file_that_is_there_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.scn").write_text("log 1\n")
    code, _, err = command("new", "mine.scn")
    assert code == 2
    assert "it was left as it is" in err
    assert (tmp_path / "mine.scn").read_text() == "log 1\n"
    assert command("new", "no/such/folder")[0] == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_gets_its_completion(shell: str) -> None:
    code, out, _ = command("completion", shell)
    assert code == 0
    assert "ctpscen" in out
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=out, encoding="utf-8", check=True)


@pytest.mark.parametrize(
    ("line", "word"), [("ctpscen ru", "run "), ("ctpscen run --see", "--seed "), ("ctpscen completion f", "fish ")]
)
def test_a_shell_is_told_what_could_follow(line: str, word: str) -> None:
    assert word in completions(line)


def completions(line: str, cwd: Path = ROOT) -> list[str]:
    """What a shell is told."""
    environment = {
        **os.environ,
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_IFS": "\n",
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "PYTHONPATH": str(ROOT),
    }
    asked = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m ctpscen 8>&1 9>/dev/null"],
        env=environment,
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return asked.stdout.split("\n")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ctpscen run a.scn --tag ca", {"cancel"}),
        ("ctpscen run a.scn --name one", {"one\\ day"}),
        ("ctpscen run a.scn --set ", {"volume=", "price="}),
        ("ctpscen run wrong.scn missing.scn a.scn --tag ca", {"cancel"}),
        ("ctpscen explain OnRtnOr", {"OnRtnOrder"}),
        ("ctpscen explain E10", {f"E10{digit}" for digit in range(10)}),
    ],
)
def test_a_shell_is_told_of_tags_titles_params_and_codes(line: str, words: set[str], tmp_path: Path) -> None:
    text = 'param volume = 1\nparam price = 2\nscenario "one day" @cancel:\n    log volume + price\n'
    (tmp_path / "a.scn").write_text(text)
    (tmp_path / "wrong.scn").write_text("expct\n")
    assert {word.rstrip() for word in completions(line, tmp_path)} == words


def test_a_watched_file_is_run_again_when_it_changes(tmp_path: Path) -> None:
    (tmp_path / "a.scn").write_text('log "one"\n')
    running = subprocess.Popen(
        [sys.executable, "-m", "ctpscen", "run", "a.scn", "--watch"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    assert running.stdout is not None
    seen: list[str] = []
    for text in ('log "two"\n', "expct\n", 'check 1 == 2, "three"\n'):
        for line in running.stdout:
            seen.append(line.rstrip())
            if line.startswith("waiting for changes"):
                break
        (tmp_path / "a.scn").write_text(text)
    for line in running.stdout:
        seen.append(line.rstrip())
        if line.startswith("waiting for changes"):
            break
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=60) == 1  # the last run failed
    running.stdout.close()
    shown = "\n".join(seen)
    for wanted in ("one", "changed: a.scn", "two", "unknown step `expct`", "error[R615]: three"):
        assert wanted in shown


def test_a_watch_on_a_terminal_takes_keys_and_clears_the_screen(tmp_path: Path) -> None:
    (tmp_path / "a.scn").write_text('scenario "good":\n    log 1\n\nscenario "bad":\n    check 1 == 2\n')
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "ctpscen", "run", "a.scn", "--watch"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen = []
    for key in ("f", "a", "q"):
        text = ""
        while "q ends" not in text:
            text += os.read(ours, 65536).decode()
        seen.append(text)
        os.write(ours, key.encode())
    assert running.wait(timeout=60) == 1
    os.close(ours)
    assert [text.count("\x1b[2J") for text in seen] == [1, 1, 1]
    assert ["  good" in text for text in seen] == [True, False, True]
    assert ["  bad" in text for text in seen] == [True, True, True]
