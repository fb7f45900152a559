"""The market-data front (BEHAVIOUR 8): login without authentication, a snapshot on subscribing, then changes at most
twice a second.

A change is sent at the end of the half second in which it happened. Where a contract is traded continuously and a
program listens, others trade in it in every half second (14.2): the volume grows, the price stands. So nothing is
arranged while nothing changes and nobody listens.
"""

from collections.abc import Iterator, Mapping

from attrs import define, field

from ctpscen.ctp.codes import DisconnectReason
from ctpscen.ctp.errors import rsp_info
from ctpscen.ctp.messages import Fields, Request
from ctpscen.ctp.terms.products import is_quoted
from ctpscen.ctp.times import MILLISECOND, clock_text
from ctpscen.simulator.counter.core import Core
from ctpscen.simulator.front.quotes import pushed
from ctpscen.simulator.terms.contracts import Contract
from ctpscen.simulator.wire.api import ApiObject
from ctpscen.simulator.wire.path import Connection
from ctpscen.simulator.world import World

SLICE = 500 * MILLISECOND

_NO_ERROR = {"ErrorID": 0, "ErrorMsg": "CTP:No Error"}


# The functions that begin and end to listen for inquiries, and their answers.
_INQUIRIES: Mapping[str, tuple[str, bool]] = {
    "SubscribeForQuoteRsp": ("OnRspSubForQuoteRsp", True),
    "UnSubscribeForQuoteRsp": ("OnRspUnSubForQuoteRsp", False),
}


@define(eq=False, repr=False)
class MarketSession:
    """A connection to the market front, and what it has subscribed to: quotes, and inquiries for them."""

    connection: Connection
    api: ApiObject
    logged_in: bool = False
    subscribed: dict[str, None] = field(factory=dict)
    inquiries: set[str] = field(factory=set)

    @property
    def ticking(self) -> Iterator[str]:
        """The instruments of which it wants every tick."""
        return filter(self.api.wants_ticks, self.subscribed)

    def send(self, name: str, fields: Fields | None, error: Fields | None = None, request_id: int = 0) -> None:
        path = self.api.path
        carry = path.stream if name == "OnRtnDepthMarketData" else path.down
        carry(self.connection, self.api.arrive, name, fields, error, request_id, True)


