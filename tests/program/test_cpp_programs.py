"""Programs in C++, linked against the library: the whole of the shim, from the virtual table to the venue."""

from collections import Counter
from pathlib import Path

import pytest
from support.stage import ASAN_OPTIONS, Stage, compile_robot
from support.stage import stage as a_stage

from ctpscen.program.processes import building

TRADED = [
    "connected",
    "authenticated 0, login sent 0",
    "logged in 0 20261123 request 2 last",
    "trading day 20261123",
    "order sent 0",
    "order a 0/5",
    "order a 0/5",
    "order 0 5/5",
    "trade 5 at 71010",
    "done",
]


def test_it_logs_in_and_trades(stage: Stage, robot: str) -> None:
    stage.start(robot, "trade")
    assert stage.to_end().code == 0
    assert stage.lines == TRADED
    assert not stage.hazards


def test_it_takes_quotes(stage: Stage, robot: str) -> None:
    stage.start(robot, "quotes")
    assert stage.to_end().code == 0
    assert stage.lines == ["subscribed 0", "quote cu2612 71000", "done"]


def test_what_ends_a_program_on_the_real_library_is_survived_and_told(stage: Stage, robot: str) -> None:
    stage.start(robot, "misuse")
    assert stage.to_end().code == 0
    assert stage.lines[-2:] == ["survived", "done"]
    assert "overlong 0" in stage.lines
    assert "after release -1 ." in stage.lines
    kinds = Counter(hazard.kind for hazard in stage.hazards)
    assert kinds.pop("text too long") > 10
    assert kinds == {
        "missing flow folder": 1,
        "shared flow path": 1,
        "subscription after Init": 1,
        "second Init": 1,
        "second Release": 1,
        "call after Release": 3,
        "Release in a callback": 1,
        "slow callback": 1,
    }


def test_many_threads_call_one_object(stage: Stage, robot: str) -> None:
    stage.start(robot, "threads")
    assert stage.to_end().code == 0
    assert "good calls 800" in stage.lines


def test_objects_by_the_dozen(stage: Stage, robot: str) -> None:
    stage.start(robot, "objects")
    assert stage.to_end().code == 0
    assert "connected objects 24" in stage.lines
    assert not stage.hazards


def test_a_forked_child_has_no_use_for_its_parents_objects(stage: Stage, robot: str) -> None:
    stage.start(robot, "forks")
    assert stage.to_end().code == 0
    assert [line for line in stage.lines if "child" in line or "parent" in line] == [
        "in the child -1 .",
        "the child gave 7",
        "in the parent 20261123",
    ]


def test_join_returns_with_release(stage: Stage, robot: str) -> None:
    stage.start(robot, "joins")
    assert stage.to_end().code == 0
    assert stage.lines[-2:] == ["joined", "done"]
    assert 3 <= stage.seconds < 60


def test_an_old_version_of_the_library_has_other_places_and_sizes(stage: Stage, tmp_path: Path) -> None:
    stage.start(str(compile_robot(tmp_path / "old", "6.3.15")), "trade")
    assert stage.to_end().code == 0
    assert stage.lines == TRADED


def test_a_program_whose_venue_goes_away_is_disconnected_and_goes_on(stage: Stage, robot: str) -> None:
    program = stage.start(robot, "left_alone")
    assert stage.until(lambda: "ready" in stage.lines)
    program.server.close()
    assert stage.to_end().code == 0
    assert "disconnected 0x1001" in stage.lines
    assert "order sent -1" in stage.lines
    assert (program.folder / "alone.txt").read_text() == "survived"


@pytest.mark.parametrize("mode", ["trade", "quotes", "misuse", "threads", "objects", "forks", "joins"])
def test_the_sanitizers_find_nothing(
    mode: str, tmp_path: Path, sanitized: tuple[building.Native, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, robot = sanitized
    monkeypatch.setattr("ctpscen.program.programs.native", lambda: made)
    with a_stage(tmp_path / "home") as stage:
        stage.start(robot, mode, variables={"ASAN_OPTIONS": ASAN_OPTIONS})
        assert stage.to_end().code == 0, stage.lines
        assert stage.lines[-1] == "done"
        assert not [line for line in stage.lines if "Sanitizer" in line or "runtime error" in line]
