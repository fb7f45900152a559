"""What a live front needs beside the steps: time, because it says neither where a repetition ends nor what is lost.

None of this happens on the simulator, where a scenario sees every report as CTP would bring it.
"""

from ctpscen.client.books.books import PRIVATE
from ctpscen.client.books.orders import Order, key_of
from ctpscen.ctp.times import SECOND
from ctpscen.engine.expressions.functions import ask_front
from ctpscen.engine.state.actors import Actor
from ctpscen.engine.state.context import Context, Run
from ctpscen.engine.state.outcomes import Failed, Place
from ctpscen.engine.state.waits import Wait, Waiting

SILENCE = SECOND
LONGEST = 60 * SECOND
"""A repetition of the private stream is over when so long it brings nothing (BEHAVIOUR 1.3), or after so long: an
account on which another program trades is never silent."""

LATE = SECOND // 2
LATEST = 5 * SECOND
"""Silence after which no report is taken to come any more before a verdict, and the longest wait for it."""

ANSWER = 10 * SECOND


def what_the_day_brought(actor: Actor, run: Run) -> Waiting:
    """On new flow files the front repeats the whole day; it feeds the books and is nothing to expect."""
    if actor.caught_up:
        return
    yield from _silence([actor], run, SILENCE, run.now + LONGEST)
    actor.inbox.take(report for report in actor.inbox.waiting() if report.name in PRIVATE or report.refusal is not None)
    actor.caught_up = True


def in_flight_at_the_break(context: Context, actor: Actor, place: Place) -> Waiting:
    """Orders of which no report has come are looked for: in the repetition, then among the front's orders.

    What is found feeds the books; what is not there has never arrived, and is over. Nothing is sent again.
    """
    run = context.run
    if not _unheard(actor):
        return
    yield from _silence([actor], run, SILENCE, run.now + LONGEST)
    if not _unheard(actor):
        return
    try:
        query = yield from ask_front(context, "ReqQryOrder", {}, run.now + ANSWER, place, actor)
    except Failed as failed:
        run.journal.add("note", run.now, text=f"what became of orders in flight is not known: {failed.reason}")
        return
    rows = {key_of(row): row for row in query.rows}
    for order in _unheard(actor):
        row = rows.get(order.key)
        if row is not None:
            actor.books.orders.reported(row)
        else:
            order.refused = True
        end = "was found by a query" if row is not None else "is not known to the front: it has never arrived"
        run.journal.add("note", run.now, text=f"order {order.key[2]} of {actor.name}, in flight at the break, {end}")
    run.changed()


def _unheard(actor: Actor) -> list[Order]:
    """Orders of an earlier login that left and of which nothing was heard."""
    now = (actor.books.front_id, actor.books.session_id)
    return [
        order
        for order in actor.books.orders.by_key.values()
        if order.input is not None and order.newest is None and not order.is_final and order.key[:2] != now
    ]


def late_reports(run: Run) -> Waiting:
    """Lets reports come that are still on their way, so that they count for what the scenario watches."""
    senders = [actor for actor in run.actors.values() if actor.sent]
    if senders:
        yield from _silence(senders, run, LATE, run.now + LATEST)


def _silence(actors: list[Actor], run: Run, span: int, end: int) -> Waiting:
    """Waits until the private stream brings nothing more in a span, or until the end; quotes come for ever."""
    seen = -1
    while seen != (count := sum(map(_told_in_private, actors))) and run.now < end:
        seen = count
        yield Wait(deadline=min(run.now + span, end))


def _told_in_private(actor: Actor) -> int:
    return sum(report.name in PRIVATE for report in actor.inbox.history)
