"""The answers of the query core: which filters count, in which order rows come, and what has no rows."""

from datetime import datetime
from typing import Any

import pytest
from support.desk import Desk, code_of, opened

from ctpscen.ctp.messages import Callback
from ctpscen.ctp.times import MINUTE, SECOND, from_moment

CORRECT = {"ErrorID": 0, "ErrorMsg": "CTP:正确"}


def ask(desk: Desk, request: str, **fields: Any) -> list[Callback]:
    """The whole answer to one query."""
    desk.rest(2 * SECOND)
    assert desk.call(request, **fields) == 0
    asked = desk.last_request
    desk.rest(SECOND)
    return [callback for callback in desk.seen if callback.request_id == asked]


def rows(desk: Desk, request: str, **fields: Any) -> list[dict[str, Any]]:
    return [callback.fields for callback in ask(desk, request, **{**desk.ids, **fields}) if callback.fields]


@pytest.fixture
def desk() -> Desk:
    """Three orders: one traded at 09:30, one at 09:40, one that rests since 09:50."""
    desk = Desk(opened("rb2705", "rb2710", "m2705", "SR705")).connect()
    for instrument, price in (("rb2705", 3200.0), ("m2705", 3400.0), ("rb2705", 3100.0)):
        desk.insert(instrument, "0", "0", 1, price)
        desk.rest(10 * MINUTE)
    return desk


def test_the_day_is_as_it_was_arranged(desk: Desk) -> None:
    assert [(row["InstrumentID"], row["OrderStatus"]) for row in rows(desk, "ReqQryOrder")] == [
        ("rb2705", "0"),
        ("m2705", "0"),
        ("rb2705", "3"),
    ]


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        ({}, 3),
        ({"InstrumentID": "rb2705"}, 2),
        ({"InstrumentID": "rb2710"}, 0),
        ({"ExchangeID": "DCE"}, 1),
        ({"OrderSysID": "1"}, 0),
        ({"InsertTimeStart": "09:35:00"}, 2),
        ({"InsertTimeEnd": "09:45:00"}, 2),
        ({"InsertTimeStart": "09:35:00", "InsertTimeEnd": "09:45:00"}, 1),
        ({"InvestorID": "100002"}, 0),
        ({"BrokerID": "1234"}, 0),
    ],
)
def test_a_query_of_orders_takes_its_filters(desk: Desk, wanted: dict[str, str], number: int) -> None:
    assert len(rows(desk, "ReqQryOrder", **wanted)) == number


def test_an_order_is_found_by_its_number(desk: Desk) -> None:
    (order, *_) = rows(desk, "ReqQryOrder", InstrumentID="m2705")
    assert rows(desk, "ReqQryOrder", OrderSysID=order["OrderSysID"], ExchangeID="DCE") == [order]


def test_trades_come_newest_first_and_by_their_filters(desk: Desk) -> None:
    newest, oldest = rows(desk, "ReqQryTrade")
    assert (newest["InstrumentID"], oldest["InstrumentID"]) == ("m2705", "rb2705")
    for wanted in (
        {"TradeID": oldest["TradeID"]},
        {"TradeTimeEnd": "09:35:00"},
        {"ExchangeID": "SHFE"},
        {"InstrumentID": "rb2705"},
    ):
        assert rows(desk, "ReqQryTrade", **wanted) == [oldest]
    assert rows(desk, "ReqQryTrade", TradeTimeStart="09:35:00") == [newest]


@pytest.mark.parametrize("request_name", ["ReqQryInvestorPosition", "ReqQryInvestorPositionDetail"])
def test_the_exchange_is_no_filter_of_positions(desk: Desk, request_name: str) -> None:
    both = rows(desk, request_name, ExchangeID="CZCE")
    assert {row["InstrumentID"] for row in both} == {"rb2705", "m2705"}
    assert {row["InstrumentID"] for row in rows(desk, request_name, InstrumentID="m2705")} == {"m2705"}


