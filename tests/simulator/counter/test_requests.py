"""Every request of both APIs is answered: carried out, with rows, with nothing, or refused, and never with silence."""

from typing import Any

import pytest
from support.desk import Desk, code_of, opened

from ctpscen.ctp.messages import Callback, Request
from ctpscen.ctp.schema import api
from ctpscen.ctp.schema.records import record
from ctpscen.ctp.times import SECOND
from ctpscen.simulator.front.answers import BEFORE_LOGIN, EMPTY, REFUSED, callback_of
from ctpscen.simulator.front.queries import WITH_ROWS
from ctpscen.simulator.front.trading import HANDLED

REQUESTS = sorted(api.requests("trader"))

# What CTP itself leaves without an answer: a second login on a session that is logged in.
SWALLOWED = {"ReqUserLogin"}

# The code of each request that is carried out, when all it brings is the ids of the login.
CARRIED_OUT = {
    "ReqAuthenticate": 63,  # no AppID
    "ReqUserLogout": 0,
    "ReqUserPasswordUpdate": 14,  # no old password
    "ReqSettlementInfoConfirm": 0,
    "ReqOrderInsert": 15,
    "ReqOrderAction": 147,
    "ReqParkedOrderInsert": 15,
    "ReqParkedOrderAction": 147,
    "ReqRemoveParkedOrder": 45,
    "ReqRemoveParkedOrderAction": 45,
    "ReqQryMaxOrderVolume": 16,
    "ReqForQuoteInsert": 16,
    "ReqFromBankToFutureByFuture": 2014,
    "ReqFromFutureToBankByFuture": 2014,
    "ReqQueryBankAccountMoneyByFuture": 2011,
    "ReqTradingAccountPasswordUpdate": 2011,
    "ReqExecOrderInsert": 81,
    "ReqExecOrderAction": 147,
    "ReqOptionSelfCloseInsert": 3043,
    "ReqOptionSelfCloseAction": 147,
}


def ids_of(desk: Desk, request: str) -> dict[str, Any]:
    """The ids of the login, as far as the request has fields for them."""
    fields = record(api.requests("trader")[request]).fields
    return {name: value for name, value in desk.ids.items() if name in fields}


def answers(desk: Desk, request: str, **fields: Any) -> list[Callback]:
    """What the front answers to one request."""
    desk.rest(2 * SECOND)
    assert desk.call(request, **fields) == 0
    asked = desk.last_request
    desk.rest()
    return [callback for callback in desk.seen if callback.request_id == asked]


@pytest.fixture
def desk() -> Desk:
    return Desk(opened("rb2705")).connect()


def test_there_are_as_many_as_the_api_has() -> None:
    assert len(REQUESTS) == 118


def test_every_request_has_one_place() -> None:
    for request_name in REQUESTS:
        places = (HANDLED, WITH_ROWS, EMPTY, frozenset(REFUSED))
        assert sum(request_name in place for place in places) == 1, request_name


@pytest.mark.parametrize("request_name", REQUESTS)
def test_every_request_of_the_trader_api_is_answered(desk: Desk, request_name: str) -> None:
    found = answers(desk, request_name, **ids_of(desk, request_name))
    if request_name in SWALLOWED:
        assert found == []
        return
    assert {callback.name for callback in found} == {callback_of(request_name)}
    assert callback_of(request_name) in api.callbacks("trader")
    assert [callback.last for callback in found] == [False] * (len(found) - 1) + [True]
    code = REFUSED.get(request_name, CARRIED_OUT.get(request_name, 0))
    assert {code_of(callback) for callback in found} == {code}
    if request_name in EMPTY:
        assert [(callback.fields, callback.error) for callback in found] == [(None, None)]


@pytest.mark.parametrize("request_name", sorted(set(REQUESTS) - SWALLOWED))
def test_every_request_without_a_field_is_answered(desk: Desk, request_name: str) -> None:
    found = answers(desk, request_name)
    assert {callback.name for callback in found} == {callback_of(request_name)}
    assert [callback.last for callback in found][-1] is True


@pytest.mark.parametrize("request_name", REQUESTS)
def test_before_the_login_every_request_is_refused_with_its_code(request_name: str) -> None:
    desk = Desk(opened("rb2705"))
    desk.create()
    (refused,) = answers(desk, request_name, **ids_of(desk, request_name))
    handled = {"ReqAuthenticate": 63, "ReqUserLogin": 64, "ReqUserPasswordUpdate": 14}
    expected = handled.get(request_name, 77 if request_name in BEFORE_LOGIN else 6)
    assert (refused.name, code_of(refused)) == (callback_of(request_name), expected)


def test_only_dealers_of_dalian_cancel_in_batches(desk: Desk) -> None:
    (refused,) = answers(desk, "ReqBatchOrderAction", BrokerID="9999", InvestorID="100001", ExchangeID="DCE")
    assert refused.error == {"ErrorID": 103, "ErrorMsg": "CTP:该交易所不支持批量撤单"}


# ----------------------------------------------------------------------------------------------------- the market API


def test_every_request_of_the_market_api_is_answered() -> None:
    desk = Desk(opened("rb2705"))

    def call(name: str, number: int, **fields: Any) -> int | str:
        return desk.host.call(Request(7, "market", desk.world.now, number, name, fields, number))

    call("CreateFtdcMdApi", 1, pszFlowPath="market/")
    call("Init", 2)
    desk.rest()
    assert sorted(api.requests("market")) == ["ReqQryMulticastInstrument", "ReqUserLogin", "ReqUserLogout"]
    for number, (name, answer, code) in enumerate(
        [
            ("ReqUserLogin", "OnRspUserLogin", 0),
            ("ReqUserLogout", "OnRspError", 77),
            ("ReqQryMulticastInstrument", "OnRspError", 77),
        ],
        3,
    ):
        assert call(name, number) == 0
        desk.rest(2 * SECOND)
        (found,) = [callback for callback in desk.seen if callback.request_id == number]
        assert (found.name, code_of(found), found.last) == (answer, code, True)
