"""`expect reconciled`: what the session was told, against what the front answers.

Three things must agree: every order and every trade, by its key; every position, as it was at the first login plus
the trades since; and the account's own sums. A report that comes while the front is being asked makes the answers
stale, so then it is asked again.
"""

from __future__ import annotations  # closures are made for every step, and theirs need not be evaluated

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ctpscen.client.books.orders import key_of, trade_key
from ctpscen.client.books.positions import Position, by_instrument
from ctpscen.client.queries import Query
from ctpscen.ctp.codes import PosiDirection
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.schema.records import record
from ctpscen.ctp.terms.instruments import name_of, spread_of
from ctpscen.ctp.times import spoken_duration
from ctpscen.engine.expressions.functions import ask_front
from ctpscen.engine.expressions.patterns import show_field
from ctpscen.engine.state.actors import Actor
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import Failed, Place
from ctpscen.engine.state.waits import Wait, Waiting
from ctpscen.engine.steps.binding import Compiler, CompileStep, Executor
from ctpscen.engine.steps.expectations.search import DEFAULT_WAIT
from ctpscen.engine.steps.expectations.soft import softened
from ctpscen.engine.steps.flow import patience_of
from ctpscen.language.syntax.tree import Step

CENT = 0.005
"""Sums of money that differ by less are equal."""

QUERIES = ("ReqQryOrder", "ReqQryTrade", "ReqQryInvestorPosition", "ReqQryTradingAccount")
"""What the front is asked for, in this order."""

# The fields in which an order as reported must equal the order as answered.
_ORDER_FIELDS = ("OrderStatus", "OrderSubmitStatus", "VolumeTraded", "VolumeTotal", "OrderSysID")
_TRADE_FIELDS = ("Price", "Volume", "OffsetFlag", "InstrumentID", "OrderSysID")


def _reconciled(step: Step, compiler: Compiler) -> Executor:
    within, place = compiler.optional(step, "within"), compiler.place(step)

    def execute(context: Context) -> Waiting:
        patience = yield from patience_of(within, context, DEFAULT_WAIT)
        run, start = context.run, context.run.now
        deadline = start + patience
        while True:
            differences = yield from _compare(context, deadline, place)
            if not differences:
                return
            if run.now >= deadline:
                message = "what was reported is not what the front answers"
                notes = [*differences[:8], f"waited {spoken_duration(run.now - start)}"]
                raise Failed(place.located("R618", message, notes=notes), message)
            changes = run.changes
            yield Wait(lambda changes=changes: run.changes > changes, deadline)  # type: ignore[misc]

    return execute


def _compare(context: Context, deadline: int, place: Place) -> Waiting:
    """What differs, in words; asks until no report but quotes comes in between."""
    actor, inbox = context.acting, context.acting.inbox
    while True:
        seen = inbox.news
        answers = {}
        for name in QUERIES:
            # Asking four times takes longer than the shortest wait; the last round is let finish.
            query: Query = yield from ask_front(context, name, {}, max(deadline, context.run.now) + DEFAULT_WAIT, place)
            answers[name] = query.rows
        if inbox.news == seen or context.run.now >= deadline:
            return differences(actor, answers, actor.first_positions, actor.first_book)


def differences(
    actor: Actor,
    answers: Mapping[str, Sequence[Fields]],
    first: Mapping[str, Position] | None,
    first_book: Mapping[str, Position],
) -> list[str]:
    """What differs between an actor's books and the answers to the QUERIES, in words.

    `first` is what was held at some moment, None where that is not known, and `first_book` what the trades that were
    reported by then add up to.
    """
    return [
        *_orders(actor, answers["ReqQryOrder"]),
        *_trades(actor, answers["ReqQryTrade"]),
        *_positions(actor, answers["ReqQryInvestorPosition"], first, first_book),
        *_account(answers["ReqQryTradingAccount"]),
    ]


def _orders(actor: Actor, rows: Iterable[Fields]) -> list[str]:
    answered = {key_of(row): row for row in rows}
    reported = _of_the_day(actor, actor.books.orders.newest)
    return _differences("Order", reported, answered, _ORDER_FIELDS, lambda key: key[2].strip())


def _trades(actor: Actor, rows: Iterable[Fields]) -> list[str]:
    answered = {trade_key(row): row for row in rows}
    reported = _of_the_day(actor, actor.books.orders.trades)
    return _differences("Trade", reported, answered, _TRADE_FIELDS, lambda key: key[1].strip())


