"""The tap, before a double of the library that plays a front: what passes, what is told, and what does not pass."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.stage import ASAN_OPTIONS
from support.tapped import TapStage, tap_stage

from ctpscen.program.events import Called, Delivered, Hazard
from ctpscen.program.processes import building
from ctpscen.program.tapping.tables import Refusal

LOGGED_IN = ["ReqAuthenticate", "ReqUserLogin", "ReqSettlementInfoConfirm"]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[TapStage]:
    with tap_stage(tmp_path / "home", most_of_an_order=10, most_of_the_run=12) as made:
        yield made


def given_to_library(stage: TapStage) -> list[str]:
    return [line.removeprefix("library: ") for line in stage.lines if line.startswith("library: ")]


def test_calls_and_callbacks_pass_untouched_and_are_told(stage: TapStage, robot: str) -> None:
    stage.start(robot, "trade")
    assert stage.to_end().code == 0
    assert [line for line in stage.lines if not line.startswith("library: ")] == [
        "connected",
        "authenticated 0, login sent 0",
        "logged in 0 20261123 request 2 last",
        "trading day 20261123",
        "the object has another type",  # which is that of the double, as it must be
        "order sent 0",
        "order a 0/5",
        "order 0 5/5",
        "trade 5 at 71010",
        "done",
    ]
    assert stage.calls == [
        ("CreateFtdcTraderApi", 0),
        *((name, 0) for name in ("RegisterSpi", "SubscribePrivateTopic", "SubscribePublicTopic")),
        *(("RegisterFront", 0), ("Init", 0), ("ReqAuthenticate", 0), ("ReqUserLogin", 0)),
        *(("GetTradingDay", "20261123"), ("ReqSettlementInfoConfirm", 0), ("ReqOrderInsert", 0), ("Release", 0)),
    ]
    assert stage.callbacks == [
        *("OnFrontConnected", "OnRspAuthenticate", "OnRspUserLogin", "OnRspSettlementInfoConfirm"),
        *("OnRtnOrder", "OnRtnOrder", "OnRtnTrade"),
    ]
    order = next(event.request for event in stage.of(Called) if event.request.name == "ReqOrderInsert")
    assert (order.fields or {})["InstrumentID"] == "cu2612"
    assert (order.fields or {})["VolumeTotalOriginal"] == 5
    login = next(event.callback for event in stage.of(Delivered) if event.callback.name == "OnRspUserLogin")
    assert (login.fields or {})["SessionID"] == 7
    assert (login.error, login.request_id, login.last) == ({"ErrorID": 0, "ErrorMsg": ""}, 2, True)
    times = [event.time for event in stage.events if isinstance(event, Called | Delivered)]
    assert times == sorted(times)
    assert not stage.hazards
    assert stage.tap.lost == 0


def test_the_front_is_the_runs_whatever_the_program_was_configured_with(stage: TapStage, robot: str) -> None:
    stage.front.address = "set when it starts"
    stage.start(robot, "quotes")
    assert stage.to_end().code == 0
    assert given_to_library(stage) == [f"front {stage.front.address}"]
    asked = next(event.request for event in stage.of(Called) if event.request.name == "RegisterFront")
    assert asked.fields == {"pszFrontAddress": "tcp://127.0.0.1:41213"}
    assert "quote cu2612 71000" in stage.lines
    assert ("SubscribeMarketData", 0) in stage.calls


def test_what_is_over_the_caps_or_not_allowed_never_reaches_the_library(stage: TapStage, robot: str) -> None:
    stage.start(robot, "caps")
    assert stage.to_end().code == 0
    assert [
        line for line in stage.lines if line.partition(" ")[0] in ("password", "too", "sent", "somebody", "cancel")
    ] == [
        "password -3",
        "too large -3",
        "sent 12, then -3",
        "somebody -3",
        "cancel 0",
    ]
    assert given_to_library(stage)[1:] == [*LOGGED_IN, *["ReqOrderInsert"] * 12, "ReqOrderAction"]
    assert stage.held_back == [
        ("ReqUserPasswordUpdate", Refusal.NOT_ALLOWED),
        ("ReqOrderInsert", Refusal.ORDER_TOO_LARGE),
        ("ReqOrderInsert", Refusal.RUN_TOO_LARGE),
        ("ReqUserLogin", Refusal.OTHER_USER),
    ]
    assert stage.tap.limits.used == 12


def test_all_processes_of_a_run_have_one_count_with_ctpscens_own_sessions(stage: TapStage, robot: str) -> None:
    stage.tap.limits.elsewhere = 2
    stage.start(robot, "family")
    assert stage.to_end().code == 0
    assert "the child sent 4" in stage.lines
    assert "the parent sent 1" in stage.lines  # 2 lots elsewhere, 8 of the child, 2 of its own: 12


def test_a_forked_child_has_no_use_for_its_parents_objects(stage: TapStage, robot: str) -> None:
    stage.start(robot, "forks")
    assert stage.to_end().code == 0
    assert [line for line in stage.lines if "child" in line or "parent" in line] == [
        "in the child -1 .",
        "the child gave 7",
        "in the parent 20261123",
    ]


def test_of_a_burst_of_callbacks_none_is_lost(stage: TapStage, robot: str) -> None:
    stage.start(robot, "burst")
    assert stage.to_end().code == 0
    assert "answers 5000" in stage.lines
    assert Counter(stage.callbacks)["OnRspQryOrder"] == 5_000
    assert stage.tap.lost == 0


def test_nothing_is_lost_when_the_program_crashes(stage: TapStage, robot: str) -> None:
    stage.start(robot, "crashes")
    assert stage.to_end().signal == "SIGABRT"
    assert Counter(stage.callbacks)["OnRspQryOrder"] == 2_000
    assert stage.tap.lost == 0


def test_a_crash_within_the_library_is_placed(stage: TapStage, robot: str) -> None:
    stage.start(robot, "misuse")
    assert stage.to_end().signal == "SIGABRT"  # the double dies of the second Init, as the library may
    assert stage.hazards == [
        *("missing flow folder", "shared flow path", "subscription after Init", "second Init", "ended in a call")
    ]
    assert stage.of(Hazard)[-1].text == "the process ended in Init; whether it has gone out is not known"


def test_what_cannot_be_written_down_is_counted(stage: TapStage, robot: str) -> None:
    stage.start("sh", "-c", f"ulimit -f 16; trap '' XFSZ; exec {robot} burst")
    assert stage.to_end().code == 0
    assert "answers 5000" in stage.lines, "the program goes on"
    assert stage.tap.lost > 5_000


def test_a_break_is_the_librarys_own(stage: TapStage, robot: str) -> None:
    stage.start(robot, "breaks")
    assert stage.until(lambda: "OnRspSettlementInfoConfirm" in stage.callbacks)
    written = b"".join(path.read_bytes() for path in stage.programs.folder.glob("*.events"))
    assert b"100001" in written
    assert b"123456" not in written, "a password is not written down"
    stage.front.connections[0].close()
    assert stage.to_end().code == 0
    assert "again" in stage.lines
    assert Counter(stage.callbacks)["OnFrontConnected"] == 2
    password = next(event.request for event in stage.of(Called) if event.request.name == "ReqUserLogin")
    assert (password.fields or {})["Password"] == "*"


def test_nothing_that_counts_goes_out_when_ctpscen_is_gone(stage: TapStage, robot: str) -> None:
    program = stage.start(robot, "left_alone")
    assert stage.until(lambda: "ready" in stage.lines)
    program.server.close()
    stage.front.connections[0].close()
    assert stage.to_end().code == 0
    assert "order sent -3" in stage.lines, stage.lines
    assert "ReqOrderInsert" not in given_to_library(stage)


def test_without_ctpscen_there_is_no_session(stage: TapStage, robot: str) -> None:
    stage.start(robot, "trade", variables={"CTPSCEN_SOCKET": "/nowhere"})
    assert stage.to_end().code == 97
    assert stage.lines == [
        "ctpscen: ctpscen cannot be reached; the program is ended, because it would trade without being watched"
    ]


def test_a_program_that_has_no_use_for_it_notices_nothing(stage: TapStage) -> None:
    stage.start(sys.executable, "-c", "print('hello')")
    assert stage.to_end().code == 0
    assert stage.lines == ["hello"]
    assert not stage.calls


@pytest.mark.parametrize("mode", ["trade", "caps", "family", "burst", "objects"])
def test_the_sanitizers_find_nothing(
    mode: str, stage: TapStage, sanitized: tuple[building.Native, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, robot = sanitized
    monkeypatch.setattr("ctpscen.program.programs.native", lambda: made)
    stage.start(robot, mode, variables={"ASAN_OPTIONS": ASAN_OPTIONS})
    assert stage.to_end().code == 0, stage.lines
    assert not [line for line in stage.lines if "Sanitizer" in line or "runtime error" in line]
