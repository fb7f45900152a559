"""The worked examples of BEHAVIOUR 12: driven by requests, read from callbacks and query answers.

Numbers that CTP draws (OrderSysID, TradeID, SequenceNo, BrokerOrderSeq) are held to their form and their relations.
SimNow's undeclared extra fee of 0.005 a lot at SHFE is a parameter that stands at 0 here.
"""

import re
from itertools import pairwise
from typing import Any

import pytest
from support import callbacks, passes

from ctpscen.engine.unit import Result

IDS = 'BrokerID="9999", InvestorID="100001", UserID="100001"'
KEY = 'BrokerID="9999", InvestorID="100001"'
PLAIN = (
    'OrderPriceType="2", CombHedgeFlag="1", ContingentCondition="1", ForceCloseReason="0", MinVolume=1, '
    "IsAutoSuspend=0, IsSwapOrder=0"
)
POSITIONS = f"wait 2s\nrequest ReqQryInvestorPosition({KEY})\nwait 2s\n"
ACCOUNT = f"wait 2s\nrequest ReqQryTradingAccount({KEY})\nwait 2s\n"


def insert(instrument: str, exchange: str, side: str, offset: str, volume: int, price: float, more: str = "") -> str:
    """A ReqOrderInsert as a program sends it."""
    conditions = more or 'TimeCondition="3", VolumeCondition="1"'
    return (
        f'request ReqOrderInsert({IDS}, InstrumentID="{instrument}", ExchangeID="{exchange}", OrderRef="7", '
        f'Direction="{side}", CombOffsetFlag="{offset}", VolumeTotalOriginal={volume}, LimitPrice={price}, '
        f"{PLAIN}, {conditions}) as sent\n"
    )


def orders(result: Result) -> list[dict[str, Any]]:
    return [event["fields"] for event in callbacks(result, "OnRtnOrder")]


def trade(result: Result) -> dict[str, Any]:
    (event,) = callbacks(result, "OnRtnTrade")
    fields: dict[str, Any] = event["fields"]
    return fields


def rows(result: Result, **wanted: str) -> list[dict[str, Any]]:
    """The rows of the position queries that have these values."""
    found = [event["fields"] for event in callbacks(result, "OnRspQryInvestorPosition") if event["fields"]]
    return [row for row in found if all(row[name] == value for name, value in wanted.items())]


def accounts(result: Result) -> list[dict[str, Any]]:
    return [event["fields"] for event in callbacks(result, "OnRspQryTradingAccount")]


def shows(fields: dict[str, Any], **wanted: Any) -> None:
    """Every field that is wanted; one that a record leaves out is '' or 0."""
    for name, value in wanted.items():
        seen = fields.get(name, "" if isinstance(value, str) else 0)
        assert seen == (pytest.approx(value, abs=1e-6) if isinstance(value, float) else value), name


def numbered(text: str) -> bool:
    """Right-justified in twelve."""
    return re.fullmatch(r" {4,11}\d+", text) is not None and len(text) == 12


def test_a_shanghai_order_that_fills_at_once() -> None:
    result = passes(
        "venue: list ag2309\nvenue: quote ag2309 bid 5622 x 10 ask 5623 x 10 pre_settlement 5600\n"
        + insert("ag2309", "SHFE", "0", "0", 10, 5645, 'TimeCondition="1", VolumeCondition="1"')
        + "wait 1s\n"
    )
    first, second, third = orders(result)
    shows(first, OrderStatus="a", OrderSubmitStatus="0", OrderSysID="", SequenceNo=0, NotifySequence=0)
    shows(first, InsertDate="20261123", ActiveTraderID="", VolumeTraded=0, VolumeTotal=10, StatusMsg="报单已提交")
    shows(second, OrderStatus="a", OrderSubmitStatus="0", NotifySequence=0, InsertDate="20261123", VolumeTraded=0)
    shows(second, ActiveTraderID="9999cac", StatusMsg="报单已提交", VolumeTotal=10)
    shows(third, OrderStatus="0", OrderSubmitStatus="0", VolumeTraded=10, VolumeTotal=0, NotifySequence=0)
    shows(third, StatusMsg="全部成交报单已提交", ActiveTraderID="9999cac")
    assert numbered(second["OrderSysID"])
    assert second["OrderSysID"] == third["OrderSysID"]
    assert second["SequenceNo"] == third["SequenceNo"] > 0
    assert all(order["OrderRef"] == "7" and order["LimitPrice"] == 5645 for order in (first, second, third))
    done = trade(result)
    shows(done, Price=5623.0, Volume=10, SequenceNo=third["SequenceNo"] + 1, OrderSysID=third["OrderSysID"])
    shows(done, OffsetFlag="0", HedgeFlag="1", Direction="0", OrderRef="7", TradeDate="20261123", TradeTime="09:30:00")
    shows(done, ClearingPartID="9999", BusinessUnit="", TradeSource="0", SettlementID=1, TradingDay="20261123")
    assert numbered(done["TradeID"])
    names = [event["name"] for event in callbacks(result, "OnRtnOrder", "OnRtnTrade")]
    assert names == ["OnRtnOrder"] * 3 + ["OnRtnTrade"]


