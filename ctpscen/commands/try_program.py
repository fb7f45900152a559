"""`ctpscen try`: runs a program on the simulator without a scenario, and shows what it did."""

import argparse
import os
import shlex
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ctpscen.arguments import declare_products, pace, seconds, terms_for
from ctpscen.commands import BLOCKED, ERROR, FAILED, PASSED, USAGE
from ctpscen.ctp.terms.broker_terms import BrokerTerms
from ctpscen.ctp.times import spoken_duration
from ctpscen.engine.settings import Settings
from ctpscen.report.files import Unwritable, prepare_file, write_text
from ctpscen.report.program_events import program_style, program_words
from ctpscen.report.skeleton import quoted, skeleton
from ctpscen.report.terminal.events import EventLines
from ctpscen.report.terminal.lines import Line, Piece, plain
from ctpscen.report.terminal.timeline import timeline_lines, worth_a_line
from ctpscen.report.terminal.writer import Writer, writer_for
from ctpscen.runner.execution import Done, Order, run_items
from ctpscen.runner.selection import Item
from ctpscen.runner.values import BadValue

Event = Mapping[str, Any]

NAME = "robot"
LONGEST = 24 * 3600.0
LARGEST_FOLDER = 200_000_000
"""Bytes of a folder that are copied without being asked for by name."""

DESCRIPTION = """\
Runs a program that uses the CTP library on the simulator, unchanged, until it ends or Ctrl-C is pressed: its orders
go nowhere else. Shows what it asks for, what it is told, and what it writes; then the whole as a diagram, what the real
library would have punished, and a scenario to go on from."""

EPILOG = """\
examples:
  ctpscen try -- python my_strategy.py
  ctpscen try --pace jump --for 10m --save my_strategy.scn -- ./robot --contract rb2705

exit codes:
  0    it ended with exit code 0, or was stopped
  1    it ended otherwise
  2    bad usage
  3    what was asked for could not be written
  4    it could not be started
"""


