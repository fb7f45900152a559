"""What CTP pushes for an order in each situation, exchange by exchange, and the fields of each push."""

import re
from itertools import pairwise
from typing import Any

import pytest
from support import callbacks, passes

from ctpscen.ctp.terms.instruments import product_id
from ctpscen.ctp.terms.products import products
from ctpscen.ctp.times import MILLISECOND
from ctpscen.engine.unit import Result
from ctpscen.simulator.terms.contracts import list_contract

INSTRUMENTS = {"SHFE": "rb2705", "INE": "sc2705", "CFFEX": "IF2612", "DCE": "m2705", "GFEX": "si2705", "CZCE": "SR705"}

REST = "buy open 2 {i} at bid - 5 ticks as entry\nwait 1s\n"

SITUATIONS = {
    "rest": REST,
    "rest, full": REST + "venue: fill entry 2\nwait 1s\n",
    "full at once": "buy open 2 {i} at ask as entry\nwait 1s\n",
    "partial, full": REST + "venue: fill entry 1\nwait 1s\nvenue: fill entry 1\nwait 1s\n",
    "cancelled": REST + "cancel entry\nwait 1s\n",
    "partial, cancelled": REST + "venue: fill entry 1\nwait 1s\ncancel entry\nwait 1s\n",
    "FAK in part": "venue: quote {i} bid {bid} x 1 ask {ask} x 1\nbuy open 3 {i} at ask fak as entry\nwait 1s\n",
    "FAK, nothing": "buy open 2 {i} at bid - 5 ticks fak as entry\nwait 1s\n",
    "FOK, too little": "venue: quote {i} bid {bid} x 1 ask {ask} x 1\nbuy open 3 {i} at ask fok as entry\nwait 1s\n",
    "FOK in full": "buy open 2 {i} at ask fok as entry\nwait 1s\n",
    "refused by the exchange": "buy open 2 {i} at upper_limit + 1 tick as entry\nwait 1s\n",
    "two trades in one match": (
        "venue: quote {i} bid {bid} x 1 ask {ask} x 1\nbuy open 1 {i} at bid - 1 tick\nsell open 2 {i} at bid - 1 tick "
        "as entry\nwait 1s\n"
    ),
}

_SHFE = {
    "rest": "a 3",
    "rest, full": "a 3 3 0 T",
    "full at once": "a a 0 T",
    "partial, full": "a 3 3 1 T 1 0 T",
    "cancelled": "a 3 3 5",
    "partial, cancelled": "a 3 3 1 T 1 5",
    "FAK in part": "a 5 5 T",
    "FAK, nothing": "a 5",
    "FOK, too little": "a 5",
    "FOK in full": "a a 0 T",
    "refused by the exchange": "a 5",
    "two trades in one match": "a a 1 T 1 0 T",
}
_DCE = {
    "rest": "a 3",
    "rest, full": "a 3 0 T",
    "full at once": "a 3 0 T",
    "partial, full": "a 3 1 T 0 T",
    "cancelled": "a 3 3 5",
    "partial, cancelled": "a 3 1 T 1 5",
    "FAK in part": "a 3 1 T 5",
    "FAK, nothing": "a 3 5",
    "FOK, too little": "a 3 5",
    "FOK in full": "a 3 0 T",
    "refused by the exchange": "a 5",
    "two trades in one match": "a 3 1 T 0 T",
}
_CZCE = {**_SHFE, "FAK in part": "a 3 3 1 T 5", "FOK in full": "a 5"}  # of futures it takes no FOK
SEQUENCES = {"SHFE": _SHFE, "INE": _SHFE, "CFFEX": _SHFE, "DCE": _DCE, "GFEX": _DCE, "CZCE": _CZCE}