def test_a_financial_order_that_rests_and_is_cancelled() -> None:
    result = passes(
        "venue: list IF1811\nvenue: quote IF1811 bid 3160 x 10 ask 3160.4 x 10 pre_settlement 3160\n"
        + insert("IF1811", "CFFEX", "0", "0", 1, 3157.8)
        + "expect OnRtnOrder where OrderStatus == NoTradeQueueing as resting\n"
        f'request ReqOrderAction({IDS}, ActionFlag="0", InstrumentID="IF1811", ExchangeID="CFFEX", '
        "OrderSysID=resting.order_sys_id, OrderActionRef=1) as action\n"
        "wait 1s\n"
    )
    first, rests, repeat, ends = orders(result)
    shows(first, OrderStatus="a", OrderSubmitStatus="0", StatusMsg="报单已提交", OrderSysID="", SequenceNo=0)
    assert first["BrokerOrderSeq"] > 0
    assert numbered(first["OrderLocalID"])
    shows(rests, OrderStatus="3", OrderSubmitStatus="3", NotifySequence=1, StatusMsg="未成交", ActiveUserID="")
    assert numbered(rests["OrderSysID"])
    assert rests["SequenceNo"] > 0
    shows(repeat, OrderStatus="3", OrderSubmitStatus="3", ActiveUserID="100001", StatusMsg="未成交", VolumeTotal=1)
    shows(ends, OrderStatus="5", OrderSubmitStatus="3", StatusMsg="已撤单", VolumeTotal=1, VolumeTraded=0)
    shows(ends, ActiveUserID="100001", NotifySequence=1, ActiveTraderID="9999cac")
    assert ends["SequenceNo"] == repeat["SequenceNo"] > rests["SequenceNo"]
    assert not callbacks(result, "OnRspOrderAction", "OnErrRtnOrderAction", "OnRtnTrade"), "a cancel is not answered"


def test_a_financial_order_at_the_market_is_refused_by_the_exchange() -> None:
    order = insert("IF1811", "CFFEX", "0", "0", 1, 0).replace('OrderPriceType="2"', 'OrderPriceType="1"')
    result = passes(
        f"venue: list IF1811\nvenue: quote IF1811 bid 3160 x 10 ask 3160.4 x 10 pre_settlement 3160\n{order}wait 1s\n"
    )
    first, refused = orders(result)
    shows(first, OrderStatus="a", OrderSubmitStatus="0")
    shows(refused, OrderStatus="5", OrderSubmitStatus="4", SequenceNo=0, NotifySequence=1, OrderSysID="")
    shows(refused, StatusMsg="79:已撤单报单被拒绝CFFEX:不被支持的报单类型")


