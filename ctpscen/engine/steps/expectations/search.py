"""Searches for reports in an inbox: what matches, and when nothing more can come."""

from typing import Any

from attrs import define, field

from ctpscen.client.books.orders import Order
from ctpscen.client.books.reports import Report
from ctpscen.ctp.schema import constants
from ctpscen.ctp.times import SECOND
from ctpscen.engine.expressions.patterns import Matcher
from ctpscen.engine.expressions.values import is_number, show
from ctpscen.engine.state.outcomes import Place
from ctpscen.engine.state.waits import Wait

DEFAULT_WAIT = 10 * SECOND
"""How long an expectation waits that does not say how long."""

# How long after an order's end another report of it is still thinkable: doubled and delayed ones come within this.
GRACE = SECOND

# What comes of an order only while it lives. A refused cancel is not among it: a finished order may still be cancelled.
_OF_AN_ORDER = frozenset(
    {"order", "trade", "rejection", "OnRtnOrder", "OnRtnTrade", "OnRspOrderInsert", "OnErrRtnOrderInsert"}
)


@define(eq=False, repr=False)
class Search:
    """One search for reports in the acting session's inbox.

    `found` are those that match, the oldest first; nothing is taken before the expectation holds.
    """

    matcher: Matcher
    found: list[Report] = field(factory=list)
    began_at: int = field(init=False)
    _seen: int = 0
    _undecided: list[Report] = field(factory=list)
    _ended_at: int | None = None

    def __attrs_post_init__(self) -> None:
        self.began_at = len(self.matcher.actor.inbox.history)

    def look(self) -> None:
        """Looks at what has come since the last look, and at what could not be told then."""
        history, inbox = self.matcher.actor.inbox.history, self.matcher.actor.inbox
        again, self._undecided = self._undecided, []
        fresh = history[self._seen :]
        self._seen = len(history)
        for report in sorted([*again, *fresh], key=lambda each: each.number):
            if not inbox.has(report):
                continue
            if self.matcher.matches(report):
                self.found.append(report)
            elif report.name == "OnRtnTrade" and self.matcher.owner(report) is None:
                self._undecided.append(report)
        self.found.sort(key=lambda each: each.number)

    def over(self, wait: Wait, now: int) -> bool:
        """Whether nothing more can come; brings the wait's deadline forward when that is about to be so."""
        actor = self.matcher.actor
        if actor.has_ended:
            return True
        subjects = self.matcher.subjects
        if subjects is None or self.matcher.pattern.kind not in _OF_AN_ORDER:
            return False
        if actor.books.connection.was_released:
            return True
        orders = [subject for subject in subjects if isinstance(subject, Order)]
        if len(orders) != len(subjects) or not all(order.is_final for order in orders):
            return False
        if self.matcher.context.run.environment.reports_held_back(actor.name):
            return False
        if self._ended_at is None:
            self._ended_at = now
        if wait.deadline is not None:
            wait.deadline = min(wait.deadline, self._ended_at + GRACE)
        return now >= self._ended_at + GRACE

    def end_note(self) -> str:
        """Why the search ended before its time; '' where it did not."""
        actor = self.matcher.actor
        if actor.has_ended:
            return f"{actor.name} has ended: nothing can come any more"
        if actor.books.connection.was_released:
            return f"{actor.name} is released: nothing can come any more"
        if self._ended_at is None:
            return ""
        subjects = self.matcher.subjects or ()
        ends = ", ".join(self._end_of(order) for order in subjects if isinstance(order, Order))
        return f"no further {self.matcher.pattern.kind} can come: {ends}"

    def _end_of(self, order: Order) -> str:
        """How an order ended; a refused one by whom, with the code and the text."""
        history = self.matcher.actor.inbox.history
        refusal = next((each for each in history if each.refusal == "rejection" and each.order is order), None)
        if refusal is None:
            return _end_of(order)
        said = f"{refusal.code} {refusal.message}".rstrip()
        return f"the order {order.key[2].strip()} was refused by {refusal.source}: {said}"


def _end_of(order: Order) -> str:
    reference = order.key[2].strip()
    if order.refused or order.refused_by_exchange:
        return f"the order {reference} was refused"
    status = constants.name_of("OrderStatus", order.status or "") or "final"
    return f"the order {reference} is {status}" + (" and its trades have come" if order.trades else "")


def report_count(value: Any, place: Place) -> int:
    """How many reports a value means. Raises ScenarioError for what counts nothing."""
    if not is_number(value) or value != int(value) or value < 0:
        raise place.error(f"so many reports are a whole number, not {show(value)}")
    return int(value)
