"""A program on the stand-in lives in the venue's time: its waits last as long as it says, and no thread is lost."""

import sys
from pathlib import Path

from support.stage import PROGRAMS as NATIVE_PROGRAMS
from support.stage import Stage
from support.stage import stage as a_stage

PROGRAMS = Path(__file__).parent / "programs"


def test_every_wait_is_exact(exact: Stage) -> None:
    exact.start(sys.executable, "timers.py", "without-processes", folder=NATIVE_PROGRAMS, stand_in=True)
    assert exact.to_end(4000).code == 0, exact.lines
    date, *waits = [line.split() for line in exact.lines]
    assert date == ["date", "2026-11-23", "09:30"]
    assert [wait for wait in waits if wait[2:] != [f"{float(wait[1]):.6f}"] * 2] == []
    assert len(waits) == 12


def test_threads_wait_for_each_other_and_none_is_lost(exact: Stage) -> None:
    exact.start(sys.executable, "threads.py", folder=PROGRAMS, stand_in=True)
    assert exact.to_end(4000).code == 0, exact.lines
    assert exact.lines == [
        "handed on 2000 in 0.000000",
        "one lock, 8 threads: 400 in 4.000000",
        "reentrant 2.000000",
        "joined after 3.000000 True",
        "not joined after 1.000000 False",
        "a pool: [0, 1, 4, 9] in 2.000000",
        "a pipe after 5.000000: b'done'",
        "a socket after 6.000000: b'done'",
        "child of a fork 7.000000",
        "datetime 2026-11-23 09:30 True",
        "handled 15 while waiting",
        "raised in a handler",
        "main is done",
        "a thread goes on for 10.000000",
    ]


def test_at_a_pace_nothing_is_early(tmp_path: Path) -> None:
    with a_stage(tmp_path / "home", pace=100.0) as stage:
        stage.start(sys.executable, "timers.py", "without-processes", folder=NATIVE_PROGRAMS, stand_in=True)
        stage.until(lambda: len(stage.lines) > 11, 2000)
        waits = [line.split() for line in stage.lines[1:12]]
    assert len(waits) == 11
    assert [wait for wait in waits if float(wait[3]) < float(wait[1])] == []
