"""A program with two logins, each on an API object of its own, and an order of each."""

import os
import signal
import threading
from typing import Any

from openctp_ctp import tdapi


class Robot(tdapi.CThostFtdcTraderSpi):  # type: ignore[misc]
    def __init__(self, user: str, volume: int) -> None:
        super().__init__()
        os.makedirs("flow", exist_ok=True)
        self.user, self.volume, self.number = user, volume, 0
        self.api = tdapi.CThostFtdcTraderApi.CreateFtdcTraderApi(f"flow/{user}_")
        self.api.RegisterSpi(self)
        self.api.SubscribePrivateTopic(tdapi.THOST_TERT_RESTART)
        self.api.RegisterFront("tcp://127.0.0.1:41205")
        self.api.Init()

    def ask(self, name: str, record: str, **fields: Any) -> None:
        field = getattr(tdapi, f"CThostFtdc{record}Field")()
        for key, value in fields.items():
            setattr(field, key, value)
        self.number += 1
        getattr(self.api, name)(field, self.number)

    def OnFrontConnected(self) -> None:  # noqa: N802
        proof = {"AppID": "robot", "AuthCode": "code"}
        self.ask("ReqAuthenticate", "ReqAuthenticate", BrokerID="9999", UserID=self.user, **proof)

    def OnRspAuthenticate(self, *_: object) -> None:  # noqa: N802
        self.ask("ReqUserLogin", "ReqUserLogin", BrokerID="9999", UserID=self.user, Password="secret")

    def OnRspUserLogin(self, *_: object) -> None:  # noqa: N802
        who = {"BrokerID": "9999", "InvestorID": self.user, "UserID": self.user}
        what = {"InstrumentID": "cu2612", "ExchangeID": "SHFE", "OrderRef": "1", "VolumeTotalOriginal": self.volume}
        how = {"Direction": "0", "CombOffsetFlag": "0", "CombHedgeFlag": "1", "OrderPriceType": "2"}
        more = {"LimitPrice": 70000, "TimeCondition": "3", "VolumeCondition": "1", "ContingentCondition": "1"}
        self.ask("ReqSettlementInfoConfirm", "SettlementInfoConfirm", BrokerID="9999", InvestorID=self.user)
        self.ask("ReqOrderInsert", "InputOrder", **who, **what, **how, **more)


ended = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: ended.set())
robots = [Robot("60010086", 2), Robot("60010087", 3)]
ended.wait()
for robot in robots:
    robot.api.Release()
