"""The native wire: worker and relay together, and what becomes of one without the other."""

import os
import signal
from pathlib import Path

from attrs import evolve
from support.loopback import close_at_once, front_that, native

from ctpscen.live.profile.profiles import Account, Profile
from ctpscen.live.profile.secret import SecretPlace
from ctpscen.live.wire import NativeWire

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
            wire.close(keep=False)
