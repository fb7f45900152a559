"""A session at the trading front: its login, the numbers of its orders, and the streams that it follows."""

from collections.abc import Callable, Sequence

from attrs import define, field

from ctpscen.ctp.codes import ResumeType
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.times import MILLISECOND, SECOND
from ctpscen.simulator.counter.accounts import Account, Entry, Stream
from ctpscen.simulator.wire.api import ApiObject
from ctpscen.simulator.wire.path import Connection
from ctpscen.simulator.world import World

ROWS_AT_A_TIME, ROWS_TAKE = 1_000, 120 * MILLISECOND
"""The pace of an answer: SimNow gives out 17,000 contracts in two seconds (BEHAVIOUR 14.1)."""


@define(eq=False, repr=False)
class FrontSession:
    """A connection from the front's side, and the login on it."""

    connection: Connection
    api: ApiObject
    front_id: int
    session_id: int
    account: Account | None = None
    authenticated: bool = False
    is_gone: bool = False
    last_query: int | None = None
    last_references: dict[str, int] = field(factory=dict)
    product_info: str = ""
    logged_in_at: int = 0
    login_answered_at: int = 0
    _second: int = 0
    _taken: int = 0
    _listeners: list[tuple[Stream, Callable[[int, Entry], None]]] = field(factory=list)

    @property
    def owner(self) -> Account:
        """The account that is logged in, in what only a login may ask for."""
        assert self.account is not None
        return self.account

    def respond(
        self, name: str, fields: Fields | None, error: Fields | None, request_id: int, last: bool = True
    ) -> None:
        """Sends an answer."""
        self.api.path.down(self.connection, self.api.arrive, name, fields, error, request_id, last)

    def respond_with_rows(
        self, world: World, name: str, rows: Sequence[Fields], error: Fields | None, request_id: int, begin: int = 0
    ) -> None:
        """Sends rows from one on, so many at a time: an answer of many takes its time."""
        end = min(begin + ROWS_AT_A_TIME, len(rows))
        for index in range(begin, end):
            self.respond(name, rows[index], error, request_id, index == len(rows) - 1)
        if end < len(rows) and not self.is_gone:
            world.send(world.now + ROWS_TAKE, self.respond_with_rows, world, name, rows, error, request_id, end)

    def turn(self, now: int, most: int) -> int:
        """When a request that has arrived now is taken, if no more than so many are in a second."""
        if now // SECOND > self._second:
            self._second, self._taken = now // SECOND, 0
        elif self._taken >= most:
            self._second, self._taken = self._second + 1, 0
        self._taken += 1
        return max(now, self._second * SECOND)

    def next_reference(self, reference: str, name: str = "OrderRef") -> str | None:
        """The OrderRef of a new order, given by CTP where it is empty; None where it does not grow (BEHAVIOUR 7).

        Each kind of reference, the ExecOrderRef for one, counts by itself.
        """
        last = self.last_references.get(name, -1)
        if reference == "":
            self.last_references[name] = number = max(last, 0) + 1
            return f"{number:>12}"
        number = int(reference) if reference.strip().isdigit() else 0
        if number <= last:
            return None
        self.last_references[name] = number
        return reference

    def follow(self, stream: Stream, name: str, mode: int, trading_day: str) -> None:
        """Sends what the mode asks for of a stream, and everything new from now on."""
        if mode == ResumeType.NONE:
            return
        flow = self.api.flow
        flow.begin(trading_day)
        end = len(stream.entries)
        start = {ResumeType.RESTART: 0, ResumeType.RESUME: getattr(flow, name), ResumeType.QUICK: end}[mode]
        if mode == ResumeType.QUICK:
            setattr(flow, name, start)

        def send(position: int, entry: Entry) -> None:
            self.api.path.down(
                self.connection, self.api.arrive_from_stream, name, position, entry.name, entry.fields, entry.error
            )

        for position, entry in enumerate(stream.entries[start:], start + 1):
            if mode != ResumeType.RESUME or (name, position) not in flow.ahead:
                send(position, entry)
        stream.listeners.append(send)
        self._listeners.append((stream, send))

    def leave(self) -> None:
        """Ends the login."""
        for stream, send in self._listeners:
            stream.listeners.remove(send)
        self._listeners.clear()
        if self.account is not None:
            self.account.sessions.remove(self)
            self.account = None
