"""What a fault plan does to requests and reports, beside what the scenario itself does."""

import pytest
from support import callbacks, events, fault_texts, simulate

from ctpscen.ctp.commands.plan import read_plan
from ctpscen.ctp.times import SECOND
from ctpscen.engine.unit import Result, Unit

TRADE = "buy open 1 rb2705 at ask as entry\nwait 30s\n"


def planned(plan: str, text: str = TRADE, seed: int = 0) -> Result:
    result = simulate(Unit("a.scn", text, "a", seed=seed, plan=read_plan(plan)))
    assert result.verdict == "passed", result.reason
    return result


def names(result: Result, *wanted: str) -> list[str]:
    """The callbacks of these names, but not those of the settling at the end."""
    settled = next(at for at, event in enumerate(result.journal) if event.get("fault") == "EndFaults")
    return [
        e["name"]
        for e in result.journal[:settled]
        if e["event"] == "callback" and e["name"] in wanted and e["api"] == "trader"
    ]


def time_of(result: Result, name: str, number: int = 0) -> int:
    trader = [event for event in callbacks(result, name) if event["api"] == "trader"]
    time: int = trader[number]["time"]
    return time


ORDERS = ("OnRtnOrder", "OnRtnTrade")


def test_without_a_fault_every_boundary_is_told_and_nothing_else_differs() -> None:
    explored = planned("")
    assert explored.explored is not None
    told = [str(each.boundary) for each in explored.explored.reached]
    assert told[:2] == ["trader/ReqAuthenticate/1", "trader/OnRspAuthenticate/1"]
    assert {"trader/ReqOrderInsert/1", "trader/OnRtnOrder/1", "trader/OnRtnOrder/2", "trader/OnRtnTrade/1"} <= set(told)
    assert not [each for each in told if "Front" in each or "Market" in each or "HeartBeat" in each]
    plain = simulate(Unit("a.scn", TRADE, "a"))
    assert callbacks(explored)[: len(callbacks(plain))] == callbacks(plain)


def test_a_cut_loses_the_message_and_is_healed_after_five_seconds() -> None:
    result = planned("trader/OnRtnTrade/1:cut")
    assert names(result, "OnRtnTrade", "OnFrontDisconnected") == ["OnFrontDisconnected"]
    down, up = time_of(result, "OnFrontDisconnected"), time_of(result, "OnFrontConnected", 1)
    assert 5 * SECOND <= up - down <= 6 * SECOND + SECOND // 10


def test_reconnect_heals_only_what_the_scenario_cut() -> None:
    result = planned("trader/OnRtnTrade/1:cut", "buy open 1 rb2705 at ask\nwait 1s\ndisconnect\nreconnect\nwait 1s\n")
    assert time_of(result, "OnFrontConnected", 1) - time_of(result, "OnFrontDisconnected") >= 5 * SECOND
    own = planned("trader/OnRtnTrade/1:cut", "buy open 1 rb2705 at ask\nwait 1s\ndisconnect\nwait 20s\n")
    assert names(own, "OnFrontConnected") == ["OnFrontConnected"] * 1, "what the scenario cut stays cut"


@pytest.mark.parametrize(("fault", "lasting"), [("stall", 5), ("stall25s", 25)])
def test_a_stall_holds_everything_and_then_lets_it_through_in_order(fault: str, lasting: int) -> None:
    plain, result = planned(""), planned(f"trader/OnRtnOrder/1:{fault}")
    assert names(result, *ORDERS) == names(plain, *ORDERS)
    later = time_of(result, "OnRtnOrder") - time_of(plain, "OnRtnOrder")
    assert later == lasting * SECOND
    assert not callbacks(result, "OnFrontDisconnected", "OnHeartBeatWarning")


def test_a_stall_holds_requests_too_and_what_breaks_meanwhile_never_arrives() -> None:
    text = "buy open 1 rb2705 at 3000 as entry\nwait 1s\ndisconnect\nwait 9s\nreconnect\ncheck entry.status is none\n"
    result = planned("trader/ReqOrderInsert/1:stall", text)
    assert result.explored is not None
    assert result.explored.steps_ended == ""
    assert names(result, "OnRtnOrder") == []


def test_a_lost_request_is_never_heard_of_and_a_lost_query_is_in_flight_no_more() -> None:
    assert names(planned("trader/ReqOrderInsert/1:lose"), *ORDERS) == []
    result = planned("trader/ReqQryOrder/1:lose", 'query orders as all\nlog "{len(all)}"\n')
    asked = [event["name"] for event in events(result, "call") if event["name"] == "ReqQryOrder"]
    assert asked == ["ReqQryOrder"] * 2
    assert all(event["returned"] == 0 for event in events(result, "call") if event["name"] == "ReqQryOrder")


def test_a_lost_report_of_the_private_stream_does_not_come_again() -> None:
    text = TRADE + "disconnect\nwait 1s\nreconnect\nwait 1s\n"
    assert names(planned("trader/OnRtnTrade/1:cut", text), "OnRtnTrade") == ["OnRtnTrade"]
    assert names(planned("trader/OnRtnTrade/1:lose", text), "OnRtnTrade") == []


def test_a_duplicate_comes_twice_and_a_swapped_report_after_the_next_one() -> None:
    plain = names(planned(""), *ORDERS)
    assert names(planned("trader/OnRtnTrade/1:duplicate"), *ORDERS) == [*plain, "OnRtnTrade"]
    assert plain[-2:] == ["OnRtnOrder", "OnRtnTrade"]
    last = plain.count("OnRtnOrder")
    swapped = planned(f"trader/OnRtnOrder/{last}:swap")
    assert names(swapped, *ORDERS) == [*plain[:-2], "OnRtnTrade", "OnRtnOrder"]


def test_a_swapped_report_that_nothing_follows_comes_after_five_seconds() -> None:
    plain, swapped = planned(""), planned("trader/OnRtnTrade/1:swap")
    assert time_of(swapped, "OnRtnTrade") - time_of(plain, "OnRtnTrade") == 5 * SECOND


@pytest.mark.parametrize(
    ("boundary", "callback", "code"),
    [
        ("trader/ReqUserLogin/1", "OnRspUserLogin", 7),
        ("trader/ReqOrderInsert/1", "OnRspOrderInsert", 116),
        ("trader/ReqOrderAction/1", "OnRspOrderAction", 116),
        ("trader/ReqQryOrder/1", "OnRspError", 90),
    ],
)
def test_a_request_is_refused_as_a_front_would(boundary: str, callback: str, code: int) -> None:
    text = "buy open 1 rb2705 at 3000 as entry\nwait 1s\ncancel entry\nwait 1s\nquery orders\n"
    result = planned(f"{boundary}:refuse", text)
    refused = [event for event in callbacks(result, callback) if event["error"] and event["error"]["ErrorID"]]
    assert [event["error"]["ErrorID"] for event in refused] == [code]
    if "Order" in callback and "Rsp" in callback:
        assert callbacks(result, callback.replace("Rsp", "ErrRtn"))


def test_a_fault_is_told_as_the_plan_s() -> None:
    texts = fault_texts(planned("trader/OnRtnTrade/1:cut"))
    assert texts == ["plan: cut at trader/OnRtnTrade/1", "all faults end"]


def test_the_same_plan_gives_the_same_journal_to_the_byte() -> None:
    plan = "trader/OnRtnOrder/1:stall trader/OnRspUserLogin/1:cut"
    assert planned(plan, seed=3).journal == planned(plan, seed=3).journal