def play(exchange: str, situation: str) -> Result:
    name = INSTRUMENTS[exchange]
    contract = list_contract(name, products()[product_id(name)])
    middle, tick = contract.pre_settlement, contract.product.tick
    prices = {"bid": f"{middle - tick:.6g}", "ask": f"{middle + tick:.6g}"}
    return passes(SITUATIONS[situation].format(i=name, **prices))


def pushes(result: Result) -> list[dict[str, Any]]:
    """The orders and trades of the order that was sent last."""
    sent = [event for event in result.journal if event["event"] == "call" and event["name"] == "ReqOrderInsert"]
    reference = sent[-1]["fields"]["OrderRef"]
    return [
        event for event in callbacks(result, "OnRtnOrder", "OnRtnTrade") if event["fields"]["OrderRef"] == reference
    ]


def spelled(events: list[dict[str, Any]]) -> str:
    return " ".join("T" if event["name"] == "OnRtnTrade" else event["fields"]["OrderStatus"] for event in events)


@pytest.mark.parametrize("exchange", SEQUENCES)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_an_order_is_reported_in_the_sequence_of_its_exchange(exchange: str, situation: str) -> None:
    result = play(exchange, situation)
    assert spelled(pushes(result)) == SEQUENCES[exchange][situation]
    assert not callbacks(result, "OnRspOrderInsert", "OnErrRtnOrderInsert", "OnRspOrderAction", "OnErrRtnOrderAction")


@pytest.mark.parametrize("exchange", SEQUENCES)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_volumes_of_every_push_add_up(exchange: str, situation: str) -> None:
    traded = 0
    for event in pushes(play(exchange, situation)):
        fields = event["fields"]
        if event["name"] == "OnRtnTrade":
            traded += fields["Volume"]
            continue
        done = fields.get("VolumeTraded", 0)
        assert done + fields.get("VolumeTotal", 0) == fields["VolumeTotalOriginal"]
        assert done >= traded, "an order runs ahead of its trades, never behind"
        status, whole = fields["OrderStatus"], fields["VolumeTotalOriginal"]
        fits = {"0": done == whole, "1": 0 < done < whole, "3": done == 0, "a": done == 0, "5": done < whole}
        assert fits[status]
    assert done == traded


@pytest.mark.parametrize("exchange", SEQUENCES)
def test_a_trade_has_the_number_after_its_order_s(exchange: str) -> None:
    for situation in ("rest, full", "full at once", "partial, full", "FAK in part", "two trades in one match"):
        events = pushes(play(exchange, situation))
        for order, trade in pairwise(events):
            if trade["name"] == "OnRtnTrade":
                assert trade["fields"]["SequenceNo"] == order["fields"]["SequenceNo"] + 1
                assert trade["time"] == order["time"], "they arrive back to back"
                for name in ("OrderSysID", "OrderRef", "OrderLocalID", "BrokerOrderSeq", "TraderID", "ExchangeID"):
                    assert trade["fields"][name] == order["fields"][name]


def test_the_repeated_record_has_the_numbers_of_the_new_report() -> None:
    _, rests, repeat, ends = pushes(play("SHFE", "cancelled"))
    assert repeat["fields"]["OrderStatus"] == "3"
    assert repeat["fields"]["SequenceNo"] == ends["fields"]["SequenceNo"] > rests["fields"]["SequenceNo"]
    _, repeat, filled, _ = pushes(play("SHFE", "full at once"))
    assert repeat["fields"]["SequenceNo"] == filled["fields"]["SequenceNo"]
    assert repeat["fields"]["OrderSysID"] == filled["fields"]["OrderSysID"] != ""


def test_ctp_acknowledges_before_the_exchange_speaks() -> None:
    events = pushes(play("SHFE", "rest"))
    sent = [event for event in callbacks(play("SHFE", "rest")) if event["name"] == "OnRspSettlementInfoConfirm"]
    # One millisecond each way between client and front, five from there to the exchange.
    assert events[0]["time"] - sent[0]["time"] == 2 * MILLISECOND
    assert events[1]["time"] - events[0]["time"] == 5 * MILLISECOND


