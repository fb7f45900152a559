"""Who acts: sessions and their connecting, actors, what stands before and after a scenario."""

from collections.abc import Callable
from typing import Any

import pytest
from support import callbacks, events, passes, run

import ctpscen.engine.state.journal
from ctpscen.ctp.times import MINUTE, SECOND
from ctpscen.engine.unit import Result


def ends(text: str, verdict: str, reason: str = "") -> Result:
    result = run(text)
    assert (result.verdict, reason in result.reason) == (verdict, True), (result.verdict, result.reason)
    return result


def logs(result: Result) -> list[str]:
    return [event["text"] for event in events(result, "log")]


def connected(result: Result) -> list[str]:
    """The sessions that were connected by themselves, in order."""
    return [event["actor"] for event in events(result, "step") if event.get("implicit")]


def sent(result: Result, name: str) -> list[str]:
    """The sessions that sent a request."""
    return [event["session"] for event in events(result, "call") if event["name"] == name]


TWO = "session alice\nsession bob account second\n"


# ------------------------------------------------------------------------------------------------------ connecting


def test_with_no_session_declared_there_is_a_trader() -> None:
    result = passes("buy open 1 rb2705 at bid")
    assert result.journal[0]["sessions"] == ["trader"]
    assert connected(result) == ["trader"]


def test_every_session_is_connected_in_the_order_of_declaration() -> None:
    result = passes("session zoe\nsession alice\nsession mike\nmike: buy open 1 rb2705 at bid")
    assert connected(result) == ["zoe", "alice", "mike"]


@pytest.mark.parametrize("first", ["connect", "connect front", "login"])
def test_a_session_that_connects_by_its_own_first_step_is_left_alone(first: str) -> None:
    text = f"{TWO}alice: buy open 1 rb2705 at bid\nif 1 == 2:\n    bob: {first}"
    assert connected(passes(text)) == ["alice"]


def test_what_is_not_the_first_step_does_not_count() -> None:
    text = f"{TWO}alice: buy open 1 rb2705 at bid\nbob:\n    expect no trade\n    release\n    connect"
    assert connected(passes(text)) == ["alice", "bob"]


def test_connecting_comes_just_before_the_first_step_that_needs_it() -> None:
    result = passes("""
log "early"
wait 10s
let x = 2
network: latency 5ms
venue: balance trader 1_000_000
if x == 2: log "still"
buy open 1 rb2705 at bid
""")
    connects = [
        event["time"] for event in events(result, "call") if event["name"] == "Init" and event["api"] == "trader"
    ]
    assert connects == [result.journal[0]["time"] + 10 * SECOND]


@pytest.mark.parametrize(
    "step",
    [
        "clock 2026-11-23 10:00",
        "quote rb2705 bid 3140 x 5 ask 3160 x 5",
        "balance trader 1_000_000",
        "deposit trader 1000",
        "withdraw trader 1000",
        "position trader long 1 rb2705 yesterday at 3100",
        "password trader expired",
        "unconfirmed trader",
        "phase SHFE break",
        "halt rb2705",
        "latency 5ms",
        "limit orders 5 per second",
        "refuse login by 7 for 60s",
    ],
)
def test_setting_the_scene_connects_nobody(step: str) -> None:
    assert connected(passes(f"log 0\nvenue: {step}")) == []


def test_nothing_is_connected_where_nothing_needs_it() -> None:
    result = passes("let x = 1\nlog x\nwait 1s")
    assert connected(result) == []
    assert callbacks(result) == []


def test_an_expression_may_need_a_session() -> None:
    assert connected(passes("log 0\nlog position(rb2705).net")) == ["trader"]
    assert connected(passes("log 0\nlet price = ask\nlog price")) == ["trader"]
    assert connected(passes("log 0\nlet today = now()\nlog today")) == []


# ---------------------------------------------------------------------------------------------------------- actors


def test_a_line_and_a_block_say_who_acts_and_the_default_is_the_first() -> None:
    result = passes(f"""
{TWO}
bob:
    buy open 1 rb2705 at bid
    buy open 1 rb2705 at bid
    alice: buy open 1 rb2705 at bid
    buy open 1 rb2705 at bid
buy open 1 rb2705 at bid
bob: buy open 1 rb2705 at bid; buy open 1 rb2705 at bid
buy open 1 rb2705 at bid
""")
    assert sent(result, "ReqOrderInsert") == ["bob", "bob", "alice", "bob", "alice", "bob", "bob", "alice"]


