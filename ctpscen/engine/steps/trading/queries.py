"""Queries, and any request as it is."""

from __future__ import annotations  # closures are made for every step, and theirs need not be evaluated

from collections.abc import Mapping, Sequence

from ctpscen.client.books.reports import Row
from ctpscen.client.queries import Query
from ctpscen.ctp.codes import HedgeFlag
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.schema import api
from ctpscen.engine.expressions.functions import ask_front
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.waits import Waiting
from ctpscen.engine.steps.binding import Compiler, CompileStep, Executor
from ctpscen.engine.steps.flow import STEP_PATIENCE, patience_of
from ctpscen.engine.steps.trading.fields import field_value
from ctpscen.language.meaning.queries import QUERIES
from ctpscen.language.syntax.tree import Step


def _query(step: Step, compiler: Compiler) -> Executor:
    place, within, name = compiler.place(step), compiler.optional(step, "within"), step.word("as_name")
    request, row_name, single = QUERIES[step.parts["asked"].text]
    of = compiler.optional(step, "of")

    def execute(context: Context) -> Waiting:
        instrument = None if of is None else str((yield from of.evaluate(context)))
        fields: Fields = {} if instrument is None else {"InstrumentID": instrument}
        if request == "ReqQryInstrumentMarginRate":
            fields["HedgeFlag"] = HedgeFlag.SPECULATION
        if request == "ReqQryDepthMarketData" and instrument is None:
            instrument = context.default_instrument
            fields["InstrumentID"] = instrument
        if instrument is not None:
            context.run.environment.list_instruments([instrument])
        patience = yield from patience_of(within, context, STEP_PATIENCE)
        query: Query = yield from ask_front(context, request, fields, context.run.now + patience, place)
        rows = [Row(row_name, row) for row in query.rows]
        if name is not None:
            context.scope[name.text] = _single(rows, row_name, instrument) if single else rows

    return execute


def _single(rows: Sequence[Row], row_name: str, instrument: str | None) -> Row:
    """The one record of an answer; of quotes, which come by prefix, the one of the very instrument."""
    for row in rows:
        if instrument is None or row_name != "DepthMarketData" or row.fields.get("InstrumentID") == instrument:
            return row
    return Row(row_name, {})


def _request(step: Step, compiler: Compiler) -> Executor:
    name, bound = step.parts["name"].text, step.word("as_name")
    row_name = {**api.requests(), **api.SUBSCRIPTIONS}[name]
    settings = [(word.text, compiler.code(value)) for word, value in step.many("setting")]

    def execute(context: Context) -> Waiting:
        fields: Fields = {}
        for field_name, code in settings:
            fields[field_name] = field_value(row_name, field_name, (yield from code.evaluate(context)), code.place)
        actor, now = context.acting, context.run.now
        if name in api.SUBSCRIPTIONS:
            _listen(context, name, fields)
            return
        request, sent = actor.session.send(name, fields, now)
        actor.flush()
        sent.return_code = actor.session.return_codes.get(request.request_id, 0)
        if bound is not None:
            context.scope[bound.text] = sent

    return execute


def _listen(context: Context, name: str, fields: Fields) -> None:
    """Subscribes to inquiries for quotes, by the market API."""
    actor, instrument = context.acting, str(fields.get("InstrumentID", ""))
    context.run.environment.list_instruments([instrument])
    actor.session.market.listen(instrument, context.run.now, ends=name.startswith("Un"))
    actor.flush()


EXECUTORS: Mapping[str, CompileStep] = {"query": _query, "request": _request}
