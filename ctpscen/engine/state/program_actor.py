"""A program under test as an actor: what it asks, is told, writes, and how it ends, in one inbox.

The client watches here instead of driving: the same books that a session keeps are kept of the program's traffic, so
that orders, trades and positions mean for it what they mean for a session. Each of its logins has books of its own;
where none is named, the first is meant, that of its first trader API object.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

from attrs import define, field, frozen

from ctpscen.client.books.books import Books
from ctpscen.client.books.orders import Order, Orders, key_of
from ctpscen.client.books.reports import Login, Report
from ctpscen.client.queries import Query
from ctpscen.ctp.messages import Callback, Fields, Request
from ctpscen.ctp.reports import kind_of_call
from ctpscen.engine.state.actors import Actor, report_of_call
from ctpscen.engine.state.waits import Waiting, nothing
from ctpscen.language.text.source import Span

TAIL = 12
"""So many of its last lines are shown where a program has ended badly."""


@frozen
class ProgramTexts:
    """`folder` is None where the item names none; `logs` are glob patterns below the program's own folder."""

    command: tuple[str, ...]
    folder: Path | None
    logs: tuple[str, ...]
    variables: Mapping[str, str]
    stand_in: str


@define(eq=False)
class _Beside:
    """A trader API object beside the first, and the books of its login."""

    login: Login
    books: Books


class CannotBeStarted(Exception):
    """A program that cannot be started; the text says what is wrong and what would help."""


class RunningProgram(Protocol):
    """The program itself, as an environment runs it."""

    @property
    def is_running(self) -> bool: ...

    def start(self) -> None:
        """Starts it. Raises CannotBeStarted."""

    def terminate(self) -> None: ...
    def kill(self) -> None: ...
    def type(self, line: str, /) -> bool: ...

    def explain(self) -> str:
        """Why it has made no API object; '' where it has made one."""


