"""Orders a second through the seam: each is sent, and counts when its last report is at the client."""

import sys
import time

from ctpscen.ctp.messages import Callback, Request
from ctpscen.simulator.simulation import Simulation
from ctpscen.simulator.world import World

kind, count = sys.argv[1], int(sys.argv[2])
# Reports of an order: a and 3; a, a, 0 and the trade; a, 3, 3 and 5; a and 5.
REPORTS = {"rest": 2, "trade": 4, "cancel": 4, "fok": 2}[kind]


class Client:
    """Counts what comes, and cancels what rests where that is measured."""

    def __init__(self) -> None:
        self.reports = 0
        self.resting: list[dict[str, object]] = []
        self.session: tuple[int, int] = (0, 0)
        self.answered: set[str] = set()

    def deliver(self, callback: Callback) -> None:
        self.answered.add(callback.name)
        if callback.name == "OnRspUserLogin" and callback.fields:
            self.session = callback.fields["FrontID"], callback.fields["SessionID"]
        if callback.name in ("OnRtnOrder", "OnRtnTrade"):
            self.reports += 1
            if kind == "cancel" and callback.fields and callback.fields.get("OrderStatus") == "3" and len(self.resting) < count:
                self.resting.append(callback.fields)


def until(world: World, done: object) -> None:
    while not done():  # type: ignore[operator]
        world.step()


world = World(1_795_426_200_000_000)
simulation = Simulation(world)
simulation.list_instruments(["rb2705"])
simulation.account_of  # noqa: B018
client = Client()
host = simulation.host("client", "100001", client)
simulation.account_of("client").ledger.pre_balance = 1e15
sequence = 0


def call(name: str, fields: dict[str, object] | None = None) -> None:
    global sequence
    sequence += 1
    host.call(Request(1, "trader", world.now, sequence, name, fields, sequence))


call("CreateFtdcTraderApi", {"pszFlowPath": "client/"})
call("SubscribePrivateTopic", {"nResumeType": 1})
call("Init")
ids = {"BrokerID": "9999", "InvestorID": "100001", "UserID": "100001"}
until(world, lambda: "OnFrontConnected" in client.answered)
call("ReqAuthenticate", {**ids, "AppID": "simnow_client_test", "AuthCode": "0" * 16})
until(world, lambda: "OnRspAuthenticate" in client.answered)
call("ReqUserLogin", {**ids, "Password": "123456"})
until(world, lambda: "OnRspUserLogin" in client.answered)
call("ReqSettlementInfoConfirm", ids)
until(world, lambda: "OnRspSettlementInfoConfirm" in client.answered)

order = {
    **ids,
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
began = time.perf_counter()
sent = 0
while sent < count:
    for _ in range(min(100, count - sent)):
        sent += 1
        call("ReqOrderInsert", {**order, "OrderRef": str(sent)})
    wanted = sent * (2 if kind == "cancel" else REPORTS)
    until(world, lambda: client.reports >= wanted)
    if kind == "cancel":
        for fields in client.resting:
            call(
                "ReqOrderAction",
                {**ids, "InstrumentID": "rb2705", "ExchangeID": "SHFE", "ActionFlag": "0", "OrderSysID": fields["OrderSysID"]},
            )
        wanted += 2 * len(client.resting)
        client.reports, done = 0, client.reports
        target = 2 * len(client.resting)
        until(world, lambda: client.reports >= target)
        client.reports, client.resting = sent * 2, []
print(count / (time.perf_counter() - began))
