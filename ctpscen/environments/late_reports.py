"""What a live front makes a session wait for: it says neither where a repetition ends nor what is lost.

None of this happens on the simulator, where a scenario sees every report as CTP would bring it.
"""

from collections.abc import Collection

from ctpscen.client.books.books import PRIVATE
from ctpscen.client.books.orders import Order, key_of
from ctpscen.ctp.times import SECOND
from ctpscen.engine.state.actors import Actor, Unanswered
from ctpscen.engine.state.waits import Wait, Waiting

SILENCE = SECOND
LONGEST = 60 * SECOND
"""A repetition of the private stream is over when so long it brings nothing (BEHAVIOUR 1.3), or after so long: an
account on which another program trades is never silent."""

LATE = SECOND // 2
LATEST = 5 * SECOND
"""Silence after which no report is taken to come any more before a verdict, and the longest wait for it."""

ANSWER = 10 * SECOND


def what_the_day_brought(actor: Actor) -> Waiting:
    """On new flow files the front repeats the whole day; it feeds the books and is nothing to expect."""
    if actor.caught_up:
        return
    yield from _silence([actor], SILENCE, LONGEST)
    actor.inbox.take(report for report in actor.inbox.waiting() if report.name in PRIVATE or report.refusal is not None)
    actor.caught_up = True


def in_flight_at_the_break(actor: Actor) -> Waiting:
    """Orders of which no report has come are looked for: in the repetition, then among the front's orders.

    What is found feeds the books, which take it that what is not there has never arrived. Nothing is sent again.
    """
    if not _unheard(actor):
        return
    yield from _silence([actor], SILENCE, LONGEST)
    in_flight = _unheard(actor)
    if not in_flight:
        return
    try:
        query = yield from actor.ask("ReqQryOrder", {}, actor.clock.now + ANSWER)
    except Unanswered as reason:
        _note(actor, f"what became of orders in flight is not known: {reason}")
        return
    rows = {key_of(row): row for row in query.rows}
    for order in in_flight:
        row = rows.get(order.key)
        if row is not None:
            actor.books.orders.reported(row)
        end = "was found by a query" if row is not None else "is not known to the front: it has never arrived"
        _note(actor, f"order {order.key[2]} of {actor.name}, in flight at the break, {end}")
    actor.changed()


def _note(actor: Actor, text: str) -> None:
    actor.journal.add("note", actor.clock.now, text=text)


def _unheard(actor: Actor) -> list[Order]:
    """Orders of an earlier login that left and of which nothing was heard."""
    now = (actor.books.front_id, actor.books.session_id)
    return [
        order
        for order in actor.books.orders.by_key.values()
        if order.input is not None and order.newest is None and not order.is_final and order.key[:2] != now
    ]


def late_reports(actors: Collection[Actor]) -> Waiting:
    """Lets reports come that are still on their way, so that they count for what the scenario watches."""
    senders = [actor for actor in actors if actor.sent or actor.calls_of("ReqOrderInsert")]
    if senders:
        yield from _silence(senders, LATE, LATEST)


def _silence(actors: Collection[Actor], span: int, longest: int) -> Waiting:
    """Waits until the private stream brings nothing more in a span, or for the longest; quotes come for ever."""
    clock = next(iter(actors)).clock
    seen, end = -1, clock.now + longest
    while seen != (count := sum(map(_told_in_private, actors))) and clock.now < end:
        seen = count
        yield Wait(deadline=min(clock.now + span, end))


def _told_in_private(actor: Actor) -> int:
    return sum(report.name in PRIVATE for report in actor.inbox.history)
