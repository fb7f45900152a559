"""Between a session and its API: what may not be sent is not, and what is sent is known on disk before.

Three things are held back beside what is not permitted: a password that stands in the scenario's text, a
login that an earlier scenario saw refused for good, and what the library cannot be given.
"""

from collections.abc import Collection, Mapping, Sequence

from attrs import define, field, frozen

from ctpscen.client.books.orders import Order, key_of
from ctpscen.client.identity import Identity
from ctpscen.client.session import Session
from ctpscen.ctp.errors import NOT_READY
from ctpscen.ctp.messages import Api, Callback, Request
from ctpscen.engine.state.outcomes import Blocked, ScenarioError, Skipped
from ctpscen.live.care.keys import KeyFile, SentOrder
from ctpscen.live.care.permit import Permit
from ctpscen.live.care.refusals import refused_for_good
from ctpscen.live.library.process import WorkerDied
from ctpscen.live.profile.secret import Secret

# What a request proves by that it may log in; asked again with the same, the front would say the same.
_PROOFS: Mapping[str, str] = {
    "ReqAuthenticate": "AuthCode",
    "ReqUserLogin": "Password",
    "ReqUserLoginWithCaptcha": "Password",
    "ReqUserLoginWithText": "Password",
    "ReqUserLoginWithOTP": "Password",
    "ReqUserPasswordUpdate": "OldPassword",
    "ReqTradingAccountPasswordUpdate": "OldPassword",
}
_CANCELS = frozenset({"ReqOrderAction", "ReqParkedOrderAction", "ReqBatchOrderAction"})
MOST_REFUSED = 3
"""So many proofs of an account may be refused in a run, where steps try them; a few more lock it (BEHAVIOUR 9)."""


@frozen
class Credentials:
    """A login with its secrets fetched. `name` is the profile's name of the account, '' for its own."""

    name: str
    broker: str
    user: str
    investor: str
    password: Secret
    app_id: str
    auth_code: Secret
    production: bool

    def identity(self, flow: str, trading: Sequence[str] = (), market: Sequence[str] = ()) -> Identity:
        """Who logs in with it: `flow` is the folder of the flow files, the rest the fronts' addresses."""
        return Identity(
            self.broker,
            self.user,
            self.password.reveal(),
            self.app_id,
            self.auth_code.reveal(),
            flow=flow,
            trading_fronts=trading,
            market_fronts=market,
            investor_id=self.investor,
            production=self.production,
        )


@define(eq=False)
class Logins:
    """The logins of a run.

    `seen` are those that the front let in, FrontID and SessionID. Those that were refused for good are kept by account,
    request and proof, with what the front said. `_risked` counts what steps tried and the front did not agree to, by
    account, auth codes apart from passwords.
    """

    seen: set[tuple[int, int]] = field(factory=set)
    _refused: dict[tuple[str, str, str], str] = field(factory=dict, repr=False)
    _agreed: set[tuple[str, str, str]] = field(factory=set, repr=False)
    _risked: dict[tuple[str, bool], int] = field(factory=dict)

    def check(self, account: str, request: Request) -> None:
        """Lets a login pass that has a chance. Raises Blocked with what the front said before."""
        if why := self._refused.get((account, request.name, _proof(request))):
            raise Blocked(reason=f"{request.name} was not sent again: in this run {why}")

    def refused(self, account: str, request: Request, why: str) -> None:
        self._refused[account, request.name, _proof(request)] = why

    def risk(self, account: str, request: Request) -> bool:
        """Lets a step try a proof; False where there is no risk in it, because the front took it for right before.

        Raises Blocked where so many were not agreed to that one more may do harm.
        """
        if (account, request.name, _proof(request)) in self._agreed:
            return False
        kind = account, _PROOFS[request.name] == "AuthCode"
        if self._risked.get(kind, 0) >= MOST_REFUSED:
            raise Blocked(
                reason=f"{request.name} was not sent: {MOST_REFUSED} that were not agreed to are enough for an account "
                "and a run; more of them lock the account (75) or the address (143)"
            )
        self._risked[kind] = self._risked.get(kind, 0) + 1
        return True

    def agreed(self, account: str, request: Request) -> None:
        """The front took a proof for right."""
        self._agreed.add((account, request.name, _proof(request)))
        self.answered_without(account, request)

    def answered_without(self, account: str, request: Request) -> None:
        """The front said nothing of the proof: there was no risk in it."""
        kind = account, _PROOFS[request.name] == "AuthCode"
        self._risked[kind] = max(0, self._risked.get(kind, 0) - 1)


def _proof(request: Request) -> str:
    return str((request.fields or {}).get(_PROOFS[request.name], ""))


