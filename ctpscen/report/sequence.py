"""Who spoke with whom: a journal as arrows between sessions, front and exchange, and connections as bars.

A journal knows when a session called its API and when a report reached it, and nothing of the way between. So arrows
are level, and one goes to or comes from the exchange only where a report tells so: an order with the exchange's number
or refused by it, a trade, a request whose order is later seen to have been there. What is replayed comes from the
front, which kept it. `html` and `timeline` draw it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from attrs import define, field, frozen

from ctpscen.report.terminal.events import MANY_ROWS, QUIET, AnswerRows

Event = Mapping[str, Any]
Far = Literal["", "front", "exchange"]
Stop = Literal["", "lost", "kept back"]
State = Literal["up", "down", "silent"]


@frozen
class Arrow:
    """A call, a callback, or a report that a fault kept from its session.

    `far` is the other end, empty where nothing left the session. `stop` tells of what does not arrive. A short
    picture leaves out what is quiet.
    """

    session: str
    far: Far
    outward: bool
    stop: Stop = ""
    quiet: bool = False


@frozen
class Bar:
    """A stretch of one API's connection, from one event to another, by their indices.

    `up` carries, `down` is broken or not yet made, `silent` stands and carries nothing. `number` counts connections.
    """

    session: str
    market: bool
    state: State
    number: int
    first: int
    last: int


@frozen
class Diagram:
    """What is to be drawn. `arrows` are by the index of their event, and so are the sessions that faults are about."""

    sessions: Sequence[str]
    arrows: Mapping[int, Arrow]
    bars: Sequence[Bar]
    faulty: Mapping[int, str]

    @property
    def has_exchange(self) -> bool:
        return any(arrow.far == "exchange" for arrow in self.arrows.values())


def diagram(events: Sequence[Event], sessions: Sequence[str]) -> Diagram:
    """The picture of a journal's events; `sessions` are in the order of their lifelines."""
    arrived = _at_the_exchange(events)
    arrows: dict[int, Arrow] = {}
    faulty: dict[int, str] = {}
    links, rows = _Links(sessions), AnswerRows()
    for index, event in enumerate(events):
        match event["event"]:
            case "call":
                arrows[index] = _call(event, arrived=index in arrived)
                links.called(index, event)
            case "callback":
                is_one_of_many = rows.count(event) > MANY_ROWS and not event["last"]
                arrows[index] = _callback(event, is_one_of_many=is_one_of_many)
                links.called_back(index, event)
            case "exit":
                links.ended(index, event)
            case "fault":
                if event["fault"] in _STOPS:
                    arrows[index] = _kept(event)
                session = event.get("session", event.get("to"))
                if session is not None:
                    faulty[index] = session
                links.fault(index, event)
    return Diagram(sessions, arrows, links.finished(len(events) - 1), faulty)


# --------------------------------------------------------------------------------------------------------- arrows


def _call(event: Event, *, arrived: bool) -> Arrow:
    name, market = event["name"], event["api"] == "market"
    sent = name.startswith(("Req", "SubscribeM", "UnSubscribeM", "SubscribeF", "UnSubscribeF"))
    refused = sent and event["returned"] != 0
    far: Far = "exchange" if arrived else "front" if sent else ""
    return Arrow(
        event["session"], far, True, "lost" if refused else "", quiet=market or not (sent or name == "Release")
    )


_OF_THE_LINK = frozenset({"OnFrontDisconnected", "OnHeartBeatWarning"})


def _callback(event: Event, *, is_one_of_many: bool) -> Arrow:
    name = event["name"]
    far: Far = "" if name in _OF_THE_LINK else "front"
    fields = event["fields"] or {}
    if not event["replayed"] and (name == "OnRtnTrade" or (name in _REPORTS and _was_there(_REPORTS[name], fields))):
        far = "exchange"
    quiet = is_one_of_many or name in QUIET or (event["api"] == "market" and "number" not in event)
    return Arrow(event["session"], far, False, quiet=quiet)


_REFUSED_BY_THE_EXCHANGE = "4"  # OrderSubmitStatus

# What goes to the exchange, and how a report says that it is cancelled.
_CANCELED = {"Order": ("OrderStatus", "5"), "ExecOrder": ("ExecResult", "c"), "OptionSelfClose": ("ExecResult", "c")}
_INSERTS = {f"Req{kind}Insert": kind for kind in _CANCELED}
_ACTIONS = {f"Req{kind}Action": kind for kind in _CANCELED}
_REPORTS = {f"OnRtn{kind}": kind for kind in _CANCELED}


