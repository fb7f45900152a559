"""Who is drawn to have spoken with whom, and how connections stand: the model behind both pictures."""

from collections.abc import Mapping
from typing import Any

import pytest
from support import passes, run
from support.every_verdict import run_suite

from ctpscen.engine.unit import Result
from ctpscen.report.sequence import Arrow, Bar, Diagram, diagram

Event = Mapping[str, Any]


def drawn(result: Result) -> tuple[Diagram, list[Event]]:
    head, *events = result.journal
    return diagram(events, head["sessions"]), list(events)


def arrows(result: Result, name: str) -> list[Arrow]:
    """The arrows of the calls or callbacks of one name."""
    picture, events = drawn(result)
    return [arrow for index, arrow in picture.arrows.items() if events[index].get("name") == name]


def states(result: Result, *, market: bool = False) -> list[tuple[str, int]]:
    """The states of the first session's connection, and the number of each."""
    picture, _ = drawn(result)
    bars = [bar for bar in picture.bars if bar.session == picture.sessions[0] and bar.market == market]
    return [(bar.state, bar.number) for bar in sorted(bars, key=lambda bar: bar.first)]


def test_an_order_that_trades_goes_to_the_exchange_and_comes_from_there() -> None:
    result = passes("buy open 1 rb2705 at ask as entry\nexpect trade of entry\n")
    assert [arrow.far for arrow in arrows(result, "ReqOrderInsert")] == ["exchange"]
    assert [arrow.far for arrow in arrows(result, "OnRtnTrade")] == ["exchange"]
    # the first report is the front's own: the exchange has given no number yet (BEHAVIOUR 3.4)
    assert [arrow.far for arrow in arrows(result, "OnRtnOrder")] == ["front", "exchange", "exchange"]
    assert [arrow.far for arrow in arrows(result, "ReqUserLogin") if not arrow.quiet] == ["front"]
    assert [arrow.far for arrow in arrows(result, "OnRspUserLogin") if not arrow.quiet] == ["front"]


def test_an_exercise_goes_to_the_exchange_as_an_order_does() -> None:
    fields = (
        'BrokerID = "9999", InvestorID = "100001", InstrumentID = m2705-C-3100, ExchangeID = "DCE", Volume = 1, '
        "OffsetFlag = Close, HedgeFlag = Speculation, ActionType = Exec, PosiDirection = Long, "
        'ReservePositionFlag = Reserve, CloseFlag = NotToClose, ExecOrderRef = "3"'
    )
    result = passes(
        "venue: position trader long 1 m2705-C-3100 yesterday at 100\n"
        f"request ReqExecOrderInsert({fields})\n"
        "expect OnRtnExecOrder where order_submit_status == Accepted\n"
    )
    assert [arrow.far for arrow in arrows(result, "ReqExecOrderInsert")] == ["exchange"]
    assert [arrow.far for arrow in arrows(result, "OnRtnExecOrder")] == ["front", "exchange"]


def test_an_order_that_the_counter_refuses_never_reaches_the_exchange() -> None:
    result = passes("sell close 1 rb2705 as exit\nexpect rejection of exit by counter\n")
    assert [arrow.far for arrow in arrows(result, "ReqOrderInsert")] == ["front"]
    assert [arrow.far for arrow in arrows(result, "OnRspOrderInsert")] == ["front"]
    assert not drawn(result)[0].has_exchange


def test_an_order_that_the_exchange_refuses_was_there_although_it_got_no_number() -> None:
    refusing = "venue: reject next order by exchange 50\n"
    result = passes(f"{refusing}buy open 1 rb2705 as entry\nexpect rejection of entry by exchange 50\n")
    assert [arrow.far for arrow in arrows(result, "ReqOrderInsert")] == ["exchange"]
    assert [arrow.far for arrow in arrows(result, "OnRtnOrder")] == ["front", "exchange"]


def test_a_cancel_reaches_the_exchange_where_the_order_is_then_canceled() -> None:
    resting = "buy open 1 rb2705 at lower_limit as a\nexpect order of a where OrderStatus == NoTradeQueueing\n"
    canceled = passes(f"{resting}cancel a\nexpect order of a where OrderStatus == Canceled\n")
    assert [arrow.far for arrow in arrows(canceled, "ReqOrderAction")] == ["exchange"]
    refused = passes(
        f"{resting}venue: reject next cancel by counter 26\ncancel a\nexpect cancel_rejection of a by counter 26\n"
    )
    assert [arrow.far for arrow in arrows(refused, "ReqOrderAction")] == ["front"]


def test_what_is_replayed_comes_from_the_front() -> None:
    text = "buy open 1 rb2705 as entry\ndisconnect\nwait 10s\nreconnect\nexpect trade of entry\n"
    result = passes(text)
    assert {arrow.far for arrow in arrows(result, "OnRtnTrade")} == {"front"}
    assert [arrow.far for arrow in arrows(result, "ReqOrderInsert")] == ["exchange"]
    assert [arrow.far for arrow in arrows(result, "OnFrontDisconnected") if not arrow.quiet] == [""]


def test_a_request_that_the_api_refuses_does_not_leave_the_session() -> None:
    result = passes(
        "connect\ndisconnect\nwait 1s\nbuy open 1 rb2705 at 3000 as entry\nexpect rejection of entry by api\n"
    )
    (arrow,) = arrows(result, "ReqOrderInsert")
    assert (arrow.far, arrow.stop) == ("front", "lost")


