"""A session: one login with its trader API, and the market API beside it.

`receive` takes a callback and gives the reports that it makes; `outgoing` holds the requests that are to be sent,
whose return values come back through `returned`; `deadline` says when `wake` should be called.
"""

from collections import deque
from collections.abc import Sequence
from typing import Literal

from attrs import define, evolve, field, frozen

from ctpscen.client.connection import (
    EVENTS_BY_CALLBACK,
    NOT_YET,
    PAUSE,
    STEPS,
    Connection,
    Goal,
    Refusal,
    State,
)
from ctpscen.client.market import MarketLink
from ctpscen.client.orders import INSERT_REJECTED, Key, Order, Orders, key_of
from ctpscen.client.positions import Position
from ctpscen.client.queries import Query, QueryDesk
from ctpscen.client.replay import ReplayWatch
from ctpscen.client.reports import RefusalKind, Report, Sent, Source
from ctpscen.ctp.messages import Callback, Fields, Request
from ctpscen.ctp.schema.api import ApiKind
from ctpscen.ctp.schema.records import defaults

MODES = {"restart": 0, "resume": 1, "quick": 2, "none": 3}

PRIVATE = frozenset(
    ["OnRtnOrder", "OnRtnTrade", "OnErrRtnOrderInsert", "OnErrRtnOrderAction", "OnRtnErrorConditionalOrder"]
)
_REFUSALS = frozenset(("OnRspOrderInsert", "OnErrRtnOrderInsert", "OnRspOrderAction", "OnErrRtnOrderAction"))

# ErrorID of a cancel that the exchange refused, not the counter (BEHAVIOUR 4.2).
_REFUSED_BY_EXCHANGE = 91


@frozen
class Identity:
    """Who logs in, and how."""

    broker: str
    user: str
    password: str = field(repr=False)
    app_id: str
    auth_code: str = field(repr=False)
    flow: str
    trading_fronts: Sequence[str] = ("tcp://simulated",)
    market_fronts: Sequence[str] = ("tcp://simulated",)
    investor_id: str = ""
    production: bool = True

    @property
    def investor(self) -> str:
        """Whose orders the user sends: mostly the user's own."""
        return self.investor_id or self.user


