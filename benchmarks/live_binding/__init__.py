"""A binding whose API calls back without end: the real SPI classes and native records, without a front.

`Init` starts a thread that passes the same native order report, its OrderRef counted up, as fast as it is taken.
"""

import threading
from typing import Any

from openctp_ctp import mdapi
from openctp_ctp import tdapi as real

COUNT = 100_000


class _Api:
    """As much of a trader API as a worker calls."""

    def __init__(self) -> None:
        self.spi: Any = None

    def RegisterSpi(self, spi: Any) -> None:  # noqa: N802
        self.spi = spi

    def Init(self) -> None:  # noqa: N802
        threading.Thread(target=self._call_back, daemon=True).start()

    def Release(self) -> None:  # noqa: N802
        pass

    def _call_back(self) -> None:
        order = real.CThostFtdcOrderField()
        order.BrokerID, order.InvestorID, order.InstrumentID, order.ExchangeID = "9999", "100001", "rb2705", "SHFE"
        order.FrontID, order.SessionID, order.OrderStatus, order.LimitPrice = 1, 7, "3", 3150.0
        order.VolumeTotalOriginal = order.VolumeTotal = 2
        order.InsertTime, order.TradingDay, order.StatusMsg = "09:30:00", "20261123", "queueing"
        for number in range(COUNT):
            order.OrderRef = str(number)
            self.spi.OnRtnOrder(order)


class _Creator:
    @staticmethod
    def CreateFtdcTraderApi(_: str, __: bool) -> _Api:  # noqa: N802
        return _Api()

    GetApiVersion = real.CThostFtdcTraderApi.GetApiVersion


class _Module:
    CThostFtdcTraderApi = _Creator
    CThostFtdcTraderSpi = real.CThostFtdcTraderSpi


tdapi = _Module
__all__ = ["mdapi", "tdapi"]