@pytest.mark.parametrize(
    ("fault", "stop"), [("drop next 1 trade", "lost"), ("hold trades", "kept back"), ("delay trades 30s", "kept back")]
)
def test_a_report_that_a_fault_keeps_from_its_session_ends_on_the_way(fault: str, stop: str) -> None:
    result = passes(f"venue: {fault}\nbuy open 1 rb2705 at ask as entry\nexpect no trade of entry for 5s\n")
    picture, events = drawn(result)
    kept = [arrow for index, arrow in picture.arrows.items() if events[index]["event"] == "fault"]
    assert kept == [Arrow("trader", "exchange", False, stop)]  # type: ignore[arg-type]
    assert arrows(result, "OnRtnTrade") == []


def test_a_fault_is_drawn_at_the_session_that_it_is_about() -> None:
    result = run_suite()[0].result
    picture, events = drawn(result)
    faults = [index for index, event in enumerate(events) if event["event"] == "fault"]
    assert [picture.faulty.get(index) for index in faults] == ["alice"]
    everybody = passes("network: cut\nwait 1s\n")
    assert drawn(everybody)[0].faulty == {}


def test_a_quote_that_is_kept_back_is_drawn_too() -> None:
    result = passes("venue: still\nvenue: hold OnRtnDepthMarketData\nsubscribe rb2705\nwait 1s\n")
    picture, events = drawn(result)
    (held,) = [arrow for index, arrow in picture.arrows.items() if events[index]["event"] == "fault"]
    assert held == Arrow("trader", "front", False, "kept back")


def test_a_session_is_not_meant_by_a_word_that_is_its_name() -> None:
    result = passes(
        'session front\nscenario "x":\n    venue: drop next 1 trade to front\n    venue: down\n    wait 1s\n'
    )
    picture, events = drawn(result)
    assert {events[index]["fault"]: session for index, session in picture.faulty.items()} == {"Drop": "front"}


def test_a_short_picture_leaves_out_phases_and_the_price_feed() -> None:
    result = passes("buy open 1 rb2705 at ask as entry\nexpect trade of entry\n")
    assert all(
        arrow.quiet for arrow in arrows(result, "OnRtnInstrumentStatus") + arrows(result, "OnRtnDepthMarketData")
    )
    asked = passes("connect\nsubscribe rb2705\nexpect quote\n")
    assert not all(arrow.quiet for arrow in arrows(asked, "OnRtnDepthMarketData"))


# -------------------------------------------------------------------------------------------------------- connections


def test_a_connection_is_broken_from_its_end_to_the_next_one() -> None:
    result = passes("connect\nsubscribe rb2705\nexpect quote\ndisconnect\nwait 10s\nreconnect\n")
    assert states(result) == [("down", 0), ("up", 1), ("down", 1), ("up", 2)]
    assert states(result, market=True) == [("down", 0), ("up", 1), ("down", 1), ("up", 2)]


def test_bars_follow_each_other_and_end_with_the_journal() -> None:
    picture, events = drawn(passes("connect\ndisconnect\nwait 10s\nreconnect\n"))
    bars = sorted((bar for bar in picture.bars if not bar.market), key=lambda bar: bar.first)
    assert [bar.last for bar in bars[:-1]] == [bar.first for bar in bars[1:]]
    assert bars[-1].last == len(events) - 1
    assert [events[bar.first].get("name") for bar in bars] == [
        "Init",
        "OnFrontConnected",
        "OnFrontDisconnected",
        "OnFrontConnected",
    ]


def test_a_silent_path_is_neither_up_nor_broken_until_the_api_gives_up() -> None:
    result = passes("connect\ndisconnect silently\nwait 3m\n")
    assert states(result) == [("down", 0), ("up", 1), ("silent", 1), ("down", 1)]


def test_a_stalled_path_carries_again_when_it_is_healed() -> None:
    result = passes("connect\nnetwork: stall\nwait 20s\nnetwork: heal\nwait 1s\n")
    assert states(result) == [("down", 0), ("up", 1), ("silent", 1), ("up", 1)]


def test_silence_ends_with_the_next_thing_that_is_heard_where_nobody_says_so() -> None:
    result = passes("connect\nnetwork: stall\nwait 20s\nreconnect\nbuy open 1 rb2705 as a\nexpect trade of a\n")
    assert states(result) == [("down", 0), ("up", 1), ("silent", 1), ("up", 1)]


def test_a_fault_of_the_market_path_leaves_the_trading_one_alone() -> None:
    result = passes("connect\nsubscribe rb2705\nexpect quote\ndisconnect market\nwait 2s\n")
    assert states(result) == [("down", 0), ("up", 1)]
    assert states(result, market=True) == [("down", 0), ("up", 1), ("down", 1)]


def test_a_released_api_has_no_connection() -> None:
    result = passes("connect\nwait 1s\nrelease\nwait 5s\nconnect\n")
    picture, events = drawn(result)
    bars = [bar for bar in picture.bars if not bar.market]
    assert [(bar.state, bar.number) for bar in bars] == [("down", 0), ("up", 1), ("down", 1), ("up", 2)]
    released = next(index for index, event in enumerate(events) if event.get("name") == "Release")
    assert bars[1] == Bar("trader", False, "up", 1, bars[0].last, released)
    assert bars[2].first > released


def test_a_journal_without_a_session_draws_nothing() -> None:
    picture, _ = drawn(run('block "not today"\n'))
    assert (picture.arrows, picture.bars) == ({}, [])
