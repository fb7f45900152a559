"""What scenarios do to reports and requests on their way, and to paths; and that each of them is what made it so."""

import pytest
from support import callbacks, events, passes, run

RESTS = "buy open 1 rb2705 at bid - 5 ticks as entry\n"

FAULTS = {
    "a dropped trade is used up": """
        buy open 1 rb2705 at bid - 5 ticks as entry
        expect order of entry where order_status == NoTradeQueueing
        venue: drop next trade
        venue: fill entry 1
        expect no trade of entry for 5s
        disconnect
        reconnect
        expect no trade of entry for 5s
        query trades as all
        check len(all) == 1
        """,
    "a trade is late": """
        buy open 1 rb2705 at bid - 5 ticks as entry
        expect order of entry where order_status == NoTradeQueueing
        venue: delay trades 2s for 30s
        venue: fill entry 1
        expect entry is all_traded
        expect no trade of entry for 1900ms
        expect trade of entry within 200ms
        """,
    "an order is doubled": """
        buy open 1 rb2705 at bid - 5 ticks as entry
        expect order of entry where order_status == NoTradeQueueing
        forget
        venue: duplicate next order
        venue: cancel entry
        expect 3 orders of entry
        """,
    "reports come in reverse": """
        buy open 1 rb2705 at bid - 5 ticks as entry
        expect order of entry where order_status == NoTradeQueueing
        venue: reverse next 3 reports
        venue: fill entry 1
        expect in order:
            trade of entry
            order of entry where order_status == AllTraded
            order of entry where order_status == NoTradeQueueing
        """,
    "reports are held and released": """
        venue: hold reports
        buy open 1 rb2705 at ask as entry
        expect no order for 20s
        check entry.status is none
        venue: release reports
        expect trade of entry within 1ms
        expect reconciled
        """,
    "a request is lost": """
        log "first"
        wait 1ms
        connect
        venue: lose next request
        buy open 1 rb2705 at ask as entry
        expect no order of entry for 10s
        query orders as all
        check all == []
        """,
    "a stalled path keeps everything": """
        connect
        network: stall
        buy open 1 rb2705 at ask as entry
        expect heartbeat_warning within 70s
        expect no order of entry
        network: heal
        expect trade of entry within 100ms
        """,
    "a flapping path": """
        connect
        network: flap every 5s for 12s
        expect 2 disconnections within 15s
        reconnect
        expect no disconnection for 20s
        """,
}


@pytest.mark.parametrize("text", FAULTS.values(), ids=FAULTS)
def test_a_fault_does_what_it_says_and_nothing_else_does(text: str) -> None:
    lines = [line.removeprefix("        ") for line in text.strip("\n").splitlines()]
    result = passes("\n".join(lines))
    assert events(result, "fault"), "a fault stands in the journal"
    meddling = [line for line in lines if line.startswith(("venue: drop", "venue: delay", "venue: dup", "venue: rev"))]
    meddling += [line for line in lines if line in ("venue: hold reports", "venue: lose next request")]
    meddling += [line for line in lines if line.startswith(("network: stall", "network: flap"))]
    assert meddling
    without = run("\n".join(line for line in lines if line not in meddling))
    assert without.verdict == "failed", "the scenario passes on a perfect link, and so proves nothing"


def test_a_dropped_report_comes_again_with_restart() -> None:
    passes(
        "session trader private restart\n"
        f'scenario "restart":\n    {RESTS}'
        "    expect order of entry where order_status == NoTradeQueueing\n"
        "    venue: drop next trade\n"
        "    venue: fill entry 1\n"
        "    expect no trade of entry for 1s\n"
        "    disconnect\n"
        "    reconnect\n"
        "    expect trade of entry as late\n"
        "    check late.replayed\n"
    )


def test_a_delayed_report_that_the_break_overtakes_comes_again_and_nothing_twice() -> None:
    result = passes(
        f"{RESTS}"
        "expect order of entry where order_status == NoTradeQueueing\n"
        "venue: delay next order 5s\n"
        "venue: fill entry 1\n"
        "expect trade of entry\n"
        "disconnect\n"
        "reconnect\n"
        "wait until quiet for 10s\n"
        "check entry is all_traded\n"
    )
    assert len(callbacks(result, "OnRtnTrade")) == 1
    numbers = [event["fields"]["OrderStatus"] for event in callbacks(result, "OnRtnOrder")]
    assert numbers == ["a", "3", "0", "3"]  # the delayed one is the last, after the reconnect


def test_a_fault_may_be_meant_for_one_session() -> None:
    passes(
        "session alice\nsession bob\n"
        'scenario "two logins of one account":\n'
        "    venue: drop next 10 orders to bob\n"
        "    alice: buy open 1 rb2705 at ask as entry\n"
        "    alice: expect order of entry\n"
        "    bob: expect no order for 5s\n"
        "    bob: expect trade\n"
    )


def test_a_callback_is_named_as_ctp_does() -> None:
    passes(
        "venue: drop next OnRspOrderInsert\n"
        "sell close 1 rb2705 at bid as nothing_held\n"
        "expect OnErrRtnOrderInsert\n"
        "expect no OnRspOrderInsert for 2s\n"
    )


def test_a_reversal_does_not_wait_for_ever() -> None:
    passes(
        "venue: reverse next 30 reports\n"
        "buy open 1 rb2705 at bid - 5 ticks as entry\n"
        "expect no order for 4900ms\n"
        "expect order of entry where order_status == NoTradeQueueing within 200ms\n"
        "expect order of entry where order_status == Unknown\n"
    )


def test_a_wait_does_not_end_early_while_a_report_is_kept_back() -> None:
    passes(
        "venue: delay next trade 8s\n"
        "venue: duplicate next trade\n"
        "buy open 2 rb2705 at ask as entry\n"
        "expect trade of entry within 9s\n"
    )


def test_a_report_meets_every_rule_that_is_meant_for_it() -> None:
    passes(
        "connect\n"
        "venue: delay trades 2s for 30s\n"
        "venue: duplicate next OnRtnTrade\n"
        "buy open 1 rb2705 at ask as entry\n"
        "expect no trade for 1900ms\n"
        "expect 2 trades of entry within 200ms\n"
    )
