"""The native wire: worker and relay together, and what becomes of one without the other."""

import os
import signal
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from attrs import evolve
from support.loopback import close_at_once, front_that, native

from ctpscen.ctp.messages import Callback, Request
from ctpscen.live.library.process import Arrival, WorkerDied, WorkerProcess
from ctpscen.live.profile.profiles import Account, Profile
from ctpscen.live.profile.secret import SecretPlace
from ctpscen.live.wire import Delivery, NativeWire

NOWHERE = ("tcp://127.0.0.1:1",)
DESK = Profile(
    "desk", "9999", Account("", "1", "1", SecretPlace("prompt")), NOWHERE, NOWHERE, "", SecretPlace("prompt")
)


@native
def test_a_relay_that_died_is_told_and_replaced(tmp_path: Path) -> None:
    with front_that(close_at_once) as front:
        profile = evolve(DESK, trading_fronts=(front,), market_fronts=(front,))
        wire = NativeWire(profile, tmp_path / "run", tmp_path / "locales")
        try:
            wire.open("trader")
            assert wire.troubles() == []
            assert wire._relay is not None
            dead = wire._relay.pid
            os.kill(dead, signal.SIGKILL)
            (found,) = wire.fronts("trader", "trader")
            assert found["reason"] == "the relay died: SIGKILL"
            assert wire.troubles() == ["the relay died: SIGKILL"]
            wire.open("trader")
            assert wire.troubles() == []
            assert [each["front"] for each in wire.fronts("trader", "trader")] == [front]
        finally:
            wire.close()


class Silent(WorkerProcess):
    """A worker that is not there: a test puts in what it would send."""

    def close(self) -> None:
        pass


def heard(tmp_path: Path) -> tuple[NativeWire, Callable[[int], Callback]]:
    """A wire, and what has its library call back at a time."""
    wire = NativeWire(DESK, tmp_path / "run", tmp_path / "locales")
    worker = wire._workers["trader"] = Silent("trader", tmp_path / "log", wire._arrivals, wire._clock)

    def call_back(moment: int) -> Callback:
        callback = Callback(1, "trader", moment, 0, "OnFrontConnected")
        wire._arrivals.put(Arrival(worker, callback))
        return callback

    return wire, call_back


def test_the_clock_goes_on_whatever_is_done(tmp_path: Path) -> None:
    """It is read by every call and for every deadline; nothing needs to arrive for that."""
    wire, _ = heard(tmp_path)
    before = wire.now
    assert any(wire.now > before for _ in range(1_000_000))


def test_what_came_in_time_counts_though_it_is_looked_at_late(tmp_path: Path) -> None:
    wire, call_back = heard(tmp_path)
    now = wire.now
    early, late = call_back(now - 2), call_back(now)
    assert wire.receive(now - 1) == Delivery("trader", early)
    assert wire.receive(now - 1) is None
    assert wire.receive(now) == Delivery("trader", late)


def test_a_wait_that_began_after_a_burst_is_not_over_before_it_began(tmp_path: Path) -> None:
    wire, call_back = heard(tmp_path)
    reports = [call_back(wire.now) for _ in range(500)]
    limit = wire.now + 1_000_000
    found = [wire.receive(limit) for _ in reports]
    assert [each and each.callback for each in found] == reports


@native
@pytest.mark.parametrize("how", ["between calls", "inside a call", "and was replaced", "not at all"])
def test_the_log_of_a_library_that_died_is_kept(tmp_path: Path, how: str) -> None:
    wire = NativeWire(DESK, tmp_path / "run", tmp_path / "locales")
    wire.open("trader")
    worker = wire._workers["trader"]
    if how != "not at all":
        os.kill(worker.pid, signal.SIGSEGV)
        with pytest.raises(WorkerDied) if how == "inside a call" else nullcontext():
            wire.receive(None) if how != "inside a call" else worker.call(Request(1, "trader", 0, 0, "Init"))
    if how == "and was replaced":
        wire.open("trader")
    wire.close()
    assert worker.log.exists() == (how != "not at all")
