"""What a run writes over, and what it leaves as it is."""

import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import command

from ctpscen.report.journal import journal_name, read_journal

PASSES = 'log "once"\n'
KINDS = ("--junit", "--json", "--html")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.scn").write_text(PASSES)


# --------------------------------------------------------------------------------------------------------- reports


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text",
    [
        PASSES,
        '{"name": "package", "ctpscen": "1"}',
        "<!DOCTYPE html><title>mine</title>",
        '<?xml version="1.0"?>\n<testsuites name="pytest tests"></testsuites>',
        "\n",
        "\0\xff",
    ],
)
def test_what_is_no_report_of_ours_is_left_as_it_is(kind: str, text: str) -> None:
    Path("mine").write_text(text)
    code, out, err = command("run", "a.scn", kind, "mine")
    assert (code, out) == (2, "")
    assert err == "mine: this is no report of ctpscen's; it was left as it is (--force writes over it)\n"
    assert Path("mine").read_text() == text
    assert command("run", "a.scn", kind, "mine", "--force")[0] == 0
    assert Path("mine").read_text() != text


def test_a_scenario_that_was_meant_to_be_run_is_not_a_report() -> None:
    assert command("run", "a.scn", "--html", "a.scn")[0] == 2
    assert Path("a.scn").read_text() == PASSES


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("before", KINDS)
def test_a_report_of_ours_is_written_over(kind: str, before: str) -> None:
    assert command("run", "a.scn", before, "report")[0] == 0
    assert command("run", "a.scn", kind, "report")[0] == 0
    first = {"--junit": "<testsuites", "--json": "{", "--html": "<!DOCTYPE"}[kind]
    assert Path("report").read_text().startswith(first)


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_file_and_a_device_may_be_written(kind: str) -> None:
    Path("empty").touch()
    for path in ("empty", os.devnull):
        assert command("run", "a.scn", kind, path)[0] == 0


# -------------------------------------------------------------------------------------------------------- journals


def link(path: Path) -> None:
    Path("target").write_text('{"event":"environment"}\n')
    path.symlink_to("../target")


def link_to_nothing(path: Path) -> None:
    path.symlink_to("../target")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def other_text(path: Path) -> None:
    path.write_text("what somebody else wrote\n")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (link, "cannot be written: this is a link, and no journal is written through one"),
        (link_to_nothing, "cannot be written: this is a link, and no journal is written through one"),
        (pipe, "cannot be written: this is no file"),
        (other_text, "this is no journal; it was left as it is (--force writes over it)"),
    ],
)
@pytest.mark.parametrize("name", ["a.scn-1.jsonl", "b.scn-1.jsonl"])
def test_a_journal_is_written_over_journals_alone(make: Callable[[Path], None], said: str, name: str) -> None:
    Path("b.scn").write_text(PASSES)
    Path("journals").mkdir()
    path = Path("journals") / name
    make(path)
    before = Path("target").read_text() if Path("target").exists() else None
    assert command("run", "a.scn", "b.scn", "--journal", "journals") == (2, "", f"journals/{name}: {said}\n")
    assert [each.name for each in Path("journals").iterdir()] == [name], "nothing has run"
    assert (Path("target").read_text() if Path("target").exists() else None) == before


def test_a_file_is_written_over_by_force_and_a_link_is_not() -> None:
    Path("journals").mkdir()
    path = Path("journals/a.scn-1.jsonl")
    other_text(path)
    assert command("run", "a.scn", "--journal", "journals", "--force")[0] == 0
    assert [*read_journal(path)][-1]["verdict"] == "passed"
    path.unlink()
    link(path)
    assert command("run", "a.scn", "--journal", "journals", "--force")[0] == 2
    assert Path("target").read_text() == '{"event":"environment"}\n'


@pytest.mark.parametrize("left", ["", '{"event":"envi', '{"event":"environment","schema":1}\n{"event":"scen'])
def test_what_a_killed_run_left_of_a_journal_is_one(left: str) -> None:
    Path("journals").mkdir()
    path = Path("journals/a.scn-1.jsonl")
    path.write_text(left)
    assert command("run", "a.scn", "--journal", "journals")[0] == 0
    assert [*read_journal(path)][-1]["verdict"] == "passed"


def test_a_link_that_comes_while_the_run_goes_on_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctpscen.runner.reports.prepare_journal", lambda *_, **__: None)
    Path("journals").mkdir()
    link(Path("journals/a.scn-1.jsonl"))
    code, out, err = command("run", "a.scn", "--journal", "journals")
    assert (code, "1 passed" in out) == (3, True)
    assert err.startswith("journals/a.scn-1.jsonl: cannot be written: this is a link")
    assert Path("target").read_text() == '{"event":"environment"}\n'


def test_files_that_would_be_called_alike_have_a_journal_each() -> None:
    names = ["a.scn", "x/y.scn", "x.y.scn", "x%2Ey.scn", "x/.y.scn", ".x/y.scn", "z", "z-1"]
    for name in names:
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(PASSES)
    assert command("run", *names, "--repeat", "2", "--journal", "journals")[0] == 0
    assert len(list(Path("journals").iterdir())) == 2 * len(names)


PARTS = ["a", "b.c", "%2E", "d-1", "d", "e:", "f\\", ".scn", "g.scn"]
PATHS = st.tuples(st.lists(st.sampled_from([*PARTS, ".", ".."])), st.sampled_from(PARTS)).map(
    lambda parts: "/".join([*parts[0], parts[1]])
)


@given(st.lists(st.tuples(PATHS | PATHS.map(lambda path: f"/{path}"), st.integers(1, 20), st.integers(0, 2))))
def test_no_two_journals_have_the_same_name(items: list[tuple[str, int, int]]) -> None:
    """Unless they are of the same line of the same file, however that is written."""
    found: dict[str, set[Any]] = {}
    for file, line, repetition in items:
        item: Any = SimpleNamespace(file=file, line=line, repetition=repetition, attempt=0)
        name = journal_name(item)
        assert "/" not in name
        found.setdefault(name, set()).add((os.path.normpath(file), line, repetition))
    assert Counter(len(same) for same in found.values()).keys() <= {1}


def test_a_file_in_folders_is_called_by_its_path() -> None:
    item: Any = SimpleNamespace(file="./scenarios/connect/first_login.scn", line=6, repetition=0, attempt=0)
    assert journal_name(item) == "scenarios.connect.first_login.scn-6.jsonl"


def test_a_name_of_bytes_that_are_no_text_is_escaped_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = os.fsdecode(b"\xff.scn")
    Path(name).write_text("log 1\n")
    reports = ["--json", "r.json", "--junit", "u.xml", "--html", "p.html", "--journal", "j"]
    code, out, err = command("run", f"./{name}", *reports)
    assert (code, err) == (0, "")
    assert r"\xff.scn:1" in out
    assert json.loads(Path("r.json").read_text(encoding="utf-8"))["scenarios"][0]["file"] == r"./\xff.scn"
    assert command("check", "--json", f"./{name}")[0] == 0


def test_check_goes_on_behind_a_file_that_it_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "a.scn").write_bytes(b"log \xff\n")
    (tmp_path / "b.scn").write_text("expct trade\n", encoding="utf-8")
    code, out, err = command("check", str(tmp_path))
    assert (code, "a.scn:1: this is not UTF-8" in err, "did you mean `expect`?" in out) == (2, True, True)
