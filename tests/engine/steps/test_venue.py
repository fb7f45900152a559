"""Steps of the venue and the network: the commands that they become, and what is said where they cannot."""

from typing import Any

import pytest
from support import events, passes, run, said

STEPS: dict[str, dict[str, Any]] = {
    "network: cut": {"fault": "Cut", "session": None, "market": False},
    "network: flap every 2s for 1m": {"fault": "Flap", "every": 2_000_000, "lasting": 60_000_000},
    "network: latency 20ms jitter 5ms": {"fault": "PathLatency", "latency": 20_000, "jitter": 5_000},
    "venue: latency 20ms": {"fault": "ExchangeLatency", "latency": 20_000, "jitter": 0},
    "venue: drop next 2 trades for 5s to bob": {
        "fault": "Drop",
        "reports": "trade",
        "count": 2,
        "to": "bob",
        "lasting": 5_000_000,
    },
    "venue: drop next order": {"fault": "Drop", "reports": "order", "count": 1, "to": None, "lasting": None},
    "venue: delay OnRtnTrade 3s": {"fault": "Delay", "reports": "OnRtnTrade", "count": None, "by": 3_000_000},
    "venue: reverse next 3 reports": {"fault": "Reverse", "reports": "report", "count": 3},
    "venue: refuse login by 7": {"fault": "Refuse", "request": "ReqUserLogin", "code": 7, "lasting": None},
    "venue: refuse ReqQryOrder by 90 for 5s": {
        "fault": "Refuse",
        "request": "ReqQryOrder",
        "code": 90,
        "lasting": 5_000_000,
    },
    "venue: kick alice": {"fault": "Kick", "session": "alice"},
    "venue: reject next order by exchange 50": {"fault": "RejectNext", "code": 50, "message": None},
    'venue: reject next cancel by counter -5, "no"': {"fault": "RejectNext", "code": -5, "message": "no"},
    "venue: quote rb2705 ask 3151 x 2 last 3150": {
        "fault": "Quote",
        "instrument": "rb2705",
        "bid": None,
        "ask": [3151, 2],
        "last": 3150,
        "pre_settlement": None,
    },
    "venue: position alice short 2 rb2705 at upper_limit - 1": {
        "fault": "SetPosition",
        "session": "alice",
        "holding": "short",
        "volume": 2,
        "price": 3306,
        "yesterday": False,
        "account": "100001",
    },
    "venue: balance bob 1000": {"fault": "SetBalance", "session": "bob", "amount": 1000.0, "account": "second"},
    "venue: sell 2 rb2705 at 3000": {"fault": "OutsideOrder", "side": "sell", "volume": 2, "price": 3000, "met": 0},
    "alice: disconnect market": {"fault": "Cut", "session": "alice", "market": True},
    "bob: disconnect silently": {"fault": "Silence", "session": "bob", "market": False},
}

HEAD = "session alice\nsession bob account second\n"


def scenario(*steps: str) -> str:
    return HEAD + 'scenario "x":\n' + "".join(f"    {step}\n" for step in steps)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_in_the_journal_with_the_fields_of_its_command(step: str) -> None:
    result = run(scenario("alice: subscribe rb2705", "alice: expect quote", "bob: connect", step))
    assert result.verdict == "passed", result.reason
    (fault,) = events(result, "fault")
    assert {name: fault[name] for name in STEPS[step]} == STEPS[step]


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("venue: quote rb2705 bid 3150 x 1.5", "1.5 is no number of lots"),
        ("venue: quote rb2705 bid 3150.5 x 1", "3150.5 is no price of rb2705, whose tick is 1"),
        ("venue: quote xx2705 bid 3150 x 1", "no exchange has a product of `xx2705`"),
        ("venue: drop next 0 trades", "so many reports are a whole number from 1, not 0"),
        ("venue: reverse reports", "how many reports are reversed must be said: `reverse next 3 reports`"),
        ("venue: refuse login by 0", "0 is no code of a refusal: 0 means that all is well"),
        ("venue: limit queries 0 per second", "a front takes at least 1 query each second, not 0"),
        ("venue: limit orders -1 per second", "-1 is no number of lots"),
        ("network: flap every 0s", "a path flaps after a time longer than none"),
        ("venue: phase GFEX break", "the venue lists no contract of GFEX"),
        ("venue: buy 1 rb2705 at market", "somebody who is no session buys and sells at a price"),
    ],
)
def test_what_cannot_be_done_is_said_at_its_step(step: str, message: str) -> None:
    result = run(scenario(step, "alice: connect"))
    assert (result.verdict, result.reason) == ("error", message)
    (located,) = result.diagnostics
    assert located.source.slice(located.diagnostic.span) in step


def test_a_step_that_names_an_order_waits_no_longer_than_until_it_is_at_the_exchange() -> None:
    """Also where nothing is reported of that: the reports are held."""
    passes(
        "venue: hold orders\nbuy open 2 rb2705 at lower_limit as entry\nlet sent = now()\nvenue: fill entry 1\n"
        "check now() - sent < 10ms\n"
    )


@pytest.mark.parametrize(
    ("refused", "asked", "answer"),
    [
        ("ReqQryTradingAccount by 90", "request ReqQryTradingAccount()", "OnRspError where code == 90"),
        ("ReqQryOrder by 21", "request ReqQryOrder()", "OnRspQryOrder where code == 21"),
        ("ReqOrderInsert by 31", "buy open 1 rb2705 at ask as entry", "rejection of entry by counter 31"),
        ("ReqSettlementInfoConfirm by 8", "request ReqSettlementInfoConfirm()", "confirmation where code == 8"),
        (
            "ReqUserPasswordUpdate by 8",
            'request ReqUserPasswordUpdate(OldPassword = "123456", NewPassword = "Spring_2027")',
            "OnRspUserPasswordUpdate where code == 8",
        ),
    ],
)
def test_any_request_can_be_refused_under_its_name(refused: str, asked: str, answer: str) -> None:
    passes(f"connect\nwait 2s\nforget\nvenue: refuse {refused} for 1s\n{asked}\nexpect {answer}\n")
    passes(
        f"connect\nwait 2s\nforget\nvenue: refuse {refused} for 1s\nwait 1s\n{asked}\nexpect no {answer} for 500ms\n"
    )


def test_a_cancel_can_be_refused_under_its_name() -> None:
    passes(
        "buy open 1 rb2705 at lower_limit as entry\nwait until entry.is_working\n"
        "venue: refuse ReqOrderAction by 23 for 1s\ncancel entry\nexpect cancel_rejection of entry by counter 23\n"
    )


def test_what_is_no_request_cannot_be_refused() -> None:
    assert said("venue: refuse ReqQryOder by 90\nconnect\n") == [
        "the trading API has no request `ReqQryOder`; did you mean `ReqQryOrder`?"
    ]


def test_a_session_is_not_admitted() -> None:
    assert said('session a\nvenue: admit a user "1" password "2"\na: connect\n') == [
        "`a` is a session, which logs in as the venue has it; a program may be admitted"
    ]


@pytest.mark.parametrize("moment", ["2026-09-24 21:00", "2027-01-04 09:30"])
def test_setting_the_clock_takes_no_time(moment: str) -> None:
    result = passes(f"venue: clock {moment}\nwait 1s\n")
    assert [event["waited"] for event in events(result, "end")] == [0, 1_000_000]
    assert result.elapsed == 1_000_000