@define(eq=False)
class GuardedApi:
    """The API of one session. `passwords` are those that do not stand in the scenario."""

    api: Api
    session: Session
    account: str
    permit: Permit
    keys: KeyFile
    logins: Logins
    passwords: Collection[str] = field(repr=False)
    cleaning: bool = False
    _tried: dict[int, Request] = field(factory=dict)
    _risked: set[int] = field(factory=set)
    _inserts: dict[int, SentOrder] = field(factory=dict)

    def call(self, request: Request) -> int | str:
        self._check(request)
        if request.name == "ReqOrderInsert":
            self._keep_key(request)
        try:
            returned = self.api.call(request)
        except WorkerDied as reason:
            raise ScenarioError(reason=str(reason)) from None
        except ValueError as reason:
            self._not_sent(request)
            query = self.session.queries.current
            if query is not None and query.request_id == request.request_id:
                self.session.queries.withdraw(query)  # those after it are not to wait for its answer
            raise ScenarioError(reason=f"the CTP library cannot be given this: {reason}") from None
        if returned and isinstance(returned, int):
            self._not_sent(request)
        return returned

    def _keep_key(self, request: Request) -> None:
        """Writes down the key of an order. Raises ScenarioError where that cannot be done."""
        books, fields = self.session.books, request.fields or {}
        order = SentOrder(
            self.account,
            (books.front_id, books.session_id, str(fields.get("OrderRef", ""))),
            str(fields.get("InstrumentID", "")),
            str(fields.get("ExchangeID", "")),
            books.trading_day,
            str(fields.get("InvestorID", "")),
        )
        try:
            self.keys.add(order)
        except OSError as reason:
            raise ScenarioError(reason=f"no order was sent: its key cannot be kept: {reason}") from None
        self._inserts[request.request_id] = order

    def _not_sent(self, request: Request) -> None:
        """A request did not leave: an order of it does not work, and nobody has seen a proof in it."""
        if request.request_id in self._risked:
            self._risked.discard(request.request_id)
            self.logins.answered_without(self.account, request)
        if (order := self._inserts.pop(request.request_id, None)) is not None:
            self.keys.ended(order)

    def _check(self, request: Request) -> None:
        for name, value in (request.fields or {}).items():
            if "passw" in name.lower() and value and value not in self.passwords:
                raise Skipped(
                    reason=f"{request.name} was not sent: a password in the text is for simulated runs only; write "
                    'secret("NAME") and say under [profile.NAME.secrets] where it is to be had'
                )
        if not (self.cleaning and request.name == "ReqOrderAction"):
            self.permit.check(request)
            self._check_whose(request)
        if request.name in _PROOFS:
            if self.session.goal is not None:
                self.logins.check(self.account, request)
            else:  # a step that logs in by itself means what it says
                if self.logins.risk(self.account, request):
                    self._risked.add(request.request_id)
            self._tried[request.request_id] = request

    def _check_whose(self, request: Request) -> None:
        """Lets a cancel pass unless it is known to be for an order of an earlier run, or of another program."""
        if request.name not in _CANCELS or self.permit.options.cancel_others:
            return
        fields, orders = request.fields or {}, self.session.books.orders
        if request.name == "ReqBatchOrderAction" and key_of(fields)[:2] not in self.logins.seen:
            raise Blocked(
                reason=f"{request.name} was not sent: it would cancel what this run did not send, unless FrontID and "
                "SessionID are those of a login of it; it needs --cancel-others"
            )
        if sys_id := fields.get("OrderSysID"):
            order = orders.by_sys_id(fields.get("ExchangeID", ""), sys_id)
        else:
            order = orders.by_key.get(key_of(fields))
            if order is None and any(login := key_of(fields)[:2]) and login not in self.logins.seen:
                order = Order(key_of(fields), newest=fields)  # whatever it is, no login of this run sent it
        if order is not None and not self.is_own(order):
            raise Blocked(
                reason=f"{request.name} was not sent: this run did not send that order in "
                f"{order.value('InstrumentID') or '?'}; it needs --cancel-others"
            )

    def is_own(self, order: Order) -> bool:
        """Whether this run sent an order, by any of its logins."""
        return order.input is not None or order.key[:2] in self.logins.seen

    def watch(self, callback: Callback) -> None:
        """Takes note of an answer that refuses an order, or a login for good."""
        if callback.kind == "trader" and callback.name in ("OnRspOrderInsert", "OnRspError"):
            order = self._inserts.get(callback.request_id)
            if order is not None and (callback.error or {}).get("ErrorID"):
                self.keys.ended(self._inserts.pop(callback.request_id))
        tried = self._tried.get(callback.request_id)
        if tried is None or not callback.name.startswith("OnRsp"):
            return
        code = (callback.error or {}).get("ErrorID", 0)
        if not code:
            self._take_login(callback)
        if callback.request_id in self._risked:
            self._risked.discard(callback.request_id)
            if not code:
                self.logins.agreed(self.account, tried)
            elif code in NOT_READY:
                self.logins.answered_without(self.account, tried)
        if why := refused_for_good(callback.name, callback.error):
            self.logins.refused(self.account, tried, why)

    def _take_login(self, callback: Callback) -> None:
        if callback.name == "OnRspUserLogin" and callback.kind == "trader":
            fields = callback.fields or {}
            self.logins.seen.add((fields.get("FrontID", 0), fields.get("SessionID", 0)))
