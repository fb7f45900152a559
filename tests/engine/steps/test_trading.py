"""Steps of trading: what they send, and what they wait for."""

from itertools import pairwise
from typing import Any

import pytest
from support import callbacks, codes, events, passes, run

from ctpscen.ctp.times import SECOND
from ctpscen.engine.unit import Result


def ends(text: str, verdict: str, reason: str = "") -> Result:
    result = run(text)
    assert (result.verdict, reason in result.reason) == (verdict, True), (result.verdict, result.reason)
    return result


def calls(result: Result, name: str) -> list[dict[str, Any]]:
    """The fields of every request of a name."""
    return [event["fields"] for event in events(result, "call") if event["name"] == name]


def order(text: str) -> dict[str, Any]:
    """The one InputOrder that a text sends."""
    (fields,) = calls(passes(text), "ReqOrderInsert")
    return fields


# ---------------------------------------------------------------------------------------------- what an order says

PLAIN = {
    "BrokerID": "9999",
    "InvestorID": "100001",
    "UserID": "100001",
    "InstrumentID": "rb2705",
    "ExchangeID": "SHFE",
    "OrderRef": "2",
    "OrderPriceType": "2",
    "Direction": "0",
    "CombOffsetFlag": "0",
    "CombHedgeFlag": "1",
    "LimitPrice": 3150.0,
    "VolumeTotalOriginal": 2,
    "TimeCondition": "3",
    "VolumeCondition": "1",
    "MinVolume": 1,
    "ContingentCondition": "1",
    "ForceCloseReason": "0",
}


def test_a_limit_order_has_every_field_that_ctp_wants() -> None:
    assert order("buy open 2 rb2705 at 3150").items() >= PLAIN.items()


@pytest.mark.parametrize(
    ("step", "fields"),
    [
        ("sell open 2 rb2705 at 3150", {"Direction": "1"}),
        ("buy close 2 rb2705 at 3150", {"CombOffsetFlag": "1"}),
        ("buy close_today 2 rb2705 at 3150", {"CombOffsetFlag": "3"}),
        ("buy close_yesterday 2 rb2705 at 3150", {"CombOffsetFlag": "4"}),
        ("buy open 2 rb2705 at 3150 fak", {"TimeCondition": "1", "VolumeCondition": "1"}),
        ("buy open 2 rb2705 at 3150 fak min 2", {"TimeCondition": "1", "VolumeCondition": "2", "MinVolume": 2}),
        ("buy open 2 rb2705 at 3150 fok", {"TimeCondition": "1", "VolumeCondition": "3"}),
        ("buy open 2 rb2705 at 3150 hedge", {"CombHedgeFlag": "3"}),
        ("buy open 2 rb2705 at 3150 arbitrage", {"CombHedgeFlag": "2"}),
        ('buy open 2 rb2705 at 3150 memo "mine"', {"OrderMemo": "mine"}),
        ('buy open 2 rb2705 at 3150 ref "17"', {"OrderRef": "17"}),
        ("buy open 2 rb2705 at 3150 when last >= 3200", {"ContingentCondition": "6", "StopPrice": 3200.0}),
        ("buy open 2 rb2705 at 3150 when bid < 3100", {"ContingentCondition": "F", "StopPrice": 3100.0}),
        (
            'buy open 2 rb2705 at 3150 with (IsAutoSuspend = 1, GTDDate = "20261124")',
            {"IsAutoSuspend": 1, "GTDDate": "20261124"},
        ),
        ("buy open 2 rb2705 at 3150 with (TimeCondition = ioc, CombHedgeFlag = Hedge)", {"TimeCondition": "1"}),
        ('buy open 2 rb2705 at 3150 with (OrderRef = "33")', {"OrderRef": "33"}),
    ],
)
def test_a_word_changes_its_fields_and_no_other(step: str, fields: dict[str, Any]) -> None:
    sent = order(step)
    assert sent.items() >= fields.items()
    others = {name: value for name, value in PLAIN.items() if name not in fields and name != "CombHedgeFlag"}
    assert sent.items() >= others.items()


@pytest.mark.parametrize(
    ("price", "kind"),
    [("market", "1"), ("best", "3"), ("five_levels", "G")],
)
def test_a_price_that_is_none_is_a_kind_of_price(price: str, kind: str) -> None:
    sent = order(f"buy open 1 IF2612 at {price}")
    assert (sent["OrderPriceType"], sent["TimeCondition"]) == (kind, "1")
    assert "LimitPrice" not in sent


