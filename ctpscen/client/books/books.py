"""The books of one login: every request and callback of its traffic goes in, reports come out."""

from attrs import define, field

from ctpscen.client.books.order_queries import OrderQueries
from ctpscen.client.books.orders import Key, Order, Orders, key_of
from ctpscen.client.books.positions import Position
from ctpscen.client.books.refusals import (
    NOT_FOUND,
    REFUSED,
    REFUSED_BY_EXCHANGE,
    Refusals,
    code_and_text,
    returned_text,
)
from ctpscen.client.books.replay import TOLD_OF, ReplayWatch
from ctpscen.client.books.reports import RefusalKind, Report, Source
from ctpscen.client.connection import EVENTS_BY_CALLBACK, EVENTS_BY_REQUEST, Connection
from ctpscen.ctp.codes import OrderSubmitStatus, ResumeType
from ctpscen.ctp.messages import Callback, Fields, Request

PRIVATE = frozenset(
    ["OnRtnOrder", "OnRtnTrade", "OnErrRtnOrderInsert", "OnErrRtnOrderAction", "OnRtnErrorConditionalOrder"]
)
"""The callbacks of orders that the private stream brings."""


@define
class Numbering:
    """The numbers of reports in order of arrival; several books of one inbox share one."""

    last: int = 0

    def next(self) -> int:
        self.last += 1
        return self.last


