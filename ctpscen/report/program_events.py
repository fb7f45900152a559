"""The words for what a program under test does beside calling the API: its output, its end, what was typed to it."""

from collections.abc import Callable, Mapping
from typing import Any

from ctpscen.report.terminal.lines import Style

Event = Mapping[str, Any]

PROGRAM_EVENTS = ("line", "exit", "hazard", "typed", "prompt")


def program_words(event: Event) -> str:
    """One of PROGRAM_EVENTS in words, without the name of the program."""
    return _WORDS[event["event"]](event)


def program_style(event: Event) -> Style:
    """How the words of one of PROGRAM_EVENTS are shown."""
    match event["event"]:
        case "exit":
            return "warn" if event["code"] or (event["signal"] and not event["killed"]) else ""
        case "line":
            return "warn" if event["stream"] == "err" else "log"
        case kind:
            return _STYLES[kind]


def _line(event: Event) -> str:
    return f"{'!' if event['stream'] == 'err' else '|'} {event['text']}"


def _exit(event: Event) -> str:
    if event["killed"]:
        return "ended: it was killed" + (f" ({event['signal']})" if event["signal"] else "")
    return f"ended by {event['signal']}" if event["signal"] else f"ended with exit code {event['code']}"


_WORDS: Mapping[str, Callable[[Event], str]] = {
    "line": _line,
    "exit": _exit,
    "hazard": lambda event: f"hazard: {event['text']}",
    "typed": lambda event: f"< {event['text']}",
    "prompt": lambda event: f"? {event['text']}",
}
_STYLES: Mapping[str, Style] = {"hazard": "bad", "typed": "log", "prompt": "log"}
