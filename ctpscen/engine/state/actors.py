"""A session at work: the client's state machine, the API behind it, and the inbox before it."""

from collections.abc import Callable
from typing import ClassVar, Protocol

from attrs import define, evolve, field

from ctpscen.client.books.books import PRIVATE, Books
from ctpscen.client.books.orders import Order
from ctpscen.client.books.positions import Position, by_instrument
from ctpscen.client.books.reports import Report
from ctpscen.client.session import Session
from ctpscen.ctp.messages import Api, Callback, Fields, Request
from ctpscen.ctp.times import spoken_duration
from ctpscen.engine.state.inbox import Inbox
from ctpscen.engine.state.journal import Journal
from ctpscen.engine.state.waits import Wait, Waiting


class Unanswered(Exception):
    """The front gave no answer; the text says why."""


class Clock(Protocol):
    """Whoever knows the time."""

    @property
    def now(self) -> int: ...


@define(eq=False, repr=False)
class Actor:
    """A port of the world: what is delivered goes to the session, what the session sends goes to the API.

    `watchers` are called with every report; `changed` after anything that a waiting step may want to look at.
    `caught_up` is false while a live session is still told what the day brought before, which is nothing to watch.
    `held_at_first` is what the venue held for it before it first connected, where a run is judged by that.
    """

    is_program: ClassVar[bool] = False

    session: Session
    clock: Clock
    journal: Journal
    changed: Callable[[], None]
    inbox: Inbox = field(factory=Inbox)
    watchers: list[Callable[[Report], None]] = field(factory=list)
    connected_once: bool = False
    caught_up: bool = True
    first_positions: dict[str, Position] | None = None
    held_at_first: dict[str, Position] | None = None
    sent: list[Order] = field(factory=list)
    first_book: dict[str, Position] = field(factory=dict)
    api: Api | None = None
    call_watchers: list[Callable[[Report], None]] = field(factory=list)
    _calls: list[tuple[Request, int | str]] = field(factory=list)

    @property
    def name(self) -> str:
        return self.session.name

    @property
    def books(self) -> Books:
        return self.session.books

    @property
    def has_ended(self) -> bool:
        """Whether nothing can come of it any more; a session has no end of its own."""
        return False

    def books_of(self, _: str) -> Books:
        """The books of one of several logins, by its UserID; a session has one alone."""
        return self.books

    def is_of_login(self, _: Report, __: str) -> bool:
        """Whether a report is of the login with that UserID, where there may be several."""
        return False

    def notes(self) -> list[str]:
        """What explains, where a report is missed, why nothing may have come."""
        return []

    def watch(self, watcher: Callable[[Report], None], *, calls: bool = False) -> None:
        """Shows somebody every report from now on, or every call of an API function."""
        (self.call_watchers if calls else self.watchers).append(watcher)

    def unwatch(self) -> None:
        """Shows nobody anything any more."""
        self.watchers.clear()
        self.call_watchers.clear()

    def deliver(self, callback: Callback) -> None:
        """Takes a callback of either API."""
        session = self.session
        link = session.market.connection if callback.kind == "market" else session.connection
        number = link.number + (callback.name == "OnFrontConnected")
        entry = self.journal.callback(session.name, callback, number)
        for report in session.receive(callback):
            if report.name == callback.name:
                entry["replayed"] = report.replayed
                entry["number"] = report.number
            self.report(report)
        self.flush()
        self.changed()

    def report(self, report: Report) -> None:
        """Puts a report into the inbox, and shows it to those that watch."""
        self.inbox.add(report)
        if not self.caught_up and report.name in PRIVATE:
            return
        for watcher in list(self.watchers):
            watcher(report)

    def flush(self) -> None:
        """Sends what the session has put out."""
        outgoing = self.session.requests.outgoing
        api = self.api
        assert api is not None
        while outgoing:
            request = outgoing.popleft()
            returned = api.call(request)
            self.journal.call(self.session.name, request, returned)
            self._calls.append((request, returned))
            for watcher in list(self.call_watchers):
                watcher(report_of_call(request, returned, self.books.connection.number))
            for report in self.session.returned(request, returned, self.clock.now):
                self.report(report)

    def calls_of(self, name: str) -> list[Report]:
        """Its calls of an API function so far."""
        number = self.books.connection.number
        return [report_of_call(request, returned, number) for request, returned in self._calls if request.name == name]

    def ask(self, name: str, fields: Fields, deadline: int) -> Waiting:
        """Asks the front and waits for the whole answer; gives the query. Raises Unanswered."""
        start, session = self.clock.now, self.session
        query = session.ask(name, fields, start)
        self.flush()
        came = yield Wait(lambda: query.done, deadline)
        if came and not query.code:
            return query
        session.queries.withdraw(query)
        if query.code:
            raise Unanswered(f"the front refused {name}: {query.code} {query.message}".rstrip())
        if not session.connection.reached("logged_in"):
            raise Unanswered(f"{name} was not answered: the session is not logged in")
        tried = f", asked {query.attempts} times" if query.attempts > 1 else ""
        raise Unanswered(f"{name} was not answered within {spoken_duration(deadline - start)}{tried}")

    def opened(self, instrument: str) -> Position:
        """What this run's own orders have traded in an instrument."""
        position = Position()
        for order in self.sent:
            for trade in order.trades.values():
                if trade.get("InstrumentID") == instrument:
                    position.trade(trade)
        return position

    def note_first_positions(self, rows: list[Fields]) -> None:
        """Takes what the front held at the first login, and what the trades reported by then add up to."""
        self.first_positions = by_instrument(rows)
        self.first_book = {instrument: evolve(position) for instrument, position in self.books.positions.items()}

    def take_disconnection(self, connection: int) -> None:
        """Takes the report that a connection broke."""
        self.inbox.take(
            report
            for report in self.inbox.waiting()
            if report.name == "OnFrontDisconnected" and report.connection == connection
        )

    def wake(self) -> None:
        """Does what the session had set a time for."""
        self.session.wake(self.clock.now)
        self.flush()


def report_of_call(request: Request, returned: int | str, connection: int, number: int = 0) -> Report:
    """A call of an API function as a report: the record that it was given, and what it returned."""
    return Report(
        number=number,
        name=request.name,
        fields=request.fields,
        error=None,
        at=request.time,
        connection=connection,
        request_id=request.request_id,
        market=request.kind == "market",
        words={"return_code": returned if isinstance(returned, int) else None, "request_id": request.request_id},
    )
