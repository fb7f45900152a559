"""The report as one page of HTML that needs nothing else: no network, no fonts, no other files.

`page.html`, `page.css`, `page.js` and `state.js` are put together with the results as JSON, a block a scenario, and a
block is read only when its scenario is opened. In a block an event is a short list, told apart by its first letter:

    s  text, line, depth, actor, implicit, file     a step; actor is 0 where there is no other, file 0 for the own
    e  waited                                       the end of a step
    q  words, session, name, fields, flags, request, returned
    r  words, session, name, fields, flags, request, code, message, connection
    f  text, session, far, flags                    a fault; session is -1 where it is about none, or about several
    p  text, session, style                         what a program under test wrote, was told, or how it ended
    a  sessions, money, held                        what the venue holds of an account
    n, l, x  text                                   note, log, soft failure

The second element is always the time since the event before. Names of functions and fields are numbers of one table.
Fields are told by what differs from the same function's event before, the page's first one standing before them all:
number, value, number, value …, where −1 − number takes a field away. Flags are bits, see _FLAGS.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

import msgspec
from attrs import define, field

from ctpscen.ctp.describe import describe_callback, record_of
from ctpscen.ctp.schema import constants, descriptions
from ctpscen.engine.unit import Result
from ctpscen.report.faults import fault_words
from ctpscen.report.journal import environment
from ctpscen.report.program_events import PROGRAM_EVENTS, program_style, program_words
from ctpscen.report.runs import Done, is_live
from ctpscen.report.sequence import Arrow, Diagram, diagram
from ctpscen.report.spool import Spool
from ctpscen.report.terminal.events import describe_request
from ctpscen.report.terminal.lines import VERDICT_STYLES
from ctpscen.report.terminal.scenarios import why_lines
from ctpscen.report.terminal.summary import time_taken

Event = Mapping[str, Any]

# far 1 front, 2 exchange; 4 quiet, 8 replayed, 16 market, 32 does not arrive, 64 is kept back
_FLAGS = {"": 0, "front": 1, "exchange": 2, "quiet": 4, "replayed": 8, "market": 16, "lost": 32, "kept back": 64}
_STATES = {"up": 0, "down": 1, "silent": 2}


@define(eq=False, repr=False)
class Page:
    """The page of a run: each scenario is added as it ends, and the whole is put together at the end of all."""

    _words: "_Words" = field(factory=lambda: _Words())
    _sources: dict[str, str] = field(factory=dict)
    _blocks: Spool = field(factory=Spool)
    _count: int = 0

    def add(self, each: Done, rerun: str) -> None:
        """Takes a result with its events; `rerun` is the command that runs it again. Raises OSError."""
        self._sources.setdefault(each.result.name, each.item.program.source.text)
        self._blocks.add(_block(f"s{self._count}", _scenario(each, self._words, rerun)) + "\n")
        self._count += 1

    def pieces(
        self,
        done: Sequence[Done],
        wall: float,
        seed: int,
        source: Callable[[str], str] = str,
        overview: str = "",
    ) -> Iterator[str]:
        """The text of the page. `done` are the results that were added, of whose journals the head is enough.

        `wall` is the whole run's wall time in seconds; `source` gives a scenario's text as it may be shown. `overview`
        is HTML that is shown until a scenario is chosen; its links with `data-run` lead to the result of that index.
        """
        words = self._words
        page = {
            "scenarios": [_entry(each) for each in done],
            "names": list(words.numbers),
            "bases": words.bases,
            "records": words.records(),
            "constants": words.constants(),
            "seed": seed,
        }
        parts = {
            "style": _part("css"),
            "state": _text("state.js"),
            "script": _part("js"),
            "title": escape(_title(done)),
            "summary": _summary(done, wall, seed),
            "overview": f'<section id="overview">{overview}</section>' if overview else _HINT,
            "page": _block("page", page),
            "sources": _block("sources", {name: source(text) for name, text in self._sources.items()}),
        }
        for half in _part("html").split("<!--blocks-->"):
            if half.startswith("\n"):
                yield from self._blocks.pieces()
                half = half.removeprefix("\n")
            yield re.sub(r"<!--(\w+)-->", lambda found: parts[found[1]], half)


_HINT = '<p class="dim hint">Choose a scenario.</p>'


def html_text(done: Sequence[Done], wall: float, seed: int) -> str:
    """The page of results that are all there, with their events."""
    page = Page()
    for each in done:
        page.add(each, "")
    return "".join(page.pieces(done, wall, seed))


def _part(suffix: str) -> str:
    return _text(f"page.{suffix}")


def _text(name: str) -> str:
    return files("ctpscen.report.page").joinpath(name).read_text(encoding="utf-8")


def _block(name: str, content: Any) -> str:
    """JSON that a script reads. A `<` in it would be read as HTML."""
    text = msgspec.json.encode(content).decode().replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}">{text}</script>'


# ------------------------------------------------------------------------------------------- what all scenarios share


def _counts(done: Sequence[Done]) -> Mapping[str, int]:
    """How many ended how, the verdicts in the order of every summary."""
    verdicts = [each.result.verdict for each in done]
    return {verdict: verdicts.count(verdict) for verdict in VERDICT_STYLES if verdict in verdicts}


def _title(done: Sequence[Done]) -> str:
    return ", ".join(f"{count} {verdict}" for verdict, count in _counts(done).items()) or "nothing ran"


def _summary(done: Sequence[Done], wall: float, seed: int) -> str:
    """The counts, each a button that filters, and what the run was."""
    buttons = [
        f'<button type="button" class="verdict {verdict}" data-verdict="{verdict}" aria-pressed="false">'
        f"<b>{count}</b> {verdict}</button>"
        for verdict, count in _counts(done).items()
    ]
    made = {name: value for name, value in environment().items() if name not in ("event", "schema")}
    facts = [
        time_taken([each.result for each in done], wall),
        f"seed {seed}",
        *(f"{name} {value}" for name, value in made.items()),
    ]
    shown = "".join(f"<li>{escape(fact)}</li>" for fact in facts)
    return f'<div class="counts">{"".join(buttons)}</div><ul class="facts">{shown}</ul>'


def _entry(each: Done) -> Sequence[Any]:
    """What the list of scenarios shows of one."""
    result = each.result
    head = result.journal[0]
    row = "" if result.row is None else f"row {result.row + 1}"
    cells = ", ".join(f"{column} {text}" for column, text in head["cells"].items())
    reason = result.reason.splitlines()[0] if result.reason else ""
    row = f"{row}: {cells}" if cells else row
    row = " ".join(part for part in (row, each.item.number) if part)
    return [
        *(result.name, each.item.line, result.title, row, head["tags"], result.verdict, reason),
        *(result.elapsed, round(each.wall, 6), int(is_live(result))),
    ]


@define
class _Words:
    """The names that the page uses, by number, and what it says of them."""

    numbers: dict[str, int] = field(factory=dict)
    bases: dict[int, list[Any]] = field(factory=dict)
    _used: dict[str, set[str]] = field(factory=dict)
    _first: dict[str, Mapping[str, Any]] = field(factory=dict)

    def number(self, name: str) -> int:
        return self.numbers.setdefault(name, len(self.numbers))

    def base(self, name: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """The first fields that the page has for a function."""
        first = self._first.get(name)
        if first is None:
            first = self._first[name] = fields
            self._used[name] = set(fields)
            self.bases[self.number(name)] = [part for key in fields for part in (self.number(key), fields[key])]
        return first

    def use(self, name: str, key: str) -> int:
        """The number of a field of a function."""
        self._used[name].add(key)
        return self.number(key)

    def records(self) -> Mapping[str, Any]:
        """By function: its Chinese name, and of each used field its number, Chinese name and type."""
        found = {}
        for name, used in self._used.items():
            shape = record_of(name)
            known = [each for each in (shape.fields if shape else ()) if each in used]
            rows = []
            for key in [*known, *sorted(used - set(known))]:
                text = descriptions.of_field(shape.name, key) if shape else ""
                text = text or descriptions.of_function(f"{name}.{key}")
                kind = shape.fields[key].type if shape and key in shape.fields else ""
                rows.append([self.number(key), text, kind if constants.of_type(kind) else ""])
            found[name] = [descriptions.of_function(name), rows]
        return found

    def constants(self) -> Mapping[str, Mapping[str, str]]:
        """The constants of the types that `records` names, value to name."""
        kinds = {kind for _, rows in self.records().values() for _, _, kind in rows if kind}
        return {kind: {value: name for name, value in constants.of_type(kind).items()} for kind in sorted(kinds)}


# ------------------------------------------------------------------------------------------------------ one scenario


def _scenario(each: Done, words: _Words, rerun: str) -> Mapping[str, Any]:
    head, *events = each.result.journal
    sessions = head["sessions"]
    picture = diagram(events, sessions)
    scenario = each.item.scenario
    return {
        "start": head["time"],
        "lines": [scenario.line, scenario.last_line],
        "sessions": sessions,
        "why": [[[piece.style, piece.text] for piece in line] for line in why_lines(each.result, rerun)],
        "wrong": _wrong(each.result),
        "events": _Encoder(words, picture, head, sessions).encoded(events),
        "bars": [
            [sessions.index(bar.session), int(bar.market), _STATES[bar.state], bar.number, bar.first, bar.last]
            for bar in picture.bars
        ],
    }


def _wrong(result: Result) -> Sequence[Sequence[Any]]:
    """File and line of what went wrong."""
    errors = [located for located in result.diagnostics if located.diagnostic.severity == "error"]
    return [[each.source.shown_name, each.source.place(each.diagnostic.span[0]).line] for each in errors]


@define
class _Encoder:
    """Writes the events of one scenario."""

    words: _Words
    picture: Diagram
    head: Event
    sessions: Sequence[str]
    before: dict[str, Mapping[str, Any]] = field(factory=dict)

    def encoded(self, events: Sequence[Event]) -> Sequence[Sequence[Any]]:
        found, time = [], self.head["time"]
        for index, event in enumerate(events):
            kind, *rest = _KINDS[event["event"]](self, index, event)
            found.append([kind, event["time"] - time, *rest])
            time = event["time"]
        return found

    def step(self, _: int, event: Event) -> Sequence[Any]:
        actor = 0 if [event["actor"]] == list(self.sessions) else event["actor"]
        file = event.get("file", self.head["file"])
        file = 0 if file == self.head["file"] else file
        return ["s", event["text"], event.get("line", 0), event["depth"], actor, int("implicit" in event), file]

    def end(self, _: int, event: Event) -> Sequence[Any]:
        return ["e", event["waited"]]

    def call(self, index: int, event: Event) -> Sequence[Any]:
        said = describe_request(event["name"], event["fields"] or {})
        return ["q", *self.told(index, event, said), event["returned"]]

    def callback(self, index: int, event: Event) -> Sequence[Any]:
        error = event["error"] or {}
        said = describe_callback(event["name"], event["fields"], error)
        code, message = error.get("ErrorID", 0), error.get("ErrorMsg", "")
        return ["r", *self.told(index, event, said), code, message, event["connection"]]

    def told(self, index: int, event: Event, said: str) -> Sequence[Any]:
        """What calls and callbacks have in common; the name is left out of the words, where it stands first."""
        name, arrow = event["name"], self.picture.arrows[index]
        bits = _bits(arrow)
        bits |= _FLAGS["replayed"] if event.get("replayed") else 0
        bits |= _FLAGS["market"] if event["api"] == "market" else 0
        session = self.sessions.index(event["session"])
        fields = self.fields(name, event["fields"])
        return [said[len(name) + 1 :], session, self.words.number(name), fields, bits, event["request"]]

    def fields(self, name: str, fields: Mapping[str, Any] | None) -> Sequence[Any] | None:
        """What differs from the event of that name before; None where there are no fields."""
        if fields is None:
            return None
        before = self.before.get(name)
        if before is None:
            before = self.words.base(name, fields)
        self.before[name] = fields
        found: list[Any] = []
        for key, value in fields.items():
            if before.get(key) != value or key not in before:
                found += (self.words.use(name, key), value)
        if len(before) + len(found) // 2 > len(fields):
            found += (-1 - self.words.number(key) for key in before if key not in fields)
        return found

    def fault(self, index: int, event: Event) -> Sequence[Any]:
        about = self.picture.faulty.get(index)
        arrow = self.picture.arrows.get(index)
        session = -1 if about is None else self.sessions.index(about)
        return ["f", fault_words(event), session, _bits(arrow) if arrow else 0]

    def account(self, _: int, event: Event) -> Sequence[Any]:
        return ["a", [self.sessions.index(name) for name in event["sessions"]], event["money"], event["held"]]

    def program(self, _: int, event: Event) -> Sequence[Any]:
        session = self.sessions.index(event["session"])
        return ["p", program_words(event), session, program_style(event)]

    def note(self, _: int, event: Event) -> Sequence[Any]:
        return ["n", event["text"]]

    def log(self, _: int, event: Event) -> Sequence[Any]:
        return ["l", event["text"]]

    def soft(self, _: int, event: Event) -> Sequence[Any]:
        return ["x", event["reason"]]

    def verdict(self, _: int, event: Event) -> Sequence[Any]:
        return ["v", event["verdict"]]


_KINDS: Mapping[str, Callable[[_Encoder, int, Event], Sequence[Any]]] = {
    **{
        name: getattr(_Encoder, name)
        for name in ("step", "end", "call", "callback", "account", "fault", "note", "log", "soft", "verdict")
    },
    **dict.fromkeys(PROGRAM_EVENTS, _Encoder.program),
}


def _bits(arrow: Arrow) -> int:
    return _FLAGS[arrow.far] | _FLAGS[arrow.stop] | (_FLAGS["quiet"] if arrow.quiet else 0)
