"""Conditions, lists of patterns, standing watches, reconciling: each where it holds and where it does not."""

from itertools import pairwise

import pytest
from support import callbacks, codes, events, passes, run

from ctpscen.ctp.times import SECOND
from ctpscen.engine.unit import Result


def ends(text: str, verdict: str, reason: str) -> Result:
    """Runs a text that must end so, for a reason that holds these words."""
    result = run(text)
    assert (result.verdict, reason in result.reason) == (verdict, True), (result.verdict, result.reason)
    return result


def notes(result: Result) -> str:
    return "\n".join(note for located in result.diagnostics for note in located.diagnostic.notes)


def lines(result: Result) -> list[int]:
    """The lines that the failures point at."""
    return [each.source.place(each.diagnostic.span[0]).line for each in result.diagnostics]


# --------------------------------------------------------------------------------------------------- conditions


def test_a_condition_that_is_true_now_takes_no_time() -> None:
    passes("connect\nlet a = 3\nlet before = now()\nexpect a == 3\ncheck now() == before")


def test_a_condition_may_become_true() -> None:
    passes("buy open 1 rb2705 at ask as a\ncheck a.status is none\nexpect a is all_traded within 5s")


def test_a_condition_that_does_not_become_true_says_what_it_found() -> None:
    result = ends("buy open 2 rb2705 at bid as a\nexpect a is all_traded within 3s", "failed", "a is all_traded")
    assert "a NoTradeQueueing, wanted AllTraded" in notes(result)
    assert "waited 3 s" in notes(result)
    assert 3 * SECOND < result.elapsed < 4 * SECOND


def test_only_the_part_that_does_not_hold_is_told() -> None:
    result = ends(
        "buy open 2 rb2705 at ask as a\nwait 1s\n"
        "check a is all_traded and a.volume_traded == 3 and a.average_price > 9999",
        "failed",
        "a is all_traded and a.volume_traded == 3",
    )
    assert "a.volume_traded 2, wanted 3" in notes(result)
    assert "average_price" not in notes(result)
    assert "AllTraded, wanted" not in notes(result)


def test_a_condition_waits_ten_seconds_by_itself() -> None:
    result = ends("buy open 1 rb2705 at bid as a\nexpect a is all_traded", "failed", "")
    assert 10 * SECOND < result.elapsed < 11 * SECOND


def test_a_condition_on_the_clock_becomes_true_by_itself() -> None:
    passes("connect\nlet end = now() + 3s\nexpect now() >= end within 5s\ncheck now() < end + 1s")


def test_a_condition_that_asks_is_asked_again_after_a_report() -> None:
    result = passes("""
venue: latency 3s
buy open 1 rb2705 at ask
expect position(rb2705).long == 1 within 20s
""")
    asked = [event["time"] for event in events(result, "call") if event["name"] == "ReqQryInvestorPosition"]
    traded = callbacks(result, "OnRtnTrade")[0]["time"]
    assert asked[0] < traded <= asked[-1] < traded + 2 * SECOND


def test_a_condition_that_asks_does_so_at_the_start_and_at_the_deadline_when_nothing_comes() -> None:
    result = ends("connect\nexpect position(rb2705).long == 1 within 20s", "failed", "position(rb2705).long == 1")
    asked = [event["time"] for event in events(result, "call") if event["name"] == "ReqQryInvestorPosition"]
    assert len(asked) == 2
    assert asked[1] - asked[0] >= 19 * SECOND
    assert "position(rb2705).long 0, wanted 1" in notes(result)


def test_the_asking_functions_are_paced() -> None:
    result = passes("""
expect position(rb2705).long == 0 and account().available > 0 and position(m2705).net == 0
""")
    asked = [event["time"] for event in events(result, "call") if event["name"].startswith("ReqQry")]
    assert len(asked) == 3
    assert all(after - before >= 1_100_000 for before, after in pairwise(asked))


def test_a_list_of_orders_is_what_every_one_of_them_is() -> None:
    both = "buy open 1 rb2705 at bid as a\nbuy open 1 rb2705 at ask as b\nlet both = [a, b]\n"
    passes(f"{both}wait 1s\ncheck both is not all_traded\ncancel a\nexpect both.is_final == [true, true]")
    result = ends(f"{both}expect both is all_traded within 2s", "failed", "both is all_traded")
    assert "both [NoTradeQueueing, AllTraded], wanted AllTraded" in notes(result)
    assert "both[0]: #2 rb2705 buy 1 at 3149: NoTradeQueueing, 0 traded" in notes(result)


# ------------------------------------------------------------------------------------------------- lists of patterns

FILLED = "buy open 2 rb2705 at ask as a\n"


def test_in_order_takes_reports_of_which_each_came_after_the_one_before() -> None:
    passes(f"""{FILLED}
expect in order within 5s:
    order of a where order_status == unknown
    order of a where order_status == all_traded
    trade of a
expect order of a where order_status == unknown
expect no order
""")


