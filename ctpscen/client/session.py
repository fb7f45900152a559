"""A session: one login with its trader API, and the market API beside it, driven by the steps of a scenario.

`receive` takes a callback and gives the reports that it makes; `requests.outgoing` holds what is to be sent, whose
return values come back through `returned`; `deadline` says when `wake` should be called. What the traffic tells is in
`books`, which would be the same if somebody else drove the API.
"""

from collections.abc import Mapping
from typing import Literal

from attrs import define, field

from ctpscen.client.books.books import Books
from ctpscen.client.books.orders import Order, key_of
from ctpscen.client.books.reports import Report, Sent
from ctpscen.client.connection import EVENTS_BY_CALLBACK, PAUSE, STEPS, Connection, Goal, Refusal, State
from ctpscen.client.identity import Identity, PasswordChanges
from ctpscen.client.market import MarketLink
from ctpscen.client.queries import Query, QueryQueue
from ctpscen.client.requests import Requests
from ctpscen.ctp.codes import ActionFlag, ResumeType
from ctpscen.ctp.errors import NOT_READY, WRONG_PASSWORD
from ctpscen.ctp.messages import Callback, Fields, Request
from ctpscen.ctp.schema import api
from ctpscen.ctp.schema.records import record

Mode = Literal["restart", "resume", "quick", "none"]
"""How a stream begins after a login; `none` is for the public stream alone."""

_RESUME_TYPES: Mapping[Mode, int] = {
    "restart": ResumeType.RESTART,
    "resume": ResumeType.RESUME,
    "quick": ResumeType.QUICK,
    "none": ResumeType.NONE,
}


