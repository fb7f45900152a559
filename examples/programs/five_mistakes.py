"""A short robot on openctp_ctp that trades well on a good day, and makes five mistakes on a bad one.

    python five_mistakes.py [--contract cu2612] [--volume 5] [--price 70000]

Which they are stands in docs/programs.md, with the scenarios that find them.
"""

import argparse
import os
import signal
import threading
from typing import Any

from openctp_ctp import tdapi

# Nothing serves this address: wherever this runs, it reaches only what is put before it.
FRONT = "tcp://127.0.0.1:41205"
BROKER, USER, PASSWORD, APP, CODE = "8080", "60010086", "a-password-of-mine", "client_robot_1.0", "CODE0123456789AB"


class Robot(tdapi.CThostFtdcTraderSpi):
    """Everything is done in the library's callbacks."""

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__()
        self.options = options
        self.position = self.number = self.reference = 0
        os.makedirs("flow", exist_ok=True)
        self.api = tdapi.CThostFtdcTraderApi.CreateFtdcTraderApi("flow/")
        self.api.RegisterSpi(self)
        self.api.SubscribePrivateTopic(tdapi.THOST_TERT_RESTART)
        self.api.RegisterFront(FRONT)
        self.api.Init()

    def next(self) -> int:
        self.number += 1
        return self.number

    def OnFrontConnected(self) -> None:
        field = tdapi.CThostFtdcReqAuthenticateField()
        field.BrokerID, field.UserID, field.AppID, field.AuthCode = BROKER, USER, APP, CODE
        self.api.ReqAuthenticate(field, self.next())

    def OnRspAuthenticate(self, field: Any, error: Any, number: int, last: bool) -> None:
        login = tdapi.CThostFtdcReqUserLoginField()
        login.BrokerID, login.UserID, login.Password = BROKER, USER, PASSWORD
        self.api.ReqUserLogin(login, self.next())

    def OnRspUserLogin(self, field: Any, error: Any, number: int, last: bool) -> None:
        if error.ErrorID:
            print("login refused", error.ErrorID, error.ErrorMsg, flush=True)
            return
        self.reference = int(field.MaxOrderRef.strip() or 0)
        confirm = tdapi.CThostFtdcSettlementInfoConfirmField()
        confirm.BrokerID, confirm.InvestorID = BROKER, USER
        self.api.ReqSettlementInfoConfirm(confirm, self.next())

    def OnRspSettlementInfoConfirm(self, field: Any, error: Any, number: int, last: bool) -> None:
        self.place()

    def place(self) -> None:
        self.reference += 1
        order = tdapi.CThostFtdcInputOrderField()
        order.BrokerID, order.InvestorID, order.UserID = BROKER, USER, USER
        order.InstrumentID, order.ExchangeID, order.OrderRef = self.options.contract, "SHFE", str(self.reference)
        order.Direction, order.CombOffsetFlag, order.CombHedgeFlag = "0", "0", "1"
        order.OrderPriceType, order.LimitPrice = "2", self.options.price
        order.VolumeTotalOriginal, order.TimeCondition, order.VolumeCondition = self.options.volume, "3", "1"
        order.MinVolume, order.ContingentCondition, order.ForceCloseReason = 1, "1", "0"
        print("order sent", self.api.ReqOrderInsert(order, self.next()), flush=True)

    def OnRtnOrder(self, field: Any) -> None:
        print("order", field.OrderRef.strip(), field.OrderStatus, field.StatusMsg, flush=True)
        if field.OrderStatus == "5":
            self.place()

    def OnRtnTrade(self, field: Any) -> None:
        self.position += field.Volume
        print("position", self.position, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--contract", default="cu2612")
    parser.add_argument("--volume", type=int, default=5)
    parser.add_argument("--price", type=float, default=70000)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    robot = Robot(parser.parse_args())
    while not ended.wait(1):
        pass
    robot.api.Release()


if __name__ == "__main__":
    main()