def test_in_order_fails_where_the_order_is_another() -> None:
    result = ends(
        f"{FILLED}expect in order within 5s:\n    trade of a\n    order of a where order_status == all_traded",
        "failed",
        "there was no order of a where order_status == all_traded after trade of a",
    )
    assert lines(result) == [4]
    assert "AllTraded sys" in notes(result)
    assert "came before what it should follow" in notes(result)


def test_nothing_is_taken_by_a_list_that_does_not_hold() -> None:
    result = run(f"{FILLED}soft expect in any order within 5s:\n    trade of a\n    rejection of a\nexpect trade of a")
    assert result.verdict == "failed"
    assert len(result.diagnostics) == 1, "the trade was still there for the second expectation"


def test_in_any_order_takes_one_report_for_each() -> None:
    passes(f"""{FILLED}
expect in any order within 5s:
    trade of a as t
    order of a where order_status == all_traded
    order of a as o
check t.volume == 2 and o.order_status == unknown
""")


def test_in_any_order_no_greedy_choice_hides_a_solution() -> None:
    passes("""
buy open 2 rb2705 at ask as a
buy open 1 rb2705 at ask as b
expect in any order within 5s:
    trade
    trade where volume == 2
expect no trade
""")


def test_in_any_order_one_report_does_not_serve_two_patterns() -> None:
    result = ends(
        f"{FILLED}expect in any order within 5s:\n    trade of a\n    trade where volume == 2",
        "failed",
        "there was no trade where volume == 2",
    )
    assert "wanted by another line of the list" in notes(result)


def test_a_list_waits_within_one_time_for_all() -> None:
    result = ends(
        "buy open 1 rb2705 at bid as a\nexpect in order within 3s:\n    order of a\n    trade of a\n    rejection of a",
        "failed",
        "there was no trade of a after order of a",
    )
    assert 3 * SECOND < result.elapsed < 4 * SECOND


# ------------------------------------------------------------------------------------------------ never and always


def test_never_holds_while_no_such_report_comes() -> None:
    passes("never rejection\nbuy open 1 rb2705 at ask as a\nexpect trade of a\nwait 10s")


def test_never_ends_the_scenario_with_the_report() -> None:
    result = ends("never trade where volume > 1\nbuy open 2 rb2705 at ask\nwait 1h", "failed", "which must never be")
    assert result.elapsed < SECOND
    assert lines(result) == [1]
    assert "OnRtnTrade" in notes(result)


def test_never_looks_from_here_on() -> None:
    passes("buy open 1 rb2705 at ask\nwait 1s\nnever trade\nwait 10s")


def test_never_is_about_the_acting_session_and_sees_what_is_taken_too() -> None:
    passes("session alice\nsession bob account second\nbob: never trade\nalice: buy open 1 rb2705 at ask\nwait 1s")
    ends(
        "session alice\nsession bob account second\nbob: never trade\nbob: buy open 1 rb2705 at ask\nbob: expect trade",
        "failed",
        "must never be",
    )


def test_never_of_an_order_lets_other_orders_trade() -> None:
    passes("buy open 1 rb2705 at bid as a\nnever trade of a\nbuy open 1 rb2705 at ask as b\nexpect trade of b")


def test_always_holds_at_every_report() -> None:
    passes("always book(rb2705).long <= 2\nbuy open 2 rb2705 at ask as a\nexpect trade of a")


def test_always_fails_at_the_report_that_breaks_it() -> None:
    result = ends("always book(rb2705).long < 2\nbuy open 2 rb2705 at ask\nwait 1h", "failed", "it is not always so")
    assert result.elapsed < SECOND
    assert "book(rb2705).long 2, wanted < 2" in notes(result)
    assert "after OnRtnTrade" in notes(result)


def test_always_is_looked_at_now_too() -> None:
    ends("connect\nalways book(rb2705).long == 1", "failed", "it is not always so")


def test_always_sees_the_names_as_they_change() -> None:
    ends(
        "let most = 5\nlog 1\nalways book(rb2705).long <= most\nlet most = 1\nbuy open 2 rb2705 at ask\nwait 1s",
        "failed",
        "",
    )


@pytest.mark.parametrize(
    "text",
    [
        "always position(rb2705).long == 0",
        "never trade where volume > account().available",
        "expect trade where volume > position(rb2705).long",
    ],
)
def test_the_asking_functions_have_no_place_in_a_watch_or_a_where(text: str) -> None:
    assert codes(text), "the checker refuses it"


def test_an_error_in_a_watch_is_the_scenario_s() -> None:
    result = run(
        'define late(x):\n    return x\nlog 1\nlet limit = late("a")\nalways book(rb2705).long < 1 or limit < 1\n'
        "buy open 1 rb2705 at ask\nwait 1s"
    )
    assert result.verdict == "error"
    assert "have no order" in result.reason


# ------------------------------------------------------------------------------------------ check, require, soft


