"""Programs on openctp_ctp, the newest version and the oldest: what most users of the project have."""

import sys
from pathlib import Path

from support.stage import PROGRAMS, Stage

from ctpscen.ctp.schema.versions import tables

SAID = [
    "logged in 20261123 0 CTP:正确",
    "order sent 0",
    "order a 0/5 报单已提交",
    "order a 0/5 报单已提交",
    "order 0 5/5 全部成交报单已提交",
    "trade 5 71010.0",
]


def run_robot(stage: Stage, version: str, **variables: str) -> None:
    program = stage.start(sys.executable, "robot.py", folder=PROGRAMS, variables=variables)
    assert stage.until(lambda: any("trade" in line for line in stage.lines)), stage.lines
    stage.until(lambda: False, 10)
    program.terminate()
    assert stage.to_end().code == 0
    assert stage.lines == [f"version {tables(version).api_version}", *SAID, "ended"]
    assert not stage.hazards
    assert stage.seconds >= 10


def test_the_newest(stage: Stage) -> None:
    run_robot(stage, "6.7.11")


def test_the_oldest(stage: Stage, oldest: Path) -> None:
    run_robot(stage, "6.3.15", PYTHONPATH=str(oldest))