@pytest.mark.parametrize(
    ("step", "wanted"),
    [
        ("buy open", ("rb2705", 1, 3151.0)),
        ("sell open", ("rb2705", 1, 3149.0)),
        ("place order", ("rb2705", 1, 3151.0)),
        ("buy open 3", ("rb2705", 3, 3151.0)),
        ("buy open m2705", ("m2705", 1, 3381.0)),
        ("buy open 3 m2705 at ask + 2 ticks", ("m2705", 3, 3383.0)),
        ("buy open (1 + 1) (m2705) at bid", ("m2705", 2, 3379.0)),
        ("buy open volume instrument at price", ("m2705", 4, 3400.0)),
        ("buy open instrument volume at price - 1 tick", ("m2705", 4, 3399.0)),
        ("place order sell open 2 at 3160", ("rb2705", 2, 3160.0)),
        ("buy open DCE.m2705 at 3400", ("m2705", 1, 3400.0)),
    ],
)
def test_volume_instrument_and_price_have_their_defaults(step: str, wanted: tuple[str, int, float]) -> None:
    names = "let volume = 4\nlet instrument = m2705\nlet price = 3400\n" if "volume" in step else ""
    sent = order(f"{names}log 0\n{step}" if names else step)
    assert (sent["InstrumentID"], sent["VolumeTotalOriginal"], sent["LimitPrice"]) == wanted


def test_sending_takes_no_time_and_waits_for_nothing() -> None:
    passes(
        "connect\nlet before = now()\nbuy open 1 rb2705 at 3150 as a\ncheck now() == before and a.sent\nexpect no order"
    )


def test_the_price_words_are_never_a_query() -> None:
    result = passes("buy open 1 rb2705 at ask as a\nexpect trade of a\nlog last")
    assert [event["name"] for event in events(result, "call") if event["name"].startswith("ReqQry")] == []


def test_references_grow_within_a_login() -> None:
    result = passes('buy open 1 at bid\nbuy open 1 at bid ref "40"\nbuy open 1 at bid')
    assert [fields["OrderRef"] for fields in calls(result, "ReqOrderInsert")] == ["2", "40", "41"]


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("buy open (late(1.5)) rb2705 at 3150", "a volume is a whole number, not 1.5"),
        ('buy open 1 rb2705 at late("a")', "a price is a number, not a text"),
        ("buy open (late(1)) (late(2))", "one volume and one instrument"),
        ('buy open 1 rb2705 at 3150 with (OrderMemo = late("much too long a text"))', "OrderMemo holds 12 bytes"),
        ("buy open 1 rb2705 at 3150 with (MinVolume = late(1.5))", "MinVolume is a whole number of 32 bits"),
        ("buy open 1 rb2705 at 3150 with (OrderMemo = late(3))", "OrderMemo is a text, not a number"),
        ("cancel late(3)", "an order is wanted here, not a number"),
        ("target (late(1.5)) rb2705", "a target is a whole number of lots, not 1.5"),
    ],
)
def test_a_value_that_does_not_fit_an_order_is_an_error(step: str, reason: str) -> None:
    result = ends(f"define late(x):\n    return x\nlog 0\n{step}", "error", reason)
    (located,) = result.diagnostics
    assert located.source.place(located.diagnostic.span[0]).line == 4


def test_with_takes_only_fields_of_an_order() -> None:
    assert codes("buy open 1 rb2705 at 3150 with (NoSuchField = 1)")


def test_without_a_market_the_scenario_is_blocked() -> None:
    text = "connect\ndisconnect market\nlet which = dominant(cu)\nbuy open 1 which at ask"
    result = ends(text, "blocked", "no market data of cu2701 came within 5 s")
    assert result.elapsed > 5 * SECOND


@pytest.mark.parametrize(
    ("instrument", "reason"),
    [
        ("xx9999", "no exchange has a product of `xx9999`"),
        ("RB2705", "no exchange has a product of `RB2705`"),
        ("rb2713", "no contract `rb2713`: rb lists 2612 … 2711"),
    ],
)
def test_without_a_contract_the_scenario_is_blocked_and_says_why(instrument: str, reason: str) -> None:
    ends(f"buy open 1 {instrument} at ask", "blocked", reason)


def test_an_empty_side_of_the_book_is_an_error_of_who_asks_for_its_price() -> None:
    ends("venue: quote rb2705 bid 3149 x 5 ask 3151 x 0\nbuy open 1 rb2705", "error", "nobody sells rb2705 now")