@define(eq=False, repr=False)
class Books:
    """What is known of one login.

    `positions` are what the trades add up to, `quotes` the newest market data, both by instrument; `settlements` counts
    the trading days that have ended since the first login.
    """

    connection: Connection = field(factory=Connection)
    front_id: int = 0
    session_id: int = 0
    trading_day: str = ""
    settlements: int = 0
    orders: Orders = field(factory=Orders)
    positions: dict[str, Position] = field(factory=dict)
    quotes: dict[str, Fields] = field(factory=dict)
    numbering: Numbering = field(factory=Numbering)
    _private: int = ResumeType.RESUME
    _replay: ReplayWatch = field(factory=ReplayWatch)
    _refusals: Refusals = field(factory=Refusals)
    _canceled: set[Key] = field(factory=set)
    _asked: set[str] = field(factory=set)
    _order_queries: OrderQueries = field(factory=OrderQueries)

    # --------------------------------------------------------------------------------------------- what is sent

    def called(self, request: Request) -> None:
        """Takes a call of the API's life: one that is no request to the front."""
        if (event := EVENTS_BY_REQUEST.get(request.name)) is not None:
            self.connection.happen(event)
        elif request.name == "SubscribePrivateTopic":
            self._private = (request.fields or {})["nResumeType"]

    def inserted(self, request: Request) -> Order:
        """Takes a ReqOrderInsert on its way; gives its order."""
        fields = request.fields or {}
        order = Order((self.front_id, self.session_id, fields.get("OrderRef", "")), fields, request.request_id)
        self.orders.sent(order)
        self._refusals.inserted(request.request_id, order)
        return order

    def canceled(self, request: Request, order: Order) -> None:
        """Takes a ReqOrderAction on its way that cancels an order."""
        self._refusals.canceled(request.request_id, order)
        self._canceled.add(order.key)

    def asked(self, request: Request) -> None:
        """Takes a request on its way that is about no order of its own."""
        self._asked.add(request.name)
        self._order_queries.asked(request)

    def returned(self, request: Request, code: int, now: int) -> list[Report]:
        """Takes what the API returned for a request; gives the report that a refusal makes."""
        if request.name == "ReqOrderInsert" and (order := self._refusals.insert(request.request_id)):
            order.return_code = code
            order.refused = order.refused or code != 0
            return [self._refused_by_api("rejection", request, order, code, now)] if code else []
        if request.name == "ReqOrderAction" and code:
            canceled = self._refusals.cancel(request.request_id)
            return [self._refused_by_api("cancel_rejection", request, canceled, code, now)]
        return []

    def _refused_by_api(self, kind: RefusalKind, request: Request, order: Order | None, code: int, now: int) -> Report:
        return Report(
            number=self.next_number(),
            name="",
            fields=request.fields,
            error=None,
            at=now,
            connection=self.connection.number,
            order=order,
            refusal=kind,
            source="api",
            code=code,
            message=returned_text(code),
        )

    # --------------------------------------------------------------------------------------------- what comes back

    def next_number(self) -> int:
        """The number of the next report."""
        return self.numbering.next()

    def answered(self, callback: Callback) -> None:
        """Takes an answer to a query: an order that a later login does not find has never arrived."""
        orders, login = self.orders.by_key.values(), (self.front_id, self.session_id)
        for order in self._order_queries.answered(callback, orders, login):
            order.never_arrived = True

    def receive(self, callback: Callback) -> list[Report]:
        """Takes a callback of the trader API; gives its report, and the refusal that it makes besides."""
        self.answered(callback)
        report = self._report(callback)
        reports = [report]
        if (event := EVENTS_BY_CALLBACK.get(callback.name)) is not None and not report.code:
            self.connection.happen(event)
            if event == "logged in":
                self._logged_in(callback.fields or {}, callback.time)
            elif event == "down":
                self._order_queries.lost()
        elif callback.name == "OnRtnOrder":
            self._take_order(report)
        elif callback.name == "OnRtnTrade":
            self._take_trade(report)
        elif callback.name == "OnRtnErrorConditionalOrder":
            reports.append(self._take_late_refusal(report))
        elif callback.name in REFUSED and report.code:
            reports += self._take_refusal(report, REFUSED[callback.name])
        return reports

    def _report(self, callback: Callback) -> Report:
        error = callback.error or {}
        replayed = callback.name in PRIVATE and self._is_replayed(callback)
        if callback.name in TOLD_OF:
            replayed = self._is_told_again(callback)
        return Report(
            number=self.next_number(),
            name=callback.name,
            fields=callback.fields,
            error=callback.error,
            at=callback.time,
            connection=self.connection.number + (callback.name == "OnFrontConnected"),
            replayed=replayed,
            request_id=callback.request_id,
            code=error.get("ErrorID", 0),
            message=error.get("ErrorMsg", ""),
        )

    def _is_replayed(self, callback: Callback) -> bool:
        fields, this_login = callback.fields or {}, (self.front_id, self.session_id)
        if callback.name.startswith("OnErrRtn"):  # it names no session and no time
            order = self._refusals.order_of(REFUSED[callback.name], 0, fields)
            # A fresh cancel is refused anew, whoever sent the order and when.
            return order is not None and order.key[:2] != this_login and order.key not in self._canceled
        if callback.name == "OnRtnTrade":
            order = self.orders.order_of(fields)
        else:
            order = self.orders.by_key.get(key_of(fields))
        login = order.key[:2] if order else (fields.get("FrontID"), fields.get("SessionID"))
        # What the session has just canceled is reported anew, whoever sent it.
        present = login == this_login or (order is not None and order.key in self._canceled)
        earlier = order is not None and order.input is not None
        return self._replay.is_replayed(fields, callback.time, present=present, earlier=earlier)

    def _is_told_again(self, callback: Callback) -> bool:
        """Of what is no order: whose it is, its SessionID says; of a refusal, whether it was asked for since the login.

        What was cancelled since is news, whoever declared it.
        """
        fields = callback.fields or {}
        if (session := fields.get("SessionID")) is None:
            present = not self._asked.isdisjoint(TOLD_OF[callback.name])
        else:
            present = session == self.session_id
        times = {"InsertTime": fields.get("CancelTime") or fields.get("InsertTime") or fields.get("TradeTime", "")}
        return self._replay.is_replayed(times, callback.time, present=present, earlier=False)

    def _logged_in(self, fields: Fields, now: int) -> None:
        self.front_id, self.session_id = fields.get("FrontID", 0), fields.get("SessionID", 0)
        day = fields.get("TradingDay", "")
        if self.trading_day and day != self.trading_day:
            for position in self.positions.values():
                position.roll()
            self.settlements += 1
        self.trading_day = day
        self._canceled.clear()
        self._asked.clear()
        if self._private != ResumeType.QUICK:
            self._replay.logged_in(now)

    def _take_order(self, report: Report) -> None:
        fields = report.fields or {}
        report.order = self.orders.reported(fields)
        if fields.get("OrderSubmitStatus") == OrderSubmitStatus.INSERT_REJECTED:
            report.refusal, report.source = "rejection", "exchange"
            report.code, report.message = code_and_text(fields.get("StatusMsg", ""))

    def _take_trade(self, report: Report) -> None:
        fields = report.fields or {}
        if self.orders.traded(fields):
            instrument = fields.get("InstrumentID", "")
            self.positions.setdefault(instrument, Position()).trade(fields)
        report.order = self.orders.order_of(fields)

    # ------------------------------------------------------------------------------------------------- refusals

    def _take_refusal(self, report: Report, kind: RefusalKind) -> list[Report]:
        """A refusal comes twice, to the session that asked and to all; it is one refusal (BEHAVIOUR 3.2)."""
        order = report.order = self._refusals.order_of(kind, report.request_id, report.fields or {})
        if not self._refusals.is_first(report, kind):
            return []
        if order is not None and kind == "rejection":
            order.refused = True
        if order is not None and report.code == NOT_FOUND and order.newest is None and not order.is_final:
            order.never_arrived = True  # the core had taken it before it took the cancel, if ever
        by_exchange = kind == "cancel_rejection" and report.code == REFUSED_BY_EXCHANGE
        return [self._refusal(kind, "exchange" if by_exchange else "counter", report)]

    def _take_late_refusal(self, report: Report) -> Report:
        """A conditional order was touched, and the counter refused what it released (BEHAVIOUR 3.11)."""
        fields = report.fields or {}
        order = report.order = self.orders.by_key.get(key_of(fields))
        if order is not None:
            order.refused = True
        refusal = self._refusal("rejection", "counter", report)
        refusal.code, refusal.message = fields.get("ErrorID", 0), fields.get("ErrorMsg", "")
        return refusal

    def _refusal(self, kind: RefusalKind, source: Source, report: Report) -> Report:
        """The report that a refusal is, whichever callback brought it."""
        return Report(
            number=self.next_number(),
            name="",
            fields=report.fields,
            error=report.error,
            at=report.at,
            connection=self.connection.number,
            replayed=report.replayed,
            request_id=report.request_id,
            order=report.order,
            refusal=kind,
            source=source,
            code=report.code,
            message=report.message,
        )
