"""Counts, totals and waits of an expectation at their bounds, and what a failure says of them."""

import pytest
from support import passes, run

# Two lots rest, and trade one by one a second apart: at 1 s and at 2 s.
TWO = """\
buy open 2 rb2705 at lower_limit as entry
wait until entry is no_trade_queueing
let began = now()
wait 1s
venue: fill entry 1
wait 1s
venue: fill entry 1
wait 1s
"""
RESTS = "buy open 1 rb2705 at lower_limit as entry\nwait until entry is no_trade_queueing\nlet began = now()\n"


@pytest.mark.parametrize(
    "step",
    [
        "expect 2 trades of entry",
        "expect at least 1 trade of entry as all\ncheck len(all) == 2",
        "expect 1 trade of entry as first\ncheck len(first) == 1\nexpect trade of entry",
        "expect at most 2 trades of entry",
        "expect at most 3 trades of entry for 1s",
        "expect trades of entry total 2 as both\ncheck len(both) == 2",
        "expect trades of entry total 1\nexpect trades of entry total 1",
    ],
)
def test_as_many_as_there_are_are_enough(step: str) -> None:
    passes(f"{TWO}{step}\n")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("expect 3 trades of entry within 1s", "2 of 3 came: trades of entry"),
        ("expect at least 3 trades of entry within 1s", "2 of at least 3 came: trades of entry"),
        ("expect at most 1 trade of entry", "there were more than 1 trade of entry"),
        ("expect no trade of entry", "there was trade of entry, and none was wanted"),
        ("expect trades of entry total 3 within 1s", "the volumes add up to 2, not 3: trades of entry total 3"),
        ("expect 1 login within 1s", "there was no login"),
        ("expect 2 disconnections within 1s", "none of 2 came: disconnections"),
    ],
)
def test_a_failure_says_how_many_came(step: str, said: str) -> None:
    text = TWO if "login" not in step else f"{TWO}forget\n"
    assert run(f"{text}{step}\n").reason == said


def test_a_total_that_is_passed_fails_at_once() -> None:
    text = "buy open 3 rb2705 at lower_limit as entry\nwait until entry.is_working\nvenue: fill entry 3\n"
    result = run(f"{text}expect trades of entry total 2 within 1h\n")
    assert result.reason == "the volumes add up to 3, more than 2: trades of entry total 2"
    assert result.elapsed < 1_000_000


@pytest.mark.parametrize(
    "step",
    [
        "expect trade of entry",
        "expect 2 trades of entry",
        "expect trades of entry total 1",
        "expect entry is all_traded",
        "expect book(rb2705).long == 1",
    ],
)
def test_it_waits_ten_seconds_unless_it_is_told_otherwise(step: str) -> None:
    result = run(f"{RESTS}{step}\nlog 1\n")
    assert result.verdict == "failed"
    assert "waited 10 s" in result.diagnostics[0].diagnostic.notes


def test_none_of_something_is_waited_for_only_where_that_is_asked() -> None:
    none = "expect no trade of entry"
    passes(f"{RESTS}{none}\ncheck now() == began\n{none} for 3s\ncheck now() - began == 3s\n")


def test_what_comes_within_the_time_of_none_ends_the_wait() -> None:
    text = "buy open 1 rb2705 at lower_limit as entry\nwait until entry.is_working\nvenue: fill entry 1\n"
    result = run(f"{text}expect no trade of entry for 1h\n")
    assert result.reason == "there was trade of entry, and none was wanted"
    assert result.elapsed < 1_000_000


@pytest.mark.parametrize(
    ("ending", "why"),
    [
        ("cancel entry\n", "no further trade can come: the order 2 is final"),
        ("venue: fill entry 1\nexpect trade of entry\n", "no further trade can come: the order 2 is final"),
    ],
)
def test_a_wait_ends_early_where_nothing_more_can_come(ending: str, why: str) -> None:
    result = run(f"{RESTS}{ending}expect trade of entry within 1h\n")
    assert result.verdict == "failed"
    assert any(why.partition(":")[0] in note for note in result.diagnostics[0].diagnostic.notes)
    assert result.elapsed < 60_000_000


def test_the_nearest_reports_say_in_what_they_differ() -> None:
    text = f"{TWO}expect trade of entry\nexpect trade of entry where price == 1 within 1s\n"
    notes = "\n".join(run(text).diagnostics[0].diagnostic.notes)
    assert "Price 2992, wanted 1" in notes or "price 2992, wanted 1" in notes
    assert "taken by an expectation before" in notes