def test_sessions_of_one_account_see_each_other_s_reports() -> None:
    passes("""
session alice
session bob
alice: buy open 1 rb2705 at ask as a
bob:
    expect trade where volume == 1 and order_ref == a.order_ref
    check book(rb2705).long == 1 and position(rb2705).long == 1
""")


def test_sessions_of_two_accounts_do_not() -> None:
    passes(
        f"{TWO}alice: buy open 1 rb2705 at ask as a\nalice: expect trade of a\nbob: expect no trade for 2s\n"
        "bob: check position(rb2705).long == 0"
    )


def test_two_accounts_trade_with_each_other() -> None:
    passes(f"""
{TWO}
venue: quote rb2705 bid 3100 x 1 ask 3200 x 1
alice: buy open 2 rb2705 at 3150 as a
alice: expect a is no_trade_queueing
bob: sell open 2 rb2705 at 3150 as b
alice: expect trade of a where price == 3150 and volume == 2
bob: expect trade of b where price == 3150 and volume == 2
""")


def test_without_an_account_the_command_s_is_taken() -> None:
    result = passes("session alice\nsession bob account second\nlog orders()", account="777")
    users = [event["fields"]["UserID"] for event in events(result, "call") if event["name"] == "ReqUserLogin"]
    assert users[0] == "777"


def test_a_cut_is_the_acting_session_s_path_only() -> None:
    result = passes(f"{TWO}bob: disconnect\nwait 1s\nalice: buy open 1 rb2705 at ask as a\nalice: expect trade of a")
    assert [event["session"] for event in callbacks(result, "OnFrontDisconnected") if event["api"] == "trader"] == [
        "bob"
    ]


def test_the_network_s_cut_is_everybody_s() -> None:
    result = passes(f"{TWO}connect\nbob: connect\nnetwork: cut\nwait 1s\nnetwork: heal\nwait 3s")
    broken = {event["session"] for event in callbacks(result, "OnFrontDisconnected") if event["api"] == "trader"}
    assert broken == {"alice", "bob"}


# ------------------------------------------------------------------------------------------------- before and after


def test_before_comes_first_and_after_comes_last() -> None:
    result = passes("""
before:
    log "before"
after:
    log "after"
scenario "one":
    log "in"
""")
    assert logs(result) == ["before", "in", "after"]


def test_the_venue_s_items_come_before_everything() -> None:
    result = passes("""
before:
    check account().pre_balance == 5_000
scenario "one":
    check account().pre_balance == 5_000
venue: balance trader 5_000
""")
    assert connected(result) == ["trader"]


@pytest.mark.parametrize(
    ("step", "verdict"),
    [
        ("check 1 == 2", "failed"),
        ('block "b"', "blocked"),
        ('skip "s"', "skipped"),
        ("stop", "passed"),
        ("log [1][7]", "error"),
        ("soft check 1 == 2", "failed"),
        ("wait 2h", "failed"),
        ("never trade\n    buy open 1 rb2705 at ask\n    wait 5s", "failed"),
    ],
)
def test_after_runs_whatever_happened(step: str, verdict: str) -> None:
    text = f'after:\n    log "after"\nscenario "one" timeout 1h:\n    {step}'
    assert logs(ends(text, verdict)) == ["after"]


def test_after_runs_when_before_fails() -> None:
    text = 'before: check 1 == 2\nafter: log "after"\nscenario "one":\n    log "in"'
    assert logs(ends(text, "failed", "1 == 2")) == ["after"]


def test_after_sees_what_the_scenario_named() -> None:
    text = """
after:
    if defined(entry):
        log "there is {entry.status}"
    else:
        log "there is none"
scenario "one":
    %s
"""
    assert logs(passes(text % "buy open 1 rb2705 at bid as entry\n    expect entry is no_trade_queueing")) == [
        "there is NoTradeQueueing"
    ]
    assert logs(passes(text % "if 1 == 2: buy open 1 rb2705 at bid as entry")) == ["there is none"]


def test_after_cleans_up_behind_a_failure() -> None:
    result = ends(
        """
after:
    if defined(entry):
        cancel entry
        expect entry is canceled
scenario "one":
    buy open 1 rb2705 at bid as entry
    expect entry is all_traded within 1s
""",
        "failed",
        "entry is all_traded",
    )
    assert sent(result, "ReqOrderAction") == ["trader"]
    assert len(result.diagnostics) == 1


