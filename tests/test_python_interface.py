"""`ctpscen.run`, `ctpscen.check` and `ctpscen.show`, as Python programs use them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from support import ROOT, command
from support.exploring import RETRY

import ctpscen
from ctpscen.language.meaning.program import Checked
from ctpscen.language.text.source import Read, Source

TEXT = """\
param volume = 1
param pause = 1s

scenario "passes":
    buy open volume rb2705 at ask as entry
    wait pause
    expect trades of entry total volume

scenario "fails":
    where:
        | wanted |
        | 7      |
        | 8      |
    check volume == wanted, "the volume is {volume}"
"""


def test_a_text_is_run() -> None:
    result = ctpscen.run("place order as entry; expect trade of entry")
    assert result.passed
    assert result.verdict == "passed"
    assert "expect trade of entry" in ctpscen.show(result)


@pytest.mark.parametrize("as_text", [True, False])
def test_a_file_is_run(as_text: bool) -> None:
    path = ROOT / "scenarios" / "reconnect.scn"
    assert ctpscen.run(str(path) if as_text else path).passed


def test_one_of_several_is_named() -> None:
    assert ctpscen.run(TEXT, title="passes", values={"volume": 3, "pause": timedelta(seconds=2)}).passed
    result = ctpscen.run(TEXT, title="fails", row=1, values={"volume": "3"})
    assert (result.verdict, result.reason) == ("failed", "the volume is 3")
    assert "wanted 8" in ctpscen.show(result)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "which scenario? there are 'passes', 'fails'"),
        ({"title": "pases"}, "there is no scenario 'pases'; did you mean `passes`?"),
        ({"title": "fails"}, "which row of the table? there are 2, counted from 0"),
        ({"title": "fails", "row": 2}, "there is no row 2; the scenario has 2"),
        ({"title": "passes", "row": 0}, "there is no row 0; the scenario has no table"),
        ({"title": "passes", "values": {"volum": 1}}, "there is no param `volum`; did you mean `volume`?"),
        ({"title": "passes", "values": {"volume": "many"}}, "`many` is not a number"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        ctpscen.run(TEXT, **arguments)  # type: ignore[arg-type]
    assert said in str(raised.value)


def test_a_text_that_does_not_check_is_told_whole() -> None:
    with pytest.raises(ctpscen.DoesNotCheck) as raised:
        ctpscen.run("expct trade; waite 1s")
    assert str(raised.value).count("error[E102]") == 2


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(ctpscen.Unreadable, match=r"none\.scn: there is no such file"):
        ctpscen.check("none.scn")


def test_check_gives_the_diagnostics() -> None:
    (warning,) = ctpscen.check("param volume = 1\nplace order\n")
    assert (warning.diagnostic.code, warning.diagnostic.severity) == ("W501", "warning")


def test_the_seed_is_that_of_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.scn").write_text("place order as entry\nexpect trade of entry\n")
    _, out, _ = command("run", "a.scn", "--seed", "5")
    assert ctpscen.show(ctpscen.run("a.scn", seed=5)) in out
    assert ctpscen.show(ctpscen.run("a.scn", seed=6)) not in out


def test_a_name_that_is_not_there_is_an_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'runn'"):
        ctpscen.runn  # noqa: B018


# -------------------------------------------------------------------------------------------------- compiled once


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the texts that are checked from now on."""
    from ctpscen.language.checking.file import check

    seen: list[str] = []

    def noting(source: Source, read: Read | None = None) -> Checked:
        seen.append(source.name)
        return check(source, read)

    monkeypatch.setattr("ctpscen.library.check_source", noting)
    monkeypatch.setattr("ctpscen.library._memory", {})
    return seen


def test_scenarios_are_compiled_once_and_run_again_and_again(checks: list[str]) -> None:
    scenarios = ctpscen.compile(TEXT)
    assert scenarios.titles == ["passes", "fails"]
    results = [scenarios.run(title="passes", seed=seed) for seed in (1, 2, 1)]
    assert results[0].journal == results[2].journal == ctpscen.run(TEXT, title="passes", seed=1).journal
    assert not scenarios.run(title="fails", row=0).passed
    assert len(checks) == 2  # by `compile`, and by `run`


def test_what_does_not_check_is_not_compiled() -> None:
    with pytest.raises(ctpscen.DoesNotCheck):
        ctpscen.compile("expekt trade")


def test_a_text_is_parsed_again_only_when_it_has_changed(checks: list[str], tmp_path: Path) -> None:
    used, path = tmp_path / "used.scn", tmp_path / "a.scn"
    used.write_text("param wanted = 1\n")
    path.write_text('use "used.scn"\n\nscenario "a":\n    check wanted == 1\n')
    assert [ctpscen.run(path).passed for _ in range(3)] == [True] * 3
    assert len(checks) == 1
    used.write_text("param wanted = 2\n")
    assert not ctpscen.run(path).passed
    path.write_text('scenario "a":\n    check 1 == 1\n')
    assert ctpscen.run(path).passed
    assert len(checks) == 3


def test_what_was_run_long_ago_is_forgotten(checks: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from ctpscen import library

    monkeypatch.setattr(library, "_MOST_REMEMBERED", 2)
    for text in ("log 1", "log 2", "log 1", "log 3", "log 1", "log 2"):
        assert ctpscen.run(text).passed
    assert len(checks) == 4


# ------------------------------------------------------------------------------------------------------- exploring


def test_scenarios_are_explored_here_or_by_an_executor() -> None:
    scenarios = ctpscen.compile(RETRY)
    (report,) = scenarios.explore(faults=["stall"])
    assert "trader/OnRtnOrder/1:stall" in [finding.plan for finding in report.findings]
    with ThreadPoolExecutor(1) as executor:
        (again,) = scenarios.explore(faults=["stall"], executor=executor)
    assert again.findings == report.findings
    assert len(ctpscen.compile(TEXT).explore(title="fails", faults=["cut"])) == 2


def test_what_cannot_be_explored_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no fault 'cutt'; did you mean `cut`"):
        ctpscen.compile(RETRY).explore(faults=["cutt"])