def test_a_dalian_close_that_rests_and_fills() -> None:
    result = passes(
        "venue:\n"
        "    list j1901\n"
        "    position trader long 1 j1901 yesterday at 2250\n"
        "    quote j1901 bid 2249 x 10 ask 2250 x 10 pre_settlement 2250\n"
        'scenario "rests, then fills":\n    '
        + insert("j1901", "DCE", "1", "1", 1, 2260)
        + "    wait 1s\n    venue: buy 1 j1901 at 2260\n    wait 1s\n"
    )
    first, rests, filled = orders(result)
    shows(first, OrderStatus="a", OrderSubmitStatus="0", BusinessUnit="", OrderSysID="")
    shows(rests, OrderStatus="3", OrderSubmitStatus="3", BusinessUnit="", NotifySequence=1)
    shows(filled, OrderStatus="0", OrderSubmitStatus="3", BusinessUnit="", StatusMsg="全部成交")
    shows(filled, VolumeTraded=1, VolumeTotal=0, CombOffsetFlag="1")
    assert filled["SequenceNo"] > rests["SequenceNo"]
    done = trade(result)
    shows(done, OffsetFlag="1", Direction="1", Price=2260.0, Volume=1, SequenceNo=filled["SequenceNo"] + 1)
    assert done["TradeID"].isdigit(), "Dalian does not pad"


@pytest.mark.parametrize("flag", ["1", "3", "4"])
def test_dalian_writes_every_close_as_close(flag: str) -> None:
    result = passes(
        "venue: list j1901\nvenue: position trader long 1 j1901 at 2250\n"
        + insert("j1901", "DCE", "1", flag, 1, 1900)
        + "wait 1s\n"
    )
    assert trade(result)["OffsetFlag"] == "1"


@pytest.mark.parametrize("flag", ["3", "4"])
def test_shanghai_keeps_the_flag_of_a_close(flag: str) -> None:
    since = "yesterday" if flag == "4" else ""
    result = passes(
        f"venue: position trader long 1 rb2705 {since} at 3100\n"
        + insert("rb2705", "SHFE", "1", flag, 1, 3050)
        + "wait 1s\n"
    )
    assert trade(result)["OffsetFlag"] == flag


@pytest.mark.parametrize(
    ("order", "venue", "error"),
    [
        (insert("I", "DCE", "0", "0", 1, 700), "", {"ErrorID": 16, "ErrorMsg": "CTP:找不到合约"}),
        (
            insert("rb1901", "SHFE", "0", "1", 10, 3700),
            "venue: list rb1901\nvenue: position trader short 1 rb1901 yesterday at 3700\n",
            {"ErrorID": 51, "ErrorMsg": "CTP:平昨仓位不足"},
        ),
        (
            insert("m2705", "DCE", "0", "1", 10, 3000),
            "venue: position trader short 1 m2705 at 3000\n",
            {"ErrorID": 30, "ErrorMsg": "CTP:平仓量超过持仓量"},
        ),
        (insert("rb2705", "SHFE", "0", "3", 1, 3100), "", {"ErrorID": 50, "ErrorMsg": "CTP:平今仓位不足"}),
        (
            insert("rb2705", "", "0", "0", 1, 3100),
            "",
            {"ErrorID": 147, "ErrorMsg": "CTP:缺少ExchangeID字段，请填入ExchangeID"},
        ),
    ],
)
def test_what_ctp_refuses_comes_back_as_it_was_sent(order: str, venue: str, error: dict[str, Any]) -> None:
    result = passes(f"{venue}{order}wait 1s\n")
    assert not orders(result)
    answer, report = callbacks(result, "OnRspOrderInsert", "OnErrRtnOrderInsert")
    assert (answer["name"], report["name"]) == ("OnRspOrderInsert", "OnErrRtnOrderInsert")
    assert answer["error"] == report["error"] == error
    for event in (answer, report):
        shows(event["fields"], OrderRef="7", UserID="100001", MinVolume=1)


def test_a_working_open_freezes_margin_and_commission() -> None:
    result = passes(
        "venue: quote rb2701 bid 3010 x 10 ask 3011 x 10 pre_settlement 3164\n"
        + ACCOUNT
        + insert("rb2701", "SHFE", "0", "0", 1, 3005)
        + POSITIONS
        + ACCOUNT
    )
    (row,) = rows(result, PosiDirection="2")
    shows(row, PositionDate="1", LongFrozen=1, LongFrozenAmount=30050.0, FrozenMargin=4808.0, FrozenCommission=3.005)
    shows(row, Position=0, ShortFrozen=0, OpenVolume=0)
    before, after = accounts(result)
    assert after["Balance"] == before["Balance"]
    assert before["Available"] - after["Available"] == pytest.approx(4811.005, abs=1e-6)


