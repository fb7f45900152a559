"""Invariants at work: at every report, and once all faults have ended; by default, and of an actor's own."""

import pytest
from support import callbacks, events, fault_texts, run, simulate

from ctpscen.ctp.commands.plan import read_plan
from ctpscen.engine.unit import Result, Unit

ORDER = "buy open 1 rb2705 at ask as entry\nwait 1s\n"


def explored(text: str, plan: str = "") -> Result:
    return simulate(Unit("a.scn", text, "a", plan=read_plan(plan)))


def broken(result: Result) -> str:
    assert result.explored is not None
    return result.explored.broken


# ------------------------------------------------------------------------------------------------- at every report


def test_an_invariant_holds_at_every_report() -> None:
    text = 'invariant "flat": position(rb2705).long == 0\n'
    result = run(text + ORDER)
    assert (result.verdict, result.reason) == ("failed", "the invariant does not hold: flat")
    assert result.diagnostics[0].diagnostic.code == "R640"
    assert "position(rb2705).long 1, wanted 0" in result.diagnostics[0].diagnostic.notes[0]
    assert not events(result, "fault")
    assert run(text + "wait 1s\nconnect\n").passed


def test_it_reads_the_venue_s_books_and_asks_nobody() -> None:
    result = run('invariant "few": position(rb2705).long <= 1 and account().available > 0\n' + ORDER)
    assert result.passed
    asked = [event["name"] for event in events(result, "call") if "Qry" in event["name"]]
    assert asked == []


def test_it_is_about_the_actor_that_it_names() -> None:
    text = 'session a\nsession b\n{}invariant "silent": len(requests(ReqOrderInsert)) == 0\na: ' + ORDER
    assert run(text.format("b: ")).passed
    assert not run(text.format("a: ")).passed


def test_a_run_without_an_invariant_is_as_it_was() -> None:
    assert "EndFaults" not in [event["fault"] for event in events(run(ORDER), "fault")]


# ------------------------------------------------------------------------------------------------------ eventually


def test_what_holds_eventually_is_judged_when_all_faults_have_ended() -> None:
    text = 'invariant "books agree": eventually reconciled within 5s\nvenue: hold trades\n' + ORDER + "disconnect\n"
    result = run(text)
    assert result.passed, result.reason
    assert fault_texts(result)[-1] == "all faults end"
    assert callbacks(result, "OnRtnTrade")


def test_it_must_still_hold_when_nothing_is_under_way_any_more() -> None:
    text = 'invariant "flat": eventually position(rb2705).long == 0\nvenue: latency 2s\nbuy open 1 rb2705 at ask\n'
    assert not run(text).passed


def test_it_has_the_time_that_it_is_given() -> None:
    text = 'invariant "later": eventually len(trades()) == 1 within {}\nvenue: latency 8s\nbuy open 1 rb2705 at ask\n'
    assert run(text.format("10s")).passed
    failed = run(text.format("2s"))
    assert not failed.passed
    assert "waited 2 s after the last fault" in failed.diagnostics[0].diagnostic.notes


def test_a_scenario_that_fails_is_not_judged_besides() -> None:
    result = run('invariant "never so": eventually 1 == 2\ncheck 2 == 3\n')
    assert result.reason == "it does not hold: 2 == 3"


@pytest.mark.parametrize(
    "arranged",
    [
        "network: cut",
        "network: stall",
        "network: flap every 1s",
        "disconnect silently",
        "venue: down",
        "venue: hold reports",
        "venue: reverse next 5 reports",
        "venue: refuse login by 7",
        "venue: limit orders 0 per second",
        "venue: lose next request",
    ],
)
def test_every_fault_of_the_scenario_ends_before_it_is_judged(arranged: str) -> None:
    result = run(f'invariant "in": eventually reconciled\nconnect\n{arranged}\nwait 3s\ndisconnect\nwait 1s\n')
    assert result.passed, result.reason
    assert callbacks(result)[-1]["name"] != "OnFrontDisconnected"