# Columns of BEHAVIOUR 3.4; what a record leaves out is '' or 0.
FIELDS = "OrderStatus OrderSubmitStatus StatusMsg NotifySequence VolumeTraded VolumeTotal ActiveTraderID ActiveUserID"
SEEN = {
    ("SHFE", "rest"): [
        ("a", "0", "报单已提交", 0, 0, 2, "", ""),
        ("3", "3", "未成交", 1, 0, 2, "9999cac", ""),
    ],
    ("SHFE", "rest, full"): [
        ("a", "0", "报单已提交", 0, 0, 2, "", ""),
        ("3", "3", "未成交", 1, 0, 2, "9999cac", ""),
        ("3", "3", "未成交", 1, 0, 2, "9999cac", ""),
        ("0", "3", "全部成交", 1, 2, 0, "9999cac", ""),
    ],
    ("SHFE", "full at once"): [
        ("a", "0", "报单已提交", 0, 0, 2, "", ""),
        ("a", "0", "报单已提交", 0, 0, 2, "9999cac", ""),
        ("0", "0", "全部成交报单已提交", 0, 2, 0, "9999cac", ""),
    ],
    ("SHFE", "partial, cancelled"): [
        ("a", "0", "报单已提交", 0, 0, 2, "", ""),
        ("3", "3", "未成交", 1, 0, 2, "9999cac", ""),
        ("3", "3", "未成交", 1, 0, 2, "9999cac", ""),
        ("1", "3", "部分成交", 1, 1, 1, "9999cac", ""),
        ("1", "3", "部分成交", 1, 1, 1, "9999cac", "100001"),
        ("5", "3", "已撤单", 1, 1, 1, "9999cac", "100001"),
    ],
    ("SHFE", "FAK, nothing"): [
        ("a", "0", "报单已提交", 0, 0, 2, "", ""),
        ("5", "0", "已撤单报单已提交", 0, 0, 2, "9999cac", ""),
    ],
    ("SHFE", "refused by the exchange"): [
        ("a", "0", "报单已提交", 0, 0, 2, "", ""),
        ("5", "4", "49:已撤单报单被拒绝SHFE:价格超出涨停板", 1, 0, 2, "", ""),
    ],
    ("DCE", "full at once"): [
        ("a", "0", "报单已提交", 0, 0, 2, "", ""),
        ("3", "3", "未成交", 1, 0, 2, "9999cac", ""),
        ("0", "3", "全部成交", 1, 2, 0, "9999cac", ""),
    ],
    ("DCE", "cancelled"): [
        ("a", "0", "报单已提交", 0, 0, 2, "", ""),
        ("3", "3", "未成交", 1, 0, 2, "9999cac", ""),
        ("3", "3", "未成交", 1, 0, 2, "9999cac", "100001"),
        ("5", "3", "已撤单", 1, 0, 2, "9999cac", "100001"),
    ],
}


@pytest.mark.parametrize(("exchange", "situation"), SEEN)
def test_each_push_has_its_status_words_and_volumes(exchange: str, situation: str) -> None:
    orders = [event["fields"] for event in pushes(play(exchange, situation)) if event["name"] == "OnRtnOrder"]
    shown = [
        tuple(fields.get(name, 0 if name.startswith(("Volume", "Notify")) else "") for name in FIELDS.split())
        for fields in orders
    ]
    assert shown == SEEN[exchange, situation]


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_identifies_an_order_never_changes(situation: str) -> None:
    constant = (
        "BrokerID InvestorID UserID ParticipantID ClientID TraderID InstallID OrderLocalID ExchangeInstID FrontID "
        "SessionID OrderRef TradingDay SettlementID BrokerOrderSeq LimitPrice Direction CombOffsetFlag TimeCondition"
    ).split()
    orders = [event["fields"] for event in pushes(play("SHFE", situation)) if event["name"] == "OnRtnOrder"]
    assert all(fields[name] == orders[0][name] for fields in orders for name in constant)
    assert orders[0]["BrokerOrderSeq"] > 0
    numbers = [fields["OrderSysID"] for fields in orders if fields.get("OrderSysID")]
    assert len(set(numbers)) <= 1
    assert "OrderSysID" not in orders[0]