# ---------------------------------------------------------------------------------------------- how orders end


def test_fak_takes_what_is_there_and_fok_all_or_nothing() -> None:
    book = "venue: quote rb2705 bid 3149 x 5 ask 3151 x 2\n"
    passes(f"{book}buy open 5 rb2705 at ask fak as a\nexpect a.is_final\ncheck a is canceled and a.volume_traded == 2")
    passes(f"{book}buy open 5 rb2705 at ask fok as a\nexpect a.is_final\ncheck a is canceled and a.volume_traded == 0")
    passes(f"{book}buy open 5 rb2705 at ask fak min 3 as a\nexpect a.is_final\ncheck a.volume_traded == 0")
    passes(f"{book}buy open 2 rb2705 at ask fok as a\nexpect a.is_final\ncheck a is all_traded")


def test_a_cancel_waits_for_nothing() -> None:
    passes("""
buy open 1 rb2705 at bid as a
expect a is no_trade_queueing
let before = now()
cancel a
check now() == before and a.is_working
expect a is canceled
""")


@pytest.mark.parametrize("cancel", ["cancel [a, b]", "cancel a, b", "cancel [a], b", "venue: cancel [a, b]"])
def test_a_list_of_orders_is_cancelled_one_by_one(cancel: str) -> None:
    result = passes(f"buy open 1 at bid as a\nbuy open 1 at bid as b\nwait 1s\n{cancel}\nexpect [a, b] is canceled")
    assert len(calls(result, "ReqOrderAction")) == (0 if "venue" in cancel else 2)


def test_quotes_are_no_reason_to_ask_again_what_is_held() -> None:
    quoted = "subscribe rb2705\nbuy open 1 rb2705 as a\nexpect trade of a\nflatten rb2705\nexpect reconciled within 5s"
    result = passes(f"venue: walk rb2705 volatility 5% seed 1\n{quoted}")
    assert len(calls(result, "ReqQryInvestorPosition")) <= 4


def test_a_cancel_before_the_first_report_goes_by_front_session_and_reference() -> None:
    result = passes("buy open 1 rb2705 at bid as a\ncancel a\nexpect a is canceled")
    (fields,) = calls(result, "ReqOrderAction")
    assert "OrderSysID" not in fields
    assert fields["OrderRef"] == "2"
    assert fields["SessionID"] != 0


def test_cancel_all_waits_for_the_ends_of_all() -> None:
    result = passes("""
buy open 1 rb2705 at bid as a
buy open 1 m2705 at bid as b
buy open 1 rb2705 at ask as c
wait 1s
cancel all
check a is canceled and b is canceled and c is all_traded
""")
    assert len(calls(result, "ReqOrderAction")) == 2


def test_cancel_all_of_an_instrument_leaves_the_others() -> None:
    passes(
        "buy open 1 rb2705 at bid as a\nbuy open 1 m2705 at bid as b\nwait 1s\ncancel all m2705\n"
        "check b is canceled and a is no_trade_queueing"
    )


def test_cancel_all_with_nothing_to_cancel_is_done() -> None:
    assert calls(passes("connect\ncancel all"), "ReqOrderAction") == []


def test_cancel_all_that_cannot_end_fails() -> None:
    result = ends(
        "buy open 1 rb2705 at bid as a\nwait 1s\nvenue: latency 1m\ncancel all within 5s",
        "failed",
        "1 of 1 orders did not come to an end within 5 s",
    )
    assert result.elapsed > 5 * SECOND
    (note,) = result.diagnostics[0].diagnostic.notes
    assert note.endswith(" is NoTradeQueueing")


@pytest.mark.parametrize("step", ["fill entry 1", "cancel entry"])
def test_a_condition_that_is_not_met_is_not_at_the_exchange(step: str) -> None:
    sent = "buy open 1 rb2705 at 3170 when last >= 3160 as entry\n"
    ends(f"{sent}venue: {step}", "failed", "the order 2 is not at the exchange")
    met = "expect order of entry\nvenue: quote rb2705 bid 3160 x 5 ask 3161 x 5 last 3160\n"
    ends(f"{sent}{met}venue: {step}", "error", "the order does not work any more")


# ------------------------------------------------------------------------------------------------ target and flatten

LONG = "venue: position trader long 3 rb2705 yesterday at 3100\n"


