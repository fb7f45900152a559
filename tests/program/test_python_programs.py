"""Programs on openctp_ctp, the newest version and the oldest: what most users of the project have."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
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


@pytest.fixture(scope="module")
def oldest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The oldest version of the binding, from the package index, kept between runs."""
    import platformdirs

    kept = Path(platformdirs.user_cache_dir("ctpscen-tests")) / "openctp-ctp-6.3.15"
    if not list(kept.glob("*.whl")):
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(kept), "openctp-ctp==6.3.15.*"]
        got = subprocess.run(command, capture_output=True, text=True, check=False)
        if got.returncode:
            pytest.skip(f"the package index does not give openctp-ctp 6.3.15: {got.stderr.strip().splitlines()[-1]}")
    unpacked = tmp_path_factory.mktemp("oldest")
    (wheel,) = kept.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(unpacked)
    return unpacked
