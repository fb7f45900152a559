"""What the binding takes and refuses, in words that are the same wherever it comes from."""

import os
import re
from typing import Any

from openctp_ctp import mdapi, tdapi

TEXTS: list[object] = [
    "123456789012",
    "1234567890123",
    "",
    b"12",
    5,
    None,
    "中文中",
    "中文中文中",
    "\U0001f600",
    "a\0b",
    "\udc80",
]
CHARACTERS: list[object] = ["0", "01", "", b"0", 0, 65, 255, 300, -1, None, "买"]
INTEGERS: list[object] = [5, 5.0, "5", 2**31 - 1, 2**31, -(2**31), True, None]
DOUBLES: list[object] = [5, 5.5, "5", None, True, 1e400]


def said(value: object) -> str:
    return re.sub(r" at 0x\w+|0x\w+", "", repr(value))


def try_to(name: str, act: Any) -> None:
    try:
        print(name, said(act()))
    except Exception as error:
        print(name, type(error).__name__, str(error).splitlines()[0])


order = tdapi.CThostFtdcInputOrderField()
for field, values in (
    ("OrderRef", TEXTS),
    ("Direction", CHARACTERS),
    ("VolumeTotalOriginal", INTEGERS),
    ("LimitPrice", DOUBLES),
):
    for value in values:
        try_to(f"{field} = {value!a}", lambda: setattr(order, field, value))  # noqa: B023
        print("  is", ascii(getattr(order, field)))
short = tdapi.CThostFtdcRspInfoField()
login = tdapi.CThostFtdcDisseminationField()
for value in (5, 2**15, -(2**15), 70000):
    try_to(f"SequenceSeries = {value}", lambda: setattr(login, "SequenceSeries", value))  # noqa: B023
    print("  is", login.SequenceSeries)
order.Unknown = 7
print([name for name in dir(order) if not name.startswith("_")], order.Unknown)
try_to("with an argument", lambda: tdapi.CThostFtdcInputOrderField(1))
print(
    sorted(name for name in dir(tdapi) if name.startswith(("THOST", "CThost")))
    == sorted(name for name in dir(mdapi) if name.startswith(("THOST", "CThost")))
    or "the modules differ"
)
print(tdapi.THOST_FTDC_D_Buy, tdapi.THOST_TERT_QUICK, tdapi.THOST_FTDC_OST_AllTraded)
print(tdapi.CThostFtdcTraderApi.GetApiVersion(), mdapi.CThostFtdcMdApi.GetApiVersion())
for module, names in (
    (tdapi, ("CThostFtdcTraderApi", "CThostFtdcTraderSpi")),
    (mdapi, ("CThostFtdcMdApi", "CThostFtdcMdSpi")),
):
    for name in names:
        print(name, [each for each in dir(getattr(module, name)) if not each.startswith("_")])
try_to("abstract", lambda: tdapi.CThostFtdcTraderApi())

os.makedirs("flow", exist_ok=True)
api = tdapi.CThostFtdcTraderApi.CreateFtdcTraderApi("flow/")
market = mdapi.CThostFtdcMdApi.CreateFtdcMdApi("flow/market", False, False, True)
user = tdapi.CThostFtdcReqUserLoginField()
for name, act in {
    "create with a number": lambda: tdapi.CThostFtdcTraderApi.CreateFtdcTraderApi(5),
    "not logged in": lambda: api.ReqUserLogin(user, 1),
    "nothing": lambda: api.ReqUserLogin(None, 1),
    "another record": lambda: api.ReqUserLogin(order, 1),
    "a number": lambda: api.ReqUserLogin(5, 1),
    "too few": lambda: api.ReqUserLogin(user),
    "too many": lambda: api.ReqUserLogin(user, 1, 2),
    "a text for a number": lambda: api.ReqUserLogin(user, "1"),
    "no text": lambda: api.RegisterFront(5),
    "a front": lambda: api.RegisterFront("tcp://127.0.0.1:41205"),
    "a topic": lambda: api.SubscribePrivateTopic(tdapi.THOST_TERT_RESUME),
    "topics": lambda: api.SubscribePrivateTopic(2, 1),
    "no spi": lambda: api.RegisterSpi(5),
    "spi none": lambda: api.RegisterSpi(None),
    "a day": lambda: api.GetTradingDay(),
    "front": lambda: api.GetFrontInfo(tdapi.CThostFtdcFrontInfoField()),
    "no front": lambda: api.GetFrontInfo(),
    "subscribed": lambda: market.SubscribeMarketData([b"cu2612"], 1),
    "texts": lambda: market.SubscribeMarketData(["cu2612"], 1),
    "no list": lambda: market.SubscribeMarketData((b"cu2612",), 1),
    "one": lambda: market.SubscribeMarketData(b"cu2612", 1),
}.items():
    try_to(name, act)


class WithoutSuper(tdapi.CThostFtdcTraderSpi):  # type: ignore[misc]
    def __init__(self) -> None:
        self.own = 1


try_to("an spi without super", lambda: api.RegisterSpi(WithoutSuper()))
print(tdapi.CThostFtdcTraderSpi().OnFrontConnected(), tdapi.CThostFtdcTraderSpi().OnRtnOrder(None))
print("a second Release", api.Release(), api.Release(), api.GetTradingDay(), api.ReqUserLogin(user, 1))
market.Release()
