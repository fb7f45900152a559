"""What is written for other programs: journals, JUnit, JSON, annotations; and that it is well formed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped
from support import ROOT, command
from support.schemas import validator

from ctpscen.report.journal import BadJournal, read_journal

SUITE = """\
session alice
session bob account second

after:
    log "after"

scenario "passes" @one @two:
    alice: buy open 1 rb2705 at ask as entry
    alice: expect trade of entry

scenario "fails":
    where:
        | n |
        | 1 |
    soft check n == 2, "n: 50%, it is {n}"
    expect trade within 1s

scenario "is blocked":
    block "not today"

scenario "is skipped":
    skip "never"

scenario "errs":
    let empty = []
    log "{empty[1]}"

scenario "is meddled with":
    alice: expect no trade for 1s
    network: cut
    wait 5s
"""


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which the suite was run with every report."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "suite.scn").write_text(SUITE)
    code, _, _ = command(
        "run", "suite.scn", "--junit", "out/junit.xml", "--json", "out/report.json", "--journal", "out/journals"
    )
    assert code == 3
    return tmp_path / "out"


def test_the_junit_report_tells_failures_from_errors(ran: Path) -> None:
    report = JUnitXml.fromfile(str(ran / "junit.xml"))
    (suite,) = list(report)
    kinds = {case.name: [type(each) for each in case.result] for case in suite}
    assert kinds == {
        "passes": [],
        "fails [row 1]": [Failure],
        "is blocked": [Error],
        "is skipped": [Skipped],
        "errs": [Error],
        "is meddled with": [],
    }
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (6, 1, 2, 1)
    (failure,) = next(case for case in suite if case.name == "fails [row 1]").result
    assert "n: 50%, it is 1" in failure.text


def test_the_json_report_keeps_to_its_schema(ran: Path) -> None:
    report = json.loads((ran / "report.json").read_text(encoding="utf-8"))
    validator("report").validate(report)
    assert report["counts"] == {"passed": 2, "failed": 1, "blocked": 1, "skipped": 1, "error": 1}
    events = validator("journal")
    for scenario in report["scenarios"]:
        for event in scenario["journal"]:
            events.validate(event)


def test_a_journal_keeps_to_its_schema_and_reads_back(ran: Path) -> None:
    report = json.loads((ran / "report.json").read_text(encoding="utf-8"))
    files = sorted((ran / "journals").iterdir())
    assert len(files) == 6
    events = validator("journal")
    for path in files:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert lines[0]["event"] == "environment"
        for line in lines:
            events.validate(line)
    by_line = {scenario["line"]: scenario["journal"] for scenario in report["scenarios"]}
    assert list(read_journal(ran / "journals" / "suite.scn-7.jsonl")) == by_line[7]


def test_journals_do_not_depend_on_the_processes(ran: Path) -> None:
    command("run", "suite.scn", "--journal", "again", "-j", "2")
    for path in (ran / "journals").iterdir():
        assert path.read_bytes() == (ran.parent / "again" / path.name).read_bytes()


@pytest.mark.usefixtures("ran")
def test_github_gets_an_annotation_for_each_diagnostic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    _, out, _ = command("run", "suite.scn", "-q")
    lines = [line for line in out.splitlines() if line.startswith("::error ")]
    assert len(lines) == 4  # two of the one that fails, and of those that are blocked and in error
    assert lines[0].startswith("::error file=suite.scn,line=15,col=5,title=fails [row 1] failed::n: 50%25, it is 1%0A")


def test_no_report_shows_a_secret(ran: Path) -> None:
    for path in [*ran.glob("*.*"), *(ran / "journals").iterdir()]:
        text = path.read_text(encoding="utf-8")
        assert "123456" not in text.replace("1234567", "")
        assert "0000000000000000" not in text


def test_a_killed_run_leaves_a_journal_that_reads(tmp_path: Path) -> None:
    (tmp_path / "a.scn").write_text("while true at most 1_000_000_000 times:\n    wait 1h\n")
    running = subprocess.Popen(
        [sys.executable, "-m", "ctpscen", "run", "a.scn", "--journal", "j"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    )
    path = tmp_path / "j" / "a.scn-1.jsonl"
    while not path.exists() or path.stat().st_size < 20_000:
        assert running.poll() is None
        os.sched_yield()
    running.send_signal(signal.SIGKILL)
    running.wait(timeout=60)
    found = list(read_journal(path))
    assert found[0]["event"] == "scenario"
    assert len(found) > 50


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not json\n", "j.jsonl:1: this is not JSON"),
        ("[1]\n", "j.jsonl:1: this is no event of a journal"),
        ('{"event":"environment","schema":99}\n', "a journal of schema 99"),
        ('{"event":"environment","schema":1}\n', "run the scenario again"),
    ],
)
def test_what_is_no_journal_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "j.jsonl"
    path.write_text(text)
    with pytest.raises(BadJournal) as raised:
        list(read_journal(path))
    assert said in str(raised.value)


def test_a_long_run_keeps_no_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was shown is not kept, or ten thousand scenarios would not fit."""
    from ctpscen.runner.batch import Batch

    kept: list[Any] = []
    sum_up = Batch.sum_up

    def noting(self: Any, wall: float) -> None:
        kept.extend(self.done)
        sum_up(self, wall)

    monkeypatch.setattr(Batch, "sum_up", noting)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.scn").write_text("place order as entry\nexpect trade of entry\n")
    command("run", "a.scn", "--repeat", "10")
    assert [len(each.result.journal) for each in kept] == [1] * 10


def test_a_journal_that_was_longer_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sizes = []
    for count in (50, 1):
        Path("a.scn").write_text("log 1\n" * count)
        assert command("run", "a.scn", "--journal", "j")[0] == 0
        sizes.append(Path("j/a.scn-1.jsonl").stat().st_size)
    assert sizes[1] < sizes[0] / 2
    events = [event["event"] for event in read_journal(Path("j/a.scn-1.jsonl"))]
    assert (events[0], events.count("log"), events[-1]) == ("scenario", 1, "verdict")