class BadFolder(Exception):
    """The folder cannot be copied, or is better not; the text says why."""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--in", dest="folder", metavar="FOLDER", help="it runs in a copy of this folder (the current one)"
    )
    parser.add_argument(
        "--for",
        dest="longest",
        type=seconds,
        default=LONGEST,
        metavar="D",
        help="stop it after so long by its clock (a day)",
    )
    parser.add_argument(
        "--pace", type=pace, default=1.0, metavar="P", help="1 (the default), so many times faster, or jump"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of all that is random in the simulator")
    declare_products(parser)
    parser.add_argument("--save", metavar="FILE", help="write the scenario to go on from into this file")
    parser.add_argument("--html", metavar="FILE", help="write a page with a sequence diagram")
    parser.add_argument("--force", action="store_true", help="write over files that are there")
    parser.add_argument(
        "program", nargs=argparse.REMAINDER, metavar="-- COMMAND …", help="the program with its arguments"
    )


def execute(options: argparse.Namespace) -> int:
    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    command = options.program[1:] if options.program[:1] == ["--"] else options.program
    if not command:
        err.write(plain("no program is named: ctpscen try -- COMMAND …", "bad"))
        return USAGE
    for own in _behind_the_command(options.program):
        err.write(plain(f"`{own}` goes to the program; what is for ctpscen stands before it: {_BEFORE}", "warn"))
    try:
        folder, terms = _folder(options.folder), terms_for(options)
        if options.html is not None:
            prepare_file(options.html, force=options.force)
        if options.save is not None and os.path.exists(options.save) and not options.force:
            raise Unwritable(f"{options.save}: there is such a file already; --force writes over it")
        if options.save is not None and not os.path.isdir(os.path.dirname(os.path.abspath(options.save))):
            raise Unwritable(f"{options.save}: there is no folder for it")
    except (BadFolder, BadValue, Unwritable) as reason:
        err.write(plain(str(reason), "bad"))
        return USAGE
    began, words = time.perf_counter(), shlex.join(_reachable(command, folder))
    done = _run(words, folder, options, terms, out)
    for line in _told(done):
        out.write(line)
    try:
        _keep(done, words, folder, options, time.perf_counter() - began, out)
    except Unwritable as reason:
        err.write(plain(str(reason), "bad"))
        return ERROR
    return _exit_code(done)


_BEFORE = "ctpscen try --for 10s -- COMMAND …"
_OWN = frozenset({"--for", "--pace", "--in", "--save", "--html", "--seed", "--products"})


def _behind_the_command(program: Sequence[str]) -> list[str]:
    """Options of this command that stand behind the program's, where no `--` says that they are the program's own."""
    return [] if program[:1] == ["--"] else [word for word in program if word.partition("=")[0] in _OWN]


def _folder(named: str | None) -> str:
    """The folder that is copied, in full. Raises BadFolder."""
    folder = Path(named or ".").resolve()
    if not folder.is_dir():
        raise BadFolder(f"{named}: there is no such folder")
    if named is None and _is_large(folder):
        raise BadFolder(
            f"{folder} has more than {LARGEST_FOLDER // 1_000_000} MB, and the program runs in a copy of it: "
            "name the folder that it needs with --in FOLDER"
        )
    return str(folder)


def _reachable(command: Sequence[str], folder: str) -> Sequence[str]:
    """The command as it can be called in the copy: a path that leads out of the folder is made whole."""
    first, *rest = command
    path = os.path.abspath(first)
    if os.sep in first and os.path.exists(path) and not path.startswith(folder + os.sep):
        first = path
    return [first, *rest]


def _is_large(folder: Path) -> bool:
    size = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            size += os.lstat(os.path.join(parent, name)).st_size
            if size > LARGEST_FOLDER:
                return True
    return False


# --------------------------------------------------------------------------------------------------------- the run


def _run(command: str, folder: str, options: argparse.Namespace, terms: BrokerTerms, out: Writer) -> Done:
    from ctpscen.language.checking.file import check
    from ctpscen.language.text.source import Source

    text = (
        f"program {NAME} {quoted(command)} in {quoted(folder)}\n"
        f'scenario "{NAME}":\n    start\n    expect exit within {options.longest:.0f}s\n'
    )
    program = check(Source(os.path.join(os.getcwd(), "try"), text)).program
    assert program is not None, "the text is ours"
    item = Item("try", program, program.scenarios[0], None)
    order = Order(options.seed, Settings(pace=options.pace, terms=terms))
    (done,) = run_items([item], order, observer=_Shown(out))
    return done


class _Shown:
    """Shows what happens while it does."""

    def __init__(self, out: Writer) -> None:
        self._out = out
        self._lines: EventLines | None = None

    def begin(self, _: Item) -> None:
        self._out.write(plain("on the simulator; Ctrl-C stops it", "dim"))
        self._out.flush()

    def event(self, event: Event) -> None:
        if self._lines is None:
            self._lines = EventLines(event)
        elif event["event"] != "step":
            for line in self._lines.of(event):
                self._out.write(line)
            self._out.flush()

    def try_again(self, _: Any) -> None:
        """Nothing is tried again."""


# ----------------------------------------------------------------------------------------------------- what came of it


def _told(done: Done) -> Iterator[Line]:
    """The diagram, the hazards, and how it ended."""
    head, *events = done.result.journal
    if any(event["event"] == "call" for event in events):
        yield plain("")
        shown = [index for index in worth_a_line(events, head["sessions"]) if events[index]["event"] not in _UNTOLD]
        yield from timeline_lines(events, head["sessions"], shown)
    yield plain("")
    yield from _ending(done, events)
    if not _began(events):
        return
    hazards = list(dict.fromkeys(event["text"] for event in events if event["event"] == "hazard"))
    yield plain(f"hazards, which the real library punishes: {len(hazards)}" if hazards else "no hazards", "heading")
    yield from (plain(f"  {text}", "bad") for text in hazards)


_UNTOLD = frozenset({"step", "end", "verdict"})


def _ending(done: Done, events: Sequence[Event]) -> Iterator[Line]:
    result, name = done.result, Piece(f"{NAME} ", "heading")
    ends = [event for event in events if event["event"] == "exit"]
    if not _began(events):
        yield plain(result.reason or f"{NAME} did not start", "bad")
        return
    if ends and not ends[-1]["killed"] and result.verdict != "interrupted":
        yield [name, Piece(program_words(ends[-1]), program_style(ends[-1]))]
    else:
        yield [name, Piece(f"was stopped after {spoken_duration(result.elapsed)}")]
    failed = ends and ends[-1]["code"] not in (0, None)  # which it says itself, and better
    if not failed and not any(event["event"] == "call" for event in events):
        yield plain("it called nothing of the CTP library; why that may be: `ctpscen docs programs`", "warn")


def _began(events: Sequence[Event]) -> bool:
    return any(event["event"] in ("call", "line", "exit") for event in events)


def _keep(done: Done, command: str, folder: str, options: argparse.Namespace, wall: float, out: Writer) -> None:
    """Writes what was asked for, and the scenario to go on from."""
    _, *events = done.result.journal
    if options.html is not None:
        from ctpscen.report.page.html import html_text

        write_text(options.html, html_text([done], wall, options.seed))
        out.write(plain(f"the page is {options.html}", "dim"))
    if not any(event["event"] == "call" for event in events):
        return
    relative = os.path.relpath(folder, os.path.dirname(os.path.abspath(options.save))) if options.save else folder
    text = skeleton(NAME, command, relative, events)
    if options.save is not None:
        write_text(options.save, text)
        out.write(plain(f"a scenario to go on from: {options.save}", "dim"))
        return
    out.write(plain("a scenario to go on from (--save FILE writes it):", "heading"))
    for line in text.splitlines():
        out.write(plain(f"  {line}", "dim"))


def _exit_code(done: Done) -> int:
    events = done.result.journal
    if not _began(events):
        return BLOCKED
    ends = [event for event in events if event["event"] == "exit"]
    if ends and not ends[-1]["killed"] and done.result.verdict != "interrupted" and ends[-1]["code"] != 0:
        return FAILED
    return PASSED
