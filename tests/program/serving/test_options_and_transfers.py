"""What a program of any version asks about options and transfers arrives, and what it is told arrives as well."""

from datetime import datetime
from typing import Any

import pytest
from support.desk import Desk, opened

from ctpscen.ctp.commands.accounts import SetPosition
from ctpscen.ctp.messages import Callback
from ctpscen.ctp.schema.packing import pack, unpack
from ctpscen.ctp.schema.versions import Tables, tables, versions
from ctpscen.ctp.times import from_moment
from ctpscen.program.serving.layouts import layout

OPTION = "m2705-C-3100"
NAMES = {"BrokerID": "9999", "InvestorID": "100001", "InstrumentID": OPTION, "ExchangeID": "DCE", "HedgeFlag": "1"}
MONEY = {"BrokerID": "9999", "AccountID": "100001", "BankID": "1", "Password": "123456"}
EXERCISE = {
    "Volume": 1,
    "OffsetFlag": "1",
    "ActionType": "1",
    "PosiDirection": "2",
    "ReservePositionFlag": "0",
    "CloseFlag": "1",
}
CANCEL = {"BrokerID": "9999", "InvestorID": "100001", "ExchangeID": "DCE", "FrontID": 1, "ActionFlag": "0"}

REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("ReqExecOrderInsert", {**NAMES, **EXERCISE, "ExecOrderRef": "1"}),
    ("ReqExecOrderInsert", {**NAMES, **EXERCISE, "ExecOrderRef": "2", "Volume": 9}),
    ("ReqExecOrderAction", {**CANCEL, "ExecOrderRef": "1"}),
    ("ReqExecOrderAction", {**CANCEL, "ExecOrderRef": "7"}),
    ("ReqOptionSelfCloseInsert", {**NAMES, "Volume": 1, "OptSelfCloseFlag": "1", "OptionSelfCloseRef": "1"}),
    ("ReqOptionSelfCloseInsert", {**NAMES, "Volume": 1, "OptSelfCloseFlag": "8"}),
    ("ReqOptionSelfCloseAction", {**CANCEL, "OptionSelfCloseRef": "1"}),
    ("ReqOptionSelfCloseAction", {**CANCEL, "OptionSelfCloseRef": "7"}),
    ("ReqForQuoteInsert", {name: NAMES[name] for name in ("BrokerID", "InvestorID", "InstrumentID", "ExchangeID")}),
    ("ReqForQuoteInsert", {name: NAMES[name] for name in ("BrokerID", "InvestorID", "InstrumentID", "ExchangeID")}),
    ("ReqFromBankToFutureByFuture", {**MONEY, "TradeAmount": 500.25}),
    ("ReqFromFutureToBankByFuture", {**MONEY, "TradeAmount": 100.5}),
    ("ReqFromBankToFutureByFuture", {**MONEY, "TradeAmount": -1.0}),
    ("ReqQueryBankAccountMoneyByFuture", MONEY),
    ("ReqQueryBankAccountMoneyByFuture", {**MONEY, "BankID": "8"}),
    ("ReqQryExecOrder", {"BrokerID": "9999"}),
    ("ReqQryOptionSelfClose", {"BrokerID": "9999"}),
    ("ReqQryForQuote", {"BrokerID": "9999"}),
    ("ReqQryTransferSerial", {"BrokerID": "9999"}),
    ("ReqQryAccountregister", {"BrokerID": "9999"}),
    ("ReqQryTransferBank", {"BankID": "1"}),
    ("ReqQryContractBank", {"BrokerID": "9999"}),
    ("ReqTradingAccountPasswordUpdate", {"BrokerID": "9999", "AccountID": "100001", "OldPassword": "1"}),
]

