"""What SimNow and a broker's production system do differently, row by row of the two profiles."""

import re
from datetime import datetime
from typing import Any

import pytest
from support.desk import Desk, code_of, opened

from ctpscen.ctp.commands.refusals import BehaveAs, ProfileName
from ctpscen.ctp.messages import Callback
from ctpscen.ctp.times import MILLISECOND, MINUTE, SECOND, from_moment

INSTRUMENTS = {"SHFE": "rb2705", "INE": "sc2705", "DCE": "m2705", "CZCE": "SR705", "CFFEX": "IF2612", "GFEX": "si2705"}
NIGHT = from_moment(datetime(2026, 11, 23, 21, 30))
CLOSE = from_moment(datetime(2026, 11, 23, 14, 59))


def fields_of(callback: Callback) -> dict[str, Any]:
    assert callback.fields is not None
    return callback.fields


def traded(profile: ProfileName, exchange: str, **venue: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The pushes of an order that trades at once, and its trade."""
    name = INSTRUMENTS[exchange]
    simulation = opened(name, **venue)
    desk = Desk(simulation).connect()
    desk.command(BehaveAs(profile))
    contract = simulation.contract(name)
    desk.insert(name, "0", "0", 1, contract.price(contract.upper - 1))
    desk.rest(SECOND)
    (trade,) = desk.of("OnRtnTrade")
    return [fields_of(callback) for callback in desk.of("OnRtnOrder")], fields_of(trade)


@pytest.mark.parametrize(
    ("profile", "exchange", "day"),
    [
        ("simnow", "SHFE", "20261123"),
        ("simnow", "DCE", "20261123"),
        ("simnow", "CZCE", "20261123"),
        ("production", "SHFE", "20261123"),
        ("production", "INE", "20261123"),
        ("production", "DCE", "20261124"),
        ("production", "CZCE", "20261124"),
    ],
)
def test_at_night_a_trade_has_the_day_that_its_exchange_writes(profile: ProfileName, exchange: str, day: str) -> None:
    pushes, trade = traded(profile, exchange, at=NIGHT)
    assert trade["TradeDate"] == day
    assert trade["TradingDay"] == pushes[0]["TradingDay"] == "20261124"
    assert pushes[0]["InsertDate"] == "20261123", "what CTP itself writes is the calendar's day"


@pytest.mark.parametrize(
    ("profile", "order_form", "trade_form"),
    [("simnow", r" {4,11}\d+", r"20261123\d{8}"), ("production", r"20261123\d{8}", r"20261123\d{8}")],
)
def test_zhengzhou_s_numbers_are_long_in_production(profile: ProfileName, order_form: str, trade_form: str) -> None:
    pushes, trade = traded(profile, "CZCE")
    assert re.fullmatch(order_form, trade["OrderSysID"])
    assert pushes[-1]["OrderSysID"] == trade["OrderSysID"]
    assert re.fullmatch(trade_form, trade["TradeID"])


@pytest.mark.parametrize(("profile", "source"), [("simnow", ""), ("production", "0")])
def test_the_source_of_an_order_is_kept_in_production(profile: ProfileName, source: str) -> None:
    desk = Desk(opened("rb2705")).connect()
    desk.command(BehaveAs(profile))
    desk.insert("rb2705", "0", "0", 1, 3100)
    desk.rest(SECOND)
    first, resting = (fields_of(callback) for callback in desk.of("OnRtnOrder"))
    assert (first["OrderSource"], first["OrderType"]) == ("0", "0")
    assert (resting.get("OrderSource", ""), resting.get("OrderType", "")) == (source, source)


@pytest.mark.parametrize("exchange", INSTRUMENTS)
def test_an_answer_of_a_production_exchange_takes_13_to_40_milliseconds(exchange: str) -> None:
    """SimNow's takes the five that are the venue's default."""
    name = INSTRUMENTS[exchange]
    spans: dict[ProfileName, set[int]] = {"simnow": set(), "production": set()}
    for profile, seen in spans.items():
        desk = Desk(opened(name)).connect()
        desk.command(BehaveAs(profile))
        contract = desk.simulation.contract(name)
        for number in range(8):
            desk.insert(name, "0", "0", 1, contract.price(contract.lower + number))
            desk.rest(SECOND)
        pushes = desk.of("OnRtnOrder")
        seen |= {later.time - first.time for first, later in zip(pushes[::2], pushes[1::2], strict=True)}
    assert spans["simnow"] == {5 * MILLISECOND}
    assert len(spans["production"]) > 1
    assert all(13 * MILLISECOND <= span <= 40 * MILLISECOND for span in spans["production"])


@pytest.mark.parametrize(("profile", "pushed"), [("simnow", "48"), ("production", "")])
def test_zhengzhou_cuts_a_price_to_the_tick_in_production(profile: ProfileName, pushed: str) -> None:
    desk = Desk(opened("TA705")).connect()
    desk.command(BehaveAs(profile))
    contract = desk.simulation.contract("TA705")
    off = contract.price(contract.lower + 3) + 1
    desk.insert("TA705", "0", "0", 1, off)
    desk.rest(SECOND)
    last = fields_of(desk.of("OnRtnOrder")[-1])
    assert last["StatusMsg"].partition(":")[0] == (pushed or "未成交")
    if not pushed:
        best = desk.simulation.core.exchanges["CZCE"].book(contract).levels(bid=True, most=9)
        assert best[-1] == contract.lower + 3


def test_an_order_of_the_day_still_stands_after_the_close_and_cannot_be_cancelled() -> None:
    """It is in the answer until the day is settled; no report says that it is over."""
    desk = Desk(opened("rb2705", at=CLOSE)).connect()
    desk.insert("rb2705", "0", "0", 1, 3100)
    desk.rest(5 * MINUTE)
    assert [fields_of(callback)["OrderStatus"] for callback in desk.of("OnRtnOrder")] == ["a", "3"]
    desk.call("ReqQryOrder", **desk.ids)
    desk.rest(SECOND)
    (row,) = (fields_of(callback) for callback in desk.of("OnRspQryOrder"))
    assert row["OrderStatus"] == "3"
    desk.cancel(row)
    desk.rest(SECOND)
    (refused,) = desk.of("OnErrRtnOrderAction")
    assert code_of(refused) == 91
    assert refused.error is not None
    assert refused.error["ErrorMsg"] == "SHFE:当前状态禁止此项操作"
    assert not desk.of("OnRspOrderAction")
    assert [fields_of(callback)["OrderStatus"] for callback in desk.of("OnRtnOrder")] == ["a", "3", "3"], "once more"