@define(eq=False, repr=False)
class Session:
    """One login. `private` and `public` are the modes in which the streams are subscribed."""

    name: str
    identity: Identity
    private: Literal["restart", "resume", "quick", "none"] = "resume"
    public: Literal["restart", "resume", "quick", "none"] = "resume"
    trader_api: int = 1
    market_api: int = 2
    connection: Connection = field(factory=Connection)
    orders: Orders = field(factory=Orders)
    desk: QueryDesk = field(factory=QueryDesk)
    goal: Goal | None = None
    outgoing: deque[Request] = field(factory=deque)
    front_id: int = 0
    session_id: int = 0
    trading_day: str = ""
    return_codes: dict[int, int] = field(factory=dict)
    book: dict[str, Position] = field(factory=dict)
    was_released: bool = False
    market: MarketLink = field(init=False)
    _replay: ReplayWatch = field(factory=ReplayWatch)
    _reference: int = 0
    _request_id: int = 0
    _sequence: int = 0
    _reports: int = 0
    _by_request: dict[int, Order] = field(factory=dict)
    _refused: dict[tuple[str, str, int], list[int]] = field(factory=dict)
    _cancels: dict[int, Order] = field(factory=dict)
    _acted: set[Key] = field(factory=set)
    _new_passwords: dict[int, str] = field(factory=dict, repr=False)

    def __attrs_post_init__(self) -> None:
        self.market = MarketLink(self)

    # ------------------------------------------------------------------------------------------------ requests

    def request(
        self, name: str, fields: Fields | None, now: int, *, kind: ApiKind = "trader", numbered: bool = True
    ) -> Request:
        """Puts a request in the queue; gives it, with the number that its answer will bear."""
        self._sequence += 1
        number = 0
        if numbered:
            self._request_id += 1
            number = self._request_id
        api = self.trader_api if kind == "trader" else self.market_api
        request = Request(api, kind, now, self._sequence, name, fields, number)
        self.outgoing.append(request)
        if name == "ReqUserPasswordUpdate" and fields:
            self._new_passwords[number] = fields.get("NewPassword", "")
        return request

    def returned(self, request: Request, value: int | str, now: int) -> list[Report]:
        """Takes what the API returned for a request; gives the report that a refusal makes."""
        code = value if isinstance(value, int) else 0
        if code:
            self.return_codes[request.request_id] = code
        if request.name == "ReqOrderInsert" and (order := self._by_request.get(request.request_id)):
            return self._insert_returned(order, request, code, now)
        if request.name == "ReqOrderAction" and code:
            order = self._cancels.get(request.request_id)
            return [self._refusal("cancel_rejection", "api", request.fields, None, now, order, code=code)]
        query = self.desk.current
        if query is not None and query.request_id == request.request_id and request.request_id:
            self.desk.returned(query, code, now)
        return []

    def _insert_returned(self, order: Order, request: Request, code: int, now: int) -> list[Report]:
        order.return_code = code
        if not code:
            return []
        order.refused = True
        return [self._refusal("rejection", "api", request.fields, None, now, order, code=code)]

    # ---------------------------------------------------------------------------------------- the steps' wishes

    def create(self, now: int) -> None:
        """Makes the API objects, on the flow files of the session."""
        identity = self.identity
        self.was_released = False
        given = {"pszFlowPath": f"{identity.flow}/trader/", "bIsProductionMode": identity.production}
        self._call("CreateFtdcTraderApi", given, now)
        self._call("RegisterSpi", None, now)
        self._call("SubscribePrivateTopic", {"nResumeType": MODES[self.private]}, now)
        self._call("SubscribePublicTopic", {"nResumeType": MODES[self.public]}, now)
        for front in identity.trading_fronts:
            self._call("RegisterFront", {"pszFrontAddress": front}, now)
        self.connection.happen("create")
        self._call("Init", None, now)
        self.connection.happen("init")
        self.market.create(now)

    def release(self, now: int) -> None:
        """Destroys the API objects."""
        if self.connection.happen("release"):
            self._call("Release", None, now)
            self.was_released = True
            self.desk.lost(now)
        self.goal = None
        self.market.release(now)

    def _call(self, name: str, fields: Fields | None, now: int) -> None:
        self.request(name, fields, now, numbered=False)

    def aim(self, state: State, now: int) -> Goal:
        """Sets a state to be reached; the requests that lead there are sent as they become possible."""
        self.goal = Goal(state)
        self._pursue(now)
        return self.goal

    def authenticate(self, now: int, app_id: str | None = None, auth_code: str | None = None) -> Request:
        identity = self.identity
        fields = {
            "BrokerID": identity.broker,
            "UserID": identity.user,
            "AppID": identity.app_id if app_id is None else app_id,
            "AuthCode": identity.auth_code if auth_code is None else auth_code,
        }
        return self.request("ReqAuthenticate", fields, now)

    def login(self, now: int, user: str | None = None, password: str | None = None) -> Request:
        identity = self.identity
        fields = {
            "BrokerID": identity.broker,
            "UserID": identity.user if user is None else user,
            "Password": identity.password if password is None else password,
        }
        return self.request("ReqUserLogin", fields, now)

    def confirm(self, now: int) -> Request:
        return self.request("ReqSettlementInfoConfirm", self.ids(), now)

    def logout(self, now: int) -> Request:
        return self.request("ReqUserLogout", {"BrokerID": self.identity.broker, "UserID": self.identity.user}, now)

    def change_password(self, old: str, new: str, now: int) -> Request:
        fields = {
            "BrokerID": self.identity.broker,
            "UserID": self.identity.user,
            "OldPassword": old,
            "NewPassword": new,
        }
        return self.request("ReqUserPasswordUpdate", fields, now)

    def ids(self) -> Fields:
        """The fields by which a request says whose business it is."""
        return {"BrokerID": self.identity.broker, "InvestorID": self.identity.investor}

    def insert(self, fields: Fields, now: int, reference: str | None = None) -> Order:
        """Sends an order. Its OrderRef is the next one of this login unless another is given."""
        if reference is None:
            self._reference += 1
            reference = str(self._reference)
        else:
            self._reference = max(self._reference, int(reference) if reference.strip().isdigit() else 0)
        filled = {**self.ids(), "UserID": self.identity.user, "OrderRef": reference, **fields}
        request = self.request("ReqOrderInsert", filled, now)
        order = Order((self.front_id, self.session_id, filled["OrderRef"]), filled, request.request_id)
        self.orders.sent(order)
        self._by_request[request.request_id] = order
        return order

    def cancel(self, order: Order, now: int) -> Request:
        """Asks for an order's end: by the exchange's number where it is known, else by the login's (BEHAVIOUR 4.1)."""
        fields = {
            **self.ids(),
            "UserID": self.identity.user,
            "InstrumentID": order.value("InstrumentID"),
            "ExchangeID": order.value("ExchangeID"),
            "ActionFlag": "0",
            "FrontID": order.key[0],
            "SessionID": order.key[1],
            "OrderRef": order.key[2],
        }
        if sys_id := order.value("OrderSysID"):
            fields["OrderSysID"] = sys_id
        request = self.request("ReqOrderAction", fields, now)
        self._cancels[request.request_id] = order
        self._acted.add(order.key)
        return request

    def ask(self, name: str, fields: Fields, now: int) -> Query:
        """Asks the front, in turn and paced."""
        query = Query(name, {**self.ids(), **fields})
        self.desk.ask(query)
        self.wake(now)
        return query

    def send(self, name: str, fields: Fields, now: int) -> tuple[Request, Sent]:
        """Sends any request as it is."""
        request = self.request(name, fields, now)
        return request, Sent(name, request.request_id)

    # ----------------------------------------------------------------------------------------------------- time

    def deadline(self) -> int | None:
        """When `wake` should be called next; None if nothing waits."""
        retry = self.goal.retry_at if self.goal is not None else None
        query = self.desk.deadline() if self.connection.reached("logged_in") else None
        if retry is None or query is None:
            return query if retry is None else retry
        return min(retry, query)

    def wake(self, now: int) -> None:
        """Does what is due."""
        if self.goal is not None and self.goal.retry_at is not None and now >= self.goal.retry_at:
            self.goal.retry_at = None
            self._pursue(now)
        if self.connection.reached("logged_in") and (query := self.desk.due(now)) is not None:
            query.request_id = self.request(query.name, query.fields, now).request_id

    # ------------------------------------------------------------------------------------------------ callbacks

    def receive(self, callback: Callback) -> list[Report]:
        """Takes a callback; gives the reports for the inbox, in order."""
        now = callback.time
        if callback.kind == "market":
            return self.market.receive(callback)
        error = callback.error if callback.error and callback.error["ErrorID"] else None
        if self.desk.answered(callback.request_id, callback.fields, error, last=callback.last, now=now):
            self.wake(now)
            return []
        report = self._report(callback)
        reports = [report]
        self._take_connection(callback, report)
        if callback.name == "OnRtnOrder":
            self._take_order(report)
        elif callback.name == "OnRtnTrade":
            self._take_trade(report)
        elif callback.name == "OnRtnErrorConditionalOrder":
            reports.append(self._take_late_refusal(report))
        elif callback.name == "OnRspUserPasswordUpdate" and not report.code:
            self._take_password(callback)
        elif callback.name in _REFUSALS and report.code:
            reports += self._take_refusal(report, _refusal_kind(callback.name))
        self.wake(now)
        return reports

    def _take_password(self, callback: Callback) -> None:
        """A login from now on needs the password that this session has set."""
        if new := self._new_passwords.get(callback.request_id):
            self.identity = evolve(self.identity, password=new)

    def _report(self, callback: Callback) -> Report:
        error = callback.error or {}
        replayed = callback.name in PRIVATE and self._is_replayed(callback)
        return Report(
            number=self.next_report(),
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

    def next_report(self) -> int:
        self._reports += 1
        return self._reports

    def _is_replayed(self, callback: Callback) -> bool:
        fields = callback.fields or {}
        if callback.name.startswith("OnErrRtn"):  # it names no session and no time
            order = self._order_refused(_refusal_kind(callback.name), fields)
            return order is not None and order.key[:2] != (self.front_id, self.session_id)
        if callback.name == "OnRtnTrade":
            order = self.orders.order_of(fields)
        else:
            order = self.orders.by_key.get(key_of(fields))
        login = order.key[:2] if order else (fields.get("FrontID"), fields.get("SessionID"))
        # What the session has just acted on is reported anew, whoever sent it.
        present = login == (self.front_id, self.session_id) or (order is not None and order.key in self._acted)
        earlier = not present and order is not None and order.input is not None
        return self._replay.is_replayed(fields, callback.time, present=present, earlier=earlier)

    def _take_connection(self, callback: Callback, report: Report) -> None:
        event = EVENTS_BY_CALLBACK.get(callback.name)
        if event is None:
            return
        goal = self.goal
        awaited = goal is not None and (goal.awaiting == callback.name or callback.name == "OnFrontConnected")
        if awaited and goal is not None:
            goal.awaiting = ""
            goal.taken.append(report.number)
        if report.code:
            if awaited:
                self._refused_goal(callback.name, report)
            return
        self.connection.happen(event)
        if event == "logged in":
            self._logged_in(callback.fields or {}, callback.time)
        elif event in ("down", "logged out"):
            self.desk.lost(callback.time)
            if goal is not None:
                goal.awaiting = ""  # a pause goes on: a front that also hangs up is not to be hurried
        self._pursue(callback.time)

    def _logged_in(self, fields: Fields, now: int) -> None:
        self.front_id, self.session_id = fields.get("FrontID", 0), fields.get("SessionID", 0)
        day = fields.get("TradingDay", "")
        if self.trading_day and day != self.trading_day:
            for position in self.book.values():
                position.roll()
        self.trading_day = day
        self._acted.clear()
        highest = fields.get("MaxOrderRef", "").strip()
        self._reference = int(highest) if highest.isdigit() else 0
        if self.private != "quick":
            self._replay.logged_in(now)

    def _refused_goal(self, name: str, report: Report) -> None:
        goal = self.goal
        assert goal is not None
        request = name.replace("OnRsp", "Req")
        goal.last_refusal = Refusal(request, report.code, report.message)
        if report.code in NOT_YET:
            goal.retry_at = report.at + PAUSE
        else:
            goal.refusal = goal.last_refusal

    def _pursue(self, now: int) -> None:
        """Sends what leads on towards the goal."""
        goal = self.goal
        if goal is None or goal.refusal or goal.awaiting or goal.retry_at is not None:
            return
        if self.connection.reached(goal.state):
            return
        step = STEPS.get(self.connection.state)
        if step is None:
            return
        name, answer, _ = step
        goal.awaiting = answer
        {"ReqAuthenticate": self.authenticate, "ReqUserLogin": self.login}.get(name, self.confirm)(now)

    def _take_order(self, report: Report) -> None:
        fields = report.fields or {}
        report.order = self.orders.reported(fields)
        if fields.get("OrderSubmitStatus") == INSERT_REJECTED:
            report.refusal, report.source = "rejection", "exchange"
            report.code, report.message = _code_and_text(fields.get("StatusMsg", ""))

    def _take_trade(self, report: Report) -> None:
        fields = report.fields or {}
        if self.orders.traded(fields):
            instrument = fields.get("InstrumentID", "")
            self.book.setdefault(instrument, Position()).trade(fields)
        report.order = self.orders.order_of(fields)

    def _take_refusal(self, report: Report, kind: RefusalKind) -> list[Report]:
        """A refusal comes twice, to the session that asked and to all; it is one refusal (BEHAVIOUR 3.2)."""
        fields = report.fields or {}
        own = self._by_request if kind == "rejection" else self._cancels
        order = own.get(report.request_id) if report.request_id else self._order_refused(kind, fields)
        report.order = order
        times = self._refused.setdefault((kind, fields.get("OrderRef", ""), id(order) if order else 0), [0, 0])
        which = 0 if report.name.startswith("OnRsp") else 1
        times[which] += 1
        if times[which] <= times[1 - which]:
            return []
        if order is not None and kind == "rejection":
            order.refused = True
        source: Source = "exchange" if kind == "cancel_rejection" and report.code == _REFUSED_BY_EXCHANGE else "counter"
        return [self._refusal(kind, source, report.fields, report, report.at, order, code=report.code)]

    def _take_late_refusal(self, report: Report) -> Report:
        """A conditional order was touched, and the counter refused what it released (BEHAVIOUR 3.11)."""
        fields = report.fields or {}
        order = report.order = self.orders.by_key.get(key_of(fields))
        if order is not None:
            order.refused = True
        refusal = self._refusal("rejection", "counter", fields, report, report.at, order, code=fields.get("ErrorID", 0))
        refusal.message = fields.get("ErrorMsg", "")
        return refusal

    def _order_refused(self, kind: RefusalKind, fields: Fields) -> Order | None:
        """The order that OnErrRtn… speaks of: it names no session, so what was sent must be the same."""
        if kind == "cancel_rejection":
            for order in self._cancels.values():
                if order.key[2] == fields.get("OrderRef") and order.key[1] == fields.get("SessionID"):
                    return order
            return None
        for order in reversed(list(self._by_request.values())):
            if order.input is not None and _says_the_same(order.input, fields):
                return order
        return None

    def _refusal(
        self,
        kind: RefusalKind,
        source: Source,
        fields: Fields | None,
        report: Report | None,
        now: int,
        order: Order | None,
        *,
        code: int,
    ) -> Report:
        """The report that a refusal is, whatever it came as."""
        return Report(
            number=self.next_report(),
            name="",
            fields=fields,
            error=report.error if report else None,
            at=now,
            connection=self.connection.number,
            replayed=report.replayed if report else False,
            request_id=report.request_id if report else 0,
            order=order,
            refusal=kind,
            source=source,
            code=code,
            message=report.message if report else _return_text(code),
        )


def _says_the_same(sent: Fields, echoed: Fields) -> bool:
    """Whether a record is the one that was sent; what it does not hold is its default."""
    usual = defaults("InputOrder")
    return all(echoed.get(name, usual[name]) == value for name, value in sent.items())


def _refusal_kind(name: str) -> RefusalKind:
    return "rejection" if name.endswith("OrderInsert") else "cancel_rejection"


def _return_text(code: int) -> str:
    """What a return code says (BEHAVIOUR 2.1)."""
    texts = {-1: "not connected", -2: "too many requests unanswered", -3: "too many requests this second"}
    return texts.get(code, f"the API returned {code}")


def _code_and_text(message: str) -> tuple[int, str]:
    """The number before an exchange's text, 0 where there is none (BEHAVIOUR 3.5)."""
    head, colon, text = message.partition(":")
    return (int(head), text) if colon and head.isdigit() else (0, message)