# What the requests above are met with: the answers and reports of a session.
TOLD = {
    *("OnRtnExecOrder", "OnRspExecOrderInsert", "OnErrRtnExecOrderInsert", "OnRspQryExecOrder"),
    *("OnRspExecOrderAction", "OnErrRtnExecOrderAction", "OnRtnOptionSelfClose", "OnRspQryOptionSelfClose"),
    *("OnRspOptionSelfCloseInsert", "OnErrRtnOptionSelfCloseInsert"),
    *("OnRspOptionSelfCloseAction", "OnErrRtnOptionSelfCloseAction"),
    *("OnErrRtnForQuoteInsert", "OnRspQryForQuote"),
    *("OnRtnFromBankToFutureByFuture", "OnRspFromBankToFutureByFuture", "OnErrRtnBankToFutureByFuture"),
    *("OnRtnFromFutureToBankByFuture", "OnRtnQueryBankBalanceByFuture"),
    *("OnRspQueryBankAccountMoneyByFuture", "OnErrRtnQueryBankBalanceByFuture"),
    *("OnRspQryTransferSerial", "OnRspQryAccountregister", "OnRspQryTransferBank", "OnRspQryContractBank"),
    "OnRspTradingAccountPasswordUpdate",
}


@pytest.fixture(scope="module")
def told() -> list[Callback]:
    """Everything that a session is told when it makes these requests."""
    desk = Desk(opened(OPTION, at=from_moment(datetime(2026, 11, 24, 10, 0)))).connect()
    desk.command(SetPosition(session="alice", holding="long", volume=3, instrument=OPTION, yesterday=True, price=120.0))
    before = len(desk.seen)
    session = desk.of("OnRspUserLogin")[-1].fields or {}
    for name, fields in REQUESTS:
        key = {"SessionID": session["SessionID"]} if name.endswith("Action") else {}
        desk.call(name, **{**fields, **key})
        desk.rest(2_000_000)
    return desk.seen[before:]


def test_all_of_it_is_told(told: list[Callback]) -> None:
    assert {callback.name for callback in told} == TOLD


def test_every_version_asks_and_is_told_all_that_its_records_hold(told: list[Callback]) -> None:
    for version in versions():
        found, known = layout(version, "trader"), tables(version)
        for name, fields in REQUESTS:
            method = known.trader.function(name)
            record = known.record(method.record or "")
            body = _called(pack(record, fields))
            call = found.read(method.slot, 5, body)
            assert (call.name, call.fields) == (name, {each: fields[each] for each in fields if each in record.fields})
        for callback in told:
            passed = found.callback(callback)
            assert passed is not None, (version, callback.name)
            assert _record_of(known, callback.name, passed[1]) == _held(known, callback), (version, callback.name)


def test_every_version_listens_for_inquiries() -> None:
    told = {"InstrumentID": OPTION, "ForQuoteSysID": "        1234", "ExchangeID": "DCE", "TradingDay": "20261124"}
    for version in versions():
        market, known = layout(version, "market"), tables(version)
        for name in ("SubscribeForQuoteRsp", "UnSubscribeForQuoteRsp"):
            call = market.read(known.market.function(name).slot, 2, _called(f"{OPTION}\0cu2701C72000\0".encode()))
            assert call.fields == {"ppInstrumentID": [OPTION, "cu2701C72000"]}
        passed = market.callback(Callback(2, "market", 0, 1, "OnRtnForQuoteRsp", told))
        assert passed is not None
        assert unpack(known.record("ForQuoteRsp"), passed[1][4:]) == told


def _called(content: bytes) -> bytes:
    """The bytes of a call that passes a record."""
    return b"\0" * 12 + content


def _record_of(known: Tables, name: str, content: bytes) -> dict[str, Any]:
    """The record in the bytes of a callback, which is its first argument."""
    record = known.record(known.trader.callback(name).record or "")
    return unpack(record, content[4 : 4 + record.size])


def _held(known: Tables, callback: Callback) -> dict[str, Any]:
    """What a version's record can hold of what is told."""
    record = known.record(known.trader.callback(callback.name).record or "")
    fields = callback.fields or {}
    newest = tables().record(tables().trader.callback(callback.name).record or "").fields
    assert fields.keys() <= newest.keys(), callback.name
    return {
        name: value for name, value in fields.items() if name in record.fields and value != record.fields[name].default
    }
