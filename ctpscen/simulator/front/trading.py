"""The trading front: who is connected, who may do what, and the streams to each session (BEHAVIOUR 1, 7).

A request is looked up in a table: those that are carried out here, the queries, and what is refused (`answers`).
"""

from collections.abc import Callable, Mapping
from functools import partial

from attrs import define, field

from ctpscen.ctp import commands
from ctpscen.ctp.codes import DisconnectReason, is_query
from ctpscen.ctp.errors import rsp_info
from ctpscen.ctp.messages import Fields, Request
from ctpscen.ctp.times import SECOND, clock_text
from ctpscen.simulator.counter import parked
from ctpscen.simulator.counter.accounts import Stream
from ctpscen.simulator.counter.bank import starred
from ctpscen.simulator.counter.checks import Refused
from ctpscen.simulator.counter.core import Core
from ctpscen.simulator.exchange.orders import BROKER
from ctpscen.simulator.front import answers, queries
from ctpscen.simulator.front.machines import Machines
from ctpscen.simulator.front.refusals import Refusals
from ctpscen.simulator.front.session import FrontSession
from ctpscen.simulator.terms import phases
from ctpscen.simulator.wire.api import ApiObject
from ctpscen.simulator.wire.path import Connection, Path
from ctpscen.simulator.world import World

APP_ID = "simnow_client_test"
AUTH_CODE = "0" * 16
SYSTEM_NAME = "TradingHosting"
QUERIES_PER_SECOND = 1
SESSIONS_PER_USER = 6
MOST_FAILED_LOGINS = 6
"""So many wrong passwords in a row, and an account is locked for the day (BEHAVIOUR 1.5)."""

_CORRECT = {"ErrorID": 0, "ErrorMsg": "CTP:正确"}
_CORRECT_UNPREFIXED = {"ErrorID": 0, "ErrorMsg": "正确"}  # the settlement confirmation's: BEHAVIOUR 1.6


