"""The report as one page of HTML that needs nothing else: no network, no fonts, no other files.

`page.html`, `page.css` and `page.js` are put together with the results as JSON, a block a scenario, and a block is
read only when its scenario is opened. In a block an event is a short list, told apart by its first letter:

    s  text, line, depth, actor, implicit, file     a step; actor is 0 for the default one, file 0 for the own
    e  waited                                       the end of a step
    q  words, session, name, fields, flags, request, returned
    r  words, session, name, fields, flags, request, code, message, connection
    f  text, session, far, flags                    a fault; session is -1 where it is about none, or about several
    n, l, x  text                                   note, log, soft failure

The second element is always the time since the event before. Names of functions and fields are numbers of one table.
Fields are told by what differs from the same function's event before, the page's first one standing before them all:
number, value, number, value …, where −1 − number takes a field away. Flags are bits, see _FLAGS.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any, Protocol

from attrs import define, field

from ctpscen.ctp import api, constants, descriptions
from ctpscen.ctp.describe import describe_callback
from ctpscen.ctp.records import Record, record
from ctpscen.ctp.times import spoken_duration
from ctpscen.engine.run import Result
from ctpscen.language.source import Source
from ctpscen.report.journal import environment
from ctpscen.report.sequence import Arrow, Diagram, diagram
from ctpscen.report.terminal import VERDICT_STYLES, describe_request, why_lines

Event = Mapping[str, Any]

# far 1 front, 2 exchange; 4 quiet, 8 replayed, 16 market, 32 does not arrive, 64 is kept back
_FLAGS = {"": 0, "front": 1, "exchange": 2, "quiet": 4, "replayed": 8, "market": 16, "lost": 32, "kept back": 64}
_STATES = {"up": 0, "down": 1, "silent": 2}


class Program(Protocol):
    @property
    def source(self) -> Source: ...


class Item(Protocol):
    """What was run."""

    @property
    def program(self) -> Program: ...
    @property
    def line(self) -> int: ...
    @property
    def scenario(self) -> Any: ...


class Ended(Protocol):
    """A result and the wall time that it took, in seconds."""

    @property
    def item(self) -> Item: ...
    @property
    def result(self) -> Result: ...
    @property
    def wall(self) -> float: ...


def html_text[E: Ended](done: Sequence[E], wall: float, seed: int, rerun: Callable[[E], str] = lambda _: "") -> str:
    """The page. `wall` is the whole run's wall time in seconds; `rerun` gives the command that runs one again."""