@define(eq=False, repr=False)
class Session:
    """One login. `private` and `public` are the modes in which the streams are subscribed.

    `trader_api` and `market_api` are the ids of its API objects. `return_codes` are those that were not 0, by request.
    """

    name: str
    identity: Identity
    private: Mode = "resume"
    public: Mode = "resume"
    trader_api: int = 1
    market_api: int = 2
    books: Books = field(factory=Books)
    requests: Requests = field(init=False)
    queries: QueryQueue = field(factory=QueryQueue)
    market: MarketLink = field(init=False)
    goal: Goal | None = None
    return_codes: dict[int, int] = field(factory=dict)
    _passwords: PasswordChanges = field(factory=PasswordChanges)
    _reference: int = 0

    def __attrs_post_init__(self) -> None:
        self.requests = Requests(self.trader_api, self.market_api)
        self.market = MarketLink(self.identity, self.requests, self.books)

    @property
    def connection(self) -> Connection:
        return self.books.connection

    # ------------------------------------------------------------------------------------- the life of the API

    def create(self, now: int) -> None:
        """Makes the API objects, on the flow files of the session."""
        identity = self.identity
        given = {"pszFlowPath": f"{identity.flow}/trader/", "bIsProductionMode": identity.production}
        self._call("CreateFtdcTraderApi", given, now)
        self._call("RegisterSpi", None, now)
        self._call("SubscribePrivateTopic", {"nResumeType": _RESUME_TYPES[self.private]}, now)
        self._call("SubscribePublicTopic", {"nResumeType": _RESUME_TYPES[self.public]}, now)
        for front in identity.trading_fronts:
            self._call("RegisterFront", {"pszFrontAddress": front}, now)
        self._call("Init", None, now)
        self.market.create(now)

    def release(self, now: int) -> None:
        """Destroys the API objects."""
        if self.connection.state != "absent":
            self._call("Release", None, now)
            self.queries.lost(now)
        self.goal = None
        self.market.release(now)

    def _call(self, name: str, fields: Fields | None, now: int) -> None:
        self.books.called(self.requests.put(name, fields, now, numbered=False))

    # ---------------------------------------------------------------------------------------- the steps' wishes

    def aim(self, state: State, now: int) -> Goal:
        """Sets a state to be reached; the requests that lead there are sent as they become possible."""
        self.goal = Goal(state)
        self._pursue(now)
        return self.goal

    def authenticate(self, now: int, app_id: str | None = None, auth_code: str | None = None) -> Request:
        proof = {
            "AppID": self.identity.app_id if app_id is None else app_id,
            "AuthCode": self.identity.auth_code if auth_code is None else auth_code,
        }
        return self.requests.put("ReqAuthenticate", {**self.identity.as_user(), **proof}, now)

    def login(self, now: int, user: str | None = None, password: str | None = None) -> Request:
        fields = {
            "BrokerID": self.identity.broker,
            "UserID": self.identity.user if user is None else user,
            "Password": self.identity.password if password is None else password,
        }
        return self.requests.put("ReqUserLogin", fields, now)

    def confirm(self, now: int) -> Request:
        return self.requests.put("ReqSettlementInfoConfirm", self.identity.as_investor(), now)

    def logout(self, now: int) -> Request:
        return self.requests.put("ReqUserLogout", self.identity.as_user(), now)

    def change_password(self, old: str, new: str, now: int) -> Request:
        passwords = {"OldPassword": old, "NewPassword": new}
        return self.send("ReqUserPasswordUpdate", {**self.identity.as_user(), **passwords}, now)[0]

    def insert(self, fields: Fields, now: int, reference: str | None = None) -> Order:
        """Sends an order. Its OrderRef is the next one of this login unless another is given."""
        if reference is None:
            self._reference += 1
            reference = str(self._reference)
        else:
            self._reference = max(self._reference, int(reference) if reference.strip().isdigit() else 0)
        who = {**self.identity.as_investor(), "UserID": self.identity.user}
        return self.books.inserted(self.requests.put("ReqOrderInsert", {**who, "OrderRef": reference, **fields}, now))

    def cancel(self, order: Order, now: int) -> Request:
        """Asks for an order's end: by the exchange's number where it is known, else by the login's (BEHAVIOUR 4.1).

        What a conditional order released is named by the keys of its own.
        """
        front, session, reference = order.key if order.newest is None else key_of(order.newest)
        fields = {
            **self.identity.as_investor(),
            "UserID": self.identity.user,
            "InstrumentID": order.value("InstrumentID"),
            "ExchangeID": order.value("ExchangeID"),
            "ActionFlag": ActionFlag.DELETE,
            "FrontID": front,
            "SessionID": session,
            "OrderRef": reference,
        }
        if investor := order.value("InvestorID"):
            fields["InvestorID"] = investor
        if sys_id := order.value("OrderSysID"):
            fields["OrderSysID"] = sys_id
        request = self.requests.put("ReqOrderAction", fields, now)
        self.books.canceled(request, order)
        return request

    def ask(self, name: str, fields: Fields, now: int) -> Query:
        """Asks the front, in turn and paced."""
        known = record(api.requests()[name]).fields  # a contract is nobody's
        ids = {field: value for field, value in self.identity.as_investor().items() if field in known}
        query = Query(name, {**ids, **fields})
        self.queries.ask(query)
        self.wake(now)
        return query

    def send(self, name: str, fields: Fields, now: int) -> tuple[Request, Sent]:
        """Sends any request as it is; gives it, and what a scenario knows it by."""
        request = self.requests.put(name, fields, now)
        self.books.asked(request)
        self._passwords.asked(request)
        return request, Sent(name, request.request_id)

    def returned(self, request: Request, value: int | str, now: int) -> list[Report]:
        """Takes what the API returned for a request; gives the report that a refusal makes."""
        code = value if isinstance(value, int) else 0
        if code:
            self.return_codes[request.request_id] = code
        query = self.queries.current
        if query is not None and query.request_id == request.request_id and request.request_id:
            self.queries.returned(query, code, now)
        return self.books.returned(request, code, now)

    # ----------------------------------------------------------------------------------------------------- time

    def deadline(self) -> int | None:
        """When `wake` should be called next; None if nothing waits."""
        retry = self.goal.retry_at if self.goal is not None else None
        query = self.queries.deadline()
        if query is not None and not self.connection.reached("logged_in"):
            query = None
        if retry is None or query is None:
            return query if retry is None else retry
        return min(retry, query)

    def wake(self, now: int) -> None:
        """Does what is due."""
        if self.goal is not None and self.goal.retry_at is not None and now >= self.goal.retry_at:
            self.goal.retry_at = None
            self._pursue(now)
        if self.connection.reached("logged_in") and (query := self.queries.due(now)) is not None:
            request = self.requests.put(query.name, query.fields, now)
            query.request_id = request.request_id
            self.books.asked(request)

    # ------------------------------------------------------------------------------------------------ callbacks

    def receive(self, callback: Callback) -> list[Report]:
        """Takes a callback; gives the reports for the inbox, in order."""
        now = callback.time
        if callback.kind == "market":
            return self.market.receive(callback)
        error = callback.error if callback.error and callback.error["ErrorID"] else None
        if self.queries.answered(callback.request_id, callback.fields, error, last=callback.last, now=now):
            self.books.answered(callback)
            self.wake(now)
            return []
        reports = self.books.receive(callback)
        if callback.name in EVENTS_BY_CALLBACK:
            self._go_on(callback, reports[0])
        self.identity = self._passwords.answered(callback, self.identity)
        self.wake(now)
        return reports

    def _go_on(self, callback: Callback, report: Report) -> None:
        """Does what follows from a step in the connection's life, or from its refusal."""
        goal, now = self.goal, callback.time
        awaited = goal is not None and (goal.awaiting == callback.name or callback.name == "OnFrontConnected")
        if awaited and goal is not None:
            goal.awaiting = ""
            goal.taken.append(report.number)
        if report.code:
            if awaited and goal is not None:
                self._refused(goal, report)
            return
        event = EVENTS_BY_CALLBACK[callback.name]
        if event == "logged in":
            highest = (callback.fields or {}).get("MaxOrderRef", "").strip()
            self._reference = int(highest) if highest.isdigit() else 0
        elif event in ("down", "logged out"):
            self.queries.lost(now)
            self._passwords.lost()
            if goal is not None:
                goal.awaiting = ""  # a pause goes on: a front that also hangs up is not to be hurried
        self._pursue(now)

    def _refused(self, goal: Goal, report: Report) -> None:
        """Tries another password where a change of it may have come through unanswered; else notes the refusal."""
        if report.name == "OnRspUserLogin" and report.code == WRONG_PASSWORD:
            other = self._passwords.other(self.identity)
            if other is not None:
                self.identity = other
                self._pursue(report.at)
                return
        _refuse(goal, report)

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


def _refuse(goal: Goal, report: Report) -> None:
    """Notes why a goal was not reached, and when to try again, where that may help."""
    goal.last_refusal = Refusal(report.name.replace("OnRsp", "Req"), report.code, report.message)
    if report.code in NOT_READY:
        goal.retry_at = report.at + PAUSE
    else:
        goal.refusal = goal.last_refusal
