"""Callbacks in a few words, for people."""

from typing import Any

import pytest

from ctpscen.ctp.describe import DESCRIPTIONS, describe_callback
from ctpscen.ctp.schema import api

ORDER = {
    "OrderRef": "           2",
    "InstrumentID": "rb2705",
    "Direction": "0",
    "VolumeTotalOriginal": 5,
    "VolumeTraded": 2,
    "OrderStatus": "1",
    "OrderSysID": "        1834",
    "StatusMsg": "部分成交",
}


@pytest.mark.parametrize(
    ("name", "fields", "error", "words"),
    [
        ("OnRtnOrder", ORDER, None, "OnRtnOrder #2 rb2705 buy 2/5 PartTradedQueueing sys 1834 部分成交"),
        (
            "OnRtnTrade",
            {"OrderRef": "7", "InstrumentID": "au2612", "Direction": "1", "Volume": 3, "Price": 880.02},
            None,
            "OnRtnTrade #7 au2612 sell 3 at 880.02",
        ),
        (
            "OnRspOrderInsert",
            {
                "OrderRef": "3",
                "InstrumentID": "cu2612",
                "Direction": "0",
                "VolumeTotalOriginal": 1,
                "LimitPrice": 71000.0,
            },
            {"ErrorID": 31, "ErrorMsg": "CTP:资金不足"},
            "OnRspOrderInsert #3 cu2612 buy 1 at 71000 31 CTP:资金不足",
        ),
        ("OnFrontDisconnected", {"nReason": 4097}, None, "OnFrontDisconnected reason 0x1001"),
        ("OnHeartBeatWarning", {"nTimeLapse": 61}, None, "OnHeartBeatWarning 61 s without a message"),
        (
            "OnRtnInstrumentStatus",
            {"InstrumentID": "rb", "InstrumentStatus": "6"},
            None,
            "OnRtnInstrumentStatus rb Closed",
        ),
        ("OnRspError", None, {"ErrorID": 90, "ErrorMsg": "CTP：查询未就绪"}, "OnRspError 90 CTP：查询未就绪"),
        ("OnRspUserLogin", {"FrontID": 1, "SessionID": -5}, {"ErrorID": 0}, "OnRspUserLogin FrontID 1, SessionID -5"),
        ("OnFrontConnected", None, None, "OnFrontConnected"),
        ("OnRspQryOrder", ORDER, None, "OnRspQryOrder"),
        (
            "OnRtnExecOrder",
            {
                "ExecOrderRef": "           4",
                "InstrumentID": "m2705-C-3100",
                "ActionType": "1",
                "Volume": 2,
                "OrderSubmitStatus": "3",
                "ExecResult": "c",
                "ExecOrderSysID": "        77",
                "StatusMsg": "已撤单",
            },
            None,
            "OnRtnExecOrder #4 m2705-C-3100 Exec 2 Accepted Canceled sys 77 已撤单",
        ),
        (
            "OnRtnFromBankToFutureByFuture",
            {
                "TradeAmount": 500.5,
                "TransferStatus": "1",
                "ErrorID": 2051,
                "ErrorMsg": "建行银期：数量与限额(业务错误)",
            },
            None,
            "OnRtnFromBankToFutureByFuture 500.5 Repealed 2051 建行银期：数量与限额(业务错误)",
        ),
        ("OnRtnForQuoteRsp", {"InstrumentID": "m2705-C-3100"}, None, "OnRtnForQuoteRsp m2705-C-3100"),
    ],
)
def test_a_callback_in_a_few_words(
    name: str, fields: dict[str, Any] | None, error: dict[str, Any] | None, words: str
) -> None:
    assert describe_callback(name, fields, error) == words


def test_a_price_that_has_no_value_is_a_dash() -> None:
    quote = {"InstrumentID": "rb2705", "BidPrice1": 3100.0, "AskPrice1": 1.7976931348623157e308, "LastPrice": 3101.5}
    assert describe_callback("OnRtnDepthMarketData", quote, None) == "OnRtnDepthMarketData rb2705 3100 / –, last 3101.5"


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_an_empty_record_can_be_described(name: str) -> None:
    assert api.callback(name) is not None
    assert describe_callback(name, {}, None).startswith(name)