@pytest.mark.parametrize(
    ("exchange", "order_form", "trade_form"),
    [
        ("SHFE", r" {8}\d{4}", r" {8}\d{4}"),
        ("CFFEX", r" {8}\d{4}", r" {8}\d{4}"),
        ("DCE", r" {8}\d{4}", r"\d{4}"),
        ("CZCE", r" {8}\d{4}", r"20261123\d{8}"),
    ],
)
def test_numbers_have_the_form_that_the_exchange_gives_them(exchange: str, order_form: str, trade_form: str) -> None:
    *_, order, trade = pushes(play(exchange, "full at once"))
    assert re.fullmatch(order_form, order["fields"]["OrderSysID"])
    assert re.fullmatch(trade_form, trade["fields"]["TradeID"])
    assert re.fullmatch(r" *\d+", order["fields"]["OrderLocalID"])
    assert len(order["fields"]["OrderLocalID"]) == 12


@pytest.mark.parametrize(("exchange", "unit"), [("SHFE", "9999cac"), ("CZCE", "9999cac"), ("DCE", ""), ("GFEX", "")])
def test_the_business_unit_is_the_trader_s_where_the_exchange_writes_it(exchange: str, unit: str) -> None:
    orders = [event["fields"] for event in pushes(play(exchange, "rest, full")) if event["name"] == "OnRtnOrder"]
    assert {fields.get("BusinessUnit", "") for fields in orders} == {unit}


def test_only_zhengzhou_counts_the_whole_match_already_in_its_first_group() -> None:
    def totals(exchange: str, situation: str) -> list[int]:
        events = pushes(play(exchange, situation))
        return [event["fields"].get("ZCETotalTradedVolume", 0) for event in events if event["name"] == "OnRtnOrder"]

    assert totals("CZCE", "two trades in one match") == [0, 2, 2, 2, 2]
    assert totals("CZCE", "rest, full") == [0, 0, 2, 2]
    assert totals("SHFE", "two trades in one match") == [0, 0, 0, 0, 0]


def test_a_refusal_of_the_counter_is_an_answer_and_a_report_and_no_order() -> None:
    result = passes("sell close 1 rb2705 at bid as exit\nwait 1s\nquery orders as all\ncheck all == []\n")
    assert not callbacks(result, "OnRtnOrder", "OnRtnTrade")
    answer, report = callbacks(result, "OnRspOrderInsert", "OnErrRtnOrderInsert")
    assert (answer["name"], report["name"]) == ("OnRspOrderInsert", "OnErrRtnOrderInsert")
    assert answer["error"] == report["error"] == {"ErrorID": 51, "ErrorMsg": "CTP:平昨仓位不足"}
    (sent,) = [event for event in result.journal if event["event"] == "call" and event["name"] == "ReqOrderInsert"]
    assert answer["fields"] == report["fields"] == sent["fields"]
    assert (answer["request"], report["request"]) == (sent["request"], 0)


