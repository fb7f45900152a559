"""Standard streams that are closed, that nobody reads to the end, or that are full: the run stands all the same."""

import errno
import io
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from junitparser import JUnitXml
from support.counter import Counter, counter

from ctpscen.cli import main
from ctpscen.report.journal import read_journal
from ctpscen.streams import Output

SUITE = """\
scenario "passes":
    place order as entry; expect trade of entry
scenario "fails":
    check 1 == 2
"""
FULL = Path("/dev/full")
REPORTS = ("--junit", "all.xml", "--json", "all.json", "--html", "all.html", "--journal", "journals")
NO_ROOM = "standard output: cannot be written: No space left on device\n"

needs_full = pytest.mark.skipif(not FULL.exists(), reason="there is no device that is always full")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.scn").write_text(SUITE)


def pipe_without_reader() -> int:
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def terminal_that_is_gone() -> int:
    master, slave = pty.openpty()
    os.close(master)
    return slave


def run(*arguments: str, **streams: int | None) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "ctpscen", "run", "a.scn", *arguments]
    given = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, **streams}
    return subprocess.run(command, encoding="utf-8", check=False, **given)  # type: ignore[call-overload,no-any-return]


def check_reports() -> None:
    assert [len(suite) for suite in JUnitXml.fromfile("all.xml")] == [2]
    assert {path.name for path in Path("journals").iterdir()} == {"a.scn-1.jsonl", "a.scn-3.jsonl"}
    assert all(Path(name).stat().st_size > 1_000 for name in ("all.json", "all.html"))


@pytest.mark.parametrize("more", [(), ("-q",), ("-vv",), ("-j", "2")])
@pytest.mark.parametrize("gone", [pipe_without_reader, terminal_that_is_gone])
def test_a_reader_who_has_gone_ends_the_printing_alone(gone: object, more: Sequence[str]) -> None:
    assert callable(gone)
    number = gone()
    ran = run(*REPORTS, *more, stdout=number)
    os.close(number)
    assert (ran.returncode, ran.stderr) == (1, "")
    check_reports()


def test_nobody_reads_complaints_either() -> None:
    number = pipe_without_reader()
    ran = run(*REPORTS, stdout=number, stderr=number)
    os.close(number)
    assert ran.returncode == 1
    check_reports()


def test_a_reader_of_one_line_gets_it() -> None:
    Path("a.scn").write_text("log 1\n" * 9_000)
    with subprocess.Popen([sys.executable, "-m", "ctpscen", "run", "a.scn"], stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.readline().startswith(b"a.scn:1")
        running.stdout.close()
        assert running.wait(timeout=60) == 0


CLOSED = 'exec "$0" -m ctpscen run "$@"'


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_hinder_nothing(closed: str) -> None:
    """Nor is a journal given the number of one, in which others would write."""
    shell = ["sh", "-c", f"{CLOSED} {closed}", sys.executable, "a.scn", *REPORTS]
    ran = subprocess.run(shell, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert ("1 passed, 1 failed" in ran.stdout) == (">&- " not in f"{closed} ".replace("2>&- ", ""))
    check_reports()
    for path in Path("journals").iterdir():
        assert [*read_journal(path)][-1]["event"] == "verdict"


def test_standard_input_that_is_closed_is_empty() -> None:
    shell = ["sh", "-c", f"{CLOSED} <&-", sys.executable, "-"]
    ran = subprocess.run(shell, capture_output=True, encoding="utf-8", check=False)
    assert ran.returncode == 2
    assert "there is no scenario and no step in this file" in ran.stderr


@needs_full
@pytest.mark.parametrize("more", [(), ("-q",), ("-j", "2")])
def test_a_full_disk_is_an_error_and_hinders_nothing_else(more: Sequence[str]) -> None:
    with FULL.open("w") as full:
        ran = run(*REPORTS, *more, stdout=full.fileno())
    assert (ran.returncode, ran.stderr) == (3, NO_ROOM)
    check_reports()


@needs_full
def test_bad_usage_stays_that_on_a_full_disk() -> None:
    with FULL.open("w") as full:
        assert run("--help", stdout=full.fileno()).returncode == 3
        assert run("--dance", stdout=full.fileno()).returncode == 2


# ------------------------------------------------------------------------------------------------------------ live


@pytest.mark.parametrize("number", [errno.EPIPE, errno.ENOSPC])
def test_an_output_that_ends_leaves_no_order_behind(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """The live run goes on to its end, where its orders are cancelled."""
    output = os.open(FULL, os.O_WRONLY) if number == errno.ENOSPC else pipe_without_reader()
    Path("test.scn").write_text("buy open 1 rb2705 at lower_limit\nwait 1s\n")
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BufferedWriter(Output(output)), "utf-8"))
    code = main(["run", "test.scn", "--live", "desk", "--allow-orders"])
    os.close(output)
    assert (code, counter.sent[-1]) == (0, "ReqOrderAction")


# -------------------------------------------------------------------------------------------------------- an output


def test_what_can_be_written_is() -> None:
    reading, writing = os.pipe()
    output = Output(writing)
    assert output.write(memoryview(b"some bytes")) == 10
    assert (os.read(reading, 100), output.trouble) == (b"some bytes", None)
    os.close(reading)
    assert output.write(b"more") == 4, "which is what it was given, though nobody reads"
    assert output.trouble is None
    os.close(writing)


@needs_full
def test_the_first_trouble_is_told_and_the_rest_is_dropped() -> None:
    number = os.open(FULL, os.O_WRONLY)
    output = Output(number)
    assert [output.write(b"one"), output.write(b"two")] == [3, 3]
    assert output.trouble is not None
    assert output.trouble.errno == errno.ENOSPC
    os.close(number)


def test_a_slow_reader_of_a_pipe_that_does_not_wait_gets_all() -> None:
    """Whoever made the pipe may have set it so; what does not fit is not lost then."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    given = os.urandom(1_000_000)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.extend(iter(lambda: os.read(reading, 50_000), b"")))
    reader.start()
    assert Output(writing).write(given) == len(given)
    os.close(writing)
    reader.join()
    os.close(reading)
    assert b"".join(found) == given


__all__ = ["counter"]