@pytest.mark.parametrize("step", ["check 1 == 2", 'fail "late"', 'block "late"', "log [1][7]"])
def test_a_failure_of_after_is_an_error_of_a_scenario_that_passed(step: str) -> None:
    result = ends(f'after: {step}\nscenario "one":\n    log "in"', "error", "after: ")
    assert len(result.diagnostics) == 1


def test_what_is_wrong_with_the_program_in_after_is_told_beside_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctpscen.engine.state.journal.Journal, "add", broken_log(lambda: RuntimeError("broken")))
    result = ends('after: log "now"\nscenario "one":\n    check 1 == 2', "failed", "1 == 2")
    assert "after: internal error: RuntimeError: broken" in result.reason


def test_a_failure_of_after_stands_beside_the_verdict_of_one_that_did_not_pass() -> None:
    result = ends('after: check 3 == 4\nscenario "one":\n    check 1 == 2', "failed", "1 == 2")
    messages = [each.diagnostic.message for each in result.diagnostics]
    assert messages == ["it does not hold: 1 == 2", "it does not hold: 3 == 4"]


def test_a_soft_failure_in_after_is_not_lost() -> None:
    result = run('after: soft check 3 == 4\nscenario "one":\n    log "in"')
    assert result.verdict == "error"
    assert [each.diagnostic.message for each in result.diagnostics] == ["it does not hold: 3 == 4"]


def test_after_may_stop_itself() -> None:
    assert logs(passes('after:\n    log "a"\n    stop\nscenario "one":\n    log "in"')) == ["in", "a"]


def test_after_has_sixty_seconds_of_its_own() -> None:
    text = 'after: wait 5m\nscenario "one" timeout 10s:\n    wait 10s'
    result = ends(text, "error", "after: `after` took longer than 1 m")
    assert result.elapsed == 10 * SECOND + MINUTE
    passes('after: wait 59s\nscenario "one" timeout 10s:\n    wait 9s')


def test_a_watch_of_the_scenario_is_over_in_after() -> None:
    passes("""
after:
    buy open 1 rb2705 at ask as a
    expect trade of a
scenario "one":
    never trade
    wait 1s
""")


def broken_log(raises: Callable[[], BaseException]) -> Any:
    """A journal that breaks at the log "now", and at no other event."""
    add = ctpscen.engine.state.journal.Journal.add

    def break_at(self: Any, event: str, time: int, **more: Any) -> Any:
        if event == "log" and more.get("text") == "now":
            raise raises()
        return add(self, event, time, **more)

    return break_at


AROUND = 'after:\n    log "after"\nscenario "one":\n    let x = 2\n    log "now"\n    log "never"'


def test_after_runs_when_the_user_interrupts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctpscen.engine.state.journal.Journal, "add", broken_log(KeyboardInterrupt))
    result = ends(AROUND, "interrupted")
    assert logs(result) == ["after"]


def test_after_runs_when_the_program_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctpscen.engine.state.journal.Journal, "add", broken_log(lambda: RuntimeError("broken")))
    result = ends(AROUND, "error", "internal error: RuntimeError: broken")
    assert logs(result) == ["after"]
    assert "please report" in result.reason


def test_an_interrupt_of_after_is_an_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctpscen.engine.state.journal.Journal, "add", broken_log(KeyboardInterrupt))
    ends('after: log "now"\nscenario "one":\n    log "in"', "interrupted")


# ---------------------------------------------------------------------------------------------------------- timeout


def test_a_scenario_that_takes_too_long_fails() -> None:
    text = 'scenario "one" timeout 5s:\n    wait 1s\n    wait 1h\n    wait 2s'
    result = ends(text, "failed", "the scenario took longer than 5 s")
    assert result.elapsed == 5 * SECOND
    (located,) = result.diagnostics
    assert located.source.slice(located.diagnostic.span) == "wait 1h"


def test_a_scenario_may_take_all_its_time() -> None:
    passes('scenario "one" timeout 5s:\n    wait 5s')


def test_a_wait_inside_a_timeout_is_cut_short_by_it() -> None:
    ends(
        'scenario "one" timeout 5s:\n    buy open 1 rb2705 at bid as a\n    expect trade of a within 1h',
        "failed",
        "took longer than 5 s",
    )


def test_without_a_timeout_a_simulated_run_takes_what_it_takes() -> None:
    passes("wait 30h")


def test_before_counts_towards_the_timeout() -> None:
    ends('before: wait 4s\nscenario "one" timeout 5s:\n    wait 4s', "failed", "took longer than 5 s")
