"""The journal: the only record of a run, from which every report is made.

One event is one dict with an `event`, a `time` (microseconds by the trading clock, but for the header's) and what
belongs to that event. Values are what JSON knows; secrets are masked as they are written down. What would differ
between two runs with the same seed stands in `environment`, which comparison leaves out.

    scenario   title, file, line, tags, row, cells, seed, plan    the head; `cells` are the row's, as written;
                                                                  `live` is there where time was the wall's,
                                                                  `repetition` where it is not the first (from 0)
    step       text, file, line, actor, depth                     a step begins
    end        outcome, waited                                    a step that took time, or failed, is over
    call       session, api, name, fields, request, returned      a function of the API was called
    callback   session, api, name, fields, error, request, last, connection, number, replayed
    account    sessions, money, held                              what the venue holds of the account of these
                                                                  sessions has changed: fields of TradingAccount, and
                                                                  lots by instrument, long and short, each today's
                                                                  and yesterday's
    fault      fault, and the fields of that record               the scenario's own doing to the wire or the venue,
                                                                  what came of it, and what faults did when they struck
                                                                  (`ctp.commands`)
    note       text                                               what the engine did that no step says
    log        text                                               `log`
    line       session, stream, text                              a program under test wrote a line
    exit       session, code, signal, killed                      a program ended
    hazard     session, text                                      a program misused the library
    typed      session, text                                      a line for the standard input of a program
    prompt     session, text                                      what the person at the program was asked to do
    soft       a failure that did not end the scenario
    verdict    verdict, reason, diagnostic                        the end
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from attrs import define, field

from ctpscen.ctp.commands.record import Done, Record
from ctpscen.ctp.messages import Callback, Fields, Request, mask
from ctpscen.language.meaning.program import Program, Scenario
from ctpscen.language.text.diagnostics import Located

SCHEMA = 2

Event = dict[str, Any]


class Masker(Protocol):
    """Whatever knows what is not to be shown."""

    def mask(self, value: Any, /) -> Any:
        """A value as it may be shown."""

    def source(self, text: str, /) -> str:
        """A scenario's text as it may be shown, of equal length."""


@define(eq=False, repr=False)
class Journal:
    """A growing list of events.

    `masker` hides what a live run must not show, wherever an event has it. `sink` is handed each event once it will not
    be completed any more, which is when the next one begins or when `settle` says so. With `faults_alone` it keeps
    the faults, by which a run is judged, and of the other events how many there were. `accounts_moved` says that
    something was noted that may have changed what the venue holds of an account.
    """

    events: list[Event] = field(factory=list)
    sink: Callable[[Event], None] | None = None
    masker: Masker | None = None
    faults_alone: bool = False
    accounts_moved: bool = True
    _passed_over: int = 0
    _settled: int = 0

    @property
    def wants_accounts(self) -> bool:
        """Whether what the venue holds may have changed since that was noted."""
        return self.accounts_moved and not self.faults_alone

    @property
    def length(self) -> int:
        """How many events there were."""
        return self._passed_over + len(self.events)

    def _append(self, entry: Event) -> Event:
        for name, value in entry.items():
            if type(value) not in _PLAIN:
                entry[name] = plain(value)
        return self._keep(entry)

    def _keep(self, entry: Event) -> Event:
        """Keeps an event whose values are what JSON knows."""
        if self.masker is not None:
            entry = self.masker.mask(entry)
        self.settle()
        self.events.append(entry)
        return entry

    def settle(self) -> None:
        """Hands over the newest event, which is complete."""
        if self.sink is not None and self._settled < len(self.events):
            self._settled = len(self.events)
            self.sink(self.events[-1])

    def shown(self, text: str) -> str:
        """A text of the run as it may be shown."""
        return text if self.masker is None else str(self.masker.mask(text))

    def _pass_over(self) -> Event:
        self._passed_over += 1
        return {}

    def add(self, event: str, time: int, **more: Any) -> Event:
        if self.faults_alone:
            return self._pass_over()
        return self._append({"event": event, "time": time, **more})

    def begin(
        self,
        time: int,
        program: Program,
        scenario: Scenario,
        row: int | None,
        file: str,
        seed: int,
        plan: str = "",
        **more: Any,
    ) -> None:
        """Notes the head, which is the first event."""
        self.add(
            "scenario",
            time,
            schema=SCHEMA,
            title=scenario.title,
            file=file,
            line=scenario.line,
            tags=list(scenario.tags),
            sessions=program.actors,
            row=row,
            cells=program.cells(scenario, row),
            seed=seed,
            plan=plan,
            **more,
        )

    def fault(self, time: int, record: Record, done: Done | None = None) -> None:
        """Notes a command, and what came of it; or what a fault did."""
        self.accounts_moved = True
        self._append({"event": "fault", "time": time, "fault": type(record).__name__, **record.kept(), **(done or {})})

    def call(self, session: str, request: Request, returned: int | str) -> None:
        if self.faults_alone:
            self._pass_over()
            return
        self._keep(
            {
                "event": "call",
                "time": request.time,
                "session": session,
                "api": request.kind,
                "name": request.name,
                "fields": _plain_fields(mask(request.fields)),
                "request": request.request_id,
                "returned": returned,
            }
        )

    def callback(self, session: str, callback: Callback, connection: int) -> Event:
        if self.faults_alone:
            return self._pass_over()
        if callback.name in _MOVING:
            self.accounts_moved = True
        entry: Event = {
            "event": "callback",
            "time": callback.time,
            "session": session,
            "api": callback.kind,
            "name": callback.name,
            "fields": _plain_fields(mask(callback.fields)),
            "error": _plain_fields(callback.error and dict(callback.error)),
            "request": callback.request_id,
            "last": callback.last,
            "connection": connection,
            "replayed": False,
        }
        return self._keep(entry)

    def of(self, *events: str) -> Iterator[Event]:
        """The events of some kinds, in order."""
        return (entry for entry in self.events if entry["event"] in events)


_MOVING = frozenset({"OnRtnOrder", "OnRtnTrade"})
_PLAIN = frozenset({str, int, float, bool, type(None)})


def _plain_fields(fields: Fields | None) -> Fields | None:
    """The fields of a record as JSON has them; nearly always that is what they are."""
    if fields is None or (_PLAIN.issuperset(map(type, fields.values())) and _PLAIN.issuperset(map(type, fields))):
        return fields
    plained: Fields = plain(fields)
    return plained


def plain(value: Any) -> Any:
    """A value as JSON has it: a text of a kind of its own, such as an instrument, becomes a text.

    Raises TypeError for what JSON does not have.
    """
    if type(value) in _PLAIN:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Mapping):
        return {str.__str__(name) if isinstance(name, str) else name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    raise TypeError(f"a journal cannot hold {value!r}")


def diagnostic_event(located: Located) -> Mapping[str, Any]:
    """A diagnostic as the journal keeps it."""
    diagnostic, source = located.diagnostic, located.source
    place = source.place(diagnostic.span[0])
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "file": source.shown_name,
        "line": place.line,
        "column": place.column,
        "span": list(diagnostic.span),
        "label": diagnostic.label,
        "others": [{"span": list(other.span), "text": other.text} for other in diagnostic.others],
        "notes": list(diagnostic.notes),
    }
