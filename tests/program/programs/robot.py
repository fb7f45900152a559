"""A program on openctp_ctp, in any of its versions: it logs in, places an order, and says what it is told."""

import os
import signal
import sys
import threading

from openctp_ctp import tdapi


class Robot(tdapi.CThostFtdcTraderSpi):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        os.makedirs("flow", exist_ok=True)
        self.api = tdapi.CThostFtdcTraderApi.CreateFtdcTraderApi("flow/")
        self.number = 0

    def next(self) -> int:
        self.number += 1
        return self.number

    def run(self) -> None:
        self.api.RegisterSpi(self)
        self.api.SubscribePrivateTopic(tdapi.THOST_TERT_RESUME)
        self.api.SubscribePublicTopic(tdapi.THOST_TERT_QUICK)
        self.api.RegisterFront("tcp://127.0.0.1:41205")
        self.api.Init()

    def OnFrontConnected(self) -> None:  # noqa: N802
        field = tdapi.CThostFtdcReqAuthenticateField()
        field.BrokerID, field.UserID, field.AppID, field.AuthCode = "9999", "100001", "simnow_client_test", "0" * 16
        self.api.ReqAuthenticate(field, self.next())

    def OnFrontDisconnected(self, reason: int) -> None:  # noqa: N802
        print("disconnected", hex(reason))

    def OnRspAuthenticate(self, *_: object) -> None:  # noqa: N802
        field = tdapi.CThostFtdcReqUserLoginField()
        field.BrokerID, field.UserID, field.Password = "9999", "100001", "123456"
        self.api.ReqUserLogin(field, self.next())

    def OnRspUserLogin(self, login, error, *_) -> None:  # type: ignore[no-untyped-def]  # noqa: N802
        print("logged in", login.TradingDay, error.ErrorID, error.ErrorMsg)
        field = tdapi.CThostFtdcSettlementInfoConfirmField()
        field.BrokerID, field.InvestorID = "9999", "100001"
        self.api.ReqSettlementInfoConfirm(field, self.next())

    def OnRspSettlementInfoConfirm(self, *_: object) -> None:  # noqa: N802
        order = tdapi.CThostFtdcInputOrderField()
        order.BrokerID, order.InvestorID, order.UserID = "9999", "100001", "100001"
        order.InstrumentID, order.ExchangeID, order.OrderRef = "cu2612", "SHFE", "1"
        order.Direction, order.CombOffsetFlag, order.CombHedgeFlag = "0", "0", "1"
        order.OrderPriceType, order.LimitPrice, order.VolumeTotalOriginal = "2", 71010, 5
        order.TimeCondition, order.VolumeCondition, order.MinVolume = "3", "1", 1
        order.ContingentCondition, order.ForceCloseReason = "1", "0"
        print("order sent", self.api.ReqOrderInsert(order, self.next()))

    def OnRtnOrder(self, order) -> None:  # type: ignore[no-untyped-def]  # noqa: N802
        print("order", order.OrderStatus, f"{order.VolumeTraded}/{order.VolumeTotalOriginal}", order.StatusMsg)

    def OnRtnTrade(self, trade) -> None:  # type: ignore[no-untyped-def]  # noqa: N802
        print("trade", trade.Volume, trade.Price)


print("version", tdapi.CThostFtdcTraderApi.GetApiVersion())
robot = Robot()
ended = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: ended.set())
robot.run()
while not ended.wait(1):
    pass
robot.api.Release()
print("ended")
sys.stdout.flush()
os._exit(0)