@define(eq=False, repr=False, kw_only=True)
class ProgramActor(Actor):
    """`process` is the program, `declared_at` where its item stands, `killed` says that a step has ended it.

    `ask_venue` gives the rows of an answer out of the venue's own books; where nobody can look into them, `observer`
    gives a session of the same account that asks.
    """

    is_program: ClassVar[bool] = True

    process: RunningProgram
    declared_at: Span
    ask_venue: Callable[[str, Fields], Sequence[Fields]]
    observer: Callable[[], Actor] | None = None
    started: int = 0
    killed: bool = False
    last_lines: list[str] = field(factory=list)
    exit: Report | None = None
    user: str = ""
    _trader: int = 0
    _beside: dict[int, _Beside] = field(factory=dict)
    _made: list[Report] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.call_watchers = self.watchers  # its calls are reports like any other

    def begin(self) -> None:
        """Starts it. Raises CannotBeStarted."""
        self.started += 1
        self.killed, self.exit = False, None
        self.process.start()

    def calls_of(self, name: str) -> list[Report]:
        return [report for report in self._made if report.name == name]

    @property
    def has_ended(self) -> bool:
        """Whether it was started, and runs no more."""
        return self.started > 0 and not self.process.is_running and self.exit is not None

    def notes(self) -> list[str]:
        if not self.started:
            return [f"{self.name} has not been started"]
        why = self.process.explain()
        return [*([f"{self.name}: {why}"] if why else []), *(self.tail() if self.has_ended else [])]

    def tail(self) -> list[str]:
        """The last of what it wrote, as notes of a failure."""
        return [f"it wrote last: {line}" if index == 0 else f"  {line}" for index, line in enumerate(self.last_lines)]

    def ask(self, name: str, fields: Fields, deadline: int) -> Waiting:
        """An answer out of the venue's own books, or an observer's: the program is not made to ask."""
        if self.observer is not None:
            return (yield from self.observer().ask(name, fields, deadline))
        yield from nothing()
        query = Query(name, fields)
        query.rows, query.done = list(self.ask_venue(name, fields)), True
        return query

    # ----------------------------------------------------------------------------------------------- what it did

    def called(self, request: Request, returned: int | str) -> None:
        """Takes a call of an API function that has returned."""
        self.journal.call(self.name, request, returned)
        if request.kind == "trader":
            self._enter(request, returned)
        else:
            self._show(request, returned, None)
        self.changed()

    def books_of(self, user: str) -> Books:
        """The books of a login; empty ones where there is none."""
        if user == self.user:
            return self.books
        known = [each.books for each in self._beside.values() if each.login.user == user]
        return known[-1] if known else Books()

    def is_of_login(self, report: Report, user: str) -> bool:
        return user == (self.user if report.login is None else report.login.user)

    def _side(self, request: Request) -> _Beside | None:
        """The API object that a call is of, if it is not the first."""
        if request.name == "CreateFtdcTraderApi":
            if self.books.connection.state == "absent":
                self._trader = request.api
            else:
                books = Books(numbering=self.books.numbering)
                self._beside[request.api] = _Beside(Login(books.orders), books)
        side, user = self._beside.get(request.api), (request.fields or {}).get("UserID", "")
        if request.name in ("ReqAuthenticate", "ReqUserLogin") and user:
            if side is None:
                self.user = self.user or user
            elif not side.login.user:
                self._name(side, user)
        return side

    def _name(self, side: _Beside, user: str) -> None:
        """A login says who it is; what an earlier API object of the same knew, it goes on with."""
        before = self.books_of(user)
        side.books.orders, side.books.positions = before.orders, before.positions
        side.login.orders, side.login.user = before.orders, user

    def _enter(self, request: Request, returned: int | str) -> None:
        """A call of a trader API object."""
        side = self._side(request)
        books, order = self.books if side is None else side.books, None
        code = returned if isinstance(returned, int) else 0
        if request.name == "ReqOrderInsert":
            order = books.inserted(request)
        elif request.name == "ReqOrderAction":
            order = _order_of(books.orders, request.fields or {})
            if order is not None:
                books.canceled(request, order)
        else:
            books.called(request)
            books.asked(request)
        self._show(request, returned, order, side)
        for report in books.returned(request, code, self.clock.now):
            self._report_of(side, report)

    def _report_of(self, side: _Beside | None, report: Report) -> None:
        report.login = None if side is None else side.login
        self.report(report)

    def _show(self, request: Request, returned: int | str, order: Order | None, side: _Beside | None = None) -> None:
        if kind_of_call(request.name) is None:
            return
        connection = (self.books if side is None else side.books).connection.number
        report = report_of_call(request, returned, connection, self.books.next_number())
        report.order, report.login = order, None if side is None else side.login
        self._made.append(report)
        self.report(report)

    # ------------------------------------------------------------------------------------------ what it was told

    def deliver(self, callback: Callback) -> None:
        """Takes a callback that the program's code is being given."""
        side = self._beside.get(callback.api)
        books = self.books if side is None else side.books
        number = books.connection.number + (callback.name == "OnFrontConnected" and callback.kind == "trader")
        entry = self.journal.callback(self.name, callback, number)
        if callback.kind == "trader":
            for report in books.receive(callback):
                if report.name == callback.name:
                    entry["replayed"], entry["number"] = report.replayed, report.number
                self._report_of(side, report)
            logged_in = side is None and callback.name == "OnRspUserLogin" and books.connection.reached("logged_in")
            if logged_in and self.first_positions is None and self.observer is None:
                self.note_first_positions(list(self.ask_venue("ReqQryInvestorPosition", {})))
        else:
            self._show_callback(callback, number)
        self.changed()

    def _show_callback(self, callback: Callback, connection: int) -> None:
        fields, error = callback.fields or {}, callback.error or {}
        if callback.name == "OnRtnDepthMarketData":
            self.books.quotes[fields.get("InstrumentID", "")] = fields
        self.report(
            Report(
                number=self.books.next_number(),
                name=callback.name,
                fields=callback.fields,
                error=callback.error,
                at=callback.time,
                connection=connection,
                request_id=callback.request_id,
                code=error.get("ErrorID", 0),
                message=error.get("ErrorMsg", ""),
                market=callback.kind == "market",
            )
        )

    # ----------------------------------------------------------------------------------- what else it is known by

    def wrote(self, time: int, stream: str, text: str) -> None:
        """Takes a line of its output, or of one of its log files."""
        self.journal.add("line", time, session=self.name, stream=stream, text=text)
        self.last_lines = [*self.last_lines, text][-TAIL:]
        self._own("line", time, {"text": text, "stream": stream})

    def ended(self, time: int, code: int | None, by: str | None) -> None:
        """Takes the end of its process; what it had of the API is gone with it."""
        self.journal.add("exit", time, session=self.name, code=code, signal=by, killed=self.killed)
        for books in (self.books, *(each.books for each in self._beside.values())):
            if books.connection.state != "absent":
                books.connection.happen("release")
        self.exit = self._own("exit", time, {"code": code, "signal": by})

    def misused(self, time: int, text: str) -> None:
        """Takes what the real library would have punished."""
        self.journal.add("hazard", time, session=self.name, text=text)
        self._own("hazard", time, {"text": text})

    def _own(self, name: str, time: int, words: dict[str, Any]) -> Report:
        number, connection = self.books.next_number(), self.books.connection.number
        report = Report(number, name, None, None, time, connection, words=words)
        self.report(report)
        self.changed()
        return report

    def bad_end(self) -> str:
        """How it ended where it should not have, and nobody expected it; '' where all is well."""
        report = self.exit
        if report is None or self.killed or not self.inbox.has(report) or report.words is None:
            return ""
        code, by = report.words["code"], report.words["signal"]
        if by is not None:
            return f"{self.name} was ended by {by}"
        return f"{self.name} ended with exit code {code}" if code else ""


def _order_of(orders: Orders, fields: Fields) -> Order | None:
    """The order that a cancel names, by either of its keys."""
    if found := orders.by_key.get(key_of(fields)):
        return found
    return orders.by_sys_id(fields.get("ExchangeID", ""), fields.get("OrderSysID", ""))