@pytest.mark.parametrize(
    ("before", "target", "wanted"),
    [
        ("", "target 2 rb2705 at ask", [("0", "0", 2)]),
        ("", "target -2 rb2705 at bid", [("1", "0", 2)]),
        ("", "target 0 rb2705", []),
        (LONG, "target 3 rb2705", []),
        (LONG, "target 5 rb2705 at ask", [("0", "0", 2)]),
        (LONG, "target 1 rb2705 at bid", [("1", "1", 2)]),
        (LONG, "target -1 rb2705 at bid", [("1", "1", 3), ("1", "0", 1)]),
        (LONG + "buy open 2 rb2705 at ask\nwait 1s\n", "target 0 rb2705 at bid", [("1", "1", 3), ("1", "3", 2)]),
        (LONG + "buy open 2 rb2705 at ask\nwait 1s\n", "target 1 rb2705 at bid", [("1", "1", 3), ("1", "3", 1)]),
        (LONG.replace("rb2705", "m2705"), "target -1 m2705 at bid", [("1", "1", 3), ("1", "0", 1)]),
        (LONG.replace("long", "short"), "target 1 rb2705 at ask", [("0", "1", 3), ("0", "0", 1)]),
    ],
)
def test_target_closes_first_and_then_opens(before: str, target: str, wanted: list[tuple[str, str, int]]) -> None:
    instrument = "m2705" if "m2705" in target else "rb2705"
    goal = int(target.split()[1])
    result = passes(
        f"{before}{target} as moves\nexpect position({instrument}).net == {goal}\ncheck len(moves) == {len(wanted)}"
    )
    sent = [
        (fields["Direction"], fields["CombOffsetFlag"], fields["VolumeTotalOriginal"])
        for fields in calls(result, "ReqOrderInsert")
    ]
    assert sent[len(sent) - len(wanted) :] == wanted


def test_target_counts_the_working_orders_of_this_run() -> None:
    result = passes("""
buy open 2 rb2705 at bid as resting
expect resting is no_trade_queueing
target 3 rb2705 at ask as moves
expect moves is all_traded
check len(moves) == 1 and moves[0].volume_total_original == 1
check resting is no_trade_queueing
""")
    assert calls(result, "ReqOrderAction") == []


def test_target_cancels_what_works_against_it_and_waits_for_the_end() -> None:
    passes("""
buy open 5 rb2705 at bid as resting
expect resting is no_trade_queueing
target 2 rb2705 at ask as moves
check resting is canceled
expect position(rb2705).net == 2
check sum(moves.volume_total_original) == 2
""")


def test_flatten_cancels_what_works_and_closes_all_there_is() -> None:
    result = passes("""
venue:
    position trader long 3 rb2705 yesterday at 3100
    position trader short 2 m2705 yesterday at 3400
buy open 1 rb2705 at ask as more
buy open 4 rb2705 at bid as resting
expect trade of more
flatten as ends
expect ends is all_traded
check resting is canceled
expect position(rb2705).long == 0 and position(m2705).short == 0
check len(ends) == 3
""")
    closes = [
        (fields["InstrumentID"], fields["Direction"], fields["CombOffsetFlag"], fields["VolumeTotalOriginal"])
        for fields in calls(result, "ReqOrderInsert")[2:]
    ]
    assert sorted(closes) == [("m2705", "0", "1", 2), ("rb2705", "1", "1", 3), ("rb2705", "1", "3", 1)]


def test_flatten_of_an_instrument_leaves_the_others() -> None:
    passes("""
venue:
    position trader long 3 rb2705 yesterday at 3100
    position trader short 2 m2705 yesterday at 3400
buy open 1 m2705 at bid as resting
flatten rb2705 as ends
expect ends is all_traded
check position(rb2705).net == 0 and position(m2705).short == 2 and resting is no_trade_queueing
""")


def test_flatten_with_nothing_held_is_done() -> None:
    passes("flatten as ends\ncheck ends == []")


def test_flatten_of_both_sides_closes_both() -> None:
    passes("""
venue:
    position trader long 3 rb2705 yesterday at 3100
    position trader short 2 rb2705 at 3160
flatten rb2705 as ends
expect ends is all_traded
expect position(rb2705).long == 0 and position(rb2705).short == 0
check ends.comb_offset_flag == ["1", "3"]
""")


# ---------------------------------------------------------------------------------------------------------- queries