def test_check_is_about_now() -> None:
    result = ends("buy open 1 rb2705 at ask as a\ncheck a is all_traded", "failed", "it does not hold: a is all_traded")
    assert "a none, wanted AllTraded" in notes(result)


def test_check_says_what_it_is_told_to_say() -> None:
    ends('let n = 2\nlog 1\ncheck n == 3, "there are {n} of {n + 1}"', "failed", "there are 2 of 3")
    passes('let n = 3\nlog 1\ncheck n == 3, "there are {n}"')


def test_require_blocks() -> None:
    result = ends('let n = 2\nlog 1\nrequire n == 3, "wants three"', "blocked", "wants three")
    assert lines(result) == [3]
    passes("let n = 3\nlog 1\nrequire n == 3")


def test_a_soft_failure_is_recorded_and_fails_at_the_end() -> None:
    result = ends(
        'buy open 1 rb2705 at bid as a\nsoft check a is all_traded\nsoft expect trade of a within 1s\nlog "on"',
        "failed",
        "it does not hold: a is all_traded",
    )
    assert [event["text"] for event in events(result, "log")] == ["on"]
    assert lines(result) == [2, 3]
    assert [event["reason"] for event in events(result, "soft")] == [
        "it does not hold: a is all_traded",
        "there was no trade of a",
    ]


def test_a_soft_expectation_that_holds_is_as_any_other() -> None:
    passes("buy open 1 rb2705 at ask as a\nsoft expect trade of a as t\nsoft check t.volume == 1\nexpect no trade")


def test_a_hard_failure_after_a_soft_one_is_told_beside_it() -> None:
    result = ends("connect\nsoft check 1 == 2\ncheck 3 == 4", "failed", "it does not hold: 3 == 4")
    assert lines(result) == [2, 3]


def test_a_soft_failure_and_then_a_block_have_failed_and_are_both_told() -> None:
    result = run('connect\nsoft check 1 == 2\nblock "no"')
    assert (result.verdict, result.reason) == ("failed", "it does not hold: 1 == 2")
    assert lines(result) == [2, 3]


def test_soft_does_not_soften_an_error() -> None:
    ends('define late(x):\n    return x\nlog 1\nlet x = late("a")\nsoft check x > 1', "error", "have no order")


# --------------------------------------------------------------------------------------------------- reconciled


def test_reconciled_holds_after_trades_and_cancels() -> None:
    passes("""
buy open 3 rb2705 at ask as a
buy open 1 m2705 at bid as b
expect trade of a
wait 1s
cancel b
sell close_today 1 rb2705 at bid as c
expect trade of c
expect reconciled
""")


def test_reconciled_holds_while_an_order_to_buy_an_option_keeps_its_premium() -> None:
    passes("""
venue:
    quote cu2612 bid 70000 x 50 ask 70010 x 50 last 70000 pre_settlement 70000
    quote cu2612C72000 bid 1000 x 50 ask 1002 x 50 last 1000 pre_settlement 1000
scenario "a premium":
    buy open 3 cu2612C72000 at 900 as resting
    expect order of resting where order_status == no_trade_queueing
    query account as money
    check money.frozen_cash == 13_500
    expect reconciled
""")


def test_reconciled_counts_from_what_was_held_at_the_first_login() -> None:
    passes("""
venue:
    position trader long 4 rb2705 yesterday at 3100
    position trader short 2 m2705 yesterday at 2900
buy close 1 m2705 at ask as a
sell close 3 rb2705 at bid as b
expect trade of a
expect trade of b
expect reconciled
""")


def test_reconciled_in_a_session_that_logged_in_by_itself() -> None:
    passes("""
venue: position trader long 4 rb2705 yesterday at 3100
connect front; authenticate; login; confirm settlement
sell close 1 rb2705 at bid as a
expect trade of a
expect reconciled
""")


def test_reconciled_fails_where_reports_are_missing() -> None:
    result = ends(
        """
session trader private quick
buy open 1 rb2705 at ask as a
disconnect
wait 5s
reconnect
expect reconciled within 3s
""",
        "failed",
        "what was reported is not what the front answers",
    )
    assert "the front has the order 2, which was not reported" in notes(result)
    assert "which was not reported" in notes(result)
    assert "rb2705 long: 0 by the trades, 1 as answered" in notes(result)


def test_reconciled_asks_again_after_a_report() -> None:
    result = passes("""
venue: latency 1500ms
buy open 1 rb2705 at ask as a
wait 100ms
expect reconciled within 20s
""")
    asked = [event for event in events(result, "call") if event["name"] == "ReqQryOrder"]
    assert len(asked) >= 2
    assert callbacks(result, "OnRtnTrade")


def test_reconciled_may_be_soft() -> None:
    result = ends(
        "session trader private quick\nbuy open 1 rb2705 at ask\ndisconnect\nwait 5s\nreconnect\n"
        'soft expect reconciled within 1s\nlog "on"',
        "failed",
        "what was reported",
    )
    assert events(result, "log")
