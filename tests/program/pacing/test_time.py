"""Programs live in the venue's time: every way to wait lasts as long as the venue says, to the microsecond."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.stage import PROGRAMS, Stage
from support.stage import stage as a_stage

from ctpscen.program.pacing.threads import Threads


@pytest.fixture
def exact(tmp_path: Path) -> Iterator[Stage]:
    """A venue in which time stands still while a program computes, and jumps from the start."""
    with a_stage(tmp_path / "home", computing=0.0, patience=0.0) as made:
        yield made


def assert_all_exact(lines: list[str], at_least: int) -> None:
    """Every line says a wait's name, how long it should take, and how long it took by two clocks."""
    waits = [line.split() for line in lines]
    assert [wait for wait in waits if wait[2:] != [f"{float(wait[1]):.6f}"] * 2] == []
    assert len(waits) >= at_least


def test_a_python_program_waits_exactly(exact: Stage) -> None:
    exact.start(sys.executable, "timers.py", folder=PROGRAMS)
    assert exact.to_end(4000).code == 0, exact.lines
    date, *waits = exact.lines
    assert date == "date 2026-11-23 09:30"
    assert_all_exact(waits, 13)


def test_a_cpp_program_waits_exactly(exact: Stage, tmp_path: Path) -> None:
    program = tmp_path / "timers"
    subprocess.run(["g++", "-std=c++17", "-pthread", "-o", program, PROGRAMS / "timers.cpp"], check=True)
    exact.start(str(program))
    assert exact.to_end(4000).code == 0, exact.lines
    assert_all_exact(exact.lines, 25)


def test_an_hour_of_one_second_waits_takes_an_hour(exact: Stage) -> None:
    exact.start(sys.executable, "-c", "import time\nfor _ in range(3600): time.sleep(1)\nprint(time.strftime('%T'))")
    exact.to_end(4000)
    assert exact.lines == ["10:30:00"]
    assert exact.seconds == 3600


def test_two_programs_share_one_clock(exact: Stage) -> None:
    script = "import sys, time\nfor _ in range(3): time.sleep(float(sys.argv[1])); print(sys.argv[1], time.time() % 60)"
    exact.start(sys.executable, "-c", script, "2", name="one")
    exact.start(sys.executable, "-c", script, "3", name="other")
    exact.until(lambda: len(exact.exits) == 2)
    assert sorted(exact.lines) == ["2 2.0", "2 4.0", "2 6.0", "3 3.0", "3 6.0", "3 9.0"]


def test_time_does_not_jump_while_anything_computes(stage: Stage) -> None:
    """A child that computes is part of the program; its parent only waits for it, and for ten minutes besides."""
    script = (
        "import subprocess, sys, threading, time\n"
        "threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
        "subprocess.run([sys.executable, '-c', 'sum(range(3_000_000))'])\n"
        "print('done')\n"
    )
    stage.programs.patience = 0
    stage.start(sys.executable, "-c", script)
    stage.to_end()
    assert stage.lines == ["done"]
    assert stage.seconds < 60


def test_at_a_pace_time_is_the_walls(tmp_path: Path) -> None:
    """Never early: what is waited for at a hundred times the wall's speed takes at least that long."""
    with a_stage(tmp_path / "home", pace=100.0) as stage:
        stage.start(sys.executable, "timers.py", folder=PROGRAMS)
        stage.until(lambda: len(stage.lines) > 12, 2000)
        waits = [line.split() for line in stage.lines[1:13]]
    assert len(waits) == 12
    assert [wait for wait in waits if float(wait[3]) < float(wait[1])] == []


def test_with_a_clock_of_its_own_a_program_keeps_the_machines(tmp_path: Path) -> None:
    with a_stage(tmp_path / "home", pace=1.0) as stage:
        stage.start(sys.executable, "-c", "import time; print(time.time())", clock="own")
        stage.to_end()
    assert abs(float(stage.lines[0]) - Path(tmp_path / "home").stat().st_mtime) < 3600


@pytest.mark.parametrize("command", ["sh -c 'sleep 3; date +%T'", "python3 -S -c 'print(1)'", "git --version"])
def test_what_has_no_use_for_it_is_not_disturbed(exact: Stage, command: str) -> None:
    exact.start("sh", "-c", command)
    assert exact.to_end().code == 0
    assert len(exact.lines) == 1


COMPUTES = "import time\nbegun = time.time()\nsum(range(5_000_000))\nprint(time.time() > begun)"


@pytest.mark.parametrize(("ran", "passed"), [(0.0, "False"), (1e9, "True"), (None, "True")])
def test_while_a_program_computes_its_processor_s_time_passes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, ran: float | None, passed: str
) -> None:
    """Of one that gets no processor on a busy machine, time stands still; it is never more than the wall's."""
    monkeypatch.setattr(Threads, "ran", lambda _: ran)
    stage.start(sys.executable, "-c", COMPUTES)
    stage.to_end()
    assert stage.lines == [passed]
    assert stage.seconds < 60