@pytest.mark.parametrize(
    ("exchange", "before", "code"),
    [
        ("SHFE", "buy open 1 {i} at ask as entry\nwait 1s\ncancel entry\n", 26),
        ("SHFE", "buy open 1 {i} at upper_limit + 1 tick as entry\nwait 1s\ncancel entry\n", 26),
        ("SHFE", "buy open 1 {i} at bid - 5 ticks as entry\nwait 1s\ncancel entry\ncancel entry\n", 24),
        ("DCE", "buy open 1 {i} at ask as entry\nwait 1s\ncancel entry\n", 26),
        ("CZCE", "buy open 1 {i} at bid - 5 ticks as entry\nwait 3ms\ncancel entry\n", 157),
    ],
)
def test_a_cancel_that_the_counter_refuses_is_an_answer_and_a_report(exchange: str, before: str, code: int) -> None:
    result = passes(before.format(i=INSTRUMENTS[exchange]) + "wait 1s\n")
    answer, report = callbacks(result, "OnRspOrderAction", "OnErrRtnOrderAction")
    assert (answer["name"], report["name"]) == ("OnRspOrderAction", "OnErrRtnOrderAction")
    assert answer["error"]["ErrorID"] == report["error"]["ErrorID"] == code


def test_a_cancel_that_loses_the_race_is_refused_by_the_exchange() -> None:
    """The fill is at the exchange before the cancel: the order once more, then 91 with the exchange's words."""
    result = passes(
        "buy open 1 rb2705 at bid - 5 ticks as entry\nwait 1s\ncancel entry\nwait 3ms\nvenue: fill entry 1\nwait 1s\n"
    )
    assert spelled(pushes(result)) == "a 3 3 0 T 0"
    (refused,) = callbacks(result, "OnErrRtnOrderAction")
    assert refused["error"] == {"ErrorID": 91, "ErrorMsg": "SHFE:报单已经全部成交"}
    assert not callbacks(result, "OnRspOrderAction")


@pytest.mark.parametrize("exchange", ["SHFE", "DCE"])
def test_an_order_that_is_not_yet_acknowledged_by_the_exchange_can_be_cancelled(exchange: str) -> None:
    name = INSTRUMENTS[exchange]
    result = passes(f"buy open 1 {name} at bid - 5 ticks as entry\nwait 3ms\ncancel entry\nwait 1s\n")
    assert spelled(pushes(result)) == "a 3 3 5"


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ("buy open 1 rb2705 at upper_limit + 1 tick", 49),
        ("buy open 1 rb2705 at lower_limit - 1 tick", 50),
        ("buy open 1 rb2705 at 3000.5", 48),
        ("buy open 1 rb2705 at market", 79),
    ],
)
def test_the_exchange_refuses_what_only_it_checks(order: str, code: int) -> None:
    result = passes(f"{order} as entry\nexpect rejection of entry by exchange {code}\n")
    *_, refused = callbacks(result, "OnRtnOrder")
    assert refused["fields"]["StatusMsg"].startswith(f"{code}:已撤单报单被拒绝SHFE:")
    assert refused["fields"]["OrderSubmitStatus"] == "4"


def test_the_phase_is_refused_before_the_tick_and_the_tick_before_the_limits() -> None:
    passes("venue: halt rb2705\nbuy open 1 rb2705 at 9999.5 as entry\nexpect rejection of entry by exchange 26\n")
    passes("buy open 1 rb2705 at 9999.5 as entry\nexpect rejection of entry by exchange 48\n")


def test_the_position_is_refused_before_the_phase() -> None:
    passes("venue: halt rb2705\nsell close 1 rb2705 at bid as exit\nexpect rejection of exit by counter 51\n")


@pytest.mark.parametrize(
    ("instrument", "settlement", "upper", "lower"),
    [
        ("ag2606", 15709, 18850, 12567),  # SHFE cuts both down
        ("zn2606", 21110, 22585, 19630),
        ("m2605", 3384, 3587, 3181),  # DCE inward
        ("MA605", 2977, 3156, 2798),  # CZCE outward
        ("MA603", 2753, 2919, 2587),
        ("MA609", 2553, 2707, 2399),
    ],
)
def test_price_limits_are_rounded_as_the_exchange_does(
    instrument: str, settlement: float, upper: float, lower: float
) -> None:
    contract = list_contract(instrument, products()[product_id(instrument)])
    contract.settle_at(settlement)
    assert (contract.upper_price, contract.lower_price) == (upper, lower)
