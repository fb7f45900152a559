"""Invariants, compiled: each tells of an actor what does not hold now, out of its books and the venue's own."""

from __future__ import annotations  # closures are made for every file, and theirs need not be evaluated

from collections.abc import Callable, Sequence
from datetime import timedelta

from attrs import frozen

from ctpscen.client.books.orders import key_of
from ctpscen.client.books.positions import Position, by_instrument
from ctpscen.ctp.codes import OrderStatus
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.times import from_duration
from ctpscen.engine.expressions.compile import Code, ExpressionCompiler
from ctpscen.engine.expressions.conditions import Condition, compile_condition
from ctpscen.engine.state.actors import Actor
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import Place
from ctpscen.engine.steps.expectations.reconcile import QUERIES, differences
from ctpscen.language.meaning.program import Invariant

Shortfalls = Callable[[Context], Sequence[str] | None]
"""What does not hold now, in words: None where all is well."""

ENDED = frozenset((OrderStatus.ALL_TRADED, OrderStatus.CANCELED))
DEFAULT_PATIENCE = timedelta(seconds=60)


@frozen(eq=False, repr=False)
class CompiledInvariant:
    """`actor` is whom it is about. `within` is how long it may take to hold eventually; None where it always does."""

    title: str
    actor: str
    shortfalls: Shortfalls
    eventually: bool
    within: Code | None = None
    place: Place | None = None

    def patience(self, context: Context) -> int:
        """How long it may take to hold, in microseconds."""
        if self.within is None:
            return from_duration(DEFAULT_PATIENCE)
        assert self.within.plain is not None, "the checker lets only constants stand here"
        return from_duration(self.within.plain(context))


def compile_invariant(invariant: Invariant, compiler: ExpressionCompiler) -> CompiledInvariant:
    within = None if invariant.within is None else compiler.code(invariant.within)
    shortfalls = _unreconciled
    if invariant.condition is not None:
        condition = compile_condition(invariant.condition, compiler)

        def shortfalls(context: Context) -> Sequence[str] | None:
            looked = Condition(condition)
            return None if _at_once(looked, context) else looked.found

    place = Place(invariant.source, invariant.span)
    return CompiledInvariant(invariant.title, invariant.actor, shortfalls, invariant.eventually, within, place)


def _at_once(condition: Condition, context: Context) -> bool:
    """Whether a condition holds now; nothing in it takes time, as the venue's books are read in none."""
    looking = condition.holds(context)
    try:
        next(looking)
    except StopIteration as answer:
        return bool(answer.value)
    raise AssertionError("an invariant waits for nothing")


# ------------------------------------------------------------------------------------------------------ by default


def default_invariants(actors: Sequence[str]) -> list[CompiledInvariant]:
    """What holds of every program that trades, whatever it is for."""
    found = []
    for name in actors:
        whose = f" by {name}" if len(actors) > 1 else ""
        found.append(CompiledInvariant(f"reconciled{whose}", name, _unreconciled, eventually=True))
        found.append(CompiledInvariant(f"every working order known{whose}", name, _unknown, eventually=True))
    return found


def _rows(context: Context, actor: Actor, name: str) -> Sequence[Fields]:
    return context.run.environment.ask_venue(actor.session.identity.user, name, {}) or ()


def _unreconciled(context: Context) -> Sequence[str] | None:
    actor = context.acting
    answers = {name: _rows(context, actor, name) for name in QUERIES}
    return differences(actor, answers, actor.held_at_first, {}) or None


def _unknown(context: Context) -> Sequence[str] | None:
    actor = context.acting
    known = actor.books.orders.newest
    found = [
        f"the order {row['OrderRef']} works at the venue, and {actor.name} does not know of it"
        for row in _rows(context, actor, "ReqQryOrder")
        if row.get("OrderStatus") not in ENDED and key_of(row) not in known
    ]
    return found or None


def note_holdings(context: Context, actor: Actor) -> None:
    """Takes what the venue holds for an actor before it has begun; the trades of the day come on top of it."""
    rows = _rows(context, actor, "ReqQryInvestorPosition")
    held = by_instrument(rows)
    for trade in _rows(context, actor, "ReqQryTrade"):
        held.setdefault(trade["InstrumentID"], Position()).trade(_reversed(trade))
    actor.held_at_first = held


def _reversed(trade: Fields) -> Fields:
    """The trade that would undo one; before a run there are none, as its venue is new."""
    return {**trade, "Volume": -trade["Volume"]}