@pytest.mark.parametrize(("currency", "number"), [("", 1), ("CNY", 1), ("USD", 0)])
def test_the_account_is_one_row_in_its_currency(desk: Desk, currency: str, number: int) -> None:
    assert len(rows(desk, "ReqQryTradingAccount", CurrencyID=currency)) == number


def test_a_quote_is_asked_for_by_the_beginning_of_its_name(desk: Desk) -> None:
    found = rows(desk, "ReqQryDepthMarketData", InstrumentID="rb")
    assert [(row["InstrumentID"], row["ExchangeID"]) for row in found] == [("rb2705", "SHFE"), ("rb2710", "SHFE")]
    assert len(rows(desk, "ReqQryDepthMarketData", InstrumentID="rb2705", ExchangeID="DCE")) == 1, "no filter"


@pytest.mark.parametrize(
    ("request_name", "wanted", "names"),
    [
        ("ReqQryInstrument", {"ExchangeID": "DCE"}, {"m2705"}),
        ("ReqQryInstrument", {"ProductID": "rb"}, {"rb2705", "rb2710"}),
        ("ReqQryInstrument", {"ExchangeInstID": "SR705"}, {"SR705"}),
        ("ReqQryInstrument", {"InstrumentID": "zz9901"}, set()),
        ("ReqQryClassifiedInstrument", {"ProductID": "rb"}, {"rb2705", "rb2710"}),
    ],
)
def test_contracts_are_found_by_their_filters(
    desk: Desk, request_name: str, wanted: dict[str, str], names: set[str]
) -> None:
    assert {row["InstrumentID"] for row in rows(desk, request_name, **wanted)} == names


@pytest.mark.parametrize(
    ("wanted", "names"),
    [({}, ["rb", "m", "SR"]), ({"ProductID": "m"}, ["m"]), ({"ProductClass": "2"}, []), ({"ProductClass": "1"}, 3)],
)
def test_products_are_found_by_their_filters(desk: Desk, wanted: dict[str, str], names: list[str] | int) -> None:
    found = [row["ProductID"] for row in rows(desk, "ReqQryProduct", **wanted)]
    assert found == names or len(found) == names


def test_rates_without_a_name_are_those_of_what_is_held(desk: Desk) -> None:
    for request in ("ReqQryInstrumentMarginRate", "ReqQryInstrumentCommissionRate", "ReqQryInstrumentOrderCommRate"):
        assert {row["InstrumentID"] for row in rows(desk, request)} == {"rb2705", "m2705"}
        (row,) = rows(desk, request, InstrumentID="SR705", HedgeFlag="1")
        assert row["InstrumentID"] == "SR705"


def test_a_product_without_a_rate_has_a_row_of_zeros_and_no_range() -> None:
    desk = Desk(opened("ec2612", "rb2705")).connect()
    (row,) = rows(desk, "ReqQryInstrumentCommissionRate", InstrumentID="ec2612")
    assert "InvestorRange" not in row
    assert {value for name, value in row.items() if "Ratio" in name} == {0.0}
    (row,) = rows(desk, "ReqQryInstrumentCommissionRate", InstrumentID="rb2705")
    assert (row["InvestorRange"], row["InvestorID"], row["OpenRatioByMoney"]) == ("3", "100001", 1e-4)


def test_the_confirmation_of_the_day_is_a_row_once_it_is_given() -> None:
    desk = Desk(opened("rb2705"))
    desk.create()
    desk.authenticate()
    desk.login()
    (answer,) = ask(desk, "ReqQrySettlementInfoConfirm", **desk.ids)
    assert (answer.fields, answer.error, answer.last) == (None, None, True)
    confirmed = desk.confirm().fields
    assert rows(desk, "ReqQrySettlementInfoConfirm") == [confirmed]


