"""The CTP API object as a program sees it: return codes, reconnecting, heartbeats, and what the flow files hold.

States of the connection, as measured on 6.7.11 (BEHAVIOUR 1.4):

    created ──Init──▶ trying ──────────▶ connected ──────▶ trying …
                      every second,      OnFrontConnected  OnFrontDisconnected(reason), at once
                      for ever, silently

A refused attempt gives no callback. Where nothing can come of an attempt (the path is cut, the front is down) none is
arranged; the next one falls on the second at which the API would have tried again.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

from attrs import define, field

from ctpscen.ctp.codes import DisconnectReason, Returned, is_query
from ctpscen.ctp.messages import Callback, Fields, Port, Request
from ctpscen.ctp.schema.api import ApiKind
from ctpscen.ctp.times import SECOND
from ctpscen.simulator.wire.interference import Arrival
from ctpscen.simulator.wire.path import Connection, Path, Server
from ctpscen.simulator.world import Event, World

RETRY_INTERVAL = SECOND
HEARTBEAT_FROM_FRONT = 53 * SECOND
HEARTBEAT_WARNING = 61 * SECOND
HEARTBEAT_TIMEOUT = 121 * SECOND


class Front(Server, Protocol):
    """What an API object connects to."""

    waiting: list["ApiObject"]

    def can_be_reached(self, client: "ApiObject", /) -> bool:
        """Whether a process is there that an API object could connect to."""

    def opened(self, connection: Connection) -> None:
        """The connection has reached the front."""

    def receive(self, connection: Connection, request: Request) -> None:
        """A request has arrived."""

    def refuse(self, connection: Connection, request: Request, code: int) -> None:
        """A request has arrived, and is refused whatever it is."""


@define(eq=False, repr=False)
class Flow:
    """What the .con files of one flow path hold: how much of each stream has been received, and of which day.

    `private` and `public` are the positions up to which everything was received. Where the scenario keeps a report
    back, those that overtake it are remembered besides, so that RESUME brings what is missing and nothing twice.
    """

    trading_day: str = ""
    private: int = 0
    public: int = 0
    ahead: set[tuple[str, int]] = field(factory=set)

    def begin(self, trading_day: str) -> None:
        """A new day's sequences start from the beginning."""
        if self.trading_day != trading_day:
            self.trading_day = trading_day
            self.private = self.public = 0
            self.ahead.clear()

    def received(self, stream: str, position: int) -> None:
        reached: int = getattr(self, stream)
        if position > reached + 1:
            self.ahead.add((stream, position))
            return
        reached = max(reached, position)
        while (stream, reached + 1) in self.ahead:
            reached += 1
            self.ahead.discard((stream, reached))
        setattr(self, stream, reached)


