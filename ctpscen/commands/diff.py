"""`ctpscen diff`: where two journals part, and what else differs. The environment does not count."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ctpscen.commands import FAILED, PASSED, USAGE
from ctpscen.ctp.times import precise_text
from ctpscen.report.faults import fault_words
from ctpscen.report.journal import BadJournal, load_journal
from ctpscen.report.terminal.lines import Line, counted, plain
from ctpscen.report.terminal.writer import writer_for

Event = Mapping[str, Any]


DESCRIPTION = "Shows where two journals part, and what else differs."

EPILOG = """\
examples:
  ctpscen run order.scn --journal before && ctpscen run order.scn --journal after --set volume=3
  ctpscen diff before/order.scn-1.jsonl after/order.scn-1.jsonl

exit codes:
  0    they are the same, but for where they were made
  1    they differ
  2    bad usage, or a file that is no journal
"""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("first", metavar="A", help="a journal")
    parser.add_argument("second", metavar="B", help="another one")


def execute(options: argparse.Namespace) -> int:
    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    journals = []
    try:
        for path in (options.first, options.second):
            head, events = load_journal(path)
            journals.append([head, *events])
    except BadJournal as reason:
        err.write(plain(str(reason), "bad"))
        return USAGE
    first, second = journals
    if first == second:
        out.write(plain(f"the same: {counted(len(first), 'event')}"))
        return PASSED
    for line in [*_runs(first[0], second[0]), *_parting(first, second, options), *_summary(first, second, options)]:
        out.write(line)
    return FAILED


def _runs(first: Event, second: Event) -> Iterator[Line]:
    """In what the runs differed from the start: scenario, row, seed."""
    if first != second:
        yield plain("other runs:", "heading")
        yield from _changes(first, second)
        yield plain("")


def _parting(first: Sequence[Event], second: Sequence[Event], options: argparse.Namespace) -> Iterator[Line]:
    """The first event after the head in which the journals differ."""
    longest = range(1, max(len(first), len(second)))
    at = next((index for index in longest if first[index : index + 1] != second[index : index + 1]), None)
    if at is None:
        yield plain("every event is the same", "heading")
        return
    one, other = (journal[at] if at < len(journal) else None for journal in (first, second))
    yield plain(f"line {at + 2} is the first that differs:", "heading")  # the environment stands in line 1
    yield plain(f"  {options.first}: {_words(one)}", "bad")
    yield plain(f"  {options.second}: {_words(other)}", "good")
    if one is not None and other is not None and _title(one) == _title(other):
        yield from _changes(one, other)
    yield plain("")


def _changes(one: Event, other: Event) -> Iterator[Line]:
    for path, was, now in _differences(one, other):
        yield plain(f"    {path}: {_value(was)} → {_value(now)}")


def _differences(one: Mapping[str, Any], other: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any, Any]]:
    for name in dict.fromkeys([*one, *other]):
        was, now = one.get(name, _ABSENT), other.get(name, _ABSENT)
        if was == now:
            continue
        if isinstance(was, Mapping) and isinstance(now, Mapping):
            yield from _differences(was, now, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", was, now


_ABSENT = object()


def _value(value: Any) -> str:
    return "absent" if value is _ABSENT else json.dumps(value, ensure_ascii=False)


def _title(event: Event) -> str:
    """An event without what may differ: its kind, whose it is, and its name."""
    session, name = event.get("session") or event.get("actor", ""), event.get("name", event.get("fault", ""))
    return " ".join(part for part in (event["event"], session, name) if part)


def _words(event: Event | None) -> str:
    if event is None:
        return "the journal has ended"
    text = event.get("text") or event.get("verdict") or event.get("reason") or ""
    if event["event"] == "fault":
        text = fault_words(event)
    return f"{precise_text(event['time'])} {_title(event)} {text}".rstrip()


def _summary(first: Sequence[Event], second: Sequence[Event], options: argparse.Namespace) -> Iterator[Line]:
    """How many events each has, and of which kinds there are some in one journal only."""
    counts = [Counter(_canonical(event) for event in journal) for journal in (first, second)]
    common = (counts[0] & counts[1]).total()
    yield plain(
        f"{options.first} has {counted(len(first), 'event')}, {options.second} has {len(second)}; "
        f"{common or 'none'} of them {'is' if common == 1 else 'are'} the same"
    )
    timeless = [Counter(_canonical({**event, "time": 0}) for event in journal) for journal in (first, second)]
    if moved := (timeless[0] & timeless[1]).total() - common:
        yield plain(f"{moved} more {'differs' if moved == 1 else 'differ'} in nothing but the time")
    for path, own, others, style in (
        (options.first, first, timeless[1].copy(), "bad"),
        (options.second, second, timeless[0].copy(), "good"),
    ):
        alone: Counter[str] = Counter()
        for event in own:
            text = _canonical({**event, "time": 0})
            if others[text]:
                others[text] -= 1
            else:
                alone[_title(event)] += 1
        if alone:
            yield plain(f"only in {path}:", style)
            for title, count in sorted(alone.items()):
                yield plain(f"  {count:>6} {title}")


def _canonical(event: Event) -> str:
    return json.dumps(event, ensure_ascii=False, sort_keys=True)
