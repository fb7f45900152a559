"""Orders a second through the seam, by kind: `python orders.py rest|trade|cancel|fok COUNT`.

An order counts when its last report is at the client. Orders go out a hundred at a time, as fast as their reports
come back in virtual time.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

from ctpscen.ctp.messages import Callback, Request
from ctpscen.simulator.simulation import Simulation
from ctpscen.simulator.world import World
from ctpscen.startup import collect_garbage_rarely

MORNING = 1_795_426_200_000_000
BATCH = 100

# Reports of an order up to where it rests or is over, and those that its cancel adds.
REPORTS = {"rest": 2, "trade": 4, "cancel": 2, "fok": 2}
CANCEL_REPORTS = 2

IDS = {"BrokerID": "9999", "UserID": "100001", "InvestorID": "100001"}


class Client:
    """Sends requests, counts reports, and keeps the numbers of the orders that rest."""

    def __init__(self) -> None:
        self.world = World(MORNING)
        simulation = Simulation(self.world)
        simulation.list_instruments(["rb2705"])
        self.host = simulation.host("client", "100001", self)
        simulation.account_of("client").ledger.pre_balance = 1e15
        self.answered: set[str] = set()
        self.resting: list[str] = []
        self.reports = 0
        self._calls = 0

    def deliver(self, callback: Callback) -> None:
        self.answered.add(callback.name)
        if callback.name in ("OnRtnOrder", "OnRtnTrade"):
            self.reports += 1
            if callback.name == "OnRtnOrder" and callback.fields and callback.fields.get("OrderStatus") == "3":
                self.resting.append(callback.fields["OrderSysID"])

    def call(self, name: str, fields: dict[str, Any] | None = None) -> None:
        self._calls += 1
        self.host.call(Request(1, "trader", self.world.now, self._calls, name, fields, self._calls))

    def wait(self, done: Callable[[], bool]) -> None:
        while not done():
            self.world.step()

    def ask(self, name: str, fields: dict[str, Any]) -> None:
        answer = name.replace("Req", "OnRsp", 1)
        self.call(name, fields)
        self.wait(lambda: answer in self.answered)

    def log_in(self) -> None:
        for name in ("CreateFtdcTraderApi", "RegisterSpi", "Init"):
            self.call(name, {"pszFlowPath": "flow/"} if name.startswith("Create") else None)
        self.wait(lambda: "OnFrontConnected" in self.answered)
        self.ask("ReqAuthenticate", {**IDS, "AppID": "simnow_client_test", "AuthCode": "0" * 16})
        self.ask("ReqUserLogin", {**IDS, "Password": "123456"})
        self.ask("ReqSettlementInfoConfirm", IDS)

    def wait_for_reports(self, count: int) -> None:
        wanted = self.reports + count
        self.wait(lambda: self.reports >= wanted)


def run(kind: str, count: int) -> float:
    """Seconds that so many orders take."""
    client = Client()
    client.log_in()
    order = {
        **IDS,
        "InstrumentID": "rb2705",
        "ExchangeID": "SHFE",
        "OrderPriceType": "2",
        "Direction": "0",
        "CombOffsetFlag": "0",
        "CombHedgeFlag": "1",
        "LimitPrice": 3151.0 if kind == "trade" else 3000.0,
        "VolumeTotalOriginal": 1,
        "TimeCondition": "1" if kind == "fok" else "3",
        "VolumeCondition": "3" if kind == "fok" else "1",
        "ContingentCondition": "1",
    }
    cancel = {**IDS, "InstrumentID": "rb2705", "ExchangeID": "SHFE", "ActionFlag": "0"}
    began = time.perf_counter()
    for first in range(0, count, BATCH):
        batch = range(first, min(first + BATCH, count))
        for reference in batch:
            client.call("ReqOrderInsert", {**order, "OrderRef": str(reference + 1)})
        client.wait_for_reports(len(batch) * REPORTS[kind])
        if kind == "cancel":
            resting = client.resting
            for number in resting[:]:
                client.call("ReqOrderAction", {**cancel, "OrderSysID": number})
            client.wait_for_reports(len(batch) * CANCEL_REPORTS)
            resting.clear()
    return time.perf_counter() - began


if __name__ == "__main__":
    collect_garbage_rarely()  # as the command does
    kind, count = sys.argv[1], int(sys.argv[2])
    print(count / run(kind, count))