def _was_there(kind: str, fields: Mapping[str, Any]) -> bool:
    number = fields.get(f"{kind}SysID", "").strip()
    return bool(number) or fields.get("OrderSubmitStatus") == _REFUSED_BY_THE_EXCHANGE


_Key = tuple[str, int, int, str]


def _at_the_exchange(events: Sequence[Event]) -> set[int]:
    """The requests, by index, of which a later report shows that the exchange had them."""
    logins: dict[str, tuple[int, int]] = {}
    asked: dict[_Key, list[tuple[int, bool]]] = {}
    found: set[int] = set()
    for index, event in enumerate(events):
        name, fields = event.get("name", ""), event.get("fields") or {}
        if name == "OnRspUserLogin" and event["api"] == "trader" and "SessionID" in fields:
            logins[event["session"]] = fields.get("FrontID", 0), fields["SessionID"]
        elif name in _INSERTS:
            kind, login = _INSERTS[name], logins.get(event["session"], (0, 0))
            asked.setdefault((kind, *login, fields.get(f"{kind}Ref", "").strip()), []).append((index, False))
        elif name in _ACTIONS and f"{_ACTIONS[name]}Ref" in fields:
            asked.setdefault(_key(_ACTIONS[name], fields), []).append((index, True))
        elif name in _REPORTS and _was_there(_REPORTS[name], fields):
            status, cancelled = _CANCELED[_REPORTS[name]]
            is_cancelled = fields.get(status) == cancelled
            waiting = asked.get(_key(_REPORTS[name], fields), ())
            found.update(at for at, is_cancel in waiting if is_cancelled or not is_cancel)
    return found


def _key(kind: str, fields: Mapping[str, Any]) -> _Key:
    return kind, fields.get("FrontID", 0), fields.get("SessionID", 0), fields.get(f"{kind}Ref", "").strip()


# --------------------------------------------------------------------------------------------------------- faults

# What keeps a report from its session, and whether for good.
_STOPS: Mapping[str, Stop] = {"ReportDropped": "lost", "ReportDelayed": "kept back", "ReportHeld": "kept back"}

# What the paths of a command do from then on.
_PATHS: Mapping[str, State] = {"Silence": "silent", "Stall": "silent", "Heal": "up", "PathHealed": "up"}


def _kept(event: Event) -> Arrow:
    """The report that a fault kept from its session."""
    far: Far = "exchange" if event["report"] == "OnRtnTrade" else "front"
    return Arrow(event["session"], far, False, _STOPS[event["fault"]])


# ----------------------------------------------------------------------------------------------------------- bars


@define
class _Link:
    """One API's connection as it stands, and since which event."""

    session: str
    market: bool
    bars: list[Bar]
    state: State | None = None
    since: int = 0
    number: int = 0

    def turn(self, index: int, state: State | None) -> None:
        if state == self.state:
            return
        self.end(index)
        self.state, self.since = state, index

    def end(self, index: int) -> None:
        if self.state is not None:
            self.bars.append(Bar(self.session, self.market, self.state, self.number, self.since, index))


@define
class _Links:
    sessions: Sequence[str]
    bars: list[Bar] = field(factory=list)
    links: dict[tuple[str, bool], _Link] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.links = {
            (session, market): _Link(session, market, self.bars)
            for session in self.sessions
            for market in (False, True)
        }

    def _of(self, event: Event) -> _Link:
        return self.links[event["session"], event["api"] == "market"]

    def called(self, index: int, event: Event) -> None:
        if event["name"] == "Init":
            self._of(event).turn(index, "down")
        elif event["name"] == "Release":
            self._of(event).turn(index, None)

    def called_back(self, index: int, event: Event) -> None:
        link = self._of(event)
        if event["name"] == "OnFrontConnected":
            link.turn(index, None)  # a break that nobody was told of
            link.number = event["connection"]
            link.turn(index, "up")
        elif event["name"] == "OnFrontDisconnected":
            link.turn(index, "down")
        elif link.state == "silent" and event["name"] != "OnHeartBeatWarning":
            link.turn(index, "up")

    def ended(self, index: int, event: Event) -> None:
        for link in self.links.values():
            if link.session == event["session"]:
                link.turn(index, None)

    def fault(self, index: int, event: Event) -> None:
        becomes = _PATHS.get(event["fault"])
        if becomes is None:
            return
        for link in self.links.values():
            if event["session"] not in (None, link.session) or (event["market"] and not link.market):
                continue
            if link.state == ("up" if becomes == "silent" else "silent"):
                link.turn(index, becomes)

    def finished(self, index: int) -> Sequence[Bar]:
        for link in self.links.values():
            link.end(index)
        return self.bars
