"""Inquiries for quotes: refused by CTP or by the exchange, told on the market side to whoever listens."""

from datetime import datetime
from typing import Any

import pytest
from support.desk import Desk, code_of, opened

from ctpscen.ctp.times import SECOND, from_moment

OPTIONS = ("m2705-C-3100", "cu2701C72000", "SR705C5600")


def at(hour: int = 10) -> Desk:
    return Desk(opened(*OPTIONS, at=from_moment(datetime(2026, 11, 24, hour, 0)))).connect()


def inquire(desk: Desk, instrument: str = OPTIONS[0], **changed: Any) -> None:
    exchange = desk.simulation.contract(instrument).exchange
    desk.call("ReqForQuoteInsert", **{**desk.ids, "InstrumentID": instrument, "ExchangeID": exchange, **changed})
    desk.rest()


def refusals(desk: Desk) -> list[tuple[str, int]]:
    found = desk.of("OnRspForQuoteInsert", "OnErrRtnForQuoteInsert")
    return [(each.name, code_of(each)) for each in found]


def market(desk: Desk) -> Desk:
    """A second machine, whose market API is logged in."""
    other = Desk(desk.simulation, "maker", "100002")
    other._kind = "market"
    other.call("CreateFtdcMdApi", pszFlowPath="market/")
    other.call("RegisterFront", pszFrontAddress="tcp://127.0.0.1:1")
    other.call("Init")
    other.rest()
    return other


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"InstrumentID": "m2705"}, 83),
        ({"InstrumentID": "m2705-C-1"}, 16),
        ({"ExchangeID": "SHFE"}, 150),
        ({"InvestorID": "7"}, 13),
        ({"BrokerID": "1"}, 2),
        ({"ForQuoteRef": "-"}, 0),
        ({"ExchangeID": ""}, 0),
    ],
)
def test_what_ctp_refuses_is_answered_and_not_reported(changed: dict[str, Any], code: int) -> None:
    desk = at()
    inquire(desk, **changed)
    assert refusals(desk) == ([("OnRspForQuoteInsert", code)] if code else [])


def test_a_reference_grows() -> None:
    desk = at()
    inquire(desk, ForQuoteRef="5")
    inquire(desk, OPTIONS[1], ForQuoteRef="5")
    assert refusals(desk) == [("OnRspForQuoteInsert", 22)]


def test_the_exchange_refuses_outside_of_trading_and_reports_it() -> None:
    desk = at(hour=12)
    inquire(desk)
    assert refusals(desk) == [("OnErrRtnForQuoteInsert", 26)]


@pytest.mark.parametrize(
    ("instrument", "refused"),
    [
        ("m2705-C-3100", ("OnErrRtnForQuoteInsert", "DCE:当前时间禁止询价")),
        ("cu2701C72000", ("OnErrRtnForQuoteInsert", "SHFE:当前时间禁止询价")),
        ("SR705C5600", ("OnRspForQuoteInsert", "CTP:当前时间禁止询价")),
    ],
)
def test_a_second_one_waits_a_minute(instrument: str, refused: tuple[str, str]) -> None:
    desk = at()
    inquire(desk, instrument)
    inquire(desk, instrument)
    (found,) = desk.of("OnRspForQuoteInsert", "OnErrRtnForQuoteInsert")
    assert (found.name, code_of(found), (found.error or {})["ErrorMsg"]) == (refused[0], 113, refused[1])
    desk.rest(60 * SECOND)
    inquire(desk, instrument)
    assert len(refusals(desk)) == 1


def test_who_listens_hears_of_it_and_who_does_not_does_not() -> None:
    desk = at()
    maker = market(desk)
    maker.call("SubscribeForQuoteRsp", ppInstrumentID=["m2705-C-3100"])
    maker.rest()
    assert code_of(maker.seen[-1]) == 6
    maker.call("ReqUserLogin")
    maker.call("SubscribeForQuoteRsp", ppInstrumentID=["m2705-C-3100", "cu2701C72000"])
    maker.rest()
    answered = maker.of("OnRspSubForQuoteRsp")
    assert [(each.fields or {})["InstrumentID"] for each in answered] == ["m2705-C-3100", "cu2701C72000"]
    for option in OPTIONS:
        inquire(desk, option)
    told = [callback.fields or {} for callback in maker.of("OnRtnForQuoteRsp")]
    assert [(each["InstrumentID"], each.get("ForQuoteSysID", "") != "") for each in told] == [
        ("m2705-C-3100", True),
        ("cu2701C72000", False),
    ]
    assert {name: told[0][name] for name in ("TradingDay", "ActionDay", "ForQuoteTime", "ExchangeID")} == {
        "TradingDay": "20261124",
        "ActionDay": "20261124",
        "ForQuoteTime": "10:00:03",
        "ExchangeID": "DCE",
    }
    assert desk.of("OnRtnForQuoteRsp") == []
    maker.call("UnSubscribeForQuoteRsp", ppInstrumentID=["m2705-C-3100"])
    maker.rest(60 * SECOND)
    assert [callback.name for callback in maker.seen[-1:]] == ["OnRspUnSubForQuoteRsp"]
    inquire(desk)
    assert len(maker.of("OnRtnForQuoteRsp")) == 2


def test_inquiries_of_the_day_can_be_asked_for() -> None:
    desk = at()
    inquire(desk)
    inquire(desk)
    desk.call("ReqQryForQuote", **desk.ids, InstrumentID="m2705-C-3100")
    desk.rest()
    rows = [callback.fields or {} for callback in desk.of("OnRspQryForQuote")]
    assert [row["ForQuoteStatus"] for row in rows] == ["b", "c"]


def test_no_confirmation_no_inquiry() -> None:
    desk = at()
    desk.simulation.core.accounts["100001"].confirmed = False
    inquire(desk)
    assert refusals(desk) == [("OnRspForQuoteInsert", 42)]
