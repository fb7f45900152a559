"""Where steps may stand, and what their parts must be."""

import pytest
from support import checked, codes, said

ENTRY = "buy open 1 rb2705 at ask as entry\n"


@pytest.mark.parametrize(
    ("steps", "warned"),
    [
        ("wait 1s\nexpect trade\n", ["W503"]),
        ("wait 1s\nexpect at least 1 trades\n", ["W503"]),
        ("wait 1s\nexpect no trade\n", []),
        ("wait 1s\nexpect at most 1 trades\n", []),
        ("wait 1s\nexpect reconciled\n", []),
        ("wait 1s\nlog 1\nexpect trade\n", []),
        ("wait until 21:00\nexpect trade\n", []),
    ],
)
def test_a_wait_right_before_an_expect_is_warned_of(steps: str, warned: list[str]) -> None:
    assert codes(steps) == warned


DURATIONS = (
    "wait 5|wait until quiet for 5|expect trade within 5|expect no trade for 5|connect within 5|query orders within 5|"
    "wait until true within 5|network: latency 5|network: latency 5ms jitter 5|expect reconciled within 5|"
    "expect in order within 5: trade|log 1; venue: refuse login by 7 for 5|let x = 5; wait x"
).split("|")


@pytest.mark.parametrize("step", DURATIONS)
def test_a_duration_has_a_unit_wherever_one_is_wanted(step: str) -> None:
    assert said(step + "\n") == ["a duration needs a unit: `5s`, `500ms`"]


@pytest.mark.parametrize("step", ["halt rb2705", "settle", "kick trader", "clock 21:00", "down", "fill entry 1"])
def test_a_step_of_the_venue_stands_in_its_block(step: str) -> None:
    verb = step.split()[0]
    found = checked(ENTRY + step + "\n").diagnostics
    told = [each.diagnostic for each in found if each.diagnostic.code == "E402"]
    assert [each.message for each in told] == [f"`{verb}` is a step of the venue"]
    assert list(told[0].notes) == [f"write `venue:` before it: `venue: {step}`"]


@pytest.mark.parametrize("step", ["cut", "heal", "stall", "flap every 1s"])
def test_a_step_of_the_network_stands_in_its_block(step: str) -> None:
    told = [each.diagnostic for each in checked(step + "\n").diagnostics if each.diagnostic.code == "E402"]
    assert [each.message for each in told] == [f"`{step.split()[0]}` is a step of the network"]


@pytest.mark.parametrize("step", ["connect", "disconnect", "expect trade", "place order", "target 1", "query orders"])
@pytest.mark.parametrize("actor", ["venue", "network"])
def test_neither_the_venue_nor_the_network_does_what_a_session_does(actor: str, step: str) -> None:
    assert "E402" in codes(f"log 1\n{actor}: {step}\n")


def test_a_venue_block_of_the_file_names_no_order() -> None:
    assert codes('venue: halt rb2705\nscenario "x": log 1\n') == []
    assert codes('venue: fill entry 1\nscenario "x": log 1\n')[0] == "E402"


@pytest.mark.parametrize("item", ["param a = 1", "session b", 'use "x"', "before: log 1", "define f(): stop"])
def test_the_items_of_a_file_stand_at_its_top(item: str) -> None:
    assert codes(f'scenario "x":\n    {item}\n    log 1\n') == ["E401"]


def test_an_actor_that_nobody_can_be_breaks_nothing() -> None:
    """A block whose actor's name could not be read is looked at like any other."""
    found = checked("place order as resting\n: expect order of resting\n\nfoo\nbar:\n    expect trade of resting\n")
    assert found.program is None