@define(eq=False, repr=False)
class TradingFront:
    """The trading fronts, `count` of them. `waiting` are API objects whose attempts to connect find none up.

    A program reaches as many as it has registered, a session all; `fronts_down` are those that are down, by number.
    `requests_per_second` is FTDMaxCommFlux: of a session's requests what is more waits for the next second, without a
    word. None is without limit (BEHAVIOUR 2.2).
    """

    world: World
    core: Core
    public: Stream
    queries_per_second: int = QUERIES_PER_SECOND
    requests_per_second: int | None = None
    sessions_per_user: int = SESSIONS_PER_USER
    count: int = 1
    is_up: bool = True
    fronts_down: set[int] = field(factory=set)
    waiting: list[ApiObject] = field(factory=list)
    sessions: dict[int, FrontSession] = field(factory=dict)
    losing: int = 0
    machines: Machines = field(factory=Machines)
    refusals: Refusals = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.refusals = Refusals(self.core.contracts)

    # --------------------------------------------------------------------------------------------- connections

    def opened(self, connection: Connection) -> None:
        client = connection.client
        assert isinstance(client, ApiObject)
        session_id = self.world.random("SessionID").randint(-(2**31), 2**31 - 1)
        # Of several fronts any may be the first to be reached, each time anew (BEHAVIOUR 1.4).
        up = self._reachable(client)
        front_id = up[self.world.random("FrontID").randint(1, len(up)) - 1] if len(up) > 1 else up[0] if up else 1
        self.sessions[id(connection)] = FrontSession(connection, client, front_id, session_id)

    def closed(self, connection: Connection) -> None:
        session = self.sessions.pop(id(connection), None)
        if session is not None:
            session.is_gone = True
            session.leave()

    def can_be_reached(self, client: ApiObject) -> bool:
        return bool(self._reachable(client))

    def _reachable(self, client: ApiObject) -> list[int]:
        """The numbers of the fronts that a program could connect to now."""
        known = range(1, max(self.count, client.addresses) + 1)
        return [number for number in known if number not in self.fronts_down] if self.is_up else []

    def go_down(self, number: int | None = None) -> None:
        """A front ends, or all of them: its connections break, and none can be made."""
        if number is None:
            self.is_up = False
            self.drop_all()
            return
        self.fronts_down.add(number)
        for session in list(self.sessions.values()):
            if session.front_id == number:
                self._drop(session)

    def drop_all(self) -> None:
        """Breaks every connection."""
        for session in list(self.sessions.values()):
            self._drop(session)

    def _drop(self, session: FrontSession) -> None:
        session.leave()
        session.api.path.drop(session.connection, DisconnectReason.READ_FAILED)
        self.sessions.pop(id(session.connection), None)

    def come_up(self, number: int | None = None) -> None:
        """A front is there again, or all of them."""
        self.is_up = True
        self.fronts_down = set() if number is None else self.fronts_down - {number}
        waiting, self.waiting = self.waiting, []
        for client in waiting:
            client.front_changed()

    def kick(self, path: Path) -> None:
        """Breaks the connections of one path."""
        for session in list(self.sessions.values()):
            if session.api.path is path:
                path.drop(session.connection, DisconnectReason.READ_FAILED)

    def forget_arrangements(self) -> None:
        """Refuses, loses and limits nothing any more but what a front does by itself."""
        self.refusals.clear()
        self.losing = 0
        self.queries_per_second, self.requests_per_second = QUERIES_PER_SECOND, None
        self.sessions_per_user = SESSIONS_PER_USER
        self.machines = Machines()

    # ------------------------------------------------------------------------------------------------ requests

    def receive(self, connection: Connection, request: Request) -> None:
        """A request has arrived."""
        session = self.sessions.get(id(connection))
        if session is None:
            return
        if self.losing:
            self.losing -= 1
            session.api.forget_query()
            lost = commands.effects.RequestLost(session=session.api.path.session, request=request.name)
            self.world.note(lost)
            return
        if self.requests_per_second is not None:
            turn = session.turn(self.world.now, self.requests_per_second)
            if turn > self.world.now:
                self.world.send(turn, self._take, connection, request)
                return
        self._take(connection, request)

    def refuse(self, connection: Connection, request: Request, code: int) -> None:
        """Refuses a request that has arrived, as a front or a core does that is too busy for it."""
        session = self.sessions.get(id(connection))
        if session is None:
            return
        if is_query(request.name):
            session.respond("OnRspError", None, rsp_info(code), request.request_id)
        else:
            self._refuse_whatever(session, request, rsp_info(code))

    def _refuse_whatever(self, session: FrontSession, request: Request, error: Fields) -> None:
        """Refuses a request; an order or a cancel as the counter does it."""
        fields = request.fields or {}
        if request.name == "ReqOrderInsert" and session.account is not None:
            session.next_reference(fields.get("OrderRef", ""))  # a refused order uses it up as well
            self.core.refuse_insert(session, fields, error, request.request_id)
        elif request.name == "ReqOrderAction" and session.account is not None:
            self.core.refuse_action(session, fields, error, request.request_id)
        else:
            self._refuse(session, request, error)

    def _take(self, connection: Connection, request: Request) -> None:
        """Answers a request, if its connection is still there."""
        session = self.sessions.get(id(connection))
        if session is None:
            return
        name, fields = request.name, request.fields or {}
        if name in _BEFORE_LOGIN:
            _BEFORE_LOGIN[name](self, session, fields, request.request_id)
        elif session.account is None and name not in answers.BEFORE_LOGIN:
            self._refuse(session, request, rsp_info(6))
        elif (error := self._refusal(session, name, fields)) is not None:
            self._refuse_whatever(session, request, error)
        elif name in _AFTER_LOGIN:
            _AFTER_LOGIN[name](self, session, fields, request.request_id)
        elif name in _UNANSWERED:
            try:
                _UNANSWERED[name](self.core, session, fields)
            except Refused as refused:
                self._refuse(session, request, refused.info)
        elif name in answers.REFUSED:
            self._refuse(session, request, rsp_info(answers.REFUSED[name]))
        else:
            self._query(session, request)

    def _refuse(self, session: FrontSession, request: Request, error: Fields) -> None:
        """Refuses a request under the name of its answer; a query that comes too soon has none (BEHAVIOUR 2.2)."""
        if error["ErrorID"] == _QUERY_TOO_SOON:
            session.respond("OnRspError", None, error, request.request_id)
            return
        report = answers.REPORTED.get(request.name)
        fields = starred(request.fields or {}) if report or request.name in answers.ECHOING else None
        session.respond(answers.callback_of(request.name), fields, error, request.request_id)
        if report and session.account is not None:
            session.account.private.append(report, fields or {}, error)

    def _query(self, session: FrontSession, request: Request) -> None:
        """Rows, or one empty answer; too soon after the query before, error 90 (BEHAVIOUR 2.2)."""
        now, name = self.world.now, answers.callback_of(request.name)
        success = None if is_query(request.name) else _CORRECT  # the trading core says so: BEHAVIOUR 2.3
        if is_query(request.name):
            if session.last_query is not None and now - session.last_query < SECOND // self.queries_per_second:
                self._refuse(session, request, rsp_info(_QUERY_TOO_SOON))
                return
            session.last_query = now
        assert session.account is not None
        try:
            rows = list(queries.answer(self.core, session.account, request.name, request.fields or {}))
        except Refused as refused:
            self._refuse(session, request, refused.info)
            return
        if rows:
            session.respond_with_rows(self.world, name, rows, success, request.request_id)
        else:
            session.respond(name, None, success, request.request_id)

    def _refusal(self, session: FrontSession, what: str, fields: Fields) -> Fields | None:
        """A refusal that the scenario has arranged for, while it lasts."""
        return self.refusals.of(what, fields, session, self.world.now)

    def _not_open(self) -> Fields | None:
        """The core is down between the settlement and the evening, and between the night's end and the morning."""
        return None if phases.is_open_to_logins(self.world.now) else rsp_info(7)

    def _authenticate(self, session: FrontSession, fields: Fields, request_id: int) -> None:
        machine = session.api.path.session
        error = self._refusal(session, "ReqAuthenticate", fields) or self._not_open()
        if error is None and (code := self.machines.refusal(machine, "authentication")):
            error = rsp_info(code)
        elif error is None and (fields.get("AppID"), fields.get("AuthCode")) != (APP_ID, AUTH_CODE):
            error = rsp_info(63)
            self.machines.failed(machine, "authentication")
        echo = {name: fields[name] for name in ("BrokerID", "UserID", "UserProductInfo", "AppID") if fields.get(name)}
        session.authenticated = error is None
        session.product_info = fields.get("UserProductInfo", "")
        session.respond("OnRspAuthenticate", {**echo, "AppType": "1"}, error or _CORRECT, request_id)

    def _login(self, session: FrontSession, fields: Fields, request_id: int) -> None:
        if session.account is not None:
            if self.world.now - session.api.path.latency < session.login_answered_at:  # sent before the answer came
                session.respond("OnRspUserLogin", None, rsp_info(5), request_id)
            return  # a second login is swallowed: BEHAVIOUR 1.5
        machine = session.api.path.session
        error = self._refusal(session, "ReqUserLogin", fields) or self._not_open()
        if error is None and (code := self.machines.refusal(machine, "login")):
            error = rsp_info(code)
        elif error is None and (error := self._login_error(session, fields)) is not None:
            self.machines.failed(machine, "login")
        if error is not None:
            session.respond("OnRspUserLogin", None, error, request_id)
            return
        account = session.account = self.core.account(fields["UserID"])
        account.sessions.append(session)
        session.logged_in_at = self.world.now
        now = clock_text(self.world.now)
        login = {
            "TradingDay": self.core.trading_day,
            "LoginTime": now,
            "BrokerID": BROKER,
            "UserID": account.id,
            "SystemName": SYSTEM_NAME,
            "FrontID": session.front_id,
            "SessionID": session.session_id,
            "MaxOrderRef": "1",
            **dict.fromkeys(("SHFETime", "DCETime", "CZCETime", "FFEXTime", "INETime", "GFEXTime"), now),
        }
        session.respond("OnRspUserLogin", login, _CORRECT, request_id)
        session.login_answered_at = session.connection.last_down
        client = session.api
        session.follow(self.public, "public", client.public_mode, self.core.trading_day)
        session.follow(account.private, "private", client.private_mode, self.core.trading_day)

    def _login_error(self, session: FrontSession, fields: Fields) -> Fields | None:
        if not session.authenticated:
            return rsp_info(64)
        user = fields.get("UserID", "")
        if fields.get("BrokerID") != BROKER or not user:
            return rsp_info(3)
        account = self.core.account(user)
        if account.failed_logins >= MOST_FAILED_LOGINS:
            return rsp_info(75)
        if fields.get("Password") != account.password:
            account.failed_logins += 1
            return rsp_info(3)
        account.failed_logins = 0
        if account.password_state:
            return rsp_info({"expired": 141, "first_login": 140}[account.password_state])
        if len(account.sessions) >= self.sessions_per_user:
            return rsp_info(60)
        return None

    def _logout(self, session: FrontSession, fields: Fields, request_id: int) -> None:
        """The answer, then the end of the connection, after which the API connects anew (BEHAVIOUR 1.7)."""
        session.respond(
            "OnRspUserLogout", {"BrokerID": BROKER, "UserID": fields.get("UserID", "")}, _CORRECT, request_id
        )
        session.leave()
        path, connection = session.api.path, session.connection
        path.down(connection, path.drop, connection, DisconnectReason.READ_FAILED)

    def _confirm(self, session: FrontSession, _: Fields, request_id: int) -> None:
        account = session.account
        assert account is not None
        account.confirmed, account.confirmed_at = True, clock_text(self.world.now)
        answer = {
            "BrokerID": BROKER,
            "InvestorID": account.id,
            "ConfirmDate": self.core.trading_day,
            "ConfirmTime": account.confirmed_at,
            "SettlementID": 1,
            "AccountID": account.id,
            "CurrencyID": "CNY",
        }
        session.respond("OnRspSettlementInfoConfirm", answer, _CORRECT_UNPREFIXED, request_id)

    def _change_password(self, session: FrontSession, fields: Fields, request_id: int) -> None:
        user = fields.get("UserID", "")
        account = self.core.account(user) if user else None
        error = _CORRECT
        if (refusal := self._refusal(session, "ReqUserPasswordUpdate", fields)) is not None:
            error = refusal
        elif account is None:
            error = rsp_info(14)
        elif code := _fault_of_change(fields, account.password):
            error = rsp_info(code)
        else:
            account.password = fields["NewPassword"]
            account.password_state = ""
        echo = {name: value for name, value in fields.items() if name in ("BrokerID", "UserID")}
        session.respond("OnRspUserPasswordUpdate", echo, error, request_id)

    def _change_money_password(self, session: FrontSession, fields: Fields, request_id: int) -> None:
        """The password of transfers, which is another than that of logins."""
        account = session.owner
        code = 2011 if fields.get("AccountID") != account.id else 0  # no such account
        code = code or _fault_of_change(fields, account.bank.money_password)
        if not code:
            account.bank.money_password = fields["NewPassword"]
        echo = {name: value for name, value in fields.items() if name in ("BrokerID", "AccountID", "CurrencyID")}
        error = rsp_info(code) if code else _CORRECT
        session.respond("OnRspTradingAccountPasswordUpdate", echo, error, request_id)

    def _insert(self, session: FrontSession, fields: Fields, request_id: int) -> None:
        self.core.insert(session, fields, request_id)

    def _action(self, session: FrontSession, fields: Fields, request_id: int) -> None:
        self.core.action(session, fields, request_id)


