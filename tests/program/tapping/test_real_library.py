"""The tap before the real library of CTP, the newest version and the oldest, as far as it goes without a front."""

import sys
from collections import Counter
from pathlib import Path

import pytest
from support.loopback import native
from support.stage import PROGRAMS
from support.tapped import tap_stage

from ctpscen.ctp.schema.versions import tables

pytestmark = native

BEGIN = [
    *("CreateFtdcTraderApi", "RegisterSpi", "SubscribePrivateTopic", "SubscribePublicTopic", "RegisterFront", "Init"),
]


@pytest.mark.parametrize("version", ["6.7.11", "6.3.15"])
def test_it_is_loaded_dials_the_relay_hears_of_breaks_and_is_released(
    version: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    variables = {"PYTHONPATH": str(request.getfixturevalue("oldest"))} if version == "6.3.15" else {}
    with tap_stage(tmp_path / "home") as stage:
        stage.front.hangs_up = True
        program = stage.start(sys.executable, "robot.py", folder=PROGRAMS, variables=variables)
        assert stage.until(lambda: Counter(stage.callbacks)["OnFrontDisconnected"] > 1), stage.lines
        program.terminate()
        assert stage.to_end().code == 0, stage.lines
        assert stage.lines[0] == f"version {tables(version).api_version}"
        assert "disconnected 0x1001" in stage.lines
        assert stage.lines[-1] == "ended"
        assert [name for name, _ in stage.calls] == [*BEGIN, "Release"]
        assert set(stage.callbacks) == {"OnFrontDisconnected"}
        assert not stage.hazards
        assert stage.tap.lost == 0
