"""`ctpscen show`: a journal, as the report on the terminal would have it, or as a sequence diagram."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ctpscen.commands import PASSED, USAGE
from ctpscen.ctp.schema import api
from ctpscen.language.text.suggestions import did_you_mean
from ctpscen.report.journal import BadJournal, load_journal
from ctpscen.report.terminal.lines import VERDICT_STYLES, Line, Piece, plain
from ctpscen.report.terminal.scenarios import error_lines, journal_lines, verdict_line
from ctpscen.report.terminal.timeline import timeline_lines, worth_a_line
from ctpscen.report.terminal.writer import writer_for

Event = Mapping[str, Any]


DESCRIPTION = "Shows a journal as the report of its run did, or as a sequence diagram."

EPILOG = """\
examples:
  ctpscen run scenarios/reconnect.scn --journal journals
  ctpscen show journals/scenarios.reconnect.scn-6.jsonl --timeline
  ctpscen show journals/scenarios.reconnect.scn-6.jsonl --session trader --order 2

exit codes:
  0    shown
  2    bad usage, or a file that is no journal
"""


class BadFilter(Exception):
    """A session or a callback that there is none of; the text says so."""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("journal", metavar="JOURNAL", help="a file that run --journal wrote")
    parser.add_argument("--session", metavar="NAME", help="only what this session does and gets")
    parser.add_argument("--order", metavar="REF", help="only requests and reports with this OrderRef")
    parser.add_argument("--callback", metavar="NAME", help="only callbacks of this name")
    parser.add_argument("--timeline", action="store_true", help="draw it, with a column a session")


def execute(options: argparse.Namespace) -> int:
    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    try:
        head, events = load_journal(options.journal)
        chosen = _chosen(options, head, events)
    except (BadJournal, BadFilter) as reason:
        err.write(plain(str(reason), "bad"))
        return USAGE
    for line in _lines(options, head, events, chosen):
        out.write(line)
    return PASSED


# --------------------------------------------------------------------------------------------------------- filters


def _chosen(options: argparse.Namespace, head: Event, events: Sequence[Event]) -> Sequence[int]:
    """The indices of the events that the filters let through. Raises BadFilter."""
    session, order, callback = options.session, options.order, options.callback
    if session is not None and session not in head["sessions"]:
        there = ", ".join(head["sessions"])
        raise BadFilter(f"there is no session `{session}`{did_you_mean(session, head['sessions'])} (sessions: {there})")
    if callback is not None and api.callback(callback) is None:
        names = [*api.callbacks("trader"), *api.callbacks("market")]
        raise BadFilter(f"there is no callback `{callback}`{did_you_mean(callback, names)}")
    found = []
    for index, event in enumerate(events):
        if event["event"] in ("account", "verdict"):
            continue
        whose = event.get("session", event.get("actor", session))
        if session is not None and whose != session and event["event"] != "fault":  # those may be about everybody
            continue
        if order is not None and _order_of(event) != order:
            continue
        if callback is not None and event.get("name") != callback:
            continue
        found.append(index)
    return found


def _order_of(event: Event) -> str | None:
    """The OrderRef that a call or a callback bears."""
    reference = (event.get("fields") or {}).get("OrderRef")
    return None if reference is None else str(reference).strip()


# ----------------------------------------------------------------------------------------------------------- output


def _lines(options: argparse.Namespace, head: Event, events: Sequence[Event], chosen: Sequence[int]) -> Iterator[Line]:
    asked_for = options.order is not None or options.callback is not None
    if options.timeline:
        yield next(journal_lines([head]))
        loud = set(worth_a_line(events, head["sessions"]))
        shown = [index for index in chosen if index in loud or (asked_for and events[index]["event"] != "end")]
        yield from timeline_lines(events, head["sessions"], shown)
    else:
        yield from journal_lines([head, *(events[index] for index in chosen)], "all" if asked_for else "reports")
    if not chosen:
        yield plain("  nothing in this journal fits", "warn")
    verdict = events[-1] if events and events[-1]["event"] == "verdict" else None
    if verdict is None:
        yield plain("  the journal ends here: the run was cut off", "warn")
        return
    yield verdict_line(verdict["verdict"], verdict["elapsed"], live="live" in head)
    yield from _why(verdict, events)


def _why(verdict: Event, events: Sequence[Event]) -> Iterator[Line]:
    """What went wrong. The scenario's text is not in the journal, but the steps' are."""
    said = [diagnostic["message"] for diagnostic in verdict["diagnostics"]]
    if verdict["reason"] and verdict["reason"] not in said:
        yield plain("")
        for text in verdict["reason"].splitlines():
            yield plain(f"  {text}", VERDICT_STYLES[verdict["verdict"]])
    steps = {(event.get("file"), event.get("line")): event["text"] for event in events if event["event"] == "step"}
    for diagnostic in verdict["diagnostics"]:
        style = "bad" if diagnostic["severity"] == "error" else "warn"
        code = f"[{diagnostic['code']}]" if diagnostic["code"] else ""
        yield plain("")
        yield plain(f"{diagnostic['severity']}{code}: {diagnostic['message']}", style)
        margin = " " * len(str(diagnostic["line"]))
        yield plain(f"{margin}--> {diagnostic['file']}:{diagnostic['line']}:{diagnostic['column']}")
        if step := steps.get((diagnostic["file"], diagnostic["line"])):
            yield [Piece(f"{diagnostic['line']} | {step}")]
        for note in diagnostic["notes"]:
            first, *rest = note.split("\n")
            yield plain(f"{margin} = {first}")
            yield from (plain(f"{margin}   {line}") for line in rest)
    yield from error_lines([each for each in verdict.get("errors", ()) if each not in verdict["reason"]])
