"""`--retry`: a live scenario that fails is tried again, and one that passes then is flaky, wherever it is told."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from junitparser.xunit2 import FlakyFailure, JUnitXml
from support import ROOT
from support.counter import Counter, counter
from support.standin import StandinWire

from ctpscen.runner import history

FLAKY = """
scenario "passes at the third attempt":
    buy open 1 rb2705 at ask as entry
    expect trade of entry
    check position(rb2705).long == 3, "{position} lots"

scenario "passes at once":
    connect
""".replace("{position}", "not yet three")

NEVER = 'scenario "never passes":\n    connect\n    check 1 == 2\n'
BLOCKED = 'scenario "is blocked":\n    connect\n    block "not today"\n'
REPORTS = ("--json", "all.json", "--junit", "all.xml", "--html", "all.html", "--journal", "journals")


def test_what_passes_on_a_retry_is_flaky_and_the_run_has_passed(counter: Counter) -> None:
    code, out, _ = counter.run(FLAKY, "--allow-orders", "--retry", "2")
    assert code == 0, out
    assert "passed at attempt 3 of 3" in out
    assert "attempt 1 failed: not yet three lots" in out
    assert out.splitlines()[-1].startswith("1 passed, 1 flaky")
    assert "virtual" not in out, "live there is no other time than the wall's"
    assert counter.sent.count("ReqOrderInsert") == 3


def test_a_dot_is_not_enough_for_what_is_flaky(counter: Counter) -> None:
    _, out, _ = counter.run(FLAKY, "--allow-orders", "--retry", "2", "-q")
    assert "passed at attempt 3 of 3" in out


def test_what_is_flaky_without_a_diagnostic_is_shown_too(counter: Counter) -> None:
    """A library that dies leaves no place in the text."""

    def die_the_first_time(wire: StandinWire) -> None:
        if wire is counter.wires[0]:
            wire.kill("trader")

    counter.meanwhile[2] = die_the_first_time
    code, out, _ = counter.run("connect\nwait 5s\n", "--retry", "1", "-q")
    assert code == 0, out
    assert "attempt 1 error: the CTP library of trader died: SIGSEGV" in out


def test_every_report_tells_it(counter: Counter) -> None:
    counter.run(FLAKY, "--allow-orders", "--retry", "2", *REPORTS)
    report = json.loads(Path("all.json").read_text())
    schema = json.loads((ROOT / "docs" / "schemas" / "report.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(report)
    assert report["counts"] == {"flaky": 1, "passed": 1}
    flaky, passed = report["scenarios"]
    assert (flaky["verdict"], passed["verdict"]) == ("flaky", "passed")
    assert flaky["reason"].startswith("passed at attempt 3 of 3\nattempt 1 failed:")
    assert [each["message"] for each in flaky["diagnostics"]] == ["not yet three lots"] * 2

    page = Path("all.html").read_text()
    assert 'data-verdict="flaky"' in page

    (suite,) = JUnitXml.fromfile("all.xml")
    assert (suite.failures, suite.errors) == (0, 0)
    case: Any = next(iter(suite))
    (told,) = case.flaky_failures()
    assert isinstance(told, FlakyFailure)
    assert told.message == "passed at attempt 3 of 3"
    assert "not yet three lots" in told.text


def test_every_attempt_has_a_journal_of_its_own(counter: Counter) -> None:
    counter.run(FLAKY, "--allow-orders", "--retry", "2", *REPORTS)
    names = sorted(path.name for path in Path("journals").iterdir())
    assert names == ["test.scn-2-retry1.jsonl", "test.scn-2-retry2.jsonl", "test.scn-2.jsonl", "test.scn-7.jsonl"]


def test_what_fails_every_time_has_failed(counter: Counter) -> None:
    code, out, _ = counter.run(NEVER, "--retry", "2")
    assert code == 1
    assert out.splitlines()[-1].startswith("1 failed")
    assert len(counter.wires) == 3


def test_what_is_blocked_is_not_tried_again(counter: Counter) -> None:
    """The hour would be the same a moment later, and hurried logins lock the account."""
    assert counter.run(BLOCKED, "--retry", "5")[0] == 4
    assert len(counter.wires) == 1


def test_what_is_flaky_is_not_what_failed_last(counter: Counter, tmp_path: Path) -> None:
    counter.run(FLAKY, "--allow-orders", "--retry", "2")
    assert str(tmp_path) not in str(history.last_failed())
    assert ("test.scn", "passes at the third attempt", None) not in history.last_failed()


def test_github_is_warned_of_it(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    _, out, _ = counter.run(FLAKY, "--allow-orders", "--retry", "2")
    assert "::warning file=test.scn" in out
    assert "::error" not in out


__all__ = ["counter"]