def test_a_working_close_freezes_lots_and_commission_and_no_margin() -> None:
    result = passes(
        "venue:\n"
        "    position trader long 1 rb2701 yesterday at 3148\n"
        "    quote rb2701 bid 3136 x 5 ask 3305 x 5 last 3137 pre_settlement 3147\n"
        'scenario "frozen":\n    ' + insert("rb2701", "SHFE", "1", "4", 1, 3304) + _indented(POSITIONS + ACCOUNT)
    )
    (row,) = rows(result, PositionDate="2")
    shows(row, ShortFrozen=1, ShortFrozenAmount=33040.0, LongFrozen=0, FrozenMargin=0.0, FrozenCommission=3.304)
    shows(row, PositionCost=31470.0, OpenCost=31480.0, UseMargin=5035.2, PositionProfit=-100.0, SettlementPrice=3137.0)
    shows(row, Position=1, YdPosition=1, TodayPosition=0, PreSettlementPrice=3147.0)
    shows(row, MarginRateByMoney=0.16)  # an order has touched the row today
    (account,) = accounts(result)
    assert account["FrozenMargin"] == 0
    assert account["Available"] == pytest.approx(account["Balance"] - 5035.2 - 3.304, abs=1e-6)


def test_a_dalian_close_takes_the_oldest_lot_and_today_s_fee() -> None:
    result = passes(
        "venue:\n"
        "    position trader long 1 m2701 yesterday at 3399\n"
        "    quote m2701 bid 3359 x 5 ask 3360 x 5 last 3360 pre_settlement 3384\n"
        'scenario "oldest":\n    '
        + insert("m2701", "DCE", "0", "0", 1, 3360)
        + _indented(POSITIONS)
        + "    venue: quote m2701 bid 3360 x 5 ask 3361 x 5\n    "
        + insert("m2701", "DCE", "1", "1", 1, 3360).replace('OrderRef="7"', 'OrderRef="8"')
        + _indented(POSITIONS)
    )
    before, after = rows(result)
    shows(before, Position=2, TodayPosition=1, YdPosition=1, OpenCost=67590.0, UseMargin=9441.6, Commission=0.2)
    shows(after, Position=1, TodayPosition=1, YdPosition=1, OpenCost=33600.0, UseMargin=4704.0, Commission=0.3)
    shows(after, CloseProfitByDate=-240.0, CloseProfitByTrade=-390.0, CloseProfit=-240.0, CloseVolume=1)
    shows(after, PositionDate="1")


@pytest.mark.parametrize(("instrument", "fees"), [("m2701", [0.1, 0.1, 0.2]), ("MA701", [6.0, 6.0, 2.0])])
def test_today_s_fee_is_for_as_many_as_were_opened_today(instrument: str, fees: list[float]) -> None:
    """Seeded with one lot, two opened today, then three closed one by one."""
    ask = f"    wait 2s\n    request ReqQryTradingAccount({KEY})\n    wait 2s\n"
    closes = "".join(f"    sell close 1 {instrument} at bid\n{ask}" for _ in fees)
    result = passes(
        f"venue: position trader long 1 {instrument} yesterday at 2900\n"
        f'scenario "fees":\n    buy open 2 {instrument} at ask\n{ask}{closes}'
    )
    paid = [account["Commission"] for account in accounts(result)]
    assert [b - a for a, b in pairwise(paid)] == pytest.approx(fees, abs=1e-9)


