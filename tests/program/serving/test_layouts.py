"""What the shim is told of a version, and what calls and callbacks are in its bytes."""

import struct
from collections import Counter

import pytest

from ctpscen.ctp.messages import Callback
from ctpscen.ctp.schema.packing import pack
from ctpscen.ctp.schema.versions import tables, versions
from ctpscen.program.serving.layouts import Operation, layout, operation_of

HEAD = struct.Struct("=IIi")


def call_body(content: bytes | None, *, in_callback: bool = False, second: int = 0) -> bytes:
    return HEAD.pack(in_callback, content is None, second) + (content or b"")


def test_every_function_of_every_version_has_an_operation() -> None:
    found = Counter(
        (operation_of(method), method.name.startswith("Req"))
        for version in versions()
        for interface in (tables(version).trader, tables(version).market)
        for method in interface.functions
    )
    assert {operation for operation, is_request in found if is_request} == {Operation.RECORD}
    assert {operation for operation, _ in found} == set(Operation) - {Operation.NOTHING}


def test_the_table_has_a_row_for_each_function() -> None:
    trader = tables("6.7.11").trader
    head = struct.unpack_from("=IIII", layout("6.7.11", "trader").table(5))
    assert head == (5, 0, 1, len(trader.functions))
    rows = list(struct.iter_unpack("=II", layout("6.7.11", "trader").table(5)[16:]))
    assert rows[trader.function("ReqOrderInsert").slot] == (Operation.RECORD, 408)
    assert rows[trader.function("GetTradingDay").slot] == (Operation.GIVES_TEXT, 64)


@pytest.mark.parametrize("version", ["6.3.15", "6.7.11"])
def test_a_record_that_is_passed_is_a_requests_fields(version: str) -> None:
    found, given = layout(version, "trader"), {"InstrumentID": "cu2612", "LimitPrice": 71000.0, "Direction": "0"}
    method = tables(version).trader.function("ReqOrderInsert")
    call = found.read(method.slot, 7, call_body(pack(tables(version).record("InputOrder"), given), in_callback=True))
    assert (call.name, call.fields, call.request_id, call.in_callback) == ("ReqOrderInsert", given, 7, True)
    assert not call.overlong
    assert found.read(method.slot, 8, call_body(None)).fields is None


def test_other_arguments_are_fields_under_their_names() -> None:
    trader, market = layout("6.7.13", "trader"), layout("6.7.11", "market")
    names = {name: tables("6.7.13").trader.function(name).slot for name in ("RegisterFront", "SubscribePrivateTopic")}
    front = trader.read(names["RegisterFront"], 0, call_body(b"tcp://127.0.0.1:1"))
    assert front.fields == {"pszFrontAddress": "tcp://127.0.0.1:1"}
    topic = trader.read(names["SubscribePrivateTopic"], 4, call_body(None, second=-9))
    assert topic.fields == {"nResumeType": 4, "nSeqNo": -9}
    slot = tables("6.7.11").market.function("SubscribeMarketData").slot
    subscribed = market.read(slot, 2, call_body(b"cu2612\0al2612\0"))
    assert subscribed.fields == {"ppInstrumentID": ["cu2612", "al2612"]}


def test_a_text_without_an_end_is_named() -> None:
    size = tables().record("InputOrder").size
    call = layout("6.7.11", "trader").read(26, 1, call_body(b"x" * size))
    assert "OrderRef" in call.overlong
    assert "Direction" not in call.overlong


@pytest.mark.parametrize(("slot", "body"), [(199, call_body(None)), (26, b""), (26, call_body(b"too short"))])
def test_a_call_that_no_program_can_make_is_refused(slot: int, body: bytes) -> None:
    with pytest.raises(ValueError, match=r"function|bytes"):
        layout("6.7.11", "trader").read(slot, 0, body)


def test_a_callback_is_its_arguments_one_after_the_other() -> None:
    number = struct.Struct("=i").pack
    login = Callback(1, "trader", 0, 1, "OnRspUserLogin", {"TradingDay": "20261123"}, None, 7, False)
    slot, content = layout("6.7.11", "trader").callback(login) or (-1, b"")
    record = pack(tables().record("RspUserLogin"), {"TradingDay": "20261123"})
    assert slot == tables().trader.callback("OnRspUserLogin").slot
    assert content == number(len(record)) + record + number(-1) + number(-2) + number(7) + number(-2) + number(0)
    broken = Callback(1, "trader", 0, 2, "OnFrontDisconnected", {"nReason": 0x1001})
    assert layout("6.7.11", "trader").callback(broken) == (1, number(-2) + number(0x1001))


def test_what_a_version_lacks_it_is_not_given() -> None:
    newer = Callback(1, "trader", 0, 1, "OnRtnPrivateSeqNo", {"nSeqNo": 1})
    assert layout("6.7.11", "trader").callback(newer) is None
