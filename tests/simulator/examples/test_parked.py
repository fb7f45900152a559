"""Parked orders: the server keeps them until trading begins, and sends them then."""

from datetime import datetime
from typing import Any

import pytest
from support import callbacks, passes
from support.desk import Desk, code_of, opened

from ctpscen.ctp.commands.accounts import SetBalance
from ctpscen.ctp.commands.market import SetPhase
from ctpscen.ctp.messages import Callback
from ctpscen.ctp.times import MINUTE, SECOND, from_moment

EVENING = from_moment(datetime(2026, 11, 23, 20, 40))
ORDER = {
    "InstrumentID": "rb2705",
    "ExchangeID": "SHFE",
    "OrderPriceType": "2",
    "Direction": "0",
    "CombOffsetFlag": "0",
    "CombHedgeFlag": "1",
    "LimitPrice": 3140.0,
    "VolumeTotalOriginal": 2,
    "TimeCondition": "3",
    "VolumeCondition": "1",
    "ContingentCondition": "1",
}


@pytest.fixture
def desk() -> Desk:
    return Desk(opened("rb2705", at=EVENING)).connect()


def park(desk: Desk, **more: Any) -> Callback:
    desk.call("ReqParkedOrderInsert", **{**desk.ids, **ORDER, **more})
    return desk.answered("OnRspParkedOrderInsert")


def remove(desk: Desk, number: str) -> int:
    desk.call("ReqRemoveParkedOrder", BrokerID="9999", InvestorID="100001", ParkedOrderID=number)
    return code_of(desk.answered("OnRspRemoveParkedOrder"))


def parked(desk: Desk, kind: str = "Order") -> list[dict[str, Any]]:
    """What a query answers."""
    desk.rest(2 * SECOND)
    desk.call(f"ReqQryParked{kind}", **desk.ids)
    asked = desk.last_request
    desk.rest(SECOND)
    return [callback.fields for callback in desk.seen if callback.request_id == asked and callback.fields]


def test_a_parked_order_goes_out_when_the_auction_begins(desk: Desk) -> None:
    answer = park(desk)
    assert answer.error == {"ErrorID": 0, "ErrorMsg": "CTP:正确"}
    assert answer.fields is not None
    number = answer.fields["ParkedOrderID"]
    assert [(row["ParkedOrderID"], row["Status"], row["UserType"]) for row in parked(desk)] == [(number, "1", "0")]
    assert not desk.of("OnRtnOrder")
    desk.rest(15 * MINUTE)
    first, resting = (callback.fields or {} for callback in desk.of("OnRtnOrder"))
    assert (first["OrderStatus"], resting["OrderStatus"]) == ("a", "3")
    assert first["InsertTime"] == "20:55:00"
    assert first["LimitPrice"] == 3140.0
    assert [row["Status"] for row in parked(desk)] == ["2"]
    assert remove(desk, number) == 46


def test_a_parked_order_that_is_removed_never_goes_out(desk: Desk) -> None:
    answer = park(desk)
    assert answer.fields is not None
    number = answer.fields["ParkedOrderID"]
    assert remove(desk, "77") == 45
    assert remove(desk, number) == 0
    assert remove(desk, number) == 47
    desk.rest(30 * MINUTE)
    assert not desk.of("OnRtnOrder")
    assert [row["Status"] for row in parked(desk)] == ["3"]


def test_a_parked_order_that_cannot_be_paid_is_refused_when_it_goes_out(desk: Desk) -> None:
    desk.command(SetBalance(session="alice", amount=100.0))
    assert code_of(park(desk)) == 0
    desk.rest(16 * MINUTE)
    (refused,) = desk.of("OnErrRtnOrderInsert")
    assert code_of(refused) == 31
    assert not desk.of("OnRtnOrder", "OnRspOrderInsert")
    (row,) = parked(desk)
    assert (row["Status"], row["ErrorID"]) == ("2", 31)


def test_a_parked_cancel_goes_out_when_the_auction_begins() -> None:
    desk = Desk(opened("rb2705")).connect()
    desk.insert("rb2705", "0", "0", 1, 3100)
    desk.rest(SECOND)
    (order,) = desk.orders().values()
    desk.command(SetPhase("rb2705", "break"))
    key = {name: order[name] for name in ("InstrumentID", "ExchangeID", "OrderSysID")}
    desk.call("ReqParkedOrderAction", **desk.ids, ActionFlag="0", **key)
    assert code_of(desk.answered("OnRspParkedOrderAction")) == 0
    assert [row["Status"] for row in parked(desk, "OrderAction")] == ["1"]
    desk.command(SetPhase("rb2705", "continuous"))
    desk.rest(SECOND)
    assert [order["OrderStatus"] for order in desk.orders().values()] == ["5"]
    assert [row["Status"] for row in parked(desk, "OrderAction")] == ["2"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"InstrumentID": "zz9901"}, 16), ({"ContingentCondition": "5"}, 161), ({"VolumeTotalOriginal": 0}, 15)],
)
def test_a_wrong_order_is_not_parked(desk: Desk, wrong: dict[str, Any], code: int) -> None:
    assert code_of(park(desk, **wrong)) == code
    assert parked(desk) == []


def test_nothing_is_parked_while_there_is_trading() -> None:
    assert code_of(park(Desk(opened("rb2705")).connect())) == 44


def test_what_is_parked_does_not_live_over_the_settlement() -> None:
    """BEHAVIOUR 5.6: the day's orders are cleared, so nothing goes out when the next one opens."""
    sent = ", ".join(f"{name} = {value!r}".replace("'", '"') for name, value in ORDER.items())
    result = passes(f"""
venue: phase rb2705 break
scenario "parked":
    connect
    request ReqParkedOrderInsert(BrokerID = "9999", InvestorID = "100001", UserID = "100001", {sent}) as kept
    expect OnRspParkedOrderInsert of kept where code == 0
    venue: settle
    reconnect within 1h
    wait until 21:05
    expect no order
    request ReqQryParkedOrder(BrokerID = "9999", InvestorID = "100001")
    wait 2s
""")
    (answer,) = callbacks(result, "OnRspQryParkedOrder")
    assert answer["fields"] is None