@pytest.mark.parametrize(
    ("query", "check"),
    [
        (
            "orders",
            "len(found) == 1 and found[0].order_sys_id == a.order_sys_id and found[0].order_status == all_traded",
        ),
        ("trades", "len(found) == 1 and found[0].volume == 2 and found[0].price == 3151"),
        (
            "positions",
            "found[0].instrument_id == rb2705 and found[0].position == 2 and found[0].posi_direction == long",
        ),
        ("position_details", "len(found) == 1 and found[0].volume == 2 and found[0].open_price == 3151"),
        ("account", 'found.balance < 20_000_000 and found.curr_margin > 0 and found.account_id == "100001"'),
        ("instruments of rb2705", "found[0].instrument_id == rb2705 and found[0].volume_multiple == 10"),
        ("quote of rb2705", "found.instrument_id == rb2705 and found.ask_price1 == 3151"),
        ("quote", "found.instrument_id == rb2705"),
        ("margin_rate of rb2705", "found[0].long_margin_ratio_by_money > 0"),
        ("commission_rate of rb2705", "found[0].open_ratio_by_money > 0"),
        ("order_volume_limit of rb2705", "found[0].max_volume > 0"),
    ],
)
def test_every_query_gives_its_records(query: str, check: str) -> None:
    passes(f"buy open 2 rb2705 at ask as a\nexpect trade of a\nquery {query} as found\ncheck {check}")


@pytest.mark.parametrize("query", ["orders", "trades", "positions", "position_details"])
def test_a_query_of_nothing_gives_an_empty_list(query: str) -> None:
    passes(f"query {query} of m2705 as found\ncheck found == []")


def test_a_query_may_be_of_one_instrument() -> None:
    passes(
        "buy open 1 rb2705 at ask as a\nbuy open 1 m2705 at ask as b\nwait 1s\nquery trades of m2705 as found\n"
        "check found.instrument_id == [m2705]"
    )


def test_queries_are_paced() -> None:
    result = passes("query orders\nquery trades\nquery account")
    asked = [event["time"] for event in events(result, "call") if event["name"].startswith("ReqQry")]
    assert [later - earlier for earlier, later in pairwise(asked)] == [1_100_000, 1_100_000]


def test_a_query_that_the_front_puts_off_is_asked_again() -> None:
    result = passes(
        'venue: limit queries 1 per second\nrequest ReqQryOrder(BrokerID = "9999", InvestorID = "100001")\n'
        "wait 10ms\nquery trades as found\ncheck found == []"
    )
    assert [event["error"]["ErrorID"] for event in callbacks(result, "OnRspError")] == [90]


def test_a_query_without_a_connection_fails() -> None:
    result = ends("connect\ndisconnect\nwait 1s\nquery orders within 5s", "failed", "ReqQryOrder was not answered")
    assert result.elapsed > 5 * SECOND


def test_an_answer_may_be_slow() -> None:
    passes("connect\nnetwork: latency 2s\nquery orders as found within 20s\ncheck found == []")


# --------------------------------------------------------------------------------------------------------- requests


def test_any_request_is_sent_as_it_is() -> None:
    result = passes("""
request ReqQryNotice(BrokerID = "9999") as asked
check asked.return_code == 0 and asked.request_id > 0
expect OnRspQryNotice of asked
""")
    assert calls(result, "ReqQryNotice") == [{"BrokerID": "9999"}]


def test_a_request_tells_what_the_api_returned() -> None:
    passes(
        'connect\ndisconnect\nwait 1s\nrequest ReqQryNotice(BrokerID = "9999") as asked\ncheck asked.return_code == -1'
    )
    passes(
        'request ReqQryOrder(BrokerID = "9999", InvestorID = "100001")\n'
        'request ReqQryTrade(BrokerID = "9999", InvestorID = "100001") as second\ncheck second.return_code == -2'
    )


def test_a_request_s_refusal_is_a_report() -> None:
    passes("""
request ReqOrderAction(BrokerID = "9999", InvestorID = "100001", InstrumentID = rb2705, ExchangeID = "SHFE",
    ActionFlag = delete, FrontID = 1, SessionID = 5, OrderRef = "77") as asked
expect OnRspOrderAction of asked where code == 25
""")


@pytest.mark.parametrize(
    "step",
    ["request ReqNoSuch()", "request ReqQryNotice(NoSuch = 1)", "request ReqQryNotice() as r\nexpect OnNoSuch of r"],
)
def test_what_the_api_does_not_have_is_found_before(step: str) -> None:
    assert codes(step)
