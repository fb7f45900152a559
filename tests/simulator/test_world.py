"""The world: one clock, an order for what happens, chance from the seed, and the fault plan."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import passes

from ctpscen.simulator.world import World

TRADE = "place order as entry\nexpect trade of entry\n"


def exhaust(world: World) -> None:
    while world.next_time() is not None:
        world.step()


@given(st.lists(st.integers(0, 20), max_size=40))
def test_things_happen_by_time_and_then_in_the_order_in_which_they_were_arranged(times: list[int]) -> None:
    world = World(0)
    seen: list[tuple[int, int]] = []
    for number, time in enumerate(times):
        world.at(time, lambda t, n: seen.append((t, n)), time, number)
    exhaust(world)
    assert seen == sorted((time, number) for number, time in enumerate(times))
    assert world.now == max(times, default=0)


def test_what_is_arranged_while_something_happens_comes_after_what_was_there() -> None:
    world, seen = World(100), list[str]()

    def first() -> None:
        seen.append("first")
        world.at(100, seen.append, "third")

    world.at(100, first)
    world.at(100, seen.append, "second")
    exhaust(world)
    assert seen == ["first", "second", "third"]


def test_time_stands_still_between_steps_and_is_right_within_them() -> None:
    world, seen = World(5), list[int]()
    world.at(9, lambda: seen.append(world.now))
    assert (world.next_time(), world.now) == (9, 5)
    world.step()
    assert (seen, world.now, world.next_time()) == ([9], 9, None)


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=30))
def test_what_is_taken_back_does_not_happen(plans: list[tuple[int, bool]]) -> None:
    world, seen = World(0), list[int]()
    arranged = [world.at(time, seen.append, number) for number, (time, _) in enumerate(plans)]
    for event, (_, taken_back) in zip(arranged, plans, strict=True):
        if taken_back:
            world.cancel(event)
    exhaust(world)
    assert sorted(seen) == [number for number, (_, taken_back) in enumerate(plans) if not taken_back]


def test_taking_back_what_has_happened_is_harmless() -> None:
    world, seen = World(0), list[int]()
    event = world.at(0, seen.append, 1)
    world.step()
    world.cancel(event)
    assert (seen, world.next_time()) == ([1], None)


def test_nothing_is_arranged_for_the_past_and_no_rest_passes_over_what_is_due() -> None:
    world = World(10)
    world.at(20, lambda: None)
    with pytest.raises(AssertionError):
        world.at(9, lambda: None)
    with pytest.raises(AssertionError):
        world.rest_until(21)
    world.rest_until(20)
    assert world.now == 20
    with pytest.raises(IndexError):
        World(0).step()


def test_setting_the_clock_is_no_time_that_passes() -> None:
    world = World(1000)
    world.at(2000, lambda: None)
    world.begin_at(500)
    assert (world.now, world.set_ahead, world.next_time()) == (500, -500, None)


@given(st.integers(0, 2**32), st.text(min_size=1, max_size=8), st.text(min_size=1, max_size=8))
def test_each_purpose_has_chance_of_its_own(seed: int, purpose: str, other: str) -> None:
    def numbers(world: World, disturbed: bool) -> list[float]:
        drawn = []
        for _ in range(5):
            drawn.append(world.random(purpose).random())
            if disturbed and other != purpose:
                world.random(other).random()
        return drawn

    alone = numbers(World(0, seed), disturbed=False)
    assert alone == numbers(World(10**15, seed), disturbed=True), "the stream depends on seed and purpose alone"
    if other != purpose:
        assert alone[0] != World(0, seed).random(other).random()
    assert alone != numbers(World(0, seed + 1), disturbed=False)


def test_an_idle_day_takes_next_to_no_steps() -> None:
    result = passes('log "start"\nwait 4h\n')
    assert result.elapsed == 4 * 3600 * 1_000_000
    assert len(result.journal) < 10
