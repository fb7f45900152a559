"""Commands of the network as lines for the relay."""

import pytest

from ctpscen.ctp.commands.front import FrontDown
from ctpscen.ctp.commands.network import Cut, Flap, Heal, PathCommand, PathLatency, Silence, Stall
from ctpscen.engine.state.outcomes import NoVenue
from ctpscen.live.relay.commands import relay_line


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (Cut(), "cut */*"),
        (Cut(session="alice"), "cut alice/*"),
        (Cut(session="alice", market=True), "cut alice/market"),
        (Silence(session="alice"), "silence alice/*"),
        (Stall(), "stall */*"),
        (Heal(market=True), "heal */market"),
        (Flap(every=2_000_000), "flap 2000000us */*"),
        (Flap(every=2_000_000, lasting=9_000_000), "flap 2000000us for 9000000us */*"),
        (PathLatency(latency=200_000), "latency 200000us */*"),
        (PathLatency(latency=200_000, jitter=50), "latency 200000us jitter 50us */*"),
    ],
)
def test_a_command_about_paths_is_a_line(command: PathCommand, line: str) -> None:
    assert relay_line(command) == line


def test_a_command_to_the_venue_is_none() -> None:
    with pytest.raises(NoVenue):
        relay_line(FrontDown())