# -------------------------------------------------------------------------------------------- with a plan of faults


def test_under_a_plan_broken_steps_are_no_failure() -> None:
    text = ORDER + "expect trade of entry within 1s\n"
    result = explored(text, "trader/OnRtnTrade/1:cut")
    assert result.verdict == "passed"
    assert result.explored is not None
    assert "there was no trade of entry" in result.explored.steps_ended
    assert [event["text"] for event in events(result, "note")] == [f"the steps end here: {result.explored.steps_ended}"]


def test_never_and_always_are_steps_too() -> None:
    result = explored("never disconnection\nalways len(trades()) == 0\n" + ORDER, "trader/OnRtnTrade/1:cut")
    assert result.verdict == "passed"


def test_an_invariant_is_none_of_the_steps() -> None:
    text = 'invariant "one login": len(requests(ReqAuthenticate)) <= 1\n' + ORDER + "reconnect\nwait 1s\n"
    assert broken(explored(text)) == ""
    assert broken(explored(text, "trader/OnRtnTrade/1:cut")) == "one login"


def test_after_runs_and_its_failure_says_nothing() -> None:
    result = explored('after: check 1 == 2, "after"\n' + ORDER)
    assert result.verdict == "passed"
    assert "after" in [event["text"] for event in events(result, "note")]


# ------------------------------------------------------------------------------------------------------ by default


def test_by_default_the_books_must_agree_and_they_do_under_a_cut() -> None:
    assert broken(explored(ORDER, "trader/OnRtnTrade/1:cut")) == ""


def test_by_default_a_trade_that_never_came_is_found() -> None:
    text = "session trader private restart\n" + ORDER
    assert broken(explored(text, "trader/OnRtnTrade/1:cut")) == ""
    missed = "connect\nvenue: down\nvenue: up\n"
    assert broken(explored(missed)) == ""


@pytest.mark.parametrize(
    "text",
    [
        "session trader private quick\n" + ORDER + "disconnect\nwait 1s\nreconnect\n",
        "venue: drop next trade\n" + ORDER,
        "venue: drop next trade\n" + ORDER + "release\n",
        "venue: password trader expired\nlogin\n",
    ],
)
def test_a_session_that_cannot_know_is_not_judged_by_default(text: str) -> None:
    result = explored(text)
    assert (result.verdict, broken(result)) == ("passed", "")


def test_what_was_held_before_counts() -> None:
    text = "venue: position trader long 3 rb2705 at 3100\nvenue: position trader long 2 rb2705 yesterday at 3100\n"
    assert broken(explored(text + ORDER + "sell close_today 2 rb2705 at bid\nwait 1s\n")) == ""


def test_a_loop_without_end_is_found() -> None:
    text = "connect\nwhile len(orders()) == 0 at most 9999999 times:\n    wait 1us\n"
    assert broken(explored(text)) == "it ends"


def test_prices_that_never_rest_do_not_keep_it_from_its_end() -> None:
    text = "venue: walk rb2705 volatility 20% seed 1\nsubscribe rb2705\n" + ORDER
    result = explored(text)
    assert broken(result) == ""
    assert result.elapsed < 60 * 1_000_000


def test_what_a_silent_path_swallowed_comes_on_a_new_connection() -> None:
    text = "connect\nbuy open 1 rb2705 at 3151\nwait 11ms\ndisconnect silently\nwait 5s\n"
    result = explored("session trader\n" + text, "trader/OnRtnOrder/1:stall")
    assert broken(result) == ""
    assert broken(explored("connect\ndisconnect silently\nbuy open 1 rb2705 at 3151\nwait 5s\n")) == ""
    swallowed = "buy open 1 rb2705 at 3151\nwait 4ms\ndisconnect silently\nwait 5s\n"
    late = explored(swallowed)
    assert broken(late) == ""
    assert callbacks(late, "OnFrontDisconnected")[0]["fields"] == {"nReason": 0x2001}
