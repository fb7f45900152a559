"""What an expectation looks at, when it knows enough, and what a failure lists beside its message."""

import pytest
from support import passes, run

from ctpscen.ctp.times import SECOND
from ctpscen.engine.unit import Result


def failed(text: str) -> tuple[Result, list[str]]:
    """Runs a text that must fail; its notes, line by line."""
    result = run(text)
    assert result.verdict == "failed", (result.verdict, result.reason)
    notes = [note for located in result.diagnostics for note in located.diagnostic.notes]
    return result, "\n".join(notes).splitlines()


# ------------------------------------------------------------------------------------------------------ when it knows


def test_a_trade_before_its_order_s_report_counts_in_its_place_once_it_can_be_told() -> None:
    """The trade of `a` comes first; only when that of `b` is there does a report say whose it was."""
    passes("""
buy open 2 rb2705 at bid as b
expect order of b where order_status == no_trade_queueing
venue: delay orders 5s
buy open 1 rb2705 at ask as a
wait 1s
venue: fill b 1
expect 2 trades of [a, b] as both
check both[0].order_ref == a.order_ref
check both[1].order_ref == b.order_ref
""")


@pytest.mark.parametrize(
    "expectation",
    [
        "expect no trade of a where price > 9999",
        "expect at most 5 trades of a",
        "let many = len(trades(a)) - 2\nexpect many trades of a",
        "expect at least 2 trades of a",
        "expect trades of a total 2 within 1h",
        "expect in order within 1h:\n    trade of a where volume == 1\n    trade of a where volume == 1",
        "expect in any order within 1h:\n    trade of a where volume == 1\n    trade of a where volume == 1",
    ],
)
def test_what_is_there_already_takes_no_time(expectation: str) -> None:
    """The order still works, so that no wait ends because nothing more could come."""
    passes(f"""
buy open 5 rb2705 at bid as a
venue: fill a 1
venue: fill a 1
wait 1s
let before = now()
{expectation}
check now() == before
""")


def test_no_reports_at_all_may_be_asked_for() -> None:
    passes("""
connect
let many = len(orders())
expect many trades as nothing
check len(nothing) == 0
expect at least many trades
""")


def test_the_first_report_of_all_may_begin_a_list() -> None:
    passes("connect front\nauthenticate\nexpect in order:\n    connection\n    authentication\n")


def test_one_report_is_not_two_lines_of_a_list_in_order() -> None:
    result, _ = failed("buy open 1 rb2705 at ask as a\nexpect in order within 2s:\n    trade of a\n    trade of a\n")
    assert "there was no trade of a after trade of a" in result.reason


def test_a_wait_does_not_end_early_while_the_venue_holds_reports_back() -> None:
    """Whose they are cannot be known before they come."""
    text = "buy open 1 rb2705 at ask as a\nexpect trade of a\n{}\nexpect trade of a within 20s\n"
    result, _ = failed(text.format(""))
    assert result.elapsed < 3 * SECOND
    result, _ = failed(text.format("venue: hold reports\nbuy open 1 rb2705 at ask as b\nwait 1s"))
    assert result.elapsed > 20 * SECOND


# --------------------------------------------------------------------------------------------------- what it lists


def working(number: int) -> str:
    """So many orders that rest, each with two reports."""
    return "".join(f"buy open 1 rb2705 at bid as o{index}\n" for index in range(number)) + "wait 1s\n"


def test_of_more_than_five_reports_that_came_as_wanted_five_are_listed() -> None:
    _, lines = failed(f"{working(4)}expect 9 orders within 1s")
    (head,) = [index for index, line in enumerate(lines) if line == "came as wanted:"]
    assert all("OnRtnOrder" in line for line in lines[head + 1 : head + 6])
    assert lines[head + 6] == "and 3 more"
    _, lines = failed(
        "buy open 1 rb2705 at bid as a\nwait 1s\n" + working(2) + "expect 9 orders of [o0, o1, a] within 1s"
    )
    assert "and 1 more" in lines


def test_of_five_reports_that_came_as_wanted_none_is_left_out() -> None:
    text = f"{working(2)}cancel o0\nexpect 9 orders of [o0, o1] where order_status != canceled within 2s"
    _, lines = failed(text)
    assert len([line for line in lines if "OnRtnOrder" in line and ":" in line]) >= 5
    assert not [line for line in lines if line.startswith("and ")]
