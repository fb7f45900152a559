"""The sequence diagram as text: a lifeline a column, an event a line, its words at the right.

`┃` is a connection that stands, `╎` one that is broken, `┊` one that is silent, `│` a lifeline without one. Replayed
reports are dashed, and what never arrives ends in `✗`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field

from ctpscen.ctp.describe import describe_callback
from ctpscen.ctp.times import SECOND, date_text, precise_text, spoken_duration
from ctpscen.report.faults import fault_words
from ctpscen.report.program_events import PROGRAM_EVENTS, program_style, program_words
from ctpscen.report.sequence import Arrow, Diagram, State, diagram
from ctpscen.report.terminal.events import describe_request
from ctpscen.report.terminal.lines import VERDICT_STYLES, Line, Piece, Style, plain

Event = Mapping[str, Any]

_LIVES: Mapping[State | None, str] = {"up": "┃", "down": "╎", "silent": "┊", None: "│"}
_LEFT = 16  # of the first lifeline
_LEAST = 13  # between two lifelines
_PAUSE = SECOND  # from which on time that passes gets a line of its own


def timeline_lines(events: Sequence[Event], sessions: Sequence[str], shown: Sequence[int]) -> Iterator[Line]:
    """The picture of a journal's events after its head; `shown` are the indices of those that get a line."""
    yield from _Timeline(diagram(events, sessions), events).lines(shown)


def worth_a_line(events: Sequence[Event], sessions: Sequence[str]) -> list[int]:
    """The indices of what a picture shows of itself: all but the ends of steps, accounts, and what is quiet."""
    arrows = diagram(events, sessions).arrows
    return [
        index
        for index, event in enumerate(events)
        if event["event"] not in ("end", "account", "verdict") and (index not in arrows or not arrows[index].quiet)
    ]


@define
class _Timeline:
    picture: Diagram
    events: Sequence[Event]
    columns: dict[str, int] = field(init=False)
    states: dict[str, State | None] = field(init=False)
    _turns: dict[int, list[tuple[str, State | None]]] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        names = [*self.picture.sessions, "front", *(["exchange"] if self.picture.has_exchange else [])]
        self.columns, at = {}, _LEFT + len(names[0]) // 2
        for name in names:
            self.columns[name] = at
            at += max(_LEAST, len(name) + 4)
        self.states = dict.fromkeys(self.picture.sessions)
        for bar in sorted(self.picture.bars, key=lambda bar: bar.first):
            if not bar.market:
                self._turns.setdefault(bar.last, []).append((bar.session, None))
                self._turns.setdefault(bar.first, []).append((bar.session, bar.state))

    @property
    def _words_at(self) -> int:
        return max(self.columns.values()) + 4

    def lines(self, shown: Sequence[int]) -> Iterator[Line]:
        yield plain(self._heads().rstrip(), "heading")
        wanted = set(shown)
        before: Event | None = None
        for index, event in enumerate(self.events):
            for session, state in self._turns.get(index, ()):
                self.states[session] = state
            if index not in wanted:
                continue
            yield from self._passing(before, event)
            yield self._line(index, event)
            before = event

    def _heads(self) -> str:
        text = ""
        for name, at in self.columns.items():
            text = text.ljust(at - len(name) // 2) + name
        return text

    def _passing(self, before: Event | None, event: Event) -> Iterator[Line]:
        """The time that has passed, and the day where it is another one."""
        if before is not None and event["time"] - before["time"] >= _PAUSE:
            lives = "".join(self._lives()).rstrip()
            passed = spoken_duration(event["time"] - before["time"])
            yield [Piece(f"  ⋮ {passed}".ljust(_LEFT - 2), "dim"), Piece(lives[_LEFT - 2 :].translate(_DOTTED), "dim")]
        if before is not None and date_text(before["time"]) != date_text(event["time"]):
            day = date_text(event["time"])
            yield plain(f"  {day[:4]}-{day[4:6]}-{day[6:]}", "dim")

    def _lives(self) -> list[str]:
        cells = [" "] * self._words_at
        for name, at in self.columns.items():
            cells[at] = _LIVES[self.states.get(name)]
        return cells

    def _line(self, index: int, event: Event) -> Line:
        cells = self._lives()
        arrow = self.picture.arrows.get(index)
        if arrow is not None:
            self._draw(cells, arrow, replayed=bool(event.get("replayed")))
        lives = "".join(cells)[_LEFT - 2 :]
        words, style = _words(event)
        time = precise_text(event["time"])
        lives_style = "fault" if event["event"] == "fault" else "dim" if arrow is None else ""
        return [Piece(f"  {time}".ljust(_LEFT - 2), "dim"), Piece(lives, lives_style), Piece(words, style)]

    def _draw(self, cells: list[str], arrow: Arrow, *, replayed: bool) -> None:
        near = self.columns[arrow.session]
        if not arrow.far:
            cells[near] = "•"
            return
        far = self.columns[arrow.far]
        first, last = near + 1, far - 1
        if arrow.stop:
            first, last = (near + 1, near + 4) if arrow.outward else (near + (far - near) // 2, far - 1)
        for at in range(first, last + 1):
            dash = "╌" if replayed else "─"
            if at == self.columns["front"]:
                cells[at] = "┼"
            elif at > self.columns["front"] and arrow.outward:
                cells[at] = "┄"
            else:
                cells[at] = "┼" if cells[at] != " " else dash
        end = last if arrow.outward else first
        cells[end] = {"lost": "✗", "kept back": "‖", "": "▶" if arrow.outward else "◀"}[arrow.stop]
        if arrow.outward and arrow.far == "exchange":
            cells[self.columns["front"] - 1] = "▶"


# A pause is drawn over whatever the lifelines are.
_DOTTED = str.maketrans(dict.fromkeys("┃╎┊│", "⋮"))


def _words(event: Event) -> tuple[str, Style]:
    """What stands beside a line."""
    match event["event"]:
        case "call":
            returned = "" if event["returned"] == 0 else f"  returned {event['returned']}"
            return describe_request(event["name"], event["fields"] or {}) + returned, "warn" if returned else ""
        case "callback":
            error = event["error"] or {}
            words = describe_callback(event["name"], event["fields"], error)
            if event["replayed"]:
                return f"{words}  replayed", "warn"
            return words, "warn" if error.get("ErrorID") or event["name"] == "OnFrontDisconnected" else ""
        case "fault":
            return f"⚡ {fault_words(event)}", "fault"
        case "step":
            return f"{event['actor']}: {event['text']}", "heading"
        case "log":
            return event["text"], "log"
        case "soft":
            return f"failed softly: {event['reason']}", "bad"
        case "verdict":
            return event["verdict"], VERDICT_STYLES[event["verdict"]]
        case kind if kind in PROGRAM_EVENTS:
            return f"{event['session']} {program_words(event)}", program_style(event)
        case _:
            text = event.get("text", "")
            return "after:" if text == "after" else text, "dim"