def test_shanghai_closes_today_s_lots_first_in_first_out() -> None:
    result = passes(
        "venue:\n"
        "    position trader long 1 ag2702 at 15441\n"
        "    position trader long 1 ag2702 at 15428\n"
        "    quote ag2702 bid 15433 x 5 ask 15434 x 5 pre_settlement 15430\n"
        'scenario "first in":\n    ' + insert("ag2702", "SHFE", "1", "3", 1, 15433) + _indented(POSITIONS)
    )
    (row,) = rows(result)
    shows(row, CloseProfit=-120.0, OpenCost=231420.0, Position=1, TodayPosition=1, CloseVolume=1)


def test_a_product_pays_margin_for_its_larger_side_only() -> None:
    result = passes(
        "venue:\n"
        "    position trader long 1 ag2701 at 15915\n"
        "    position trader short 1 ag2702 at 15920\n"
        "    quote ag2701 bid 15924 x 5 ask 15926 x 5 last 15925 pre_settlement 15900\n"
        "    quote ag2702 bid 15936 x 5 ask 15938 x 5 last 15937 pre_settlement 15900\n"
        'scenario "larger side":\n' + _indented(POSITIONS + ACCOUNT)
    )
    (long,), (short,) = rows(result, InstrumentID="ag2701"), rows(result, InstrumentID="ag2702")
    shows(long, UseMargin=45357.75, PositionProfit=150.0, PosiDirection="2")
    shows(short, UseMargin=45372.0, PositionProfit=-255.0, PosiDirection="3")
    (account,) = accounts(result)
    shows(account, CurrMargin=45372.0, PositionProfit=-105.0, Balance=20_000_000.0 - 105)
    shows(account, Available=20_000_000.0 - 105 - 45372)


def test_a_dalian_product_pays_for_both_sides() -> None:
    result = passes(
        "venue:\n    position trader long 1 m2701 at 3000\n    position trader short 1 m2705 at 3000\n" + ACCOUNT
    )
    shows(accounts(result)[0], CurrMargin=2 * 3000 * 10 * 0.14)


def test_a_row_of_yesterday_s_lots() -> None:
    result = passes(
        "venue:\n"
        "    position trader long 5 sc2705 yesterday at 573.5\n"
        "    position trader long 1 sc2705 yesterday at 573.4\n"
        "    quote sc2705 bid 557.3 x 5 ask 557.5 x 5 last 557.4 pre_settlement 571.8\n"
        'scenario "history":\n' + _indented(POSITIONS)
    )
    (row,) = rows(result)
    shows(row, PositionDate="2", Position=6, OpenCost=3440900.0, PositionCost=3430800.0, PreSettlementPrice=571.8)
    shows(row, PositionProfit=-86400.0, UseMargin=583236.0, MarginRateByMoney=0.0)


def test_a_row_that_was_closed_stays() -> None:
    result = passes(
        "venue:\n"
        "    list rb1901\n"
        "    position trader short 1 rb1901 yesterday at 4025\n"
        "    quote rb1901 bid 3964 x 5 ask 3965 x 5 pre_settlement 4037\n"
        'scenario "closed":\n    ' + insert("rb1901", "SHFE", "0", "4", 1, 3965) + _indented(POSITIONS)
    )
    (row,) = rows(result, PosiDirection="3")
    shows(row, PositionDate="2", YdPosition=1, Position=0, CloseVolume=1, CloseAmount=39650.0, Commission=3.965)
    shows(row, CloseProfit=720.0, CloseProfitByDate=720.0, CloseProfitByTrade=600.0, SettlementPrice=3965.0)


def test_a_floating_gain_counts_for_the_balance_and_not_for_what_is_available() -> None:
    result = passes(
        "venue:\n"
        "    position trader long 1 ag2701 at 15915\n"
        "    quote ag2701 bid 15924 x 5 ask 15926 x 5 last 15925 pre_settlement 15900\n"
        'scenario "gain":\n' + _indented(ACCOUNT)
    )
    (account,) = accounts(result)
    shows(account, PositionProfit=150.0, Balance=20_000_150.0, Available=20_000_000.0 - 45357.75)


def test_nothing_held_is_one_empty_answer() -> None:
    result = passes(f"connect\n{POSITIONS}")
    (answer,) = callbacks(result, "OnRspQryInvestorPosition")
    assert (answer["fields"], answer["error"], answer["last"]) == (None, None, True)


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())
