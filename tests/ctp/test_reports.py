"""The API as data, and the kinds of report that stand for its callbacks."""

import pytest

from ctpscen.ctp.reports import KINDS, ReportKind, calls, find_field, find_kind, kind_of_call, kind_of_callback
from ctpscen.ctp.schema import api
from ctpscen.ctp.schema.api import ApiKind
from ctpscen.ctp.schema.records import record, record_names

API_KINDS: list[ApiKind] = ["trader", "market"]

# The table of the language: every kind, and the callback that it is.
CALLBACKS = {
    "order": "OnRtnOrder",
    "trade": "OnRtnTrade",
    "quote": "OnRtnDepthMarketData",
    "connection": "OnFrontConnected",
    "disconnection": "OnFrontDisconnected",
    "heartbeat_warning": "OnHeartBeatWarning",
    "login": "OnRspUserLogin",
    "logout": "OnRspUserLogout",
    "authentication": "OnRspAuthenticate",
    "confirmation": "OnRspSettlementInfoConfirm",
    "phase": "OnRtnInstrumentStatus",
    "error": "OnRspError",
}


OF_PROGRAMS = {"line", "exit", "hazard"}
"""Kinds that are no callbacks, but what a program under test writes, and how it ends."""


def test_the_kinds_are_those_of_the_language() -> None:
    assert set(KINDS) == {*CALLBACKS, *OF_PROGRAMS, "rejection", "cancel_rejection"}
    assert {name for name, kind in KINDS.items() if kind.of_program} == OF_PROGRAMS
    assert {name: kind.callbacks for name, kind in KINDS.items() if kind.callbacks and not kind.of_program} == {
        name: (callback,) for name, callback in CALLBACKS.items()
    }


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_s_callbacks_exist_and_carry_its_records(kind: ReportKind) -> None:
    for name in () if kind.of_program else kind.callbacks:
        shape = api.callback(name)
        assert shape is not None
        assert kind.records == ((shape.record,) if shape.record else ())
        assert kind.is_answer == shape.has_error
    for name in kind.records:
        assert record(name).fields


def test_what_is_made_of_several_callbacks_has_the_fields_of_each() -> None:
    assert set(KINDS["rejection"].records) == {"Order", "InputOrder"}
    assert set(KINDS["cancel_rejection"].records) == {"OrderAction", "InputOrderAction"}
    for word, kind in (("status_msg", "rejection"), ("request_id", "rejection"), ("action_flag", "cancel_rejection")):
        assert find_field(KINDS[kind], word) is not None


@pytest.mark.parametrize("kind", API_KINDS)
def test_every_callback_is_a_kind_of_its_own(kind: ApiKind) -> None:
    for name, shape in api.callbacks(kind).items():
        found = kind_of_callback(name)
        assert found is not None
        assert found.callbacks == (name,)
        assert all(record(each).fields for each in found.records)
        assert found.is_answer == shape.has_error, name


@pytest.mark.parametrize("kind", API_KINDS)
def test_every_request_takes_a_record_that_exists(kind: ApiKind) -> None:
    assert api.requests(kind)
    assert {taken for taken in api.requests(kind).values() if taken not in record_names()} == set()


def test_the_shapes_are_those_of_the_api() -> None:
    answer, report, event = api.callback("OnRspUserLogin"), api.callback("OnRtnTrade"), api.callback("OnFrontConnected")
    refusal = api.callback("OnErrRtnOrderInsert")
    assert answer is not None and report is not None and event is not None and refusal is not None  # noqa: PT018
    assert (answer.record, answer.has_error, answer.has_request) == ("RspUserLogin", True, True)
    assert (report.record, report.has_error, report.has_request) == ("Trade", False, False)
    assert (event.record, event.has_error, event.has_request) == (None, False, False)
    assert (refusal.record, refusal.has_error, refusal.has_request) == ("InputOrder", True, False)
    assert api.requests()["ReqOrderInsert"] == "InputOrder"


def test_an_answer_bears_the_name_of_its_request() -> None:
    """All but a few requests, which the API answers under another name or not at all."""
    answered = {name for name in api.requests() if "OnRsp" + name.removeprefix("Req") in api.callbacks()}
    assert {"ReqUserLogin", "ReqOrderInsert", "ReqOrderAction", "ReqQryOrder", "ReqQryTradingAccount"} <= answered
    assert len(answered) > 0.9 * len(api.requests())


@pytest.mark.parametrize("name", ["OnRtnOrdr", "order_", "OnRspNothing", ""])
def test_what_is_no_kind_and_no_callback_is_not_found(name: str) -> None:
    assert find_kind(name) is None


def test_a_field_of_another_record_is_not_found() -> None:
    assert find_field(KINDS["order"], "trade_id") is None
    assert find_field(KINDS["connection"], "reason") is None
    field = find_field(KINDS["disconnection"], "reason")
    assert field is not None
    assert field.name == "nReason"


def test_the_calls_of_an_api_are_kinds_of_their_own() -> None:
    found = kind_of_call("ReqOrderInsert")
    assert found is not None
    assert (found.records, found.is_call) == (("InputOrder",), True)
    assert kind_of_call("ReqOrderInsrt") is None
    assert {"ReqUserLogin", "SubscribeMarketData", "Release"} <= set(calls())