@define(eq=False, repr=False)
class ApiObject:
    """One API object. Everything that a program may call is in `call`. `addresses` counts the fronts registered."""

    world: World
    path: Path
    front: Front
    port: Port
    id: int
    kind: ApiKind
    flow: Flow
    wants_ticks: Callable[[str], bool]
    private_mode: int = 0
    public_mode: int = 0
    addresses: int = 0
    connection: Connection | None = None
    trading_day: str = "19800100"
    _first_try: int = 0
    _attempt: Event | None = None
    _handshaking: Connection | None = None
    _silence: list[Event] = field(factory=list)
    _last_heard: int = 0
    _sequence: int = 0
    _query: int | None = None
    _initialised: bool = False
    _released: bool = False

    # ---------------------------------------------------------------------------------------------- being called

    def call(self, request: Request) -> int | str:
        """Any function of the API but its creation."""
        assert not self._released, "an API object is not used after its Release"
        handler = _CALLS.get(request.name)
        return handler(self, request) if handler else self._request(request)

    def _request(self, request: Request) -> int:
        """A Req… or Subscribe… function: handed to the front, or refused on the spot."""
        if self.connection is None:
            return Returned.NOT_CONNECTED
        if is_query(request.name):
            if self._query is not None:
                return Returned.UNANSWERED_QUERY
            self._query = request.request_id
        if self.path.injection is None:
            self.hand_over(self.connection, request)
        else:
            self.path.injection.send(self, self.connection, request)
        return 0

    def hand_over(self, connection: Connection, request: Request) -> None:
        """Sends a request on its way to the front."""
        self.path.up(connection, self.front.receive, connection, request)

    def have_refused(self, connection: Connection, request: Request, code: int) -> None:
        """Sends a request on its way to a front that will refuse it."""
        self.path.up(connection, self.front.refuse, connection, request, code)

    def _init(self, _: Request) -> int:
        self._initialised = True
        self._first_try = self.world.now
        self.path.clients.append(self)
        self._try_at(self.world.now)
        return 0

    def _subscribe_private(self, request: Request) -> int:
        if not self._initialised:  # later calls are ignored: BEHAVIOUR 1.2
            self.private_mode = (request.fields or {})["nResumeType"]
        return 0

    def _subscribe_public(self, request: Request) -> int:
        if not self._initialised:
            self.public_mode = (request.fields or {})["nResumeType"]
        return 0

    def _register_front(self, _: Request) -> int:
        self.addresses += 1
        return 0

    def _nothing(self, _: Request) -> int:
        return 0

    def _get_trading_day(self, _: Request) -> str:
        return self.trading_day

    def _release(self, _: Request) -> int:
        """Ends the connection without a callback: BEHAVIOUR 1.7."""
        connection, self.connection = self.connection or self._handshaking, None
        self._released = True
        self._cancel_timers()
        if self in self.path.clients:
            self.path.clients.remove(self)
        if self in self.front.waiting:
            self.front.waiting.remove(self)
        if connection is not None:
            self.path.drop(connection, DisconnectReason.READ_FAILED)
        return 0

    # ----------------------------------------------------------------------------------------------- connecting

    def _try_at(self, time: int) -> None:
        if self._attempt is None and not self._released:
            self._attempt = self.world.at(time, self._try)

    def _next_try(self) -> int:
        """The next whole number of retry intervals after the first attempt."""
        passed = self.world.now - self._first_try
        return self._first_try + -(-passed // RETRY_INTERVAL) * RETRY_INTERVAL

    def _try(self) -> None:
        self._attempt = None
        if not self.front.can_be_reached(self):
            self.front.waiting.append(self)
        elif self.path.carries:
            connection = self.path.connect(self, self.front)
            self._handshaking = connection
            self.path.up(connection, self._reached, connection)

    def _reached(self, connection: Connection) -> None:
        """The handshake is at the front, and goes back."""
        if connection.open:
            self.front.opened(connection)
            self.path.down(connection, self._connected, connection)

    def _connected(self, connection: Connection) -> None:
        self._handshaking, self.connection = None, connection
        self._last_heard = self.world.now
        self._deliver("OnFrontConnected")
        if self.path.is_quiet:
            self._listen_in_vain()

    def path_changed(self) -> None:
        if self.path.is_quiet:
            self._listen_in_vain()
            return
        self._cancel_silence()
        self.front_changed()

    def front_changed(self) -> None:
        """What kept the API from connecting may be gone."""
        if self.connection is None and self._handshaking is None:
            self._try_at(self._next_try())

    def lost(self, reason: int) -> None:
        """The connection broke."""
        was_connected, self.connection, self._handshaking = self.connection is not None, None, None
        self._query = None
        self._cancel_silence()
        if self._released:
            return
        if was_connected:
            self.world.send(self.world.now, self._deliver, "OnFrontDisconnected", {"nReason": reason})
        self._first_try = self.world.now + RETRY_INTERVAL
        self._try_at(self._first_try)

    # ----------------------------------------------------------------------------------------------- heartbeats

    def _listen_in_vain(self) -> None:
        """Arranges for what the API does when it hears nothing any more."""
        if self.connection is None or self._silence:
            return
        quiet = self.world.now - self._last_heard
        heard = self._last_heard + quiet // HEARTBEAT_FROM_FRONT * HEARTBEAT_FROM_FRONT
        self._silence = [
            self.world.at(heard + HEARTBEAT_WARNING, self._deliver, "OnHeartBeatWarning", {"nTimeLapse": 61}),
            self.world.at(heard + HEARTBEAT_TIMEOUT, self._give_up),
        ]

    def _give_up(self) -> None:
        if self.connection is not None:
            self.path.drop(self.connection, DisconnectReason.RECEIVE_TIMEOUT)

    def _cancel_silence(self) -> None:
        for event in self._silence:
            self.world.cancel(event)
        self._silence.clear()

    def _cancel_timers(self) -> None:
        self._cancel_silence()
        if self._attempt is not None:
            self.world.cancel(self._attempt)
            self._attempt = None

    # -------------------------------------------------------------------------------------------- being answered

    def arrive(
        self,
        name: str,
        fields: Fields | None,
        error: Fields | None = None,
        request_id: int = 0,
        last: bool = True,
    ) -> None:
        """A message from the front."""
        self._last_heard = self.world.now
        deliver = partial(self._answered, self.connection, name, fields, error, request_id, last)
        self._meet(Arrival(name, deliver, _nothing_kept))

    def _answered(
        self,
        connection: Connection | None,
        name: str,
        fields: Fields | None,
        error: Fields | None,
        request_id: int,
        last: bool,
    ) -> None:
        if connection is not self.connection:
            return
        if self._query == request_id and last and request_id:
            self._query = None
        if name == "OnRspUserLogin" and fields is not None and not (error and error["ErrorID"]):
            self.trading_day = fields.get("TradingDay", self.trading_day)
        self._deliver(name, fields, error, request_id, last)

    def arrive_from_stream(self, stream: str, position: int, name: str, fields: Fields, error: Fields | None) -> None:
        """A message of the private or the public stream; the flow files take note of its position."""
        self._last_heard = self.world.now
        use_up = partial(self.flow.received, stream, position)
        deliver = partial(self._streamed, self.connection, use_up, name, fields, error)
        self._meet(Arrival(name, deliver, use_up))

    def _meet(self, arrival: Arrival) -> None:
        """A message meets what the plan does to it, and then what the scenario does."""
        if self.path.injection is not None and self.connection is not None:
            self.path.injection.arrive(self.path, self.connection, arrival)
        else:
            self.path.interference.meet(arrival)

    def _streamed(
        self,
        connection: Connection | None,
        use_up: Callable[[], object],
        name: str,
        fields: Fields,
        error: Fields | None,
    ) -> None:
        if connection is self.connection:
            use_up()
            self._deliver(name, fields, error)

    def forget_query(self) -> None:
        """Lets the next query go although the one before has no answer."""
        self._query = None

    def _deliver(
        self,
        name: str,
        fields: Fields | None = None,
        error: Fields | None = None,
        request_id: int = 0,
        last: bool = True,
    ) -> None:
        if self._released:
            return
        self._sequence += 1
        self.port.deliver(
            Callback(self.id, self.kind, self.world.now, self._sequence, name, fields, error, request_id, last)
        )


_CALLS: Mapping[str, Callable[[ApiObject, Request], int | str]] = {
    "RegisterFront": ApiObject._register_front,
    "RegisterSpi": ApiObject._nothing,
    "SubscribePrivateTopic": ApiObject._subscribe_private,
    "SubscribePublicTopic": ApiObject._subscribe_public,
    "Init": ApiObject._init,
    "Release": ApiObject._release,
    "GetTradingDay": ApiObject._get_trading_day,
}


@define(eq=False, repr=False)
class Host:
    """The client's machine: its API objects, its flow files, and a path to each of the two fronts.

    `wants_ticks` says whether quotes of an instrument are wanted that bring no other prices: who has subscribed for
    the newest prices alone is spared them.
    """

    world: World
    paths: Mapping[ApiKind, Path]
    port: Port
    fronts: Mapping[ApiKind, Front]
    wants_ticks: Callable[[str], bool] = lambda _: True
    apis: dict[int, ApiObject] = field(factory=dict)
    flows: dict[str, Flow] = field(factory=dict)

    @property
    def keeps_reports_back(self) -> bool:
        """Whether the scenario's own faults still hold reports."""
        return any(path.interference.keeps_back for path in self.paths.values())

    def call(self, request: Request) -> int | str:
        """Any function of either API. Raises KeyError for an API object that was never made."""
        if request.name in ("CreateFtdcTraderApi", "CreateFtdcMdApi"):
            flow = self.flows.setdefault((request.fields or {}).get("pszFlowPath", ""), Flow())
            front = self.fronts[request.kind]
            path = self.paths[request.kind]
            api = ApiObject(self.world, path, front, self.port, request.api, request.kind, flow, self.wants_ticks)
            self.apis[request.api] = api
            return 0
        returned = self.apis[request.api].call(request)
        if request.name == "Release":
            del self.apis[request.api]
        return returned


def _nothing_kept() -> None:
    """What no flow file knows of."""
