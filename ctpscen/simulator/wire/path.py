"""The network path between a client and its front.

A path has two ends: API objects on the client's side, the front on the other. It delays what passes by its latency
and keeps the order. When it is cut, the API sees the break at once (0x1001) and what the front had sent and had not
arrived is lost; what the client had sent before still reaches the front. When it is silent, everything is swallowed
and nobody is told. When it stalls, nothing moves until it is healed, and then all of it.
"""

from collections.abc import Callable
from typing import Any, Protocol

from attrs import define, field

from ctpscen.ctp.codes import DisconnectReason
from ctpscen.ctp.messages import Request
from ctpscen.ctp.times import MILLISECOND
from ctpscen.simulator.wire.interference import Arrival, Interference
from ctpscen.simulator.world import World


class Client(Protocol):
    """The client's end of a connection: an API object."""

    def lost(self, reason: int) -> None:
        """The connection broke; `reason` as in OnFrontDisconnected."""

    def path_changed(self) -> None:
        """The path carries again, or has become silent."""


class Server(Protocol):
    """The front's end."""

    def closed(self, connection: "Connection") -> None:
        """The client has gone, after everything that it had sent."""


class Sender(Protocol):
    """Who sends requests: an API object."""

    path: "Path"

    def forget_query(self) -> None:
        """Lets the next query go although the one before has no answer."""

    def hand_over(self, connection: "Connection", request: Request) -> None:
        """Sends a request on its way to the front."""

    def have_refused(self, connection: "Connection", request: Request, code: int) -> None:
        """Sends a request on its way to a front that will refuse it."""


class Interceptor(Protocol):
    """What a fault plan does to the messages of a path."""

    def send(self, sender: Sender, connection: "Connection", request: Request) -> None:
        """A request on its way to the front."""

    def arrive(self, path: "Path", connection: "Connection", arrival: Arrival) -> None:
        """A report at the client's end."""


@define(eq=False, repr=False)
class Connection:
    """One connection. `open` is the client's view; the front learns of the end a latency later."""

    client: Client
    server: Server
    open: bool = True
    last_up: int = 0
    last_down: int = 0


@define(eq=False, repr=False)
class Path:
    """The path of one session to the trading front or, with `market`, to the market front, shared by its API objects.

    Latencies are microseconds one way. What `injection` does to messages is no doing of the scenario's.
    """

    world: World
    session: str
    market: bool = False
    latency: int = MILLISECOND
    jitter: int = 0
    is_cut: bool = False
    is_silent: bool = False
    is_stalled: bool = False
    is_severed: bool = False
    connections: list[Connection] = field(factory=list)
    clients: list[Client] = field(factory=list)
    injection: Interceptor | None = None
    interference: Interference = field(init=False)
    _stuck: list[tuple[Connection, bool, Callable[..., object], tuple[Any, ...]]] = field(factory=list)
    _held: list[tuple[Connection, Callable[..., object], tuple[Any, ...]]] | None = None

    def __attrs_post_init__(self) -> None:
        self.interference = Interference(self.world, self.session, self.market)

    @property
    def carries(self) -> bool:
        return not (self.is_cut or self.is_severed or self.is_quiet)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing arrives although nothing has broken."""
        return self.is_silent or self.is_stalled

    def connect(self, client: Client, server: Server) -> Connection:
        connection = Connection(client, server)
        self.connections.append(connection)
        return connection

    def delay(self) -> int:
        """The latency of the next message, with its jitter."""
        if not self.jitter:
            return self.latency
        purpose = f"jitter {self.session} market" if self.market else f"jitter {self.session}"
        return self.latency + self.world.random(purpose).randint(0, self.jitter)

    def up(self, connection: Connection, action: Callable[..., object], *arguments: Any) -> None:
        """Carries a message to the front."""
        self._carry(connection, True, action, arguments, self.world.send)

    def down(self, connection: Connection, action: Callable[..., object], *arguments: Any) -> None:
        """Carries a message to the client; it is lost if the connection has broken by then."""
        self._carry(connection, False, self._arrive, (connection, action, arguments), self.world.send)

    def stream(self, connection: Connection, action: Callable[..., object], *arguments: Any) -> None:
        """Carries to the client what never ends, as quotes do not; nobody waits for it to have arrived."""
        self._carry(connection, False, self._arrive, (connection, action, arguments), self.world.at)

    def _arrive(self, connection: Connection, action: Callable[..., object], arguments: tuple[Any, ...]) -> None:
        if connection.open and not self.is_silent:
            action(*arguments)

    def _carry(
        self,
        connection: Connection,
        upwards: bool,
        action: Callable[..., object],
        arguments: tuple[Any, ...],
        arrange: Callable[..., object],
    ) -> None:
        if self.is_silent:
            return
        if self.is_stalled:
            self._stuck.append((connection, upwards, action, arguments))
            return
        arrival = self.world.now + (self.delay() if self.jitter else self.latency)
        if upwards:
            connection.last_up = arrival = max(arrival, connection.last_up)
        else:
            connection.last_down = arrival = max(arrival, connection.last_down)
        if self.injection is None:
            arrange(arrival, action, *arguments)
        else:
            arrange(arrival, self._pass, connection, action, arguments)

    def _pass(self, connection: Connection, action: Callable[..., object], arguments: tuple[Any, ...]) -> None:
        """Lets a message through, unless a planned fault holds all of them."""
        if self._held is None:
            action(*arguments)
        else:
            self._held.append((connection, action, arguments))

    # ------------------------------------------------------------------------- faults of the path, and their ends

    def hold_all(self) -> None:
        """Lets nothing through, either way, what is on its way included; nobody notices."""
        if self._held is None:
            self._held = []

    def hold(self, connection: Connection, action: Callable[..., object], *arguments: Any) -> None:
        """Holds a message that has arrived, before those that will."""
        assert self._held is not None
        self._held.append((connection, action, arguments))

    def let_through(self) -> None:
        """Lets through what was held, in its order; what was held when its connection broke never arrives."""
        held, self._held = self._held or [], None
        for connection, action, arguments in held:
            if connection.open:
                self.world.send(self.world.now, self._pass, connection, action, arguments)

    def sever(self) -> None:
        """Cuts the path by a planned fault, which no step heals."""
        self.is_severed = True
        self._break()

    def mend(self) -> None:
        """Ends what `sever` did."""
        if self.is_severed:
            self.is_severed = False
            for client in self.clients:
                client.path_changed()

    def cut(self) -> None:
        """Breaks every connection, and lets none be made."""
        self.is_cut = True
        self._break()

    def _break(self) -> None:
        for connection in list(self.connections):
            self.drop(connection, DisconnectReason.READ_FAILED)

    def silence(self) -> None:
        """Swallows everything from now on."""
        self.is_silent = True
        for client in self.clients:
            client.path_changed()

    def stall(self) -> None:
        """Keeps everything that is sent from now on."""
        self.is_stalled = True
        for client in self.clients:
            client.path_changed()

    def heal(self) -> None:
        self.is_cut = self.is_silent = self.is_stalled = False
        stuck, self._stuck = self._stuck, []
        for connection, upwards, action, arguments in stuck:
            if connection.open:
                self._carry(connection, upwards, action, arguments, self.world.send)
        for client in self.clients:
            client.path_changed()

    def drop(self, connection: Connection, reason: int) -> None:
        """Ends a connection: the client sees it now, the front after what was on its way."""
        if not connection.open:
            return
        connection.open = False
        self.connections.remove(connection)
        connection.client.lost(reason)
        arrival = max(self.world.now + self.latency, connection.last_up)
        self.world.at(arrival, connection.server.closed, connection)
