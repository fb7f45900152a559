"""A session fed by hand: callbacks in, requests out, and nothing behind it."""

from typing import Any

from ctpscen.client.books.reports import Report
from ctpscen.client.identity import Identity
from ctpscen.client.session import Session
from ctpscen.ctp.messages import Callback, Fields, Request
from ctpscen.ctp.times import HOUR

IDENTITY = Identity("9999", "100001", "123456", "client_test", "0000000000000000", "trader")


class Feed:
    """One session, the time by its clock, and what its requests return."""

    def __init__(self, **options: Any) -> None:
        self.session = Session("trader", IDENTITY, **options)
        self.now = 9 * HOUR
        self.returns: dict[str, int] = {}
        self.refused: list[Report] = []
        self._sequence = 0

    def rest(self, microseconds: int) -> None:
        """Lets time pass, and wakes the session at every time that it asked for."""
        end = self.now + microseconds
        while (deadline := self.session.deadline()) is not None and deadline <= end:
            self.now = max(self.now, deadline)
            self.session.wake(self.now)
            if self.session.deadline() == deadline:
                break
        self.now = end

    def sent(self) -> list[Request]:
        """What the session has put out since the last call; every request is given its return value."""
        requests = list(self.session.requests.outgoing)
        self.session.requests.outgoing.clear()
        for request in requests:
            value = self.returns.get(request.name, 0)
            self.refused += self.session.returned(request, value, self.now)
        return requests

    def names(self) -> list[str]:
        return [request.name for request in self.sent()]

    def callback(
        self,
        name: str,
        fields: Fields | None = None,
        *,
        code: int = 0,
        message: str = "",
        request: int = 0,
        last: bool = True,
        kind: Any = "trader",
    ) -> list[Report]:
        """Delivers one callback; gives the reports that the session makes of it."""
        self._sequence += 1
        error = {"ErrorID": code, "ErrorMsg": message} if code else None
        api = self.session.trader_api if kind == "trader" else self.session.market_api
        return self.receive(
            Callback(api, kind, self.now, self._sequence, name, fields, error, request_id=request, last=last)
        )

    def receive(self, callback: Callback) -> list[Report]:
        return self.session.receive(callback)

    def up(self) -> None:
        """Makes the API object and its connection."""
        if self.session.connection.state == "absent":
            self.session.create(self.now)
        self.callback("OnFrontConnected")

    def log_in(self, session_id: int = 100, *, max_order_ref: str = "1") -> None:
        """Answers a whole login, from the connection to the settlement's confirmation."""
        self.up()
        self.callback("OnRspAuthenticate")
        answer = {"FrontID": 1, "SessionID": session_id, "MaxOrderRef": max_order_ref, "TradingDay": "20261123"}
        self.callback("OnRspUserLogin", answer)
        self.callback("OnRspSettlementInfoConfirm")
        self.sent()


def logged_in(**options: Any) -> Feed:
    """A session that is ready."""
    feed = Feed(**options)
    feed.log_in()
    return feed


def order_report(status: str, traded: int = 0, **fields: Any) -> Fields:
    """An OnRtnOrder of two lots of rb2705, reference 2 of the session 100, as the venue would report it."""
    known: Fields = {
        "FrontID": 1,
        "SessionID": 100,
        "OrderRef": "2",
        "InstrumentID": "rb2705",
        "ExchangeID": "SHFE",
        "TraderID": "seat",
        "OrderLocalID": "           7",
        "Direction": "0",
        "OrderStatus": status,
        "OrderSubmitStatus": "0" if status == "a" else "3",
        "VolumeTotalOriginal": 2,
        "VolumeTraded": traded,
        "VolumeTotal": 2 - traded,
        "InsertTime": "09:00:00",
    }
    if status != "a":
        known["OrderSysID"] = "          55"
    return {**known, **fields}


def trade_report(volume: int, number: str = "1", **fields: Any) -> Fields:
    """An OnRtnTrade of that order."""
    known: Fields = {
        "InstrumentID": "rb2705",
        "ExchangeID": "SHFE",
        "TraderID": "seat",
        "OrderLocalID": "           7",
        "OrderSysID": "          55",
        "OrderRef": "2",
        "TradeID": number,
        "Direction": "0",
        "OffsetFlag": "0",
        "Price": 3150.0,
        "Volume": volume,
        "TradeTime": "09:00:00",
    }
    return {**known, **fields}


def buy_two() -> Fields:
    """An InputOrder for two lots of rb2705."""
    return {
        "InstrumentID": "rb2705",
        "ExchangeID": "SHFE",
        "Direction": "0",
        "CombOffsetFlag": "0",
        "VolumeTotalOriginal": 2,
        "LimitPrice": 3150.0,
    }