def _of_the_day(actor: Actor, reported: Mapping[Any, Fields]) -> Mapping[Any, Fields]:
    """What the front still knows: its answers are of the present trading day (BEHAVIOUR 6)."""
    day = actor.books.trading_day
    return {key: fields for key, fields in reported.items() if fields.get("TradingDay", day) == day}


def _differences(
    kind: str,
    reported: Mapping[Any, Fields],
    answered: Mapping[Any, Fields],
    names: Iterable[str],
    spoken: Callable[[Any], str],
) -> list[str]:
    what = kind.lower()
    found = [
        f"the {what} {spoken(key)} was reported, and the front has none" for key in reported if key not in answered
    ]
    found += [
        f"the front has the {what} {spoken(key)}, which was not reported" for key in answered if key not in reported
    ]
    for key, row in answered.items():
        if key in reported:
            for name in names:
                known = record(kind).fields[name]
                ours, theirs = reported[key].get(name, known.default), row.get(name, known.default)
                if ours != theirs:
                    told = f"{show_field(known, ours)} as reported, {show_field(known, theirs)} as answered"
                    found.append(f"the {what} {spoken(key)}: {name} {told}")
    return found


def _positions(
    actor: Actor, rows: Sequence[Fields], first: Mapping[str, Position] | None, then: Mapping[str, Position]
) -> list[str]:
    """What was held at the first login plus the trades reported since.

    Where the scenario logged in by itself nothing was asked then; the lots held since yesterday take its place. After a
    settlement options are not compared, nor the futures that they are on.
    """
    now = by_instrument(rows)
    if first is None:
        first, then = _held_since_yesterday(rows), {}
    found = []
    empty = Position()
    names = dict.fromkeys([*now, *first, *actor.books.positions])
    turned = _turned_into_each_other(names) if actor.books.settlements else frozenset()
    for instrument in names:
        if instrument in turned:
            continue
        held, began = now.get(instrument, empty), first.get(instrument, empty)
        book, before = actor.books.positions.get(instrument, empty), then.get(instrument, empty)
        for side in ("long", "short"):
            wanted = getattr(began, side) + getattr(book, side) - getattr(before, side)
            if getattr(held, side) != wanted:
                found.append(f"{instrument} {side}: {wanted} by the trades, {getattr(held, side)} as answered")
    return found


def _turned_into_each_other(instruments: Iterable[str]) -> frozenset[str]:
    """Options and their futures: of one a settlement may make the other, and no report tells of it."""
    named = [(instrument, name_of(instrument)) for instrument in instruments]
    options = [(instrument, name.underlying) for instrument, name in named if name is not None and name.right]
    return frozenset(each for pair in options for each in pair)


def _held_since_yesterday(rows: Iterable[Fields]) -> dict[str, Position]:
    """YdPosition does not change within a day (BEHAVIOUR 5.1)."""
    found: dict[str, Position] = {}
    for row in rows:
        if spread_of(row.get("InstrumentID", "")) is not None:
            continue  # its legs' rows tell of it as well
        position = found.setdefault(row.get("InstrumentID", ""), Position())
        side = "long_yesterday" if row.get("PosiDirection") == PosiDirection.LONG else "short_yesterday"
        setattr(position, side, getattr(position, side) + row.get("YdPosition", 0))
    return found


def _account(rows: Sequence[Fields]) -> list[str]:
    """The sums of BEHAVIOUR 5.4; a floating gain is not available (Algorithm 2)."""
    if not rows:
        return ["the front has no account"]
    row = rows[0]

    def value(*names: str) -> float:
        return sum(float(row.get(name, 0.0)) for name in names)

    balance = value("PreBalance", "Mortgage", "Deposit", "CloseProfit", "PositionProfit", "CashIn") - value(
        "PreCredit", "PreMortgage", "Withdraw", "Commission"
    )
    available = (
        value("Balance")
        - value("CurrMargin", "FrozenMargin", "FrozenCommission", "FrozenCash", "DeliveryMargin")
        - max(value("PositionProfit"), 0.0)
    )
    found = []
    for name, wanted in (("Balance", balance), ("Available", available)):
        if abs(value(name) - wanted) > CENT:
            found.append(f"the account's {name} is {value(name):.2f}, and its parts make {wanted:.2f}")
    return found


EXECUTORS: Mapping[str, CompileStep] = {"expect_reconciled": softened(_reconciled)}
