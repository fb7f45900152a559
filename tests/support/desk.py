"""A program at a simulated front: requests by hand, and every callback that comes."""

from datetime import datetime
from typing import Any

from ctpscen.ctp.codes import ResumeType
from ctpscen.ctp.commands.record import Command
from ctpscen.ctp.messages import Callback, Request
from ctpscen.ctp.schema.api import ApiKind
from ctpscen.ctp.times import SECOND, from_moment
from ctpscen.simulator.commands.perform import perform
from ctpscen.simulator.front.trading import APP_ID, AUTH_CODE
from ctpscen.simulator.simulation import Simulation
from ctpscen.simulator.wire.api import Host
from ctpscen.simulator.wire.path import Path
from ctpscen.simulator.world import World

OPENING = from_moment(datetime(2026, 11, 23, 9, 30))
MODES = {
    "restart": ResumeType.RESTART,
    "resume": ResumeType.RESUME,
    "quick": ResumeType.QUICK,
    "none": ResumeType.NONE,
}


def opened(*instruments: str, seed: int = 0, at: int = OPENING) -> Simulation:
    """A venue that lists these contracts."""
    simulation = Simulation(World(at, seed))
    simulation.list_instruments(instruments)
    return simulation


class Desk:
    """One machine with one trader API at a time."""

    def __init__(self, simulation: Simulation, name: str = "alice", account: str = "100001") -> None:
        self.simulation, self.name, self.account = simulation, name, account
        self.host: Host = simulation.host(name, account, self)
        self.seen: list[Callback] = []
        self._requests = self._api = 0
        self._kind: ApiKind = "trader"

    def deliver(self, callback: Callback) -> None:
        self.seen.append(callback)

    def command(self, command: Command) -> None:
        """Does something to the venue or the network."""
        perform(self.simulation, command)

    @property
    def world(self) -> World:
        return self.simulation.world

    @property
    def path(self) -> Path:
        """The path to the trading front."""
        return self.host.paths["trader"]

    @property
    def ids(self) -> dict[str, str]:
        return {"BrokerID": "9999", "InvestorID": self.account, "UserID": self.account}

    # ------------------------------------------------------------------------------------------------ what it calls

    def call(self, name: str, **fields: Any) -> int | str:
        """A function of the API; its return value. The number of the request is `last_request` afterwards."""
        self._requests += 1
        request = Request(self._api, self._kind, self.world.now, self._requests, name, fields, self._requests)
        return self.host.call(request)

    @property
    def last_request(self) -> int:
        return self._requests

    def create(self, private: str = "resume", public: str = "resume", flow: str = "flow/") -> None:
        """Makes an API and connects it."""
        self._api += 1
        self.call("CreateFtdcTraderApi", pszFlowPath=flow)
        self.call("SubscribePrivateTopic", nResumeType=MODES[private])
        self.call("SubscribePublicTopic", nResumeType=MODES[public])
        self.call("RegisterFront", pszFrontAddress="tcp://127.0.0.1:1")
        self.call("Init")
        self.rest(SECOND // 10)

    def authenticate(self, app: str = APP_ID, code: str = AUTH_CODE) -> Callback:
        self.call("ReqAuthenticate", BrokerID="9999", UserID=self.account, AppID=app, AuthCode=code)
        return self.answered("OnRspAuthenticate")

    def login(self, password: str = "123456", **fields: Any) -> Callback:
        self.call("ReqUserLogin", **{"BrokerID": "9999", "UserID": self.account, "Password": password, **fields})
        return self.answered("OnRspUserLogin")

    def confirm(self) -> Callback:
        self.call("ReqSettlementInfoConfirm", **self.ids)
        return self.answered("OnRspSettlementInfoConfirm")

    def log_in_again(self) -> None:
        """All that must be done after a connection is made."""
        self.authenticate()
        assert code_of(self.login()) == 0
        self.confirm()

    def connect(self, private: str = "resume", public: str = "resume", flow: str = "flow/") -> "Desk":
        self.create(private, public, flow)
        self.log_in_again()
        return self

    def insert(self, instrument: str, side: str, offset: str, volume: int, price: float, **more: Any) -> int | str:
        contract = self.simulation.contract(instrument)
        order = {
            **self.ids,
            "InstrumentID": instrument,
            "ExchangeID": contract.exchange,
            "OrderPriceType": "2",
            "Direction": side,
            "CombOffsetFlag": offset,
            "CombHedgeFlag": "1",
            "LimitPrice": price,
            "VolumeTotalOriginal": volume,
            "TimeCondition": "3",
            "VolumeCondition": "1",
            "MinVolume": 1,
            "ContingentCondition": "1",
            "ForceCloseReason": "0",
        }
        return self.call("ReqOrderInsert", **{**order, **more})

    def cancel(self, order: dict[str, Any]) -> int | str:
        """Cancels an order by the key that CTP recommends, else by the key of its sender."""
        key = {name: order[name] for name in ("ExchangeID", "InstrumentID", "FrontID", "SessionID", "OrderRef")}
        if order.get("OrderSysID"):
            key["OrderSysID"] = order["OrderSysID"]
        return self.call("ReqOrderAction", **self.ids, ActionFlag="0", **key)

    # ----------------------------------------------------------------------------------------------- what it is told

    def rest(self, microseconds: int = SECOND) -> None:
        """Lets time pass."""
        end = self.world.now + microseconds
        while (following := self.world.next_time()) is not None and following <= end:
            self.world.step()
        self.world.rest_until(end)

    def of(self, *names: str) -> list[Callback]:
        return [callback for callback in self.seen if callback.name in names]

    def answered(self, name: str) -> Callback:
        """The newest callback of that name, after the time that an answer takes."""
        before = len(self.seen)
        self.rest(SECOND // 10)
        return [callback for callback in self.seen[before:] if callback.name == name][-1]

    def orders(self) -> dict[tuple[int, int, str], dict[str, Any]]:
        """The newest record of each order."""
        newest = {}
        for callback in self.of("OnRtnOrder"):
            fields = callback.fields or {}
            newest[fields["FrontID"], fields["SessionID"], fields["OrderRef"]] = fields
        return newest


def code_of(callback: Callback) -> int:
    """The ErrorID of an answer, 0 where CTP passes no error."""
    code: int = (callback.error or {}).get("ErrorID", 0)
    return code
