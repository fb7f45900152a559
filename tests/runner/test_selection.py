"""Which scenarios are run, with which seeds, and in how many processes."""

import json
from pathlib import Path

import pytest
from support import command

from ctpscen.runner.tags import BadExpression, read_tags

SUITE = """\
scenario "fast one" @fast @order:
    place order as entry
    expect trade of entry

scenario "slow one" @slow @order:
    wait 1h
    log "waited"

scenario "fails" @fast:
    check 1 == 2, "it is not"

scenario "table" @slow:
    where:
        | n |
        | 1 |
        | 2 |
    check n == 1, "n is {n}"
"""


@pytest.fixture(autouse=True)
def _suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "suite.scn").write_text(SUITE)


@pytest.mark.parametrize(
    ("expression", "tags", "wanted"),
    [
        ("fast", {"fast"}, True),
        ("fast", {"slow"}, False),
        ("@fast", {"fast"}, True),
        ("fast and order", {"fast", "order"}, True),
        ("fast and not slow", {"fast", "slow"}, False),
        ("fast or slow and order", {"fast"}, True),
        ("(fast or slow) and order", {"fast"}, False),
        ("not not fast", {"fast"}, True),
        ("a.b-c", {"a.b-c"}, True),
    ],
)
def test_a_tag_expression_means_what_it_says(expression: str, tags: set[str], wanted: bool) -> None:
    assert read_tags(expression)(tags) is wanted


@pytest.mark.parametrize("expression", ["", "fast and", "(fast", "fast slow", "and", "fast)", "fast & slow", "not"])
def test_a_tag_expression_that_is_none_is_refused(expression: str) -> None:
    with pytest.raises(BadExpression):
        read_tags(expression)
    code, _, err = command("run", "suite.scn", "--tag", expression)
    assert code == 2
    assert err


def listed(*arguments: str) -> list[str]:
    code, out, _ = command("run", "suite.scn", "--list", *arguments)
    assert code == 0
    return [line.split("  ")[1].split(" @")[0] for line in out.splitlines()]


def test_a_list_runs_nothing() -> None:
    assert listed() == ["fast one", "slow one", "fails", "table [row 1]", "table [row 2]"]


def test_tags_and_names_select() -> None:
    assert listed("--tag", "slow and not order") == ["table [row 1]", "table [row 2]"]
    assert listed("--name", "*one") == ["fast one", "slow one"]
    assert listed("--name", "*one", "--name", "fails", "--tag", "fast") == ["fast one", "fails"]
    assert command("run", "suite.scn", "--name", "none")[0] == 5


def test_only_what_failed_is_run_again() -> None:
    assert command("run", "suite.scn", "-q")[0] == 1
    assert listed("--last-failed") == ["fails", "table [row 2]"]
    Path("suite.scn").write_text(SUITE.replace("1 == 2", "1 == 1"))
    assert command("run", "suite.scn", "--last-failed", "-q")[0] == 1
    assert listed("--last-failed") == ["table [row 2]"]
    command("run", "suite.scn", "--name", "fast one")  # what is not run stays as it was
    assert listed("--last-failed") == ["table [row 2]"]


def test_a_run_stops_after_so_many_failures() -> None:
    _, out, _ = command("run", "suite.scn", "-x", "-q")
    assert "stopped; 2 were not run" in out
    assert "2 passed, 1 failed" in out
    _, out, _ = command("run", "suite.scn", "--max-failures", "2", "-q")
    assert "3 passed, 2 failed" in out


def test_verbosity_decides_what_is_shown_of_what_passes() -> None:
    _, quiet, _ = command("run", "suite.scn", "--name", "*one", "-q")
    assert quiet.splitlines()[0] == ".."
    _, lines, _ = command("run", "suite.scn", "--name", "*one", "--repeat", "3")
    assert lines.splitlines()[0] == "passed  suite.scn:1  fast one [run 1 of 3]"
    _, steps, _ = command("run", "suite.scn", "--name", "*one", "--repeat", "3", "-v")
    assert "expect trade of entry" in steps
    assert "OnRtnInstrumentStatus" not in steps
    _, everything, _ = command("run", "suite.scn", "--name", "*one", "-vv")
    assert "OnRtnInstrumentStatus" in everything
    assert "InstrumentID 'rb2705'" in everything
    request = everything[everything.index("→ ReqOrderInsert") :].partition("←")[0]
    assert "  Direction '0'  Buy\n" in request
    assert "  VolumeTotalOriginal 1\n" in request
    assert "OrderStatus '0'  AllTraded" in everything
    assert "→ ReqOrderInsert #2 rb2705 buy 1 at 3151\n" in everything


def test_a_failure_is_shown_whole_however_many_pass() -> None:
    _, out, _ = command("run", "suite.scn", "--repeat", "2", "-q")
    assert out.count("error[R615]: it is not") == 2
    assert "failed  suite.scn:9  fails [run 2 of 2]: it is not" in out


def session_ids(*arguments: str) -> dict[str, str]:
    """The SessionID that each scenario's login got, by its heading: what chance decides first."""
    _, out, _ = command("run", "suite.scn", "-v", *arguments)
    found, head = {}, ""
    for line in out.splitlines():
        if line.startswith("suite.scn:"):
            head = line
        elif "SessionID" in line:
            found[head] = line.rpartition(" ")[2]
    return found


def test_a_seed_depends_on_the_scenario_and_not_on_what_else_is_run() -> None:
    alone = session_ids("--name", "fast one")
    assert alone.items() <= session_ids().items()
    assert alone.items() <= session_ids("-j", "2").items()
    assert alone != session_ids("--name", "fast one", "--seed", "1")


def test_repetitions_differ_in_their_seeds() -> None:
    _, out, _ = command("run", "suite.scn", "--name", "fast one", "--repeat", "3")
    ids = [line.rpartition(" ")[2] for line in out.splitlines() if "SessionID" in line]
    assert len(set(ids)) == 3


def test_a_seed_is_written_down_as_it_is_given(tmp_path: Path) -> None:
    folder, report = tmp_path / "journals", tmp_path / "run.json"
    options = ("--seed", "7", "--repeat", "2", "--journal", str(folder), "--json", str(report))
    command("run", "suite.scn", "--name", "fast one", *options)
    journals = sorted(folder.iterdir(), key=lambda path: len(path.name))
    heads = [json.loads(path.read_text().splitlines()[1]) for path in journals]
    assert [(head["seed"], head.get("repetition", 0)) for head in heads] == [(7, 0), (7, 1)]
    assert [each["seed"] for each in json.loads(report.read_text())["scenarios"]] == [7, 7]
    _, out, _ = command("diff", *map(str, journals))
    assert "the same: " in out
    assert "but for the seed" in out


def test_values_come_from_files_too(tmp_path: Path) -> None:
    (tmp_path / "a.scn").write_text('param volume = 1\nparam name = "x"\n\nlog "{volume} {name}"\n')
    (tmp_path / "values").write_text("# of the day\nvolume = 3\n\nname = y\n")
    _, out, _ = command("run", "a.scn", "--set-file", "values", "--set", "name=z")
    assert "3 z" in out
    (tmp_path / "values").write_text("volume = 3\nvolum = 4\n")
    code, _, err = command("run", "a.scn", "--set-file", "values")
    assert code == 2
    assert "values:2: there is no param `volum`; did you mean `volume`?" in err
