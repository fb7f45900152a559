"""`ctpscen diff`: where two journals part, and what else differs.

The environment does not count, nor do the numbers that CTP gives by chance.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ctpscen.commands import FAILED, PASSED, USAGE
from ctpscen.ctp.times import precise_text
from ctpscen.pairing import paired
from ctpscen.report.faults import fault_words
from ctpscen.report.journal import BadJournal, load_journal
from ctpscen.report.terminal.lines import Line, counted, plain
from ctpscen.report.terminal.writer import Writer, writer_for

Event = Mapping[str, Any]

Names = tuple[str, str]
"""What the two journals are called."""


DESCRIPTION = (
    "Shows where two journals part, and what else differs; of two folders, which of their journals do. "
    "The numbers that CTP gives sessions, orders and trades are paired, and do not count."
)

EPILOG = """\
examples:
  ctpscen run order.scn --journal before && ctpscen run order.scn --journal after --set volume=3
  ctpscen diff before after
  ctpscen diff before/order.scn-1.jsonl after/order.scn-1.jsonl

exit codes:
  0    they are the same, but for where they were made
  1    they differ
  2    bad usage, or a file that is no journal
"""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("first", metavar="A", help="a journal, or a folder of journals")
    parser.add_argument("second", metavar="B", help="another one")


def execute(options: argparse.Namespace) -> int:
    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    first, second = Path(options.first), Path(options.second)
    try:
        if first.is_dir() and second.is_dir():
            return _compare_folders(first, second, out)
        if (first.is_dir() and second.exists()) or (second.is_dir() and first.exists()):
            raise BadJournal(f"{first} and {second}: one is a folder; compare two journals, or two folders of them")
        return _compare(options.first, options.second, out)
    except BadJournal as reason:
        err.write(plain(str(reason), "bad"))
        return USAGE


def _read(path: str) -> list[Event]:
    head, events = load_journal(path)
    return [head, *events]


def _compare(one: str, other: str, out: Writer) -> int:
    """Two journals, all that differs. Raises BadJournal."""
    first, told = _read(one), _read(other)
    second = paired(first, told)
    if _is_same(first, second):
        but = "" if first == told else ", but for the seed and the numbers of sessions, orders and trades"
        out.write(plain(f"the same: {counted(len(first), 'event')}{but}"))
        return PASSED
    names = one, other
    for line in [*_runs(first[0], second[0]), *_parting(first, second, names), *_summary(first, second, names)]:
        out.write(line)
    return FAILED


def _compare_folders(one: Path, other: Path, out: Writer) -> int:
    """The journals of two folders by their names, a line each. Raises BadJournal."""
    names = [{path.relative_to(folder).as_posix() for path in folder.rglob("*.jsonl")} for folder in (one, other)]
    for folder, found in zip((one, other), names, strict=True):
        if not found:
            raise BadJournal(f"{folder}: there is no journal in this folder")
    same = True
    for name in sorted(names[0] | names[1]):
        if name not in names[1] or name not in names[0]:
            out.write(plain(f"only in {one if name in names[0] else other}: {name}", "warn"))
            same = False
            continue
        first = _read(str(one / name))
        second = paired(first, _read(str(other / name)))
        if _is_same(first, second):
            out.write(plain(f"the same  {name}", "dim"))
            continue
        same = False
        out.write(plain(f"differs   {name}: {_first_difference(first, second)}", "bad"))
    return PASSED if same else FAILED


def _is_same(first: Sequence[Event], second: Sequence[Event]) -> bool:
    """Whether the same happened, whatever the seed was."""
    return first[1:] == second[1:] and _what_ran(first[0]) == _what_ran(second[0])


def _what_ran(head: Event) -> Event:
    """A head without the seed, and without which of several runs with it this was."""
    return {name: value for name, value in head.items() if name not in ("seed", "repetition")}


def _first_difference(first: Sequence[Event], second: Sequence[Event]) -> str:
    """Where two journals part, in a line."""
    verdicts = [journal[-1].get("verdict", "no verdict") for journal in (first, second)]
    ends = f"{verdicts[0]} → {verdicts[1]}; " if verdicts[0] != verdicts[1] else ""
    at = _first_that_differs(first, second)
    if at is None:
        return f"{ends}every event is the same, but not {', '.join(_changed(first[0], second[0]))}"
    event = first[at] if at < len(first) else second[at]
    return f"{ends}from line {at + 2}: {_words(event)}"


def _changed(one: Event, other: Event) -> list[str]:
    return [path for path, _, __ in _differences(one, other)]


def _first_that_differs(first: Sequence[Event], second: Sequence[Event]) -> int | None:
    """The index of the first event after the head in which they differ."""
    longest = range(1, max(len(first), len(second)))
    return next((index for index in longest if first[index : index + 1] != second[index : index + 1]), None)


def _runs(first: Event, second: Event) -> Iterator[Line]:
    """In what the runs differed from the start: scenario, row, seed."""
    if first != second:
        yield plain("other runs:", "heading")
        yield from _changes(first, second)
        yield plain("")


def _parting(first: Sequence[Event], second: Sequence[Event], names: Names) -> Iterator[Line]:
    """The first event after the head in which the journals differ."""
    at = _first_that_differs(first, second)
    if at is None:
        yield plain("every event is the same", "heading")
        return
    one, other = (journal[at] if at < len(journal) else None for journal in (first, second))
    yield plain(f"line {at + 2} is the first that differs:", "heading")  # the environment stands in line 1
    yield plain(f"  {names[0]}: {_words(one)}", "bad")
    yield plain(f"  {names[1]}: {_words(other)}", "good")
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


def _summary(first: Sequence[Event], second: Sequence[Event], names: Names) -> Iterator[Line]:
    """How many events each has, and of which kinds there are some in one journal only."""
    counts = [Counter(_canonical(event) for event in journal) for journal in (first, second)]
    common = (counts[0] & counts[1]).total()
    yield plain(
        f"{names[0]} has {counted(len(first), 'event')}, {names[1]} has {len(second)}; "
        f"{common or 'none'} of them {'is' if common == 1 else 'are'} the same"
    )
    timeless = [Counter(_canonical({**event, "time": 0}) for event in journal) for journal in (first, second)]
    if moved := (timeless[0] & timeless[1]).total() - common:
        yield plain(f"{moved} more {'differs' if moved == 1 else 'differ'} in nothing but the time")
    for path, own, others, style in (
        (names[0], first, timeless[1].copy(), "bad"),
        (names[1], second, timeless[0].copy(), "good"),
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
