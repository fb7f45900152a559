"""Orders that may still be working are an error in every report, whatever came of the scenario that sent them."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from junitparser import Error, Failure, JUnitXml
from support import ROOT, command
from support.counter import Counter, counter
from support.standin import StandinWire

from ctpscen.ctp.times import SECOND
from ctpscen.report.journal import read_journal

# The front goes down while the order works, so that nobody can cancel it.
RESTING = "buy open 1 rb2705 at bid - 5 ticks as entry\nexpect entry is no_trade_queueing\nwait 20s\n"
ENDS = {
    "failed": "check 1 == 2\n",
    "blocked": 'block "not today"\n',
    "error": "let none_of_them = []\nlog none_of_them[3]\n",
    "passed": "",
    "skipped": 'skip "never"\n',
}
WRITTEN = ("--journal", "journals", "--json", "all.json", "--junit", "all.xml", "--html", "all.html")


@pytest.fixture
def broken(counter: Counter) -> Counter:
    def go_down(wire: StandinWire) -> None:
        wire.simulation.trading.go_down()

    counter.meanwhile[15] = go_down
    return counter


def run(counter: Counter, end: str, *options: str) -> tuple[int, str, str]:
    return counter.run(RESTING + ENDS[end], "--allow-orders", *options)


def said(text: str) -> int:
    return text.count("1 order may still be working: rb2705 ")


@pytest.mark.parametrize("end", ["failed", "blocked", "error"])
def test_what_a_scenario_came_to_stands_and_the_error_beside_it(broken: Counter, end: str) -> None:
    code, out, _ = run(broken, end)
    assert code == 3
    assert f"\n  {end}  " in out
    assert out.splitlines()[-1].startswith(f"1 {end} (1 with an error besides)  ")
    assert out.count("  error: 1 order may still be working: rb2705 ") == said(out) == 1
    assert "keys in " in out


@pytest.mark.parametrize("end", ["passed", "skipped"])
def test_a_scenario_that_would_have_passed_has_an_error(broken: Counter, end: str) -> None:
    code, out, _ = run(broken, end)
    assert code == 3
    assert out.splitlines()[-1].startswith("1 error  ")
    assert said(out) == 1


@pytest.mark.parametrize("end", sorted(ENDS))
def test_every_report_tells_of_it(broken: Counter, end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    _, out, _ = run(broken, end, "-q", *WRITTEN)
    verdict = "error" if end in ("passed", "skipped") else end
    (scenario,) = json.loads(Path("all.json").read_text())["scenarios"]
    assert scenario["verdict"] == verdict
    assert said("".join(scenario["errors"])) == 1
    (journal,) = Path("journals").iterdir()
    assert [*read_journal(journal)][-1]["errors"] == scenario["errors"]
    assert said(Path("all.html").read_text()) >= 1
    assert said(out[out.index("::error") :]) == 1
    assert said(command("show", str(journal))[1]) == 1
    (suite,) = JUnitXml.fromfile("all.xml")
    (case,) = suite
    kinds = [type(each) for each in case.result]
    assert kinds == {"passed": [Error], "skipped": [Error], "failed": [Failure, Error, Error]}.get(end, [Error] * 3)
    assert said("".join(each.message for each in case.result)) == 1


def test_what_is_written_of_it_is_as_the_schemas_say(broken: Counter) -> None:
    run(broken, "failed", *WRITTEN)
    (journal,) = Path("journals").iterdir()
    events = [json.loads(line) for line in journal.read_text().splitlines()]
    for name, found in (("report", [json.loads(Path("all.json").read_text())]), ("journal", events)):
        schema = json.loads((ROOT / "docs" / "schemas" / f"{name}.schema.json").read_text())
        for each in found:
            Draft202012Validator(schema).validate(each)


def test_a_later_attempt_does_not_undo_it(broken: Counter) -> None:
    go_down = broken.meanwhile.pop(15)
    downs: list[StandinWire] = []

    def come_up_or_go_down(wire: StandinWire) -> None:
        if downs:
            wire.simulation.trading.come_up()
        else:
            downs.append(wire)
            wire.simulation.world.at(wire.now + 14 * SECOND, go_down, wire)

    broken.meanwhile[1] = come_up_or_go_down
    text = f"{RESTING}check now() > 09:31\n"
    code, out, _ = broken.run(text, "--allow-orders", "--retry", "1", "--json", "all.json")
    (scenario,) = json.loads(Path("all.json").read_text())["scenarios"]
    assert scenario["verdict"] == "flaky", out
    assert (code, said("".join(scenario["errors"]))) == (3, 1)
    assert said(out) == 1


def test_what_failed_last_is_what_left_one_behind(broken: Counter) -> None:
    Path("fine.scn").write_text("log 1\n")
    run(broken, "passed")
    assert "test.scn:1" in command("run", "test.scn", "fine.scn", "--last-failed", "--list")[1]


__all__ = ["counter"]