def _parked(
    request: str, act: Callable[[parked.ParkedOrders, FrontSession, Fields], Fields]
) -> "Callable[[TradingFront, FrontSession, Fields, int], None]":
    """What is done with parked orders is answered at once, as done or with the reason why not."""

    def handler(front: TradingFront, session: FrontSession, fields: Fields, request_id: int) -> None:
        try:
            answer, error = act(front.core.parked, session, fields), _CORRECT
        except Refused as refused:
            answer, error = fields, refused.info
        session.respond(answers.callback_of(request), answer, error, request_id)

    return handler


def _fault_of_change(fields: Fields, password: str) -> int:
    """Why a password cannot be changed so; 0 where it can."""
    new = fields.get("NewPassword", "")
    if fields.get("OldPassword") != password:
        return 14
    if new == password:
        return 142
    return 0 if _is_strong(new) else 131


def _is_strong(password: str) -> bool:
    """At least six characters; the policy of a broker may ask for more."""
    return len(password) >= 6


_Handler = Callable[[TradingFront, FrontSession, Fields, int], None]

_QUERY_TOO_SOON = 90

_BEFORE_LOGIN: Mapping[str, _Handler] = {
    "ReqAuthenticate": TradingFront._authenticate,
    "ReqUserLogin": TradingFront._login,
    "ReqUserPasswordUpdate": TradingFront._change_password,
}
_AFTER_LOGIN: Mapping[str, _Handler] = {
    "ReqUserLogout": TradingFront._logout,
    "ReqSettlementInfoConfirm": TradingFront._confirm,
    "ReqTradingAccountPasswordUpdate": TradingFront._change_money_password,
    "ReqOrderInsert": TradingFront._insert,
    "ReqOrderAction": TradingFront._action,
    "ReqParkedOrderInsert": _parked("ReqParkedOrderInsert", parked.ParkedOrders.insert),
    "ReqParkedOrderAction": _parked("ReqParkedOrderAction", parked.ParkedOrders.action),
    "ReqRemoveParkedOrder": _parked("ReqRemoveParkedOrder", partial(parked.ParkedOrders.remove, kind=parked.ORDER)),
    "ReqRemoveParkedOrderAction": _parked(
        "ReqRemoveParkedOrderAction", partial(parked.ParkedOrders.remove, kind=parked.ACTION)
    ),
}

# Only a refusal answers these; what else becomes of them, the private stream tells, or the market front.
_UNANSWERED: Mapping[str, Callable[[Core, FrontSession, Fields], None]] = {
    "ReqExecOrderInsert": lambda core, session, fields: core.exec_orders.insert(session, fields),
    "ReqExecOrderAction": lambda core, session, fields: core.exec_orders.action(session, fields),
    "ReqOptionSelfCloseInsert": lambda core, session, fields: core.self_closes.insert(session, fields),
    "ReqFromBankToFutureByFuture": lambda core, session, fields: core.bank.into(session, fields),
    "ReqFromFutureToBankByFuture": lambda core, session, fields: core.bank.out(session, fields),
    "ReqQueryBankAccountMoneyByFuture": lambda core, session, fields: core.bank.balance(session, fields),
    "ReqForQuoteInsert": lambda core, session, fields: core.inquiries.insert(session, fields),
    "ReqOptionSelfCloseAction": lambda core, session, fields: core.self_closes.action(session, fields),
}

HANDLED: frozenset[str] = frozenset({*_BEFORE_LOGIN, *_AFTER_LOGIN, *_UNANSWERED})
"""The requests that the front carries out itself."""
