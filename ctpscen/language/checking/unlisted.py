"""Contracts that the venue does not list on the days of a file, as far as those are known.

A simulated run begins on one day, unless `clock` sets another; a run against a real front has the day of its date, for
which this is no error.
"""

from collections.abc import Iterator
from datetime import date, datetime

from ctpscen.ctp.terms.instruments import name_of
from ctpscen.ctp.terms.listing import last_day, why_not
from ctpscen.ctp.terms.products import products
from ctpscen.ctp.times import OPENING_DAY
from ctpscen.language.checking.symbols import File
from ctpscen.language.meaning.scope import walk
from ctpscen.language.syntax.tree import LiteralValue, Step
from ctpscen.language.syntax.walk import own_expressions

_SETTING = ("clock", "wait_until")
_LISTING = ("list", "unlist")


def warn_of_unlisted(file: File) -> None:
    """Warns once of every contract that is listed on no day of the file."""
    steps = list(walk(file.steps))
    days = _days(file, steps)
    listing = [each for step in steps if step.verb in _LISTING for each in own_expressions(step)]
    if not days or not all(isinstance(each, LiteralValue) for each in listing):
        return
    told = {each.value for each in listing if isinstance(each, LiteralValue)}
    for node in _contracts(steps):
        name = name_of(str(node.value))
        if node.value in told or name is None or name.product not in products():
            continue
        told.add(node.value)
        instrument = str(node.value)
        if all(last_day(instrument, day) is None for day in days):
            day = min(days)
            notes = [f"the day is {day}, unless `clock` says otherwise; `venue: list {instrument}` lists it"]
            file.warn("W509", why_not(instrument, day), node.span, notes=notes)


def _contracts(steps: list[Step]) -> Iterator[LiteralValue]:
    for step in steps:
        for each in own_expressions(step):
            if isinstance(each, LiteralValue) and each.kind == "instrument":
                yield each


def _days(file: File, steps: list[Step]) -> set[date]:
    """The days that the file names, and the one on which it begins; none where a clock's day is not known."""
    days, begins = set[date](), OPENING_DAY
    venue = [step for step in file.steps if step.verb == "actor" and step.parts["name"].text == "venue"]
    at_first = [step for step in walk(venue) if step.verb == "clock"]
    for step in steps:
        if step.verb not in _SETTING:
            continue
        for each in own_expressions(step):
            if step.verb == "clock" and not isinstance(each, LiteralValue):
                return set()
            if isinstance(each, LiteralValue) and isinstance(each.value, date):
                day = each.value.date() if isinstance(each.value, datetime) else each.value
                days.add(day)
                if step in at_first:
                    begins = day
    return days | {begins}