def test_the_trading_parameters_are_simnow_s() -> None:
    (row,) = rows(Desk(opened("rb2705")).connect(), "ReqQryBrokerTradingParams")
    names = ("Algorithm", "AvailIncludeCloseProfit", "MarginPriceType", "OptionRoyaltyPriceType")
    assert [row[name] for name in names] == ["2", "0", "4", "5"]


def test_the_volume_limit_comes_from_the_trading_core_with_an_error_of_none(desk: Desk) -> None:
    """It is neither counted with the queries nor one at a time with them."""
    wanted = {**desk.ids, "InstrumentID": "rb2705", "Direction": "1", "OffsetFlag": "3", "HedgeFlag": "1"}
    desk.call("ReqQryTradingAccount", **desk.ids)
    assert desk.call("ReqQryMaxOrderVolume", **wanted) == 0
    assert desk.call("ReqQryMaxOrderVolume", **wanted) == 0
    desk.rest(SECOND)
    first, second = desk.of("OnRspQryMaxOrderVolume")
    assert first.error == second.error == CORRECT
    assert first.fields is not None
    assert first.fields["MaxVolume"] == 1
    assert not desk.of("OnRspError")
    (yesterday,) = ask(desk, "ReqQryMaxOrderVolume", **{**wanted, "OffsetFlag": "4"})
    assert yesterday.fields is not None
    assert yesterday.fields["MaxVolume"] == 0
    (unknown,) = ask(desk, "ReqQryMaxOrderVolume", **{**wanted, "InstrumentID": "zz9901"})
    assert code_of(unknown) == 16


def test_an_account_sees_its_own_sessions() -> None:
    simulation = opened("rb2705")
    desk = Desk(simulation).connect()
    other = Desk(simulation, "bob").connect(flow="bob/")
    Desk(simulation, "carol", "100002").connect(flow="carol/")
    found = rows(desk, "ReqQryUserSession", FrontID=0, SessionID=0)
    sessions = [callback.fields for each in (desk, other) for callback in each.of("OnRspUserLogin")]
    assert [row["SessionID"] for row in found] == [login["SessionID"] for login in sessions if login]
    assert {(row["UserID"], row["LoginDate"]) for row in found} == {("100001", "20261123")}
    (one,) = rows(desk, "ReqQryUserSession", SessionID=found[1]["SessionID"])
    assert one == found[1]


# ------------------------------------------------------------------------------------------------------------- logins


def test_six_wrong_passwords_in_a_row_lock_the_account_for_the_day() -> None:
    desk = Desk(opened("rb2705"))
    desk.create()
    desk.authenticate()
    assert [code_of(desk.login("wrong")) for _ in range(5)] == [3] * 5
    assert code_of(desk.login()) == 0, "five are not six, and the count begins anew"
    desk.call("ReqUserLogout", BrokerID="9999", UserID="100001")
    desk.rest(2 * SECOND)
    desk.authenticate()
    assert [code_of(desk.login("wrong")) for _ in range(7)] == [3] * 6 + [75]
    assert code_of(desk.login()) == 75, "the right one is no use either"
    desk.rest(from_moment(datetime(2026, 11, 23, 20, 31)) - desk.world.now)
    desk.authenticate()
    assert code_of(desk.login()) == 0, "it is another day"


def test_a_second_login_that_is_sent_before_the_first_is_answered_is_refused_with_5() -> None:
    desk = Desk(opened("rb2705"))
    desk.create()
    desk.authenticate()
    for _ in range(2):
        desk.call("ReqUserLogin", BrokerID="9999", UserID="100001", Password="123456")
    desk.rest(SECOND)
    assert [code_of(callback) for callback in desk.of("OnRspUserLogin")] == [0, 5]
    desk.insert("rb2705", "0", "0", 1, 3000)
    desk.rest(SECOND)
    assert [code_of(callback) for callback in desk.of("OnRspOrderInsert")] == [42], "the first login holds"
