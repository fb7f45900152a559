"""The world: one clock, an order for what happens, chance from the seed, and the fault plan."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import callbacks, fault_texts, passes, simulate

from ctpscen.ctp.commands.effects import Effect, Planned
from ctpscen.engine.unit import Result, Unit
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


def test_a_plan_strikes_the_deliveries_that_it_names() -> None:
    notes: list[Effect] = []
    world = World(0, plan={2: "lose", 5: "cut"}, note=notes.append)
    assert [world.number_delivery() for _ in range(6)] == [None, "lose", None, None, "cut", None]
    assert notes == [Planned("lose", 2), Planned("cut", 5)]


def planned(plan: dict[int, str], text: str = TRADE) -> Result:
    return simulate(Unit("a.scn", text, "a", plan=plan))


def arrivals(result: Result) -> list[tuple[int, str]]:
    return [(event["time"], event["name"]) for event in callbacks(result)]


def test_the_number_of_a_delivery_does_not_depend_on_the_seed() -> None:
    """What a plan hits is the same message in every run of the scenario, whatever chance does elsewhere."""
    hits = []
    for seed in (0, 1, 77):
        result = simulate(Unit("a.scn", TRADE, "a", seed=seed, plan={18: "duplicate"}))
        whole = arrivals(simulate(Unit("a.scn", TRADE, "a", seed=seed)))
        more = arrivals(result)
        hits.append([name for time, name in more if more.count((time, name)) > whole.count((time, name))])
    assert hits[0] == hits[1] == hits[2] != []


def test_every_delivery_can_be_lost_and_what_was_before_it_is_the_same() -> None:
    text = "place order as entry\nwait 1s\n"
    whole = arrivals(planned({}, text))
    differing = 0
    for number in range(14, 24):
        lost = arrivals(planned({number: "lose"}, text))
        same = next((i for i, (a, b) in enumerate(zip(whole, lost, strict=False)) if a != b), len(lost))
        assert lost[same:] == [each for each in whole[same:] if each in lost[same:]], "losing one adds none"
        differing += len(lost) < len(whole)
    assert differing, "no delivery was lost"


def test_a_lost_delivery_is_in_the_journal_and_the_plan_too() -> None:
    result = planned({3: "lose"}, 'log "start"\nconnect\n')
    assert result.journal[0]["plan"] == {3: "lose"}
    assert fault_texts(result) == ["plan: lose delivery 3"]


def test_an_idle_day_takes_next_to_no_steps() -> None:
    result = passes('log "start"\nwait 4h\n')
    assert result.elapsed == 4 * 3600 * 1_000_000
    assert len(result.journal) < 10
