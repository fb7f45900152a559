"""The end of a scenario: what is under way when its last step is done still arrives, and counts."""

import pytest
from support import callbacks, run

from ctpscen.engine.unit import Result


@pytest.mark.parametrize(
    "steps",
    [
        "never trade\nbuy open 1 rb2705",
        "never rejection\nbuy open 1 rb2705 at upper_limit + 10 ticks",
        "never rejection by exchange\nvenue: reject next order by exchange 50\nbuy open 1 rb2705",
        "always book(rb2705).net <= 5\nrepeat 6 times: buy open 1 rb2705\nexpect 5 trades",
        "never trade\nbuy open 1 rb2705\nstop",
        "never OnRspQryTradingAccount\nrequest ReqQryTradingAccount()",
        "never disconnection\ndisconnect",
        "never trade\nbuy open 1 rb2705 at bid as a\nwait 1s\nvenue: fill a 1",
        "never trade\nvenue: delay trades 2s\nbuy open 1 rb2705",
    ],
)
def test_what_is_under_way_counts(steps: str) -> None:
    assert run(steps).verdict == "failed"


@pytest.mark.parametrize(
    "steps",
    [
        "never trade\nvenue: hold trades\nbuy open 1 rb2705",
        "never trade\nvenue: delay trades 6s\nbuy open 1 rb2705",
        "never trade\nnetwork: stall\nbuy open 1 rb2705",
        "never trade\nbuy open 1 rb2705\ndisconnect",
        "never quote\nsubscribe rb2705\nforget",
        "never login where code != 0\nbuy open 1 rb2705 at bid",
    ],
)
def test_what_is_kept_back_does_not(steps: str) -> None:
    assert run(steps).verdict == "passed"


def test_a_market_that_moves_keeps_no_scenario_from_its_end() -> None:
    assert _lasted("subscribe rb2705\nvenue: walk rb2705 volatility 0.2\nwait 3s") < 3_100_000


def test_a_scenario_with_nothing_under_way_ends_at_once() -> None:
    assert _lasted("wait 3s") == _lasted("wait 3s\nlog 1")


def test_what_never_arrives_in_time_is_not_waited_for() -> None:
    assert (
        5_000_000
        <= _lasted("buy open 1 rb2705 at 3100 as a\nexpect order of a\nnetwork: latency 20s\ncancel a")
        < 5_100_000
    )


def test_the_report_of_the_last_order_stands_in_the_journal() -> None:
    assert [each["name"] for each in callbacks(run("place order"))][-1] == "OnRtnTrade"


def _lasted(steps: str) -> int:
    result: Result = run(steps)
    assert result.verdict == "passed"
    return result.elapsed