@define(eq=False, repr=False)
class MarketFront:
    """One market-data front process. Others trade in no contract of `still`, and in none with `is_still`."""

    world: World
    core: Core
    is_up: bool = True
    waiting: list[ApiObject] = field(factory=list)
    sessions: dict[int, MarketSession] = field(factory=dict)
    still: set[str] = field(factory=set)
    is_still: bool = False
    _changed: dict[str, Contract] = field(factory=dict)
    _slice_arranged: bool = False

    def can_be_reached(self, _: ApiObject) -> bool:
        return self.is_up

    def opened(self, connection: Connection) -> None:
        client = connection.client
        assert isinstance(client, ApiObject)
        self.sessions[id(connection)] = MarketSession(connection, client)

    def closed(self, connection: Connection) -> None:
        self.sessions.pop(id(connection), None)

    def receive(self, connection: Connection, request: Request) -> None:
        session = self.sessions.get(id(connection))
        if session is None:
            return
        fields = request.fields or {}
        if request.name == "ReqUserLogin":
            self._login(session, fields, request.request_id)
        elif request.name in _INQUIRIES:
            self._listen(session, *_INQUIRIES[request.name], fields["ppInstrumentID"])
        elif request.name == "SubscribeMarketData":
            self._subscribe(session, fields["ppInstrumentID"])
        elif request.name == "UnSubscribeMarketData":
            for instrument in fields["ppInstrumentID"]:
                session.subscribed.pop(instrument, None)
                session.send("OnRspUnSubMarketData", {"InstrumentID": instrument}, _NO_ERROR)
        else:
            session.send("OnRspError", None, rsp_info(77), request.request_id)

    def refuse(self, connection: Connection, request: Request, code: int) -> None:
        session = self.sessions.get(id(connection))
        if session is not None:
            session.send("OnRspError", None, rsp_info(code), request.request_id)

    def _login(self, session: MarketSession, fields: Fields, request_id: int) -> None:
        session.logged_in = True
        answer = {
            "TradingDay": self.core.trading_day,
            "LoginTime": clock_text(self.world.now),
            "BrokerID": fields.get("BrokerID", ""),
            "UserID": fields.get("UserID", ""),
        }
        session.send("OnRspUserLogin", answer, _NO_ERROR, request_id)

    def _subscribe(self, session: MarketSession, instruments: list[str]) -> None:
        """Every instrument is answered without error, known or not; one with a quote is sent at once."""
        if not session.logged_in:
            session.send("OnRspError", None, rsp_info(6))
            return
        for instrument in instruments:
            session.subscribed[instrument] = None
            session.send("OnRspSubMarketData", {"InstrumentID": instrument}, _NO_ERROR)
        for instrument in instruments:
            contract = self.core.contracts.get(instrument)
            if contract is not None and is_quoted(contract.product):
                session.send("OnRtnDepthMarketData", pushed(self.core, contract))
        if any(session.ticking):
            self._arrange_slice()

    def _listen(self, session: MarketSession, answer: str, listens: bool, instruments: list[str]) -> None:
        """Begins or ends to tell of inquiries for quotes; every instrument is answered without error."""
        if not session.logged_in:
            session.send("OnRspError", None, rsp_info(6))
            return
        for instrument in instruments:
            if listens:
                session.inquiries.add(instrument)
            else:
                session.inquiries.discard(instrument)
            session.send(answer, {"InstrumentID": instrument}, _NO_ERROR)

    def inquired(self, inquiry: Fields) -> None:
        """Somebody wants a quote; whoever listens for that hears of it at once."""
        for session in self.sessions.values():
            if inquiry["InstrumentID"] in session.inquiries:
                session.send("OnRtnForQuoteRsp", dict(inquiry))

    def changed(self, contract: Contract) -> None:
        """A market has moved; whoever subscribed hears of it with the next slice."""
        if not is_quoted(contract.product) or not any(
            contract.id in session.subscribed for session in self.sessions.values()
        ):
            return
        self._changed[contract.id] = contract
        self._arrange_slice()

    def phase_changed(self) -> None:
        """Trading may have begun somewhere."""
        if any(any(session.ticking) for session in self.sessions.values()):
            self._arrange_slice()

    def _arrange_slice(self) -> None:
        if not self._slice_arranged:
            self._slice_arranged = True
            self.world.at((self.world.now // SLICE + 1) * SLICE, self._send_slice)

    def _send_slice(self) -> None:
        self._slice_arranged = False
        changed, self._changed = self._changed, {}
        ticked = self._let_others_trade()
        for contract in {**changed, **ticked}.values():
            quote, has_moved = pushed(self.core, contract), contract.id in changed
            for session in self.sessions.values():
                if contract.id in session.subscribed and (has_moved or session.api.wants_ticks(contract.id)):
                    session.send("OnRtnDepthMarketData", dict(quote))
        if ticked:
            self._arrange_slice()

    def _let_others_trade(self) -> dict[str, Contract]:
        """Others trade in what is listened to; gives the contracts in which they did."""
        if self.is_still:
            return {}
        names = dict.fromkeys(name for session in self.sessions.values() for name in session.ticking)
        found = (self.core.contracts.get(name) for name in names if name not in self.still)
        return {
            contract.id: contract
            for contract in found
            if contract is not None and self.core.exchanges[contract.exchange].let_others_trade(contract)
        }

    def go_down(self) -> None:
        self.is_up = False
        self.drop_all()

    def drop_all(self) -> None:
        """Breaks every connection."""
        for session in list(self.sessions.values()):
            session.api.path.drop(session.connection, DisconnectReason.READ_FAILED)
        self.sessions.clear()

    def come_up(self) -> None:
        self.is_up = True
        waiting, self.waiting = self.waiting, []
        for client in waiting:
            client.front_changed()
