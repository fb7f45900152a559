"""`expect in order` and `expect in any order`: every pattern has a report of its own."""

import pytest
from support import passes, run

from ctpscen.ctp.times import SECOND

ONE_TRADE = "buy open 1 rb2705 at ask as a\nwait 1s\n"
TWO_TRADES = "buy open 1 rb2705 at ask as a\nbuy open 1 rb2705 at ask as b\nwait 1s\n"


def reason(text: str) -> str:
    """Why a text fails, which it must."""
    result = run(text)
    assert result.verdict == "failed", result.reason
    return result.reason


@pytest.mark.parametrize("order", ["in order", "in any order"])
def test_one_report_satisfies_one_line(order: str) -> None:
    twice = "    trade of a\n    trade of a\n"
    assert reason(f"{ONE_TRADE}expect {order} within 1s:\n{twice}").startswith("there was no trade of a")
    assert reason(f"{ONE_TRADE}expect {order} within 1s:\n    trade\n    trade of a\n").startswith("there was no trade")
    passes(f"{TWO_TRADES}expect {order} within 1s:\n    trade\n    trade\n")


def test_in_order_each_arrived_after_the_one_before() -> None:
    passes(f"{TWO_TRADES}expect in order within 1s:\n    trade of a\n    trade of b\n")
    assert (
        reason(f"{TWO_TRADES}expect in order within 1s:\n    trade of b\n    trade of a\n")
        == "there was no trade of a after trade of b"
    )
    passes(f"{TWO_TRADES}expect in any order within 1s:\n    trade of b\n    trade of a\n")


def test_a_line_leaves_to_another_what_that_one_alone_can_take() -> None:
    passes(f"{TWO_TRADES}expect in any order within 1s:\n    trade\n    trade of a\n")
    passes(f"{TWO_TRADES}expect in any order within 1s:\n    trade of a\n    trade\n")


@pytest.mark.parametrize("order", ["in order", "in any order"])
def test_the_lines_take_their_reports_and_no_others(order: str) -> None:
    lines = "    trade of a\n    order of b\n"
    passes(f"{TWO_TRADES}expect {order} within 1s:\n{lines}expect no trade of a\nexpect trade of b")


@pytest.mark.parametrize("order", ["in order", "in any order"])
def test_nothing_is_taken_where_a_line_is_missing(order: str) -> None:
    result = run(
        f"buy open 1 rb2705 at bid - 5 ticks as rests\n{ONE_TRADE}"
        f"soft expect {order} within 1s:\n    trade of a\n    trade of rests\nexpect trade of a within 1s"
    )
    assert [located.diagnostic.code for located in result.diagnostics] == ["R613"]
    after = " after trade of a" if order == "in order" else ""
    assert (result.verdict, result.reason) == ("failed", f"there was no trade of rests{after}")


def test_what_comes_while_it_waits_counts() -> None:
    sent = "buy open 1 rb2705 at ask as a\n"
    passes(f"{sent}expect in order:\n    order of a where order_status == unknown\n    trade of a\n")
    assert passes(f"{sent}expect in any order:\n    trade of a\n    order of a\n").elapsed < SECOND
