"""The live environment: real fronts behind the wire, wall time, and what keeps both from harm.

Only the network can be meddled with; the venue is somebody else's. A scenario that ends leaves nothing working: what
its sessions cannot cancel themselves, because they are cut, released or dead, a session of its own does.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Literal, Protocol

from attrs import define, field, frozen

from ctpscen.client.connection import State
from ctpscen.client.orders import FINAL, Key, Order, key_of
from ctpscen.client.queries import Query
from ctpscen.client.reports import Report
from ctpscen.client.session import Identity, Session
from ctpscen.ctp.api import ApiKind
from ctpscen.ctp.messages import Api, Callback, Request
from ctpscen.ctp.products import product_of
from ctpscen.ctp.times import SECOND, spoken_duration
from ctpscen.engine.actors import Actor
from ctpscen.engine.journal import Journal
from ctpscen.engine.outcomes import Blocked, ScenarioError, Skipped
from ctpscen.live.locale import LocaleUnavailable
from ctpscen.live.process import WorkerDied
from ctpscen.live.profiles import BadProfile
from ctpscen.live.relaying import RelayFailed
from ctpscen.live.safety import KeyFile, Permit, SentOrder
from ctpscen.live.secret import NoSecret, Secret
from ctpscen.live.wire import Wire

CONNECT_PATIENCE = 30 * SECOND
ANSWER_PATIENCE = 10 * SECOND
CANCEL_PATIENCE = 10 * SECOND

# What is wrong is the hour or the front, not the program (BEHAVIOUR 1.5, 2.2, 3.6, 9).
_NOT_READY: Mapping[int, str] = {
    1: "the core is not yet synchronised with the settlement",
    7: "the core is between two days",
    8: "the front is in maintenance",
    21: "the seat is not connected to the exchange",
    35: "the broker's data is being synchronised",
    90: "the query core is not ready",
    154: "the query core is busy",
    162: "the product is in no phase of trading",
    5002: "the core is overloaded",
}
_CLOSED: Mapping[int, str] = {26: "the market is closed", 40045: "the market has a break"}
_CLOSED_WORDS = ("当前状态禁止此项操作", "现在不是交易时间", "连续交易暂停", "开市暂停", "闭市", "初始化后")
_UNSYNCHRONISED = "结算组数据没有同步"


_ANSWERS = frozenset({"OnRspAuthenticate", "OnRspUserLogin", "OnRspSettlementInfoConfirm"})


def explanation(report: Report) -> str:
    """What a refusal says of the hour or the front; '' where it says something of the program."""
    if not report.code and not report.message:
        return ""
    if _UNSYNCHRONISED in report.message:
        return f"the exchange is not ready: {report.message}"
    if report.source == "exchange":  # its numbers are not those of CTP's errors
        known = _CLOSED.get(report.code) or any(word in report.message for word in _CLOSED_WORDS)
        return f"the market is closed: {report.code} {report.message}" if known else ""
    if report.source == "api" or report.code not in _NOT_READY:
        return ""
    return f"{_NOT_READY[report.code]}: {report.code} {report.message}"


class Declared(Protocol):
    """A session as the scenario declares it."""

    @property
    def name(self) -> str: ...
    @property
    def private(self) -> Literal["restart", "resume", "quick", "none"]: ...
    @property
    def public(self) -> Literal["restart", "resume", "quick", "none"]: ...


@frozen
class Credentials:
    """A login with its secrets fetched."""

    name: str
    broker: str
    user: str
    investor: str
    password: Secret
    app_id: str
    auth_code: Secret
    production: bool


@define(eq=False)
class GuardedApi:
    """The API of one session; what may not be sent is not, and what is sent is known on disk before."""

    api: Api
    session: Session
    account: str
    permit: Permit
    keys: KeyFile
    cleaning: bool = False

    def call(self, request: Request) -> int | str:
        if not (self.cleaning and request.name == "ReqOrderAction"):
            self.permit.check(request)
        if request.name == "ReqOrderInsert" and request.fields:
            key = (self.session.front_id, self.session.session_id, str(request.fields.get("OrderRef", "")))
            instrument, exchange = request.fields.get("InstrumentID", ""), request.fields.get("ExchangeID", "")
            self.keys.add(SentOrder(self.account, key, instrument, exchange, self.session.trading_day))
        try:
            return self.api.call(request)
        except WorkerDied as reason:
            raise ScenarioError(reason=str(reason)) from None
        except ValueError as reason:
            raise ScenarioError(reason=f"the CTP library cannot be given this: {reason}") from None


@define(eq=False)
class _Seat:
    """A session's place in the environment."""

    actor: Actor
    session: Declared
    credentials: Credentials
    early: dict[str, int] = field(factory=dict)
    dead: bool = False


@define(eq=False)
class LiveEnvironment:
    """One scenario's sessions, on real fronts."""

    wire: Wire
    permit: Permit
    keys: KeyFile
    journal: Journal
    credentials: Callable[[str], Credentials]
    is_live: bool = True
    _seats: dict[str, _Seat] = field(factory=dict)
    _began: int = field(init=False)
    _noted: set[str] = field(factory=set)
    _opened: int = 0
    _ending: bool = False

    def __attrs_post_init__(self) -> None:
        self._began = self.wire.now

    @property
    def now(self) -> int:
        return self.wire.now

    @property
    def elapsed(self) -> int:
        return self.wire.now - self._began

    # ------------------------------------------------------------------------------------------------- sessions

    def actor(self, session: Declared, account: str, changed: Callable[[], None]) -> Actor:
        """A session with a worker of its own. Raises Blocked where that cannot be had."""
        try:
            credentials = self.credentials(account)
        except (BadProfile, NoSecret) as reason:
            raise Blocked(reason=str(reason)) from None
        return self._take_seat(session, credentials, changed)

    def _take_seat(self, session: Declared, who: Credentials, changed: Callable[[], None]) -> Actor:
        try:
            line = self.wire.open(session.name)
        except (LocaleUnavailable, RelayFailed) as reason:
            raise Blocked(reason=str(reason)) from None
        except WorkerDied as reason:
            raise ScenarioError(reason=str(reason)) from None
        identity = Identity(
            who.broker,
            who.user,
            who.password.reveal(),
            who.app_id,
            who.auth_code.reveal(),
            flow=line.flow,
            trading_fronts=line.trading_fronts,
            market_fronts=line.market_fronts,
            investor_id=who.investor,
            production=who.production,
        )
        self._opened += 1
        client = Session(
            session.name,
            identity,
            session.private,
            session.public,
            trader_api=2 * self._opened - 1,
            market_api=2 * self._opened,
        )
        actor = Actor(client, self, self.journal, changed)
        actor.api = GuardedApi(line.api, client, who.name, self.permit, self.keys)
        self._seats[session.name] = _Seat(actor, session, who)
        return actor

    # ----------------------------------------------------------------------------------------------------- time

    def advance(self, limit: int | None) -> bool:
        """Delivers what arrives next, or waits until `limit`; False where it is `limit` and nothing has come.

        Raises ScenarioError where a worker has died.
        """
        before = self.wire.now
        delivery = self.wire.receive(limit)
        if delivery is None:
            return limit is not None and before < limit
        seat = self._seats[delivery.session]
        if delivery.callback is None:
            was_dead, seat.dead = seat.dead, True
            if was_dead or self._ending:
                return True
            raise ScenarioError(reason=delivery.epitaph)
        if not self._is_relays_own(seat, delivery.callback):
            seat.actor.deliver(delivery.callback)
        return True

    def _is_relays_own(self, seat: _Seat, callback: Callback) -> bool:
        """Whether a break is one that only the relay made, because it could not reach the front.

        Without a relay the API would have been refused, of which it says nothing (BEHAVIOUR 1.4).
        """
        session = seat.actor.session
        link = session.market.connection if callback.kind == "market" else session.connection
        if callback.name != "OnFrontDisconnected" or link.reached("connected"):
            return False
        if reason := self._unreachable(session.name, callback.kind):
            if reason not in self._noted:
                self._noted.add(reason)
                self.journal.add("note", self.now, text=reason)
            return True
        seat.early[callback.kind] = seat.early.get(callback.kind, 0) + 1
        return False

    def _unreachable(self, session: str, kind: ApiKind) -> str:
        """Why none of the fronts can be reached; '' where one can."""
        tried = [each for each in self.wire.fronts(session, kind) if each["accepted"]]
        if not tried or not all(each["reason"] for each in tried):
            return ""
        return "; ".join(f"{each['front']} cannot be reached: {each['reason']}" for each in tried)

    def explain(self, session: str) -> str:
        """Why a session has no connection, as far as that can be told."""
        seat = self._seats[session]
        for report in reversed(seat.actor.inbox.history):
            if report.name in _ANSWERS and (found := explanation(report)):
                return found
        if seat.actor.session.connection.number or seat.actor.session.connection.state == "absent":
            return ""
        fronts = self.wire.fronts(session, "trader")
        if reason := self._unreachable(session, "trader"):
            return reason
        if early := seat.early.get("trader"):
            times = "once" if early == 1 else f"{early} times"
            return (
                f"the front closed the connection before the handshake ({times}, 4097): wrong version or address "
                "(is it a trading front, and does `production` fit it?)"
            )
        if any(each["accepted"] for each in fronts):
            return "the front took the connection and did not answer the handshake: wrong version or address"
        return ""

    # -------------------------------------------------------------------------------------------- what steps ask

    def list_instruments(self, names: Sequence[str]) -> list[str]:
        """Those whose product is known; a live front has its own list."""
        return [name for name in dict.fromkeys(names) if product_of(name) is not None]

    def command(self, verb: str, arguments: Mapping[str, Any]) -> str:
        """A step of the network. Raises Skipped for those of the venue."""
        if verb not in _NETWORK or (verb == "latency" and arguments.get("actor") != "network"):
            raise Skipped(reason=f"`{verb}` needs the simulated venue")
        market = bool(arguments.get("market"))
        group = f"{arguments.get('session', '*')}/{'market' if market else '*'}"
        words, done = [verb], _NETWORK[verb]
        if verb in ("latency", "flap"):
            (span,) = arguments["values"]
            microseconds = int(span.total_seconds() * SECOND)
            words.append(f"{microseconds}us")
            done = f"{done} {spoken_duration(microseconds)}"
        if jitter := arguments.get("jitter"):
            words += ["jitter", f"{jitter}us"]
            done += f", jitter {spoken_duration(jitter)}"
        if (lasting := arguments.get("for_span")) is not None:
            words += ["for", f"{lasting}us"]
            done += f" for {spoken_duration(lasting)}"
        try:
            self.wire.control(" ".join([*words, group]))
        except RelayFailed as reason:
            raise ScenarioError(reason=str(reason)) from None
        path = "market path" if market else "path"
        whose = f"the {path} of {arguments['session']}" if "session" in arguments else f"every {path}"
        return f"latency {done.partition(' ')[2]}" if verb == "latency" else f"{whose} {done}"

    def has_arrived(self, key: Key) -> bool:
        """Whether an order has a number of the exchange."""
        known = (seat.actor.session.orders.by_key.get(key) for seat in self._seats.values())
        return any(order is not None and order.value("OrderSysID") for order in known)

    def next_evening(self) -> int:
        raise Skipped(reason="`settle` needs the simulated venue")

    def reports_held_back(self, _: str, /) -> bool:
        return False

    # --------------------------------------------------------------------------------------------------- the end

    def excuse(self, actors: Collection[Actor]) -> str:
        """What no expectation took and says that the hour or the front was wrong, not the program."""
        for actor in actors:
            for report in actor.inbox.waiting():
                if report.code and (found := explanation(report)):
                    return found
        return ""

    def finish(self) -> list[str]:
        """Cancels what is left working and ends everything; gives what could not be done."""
        troubles: list[str] = []
        self._ending = True
        died = any(seat.dead for seat in self._seats.values())
        try:
            if self.keys.orders and not self.permit.options.keep_orders:
                troubles = self._cancel_what_is_left()
        finally:
            self.wire.close(keep=died)
        return troubles

    def _cancel_what_is_left(self) -> list[str]:
        left: list[SentOrder] = []
        elsewhere: list[SentOrder] = []
        troubles: list[str] = []
        seated = {seat.credentials.name for seat in self._seats.values()}
        for account in dict.fromkeys(order.account for order in self.keys.orders):
            orders = [order for order in self.keys.orders if order.account == account]
            if account not in seated:  # an earlier run's; a run that logs in there will see to them
                self.journal.add("note", self.now, text=f"{len(orders)} earlier orders of {account} were left alone")
                elsewhere += orders
                continue
            try:
                left += self._cancel_of(account, [order for order in orders if not self._is_over(order)])
            except Exception as reason:  # whatever it is: the user must be told which orders are left
                left += orders
                troubles.append(f"the clean-up of {account or 'the account'} failed: {reason}")
        self.keys.keep([*elsewhere, *left])
        if left:
            which = ", ".join(f"{each.instrument} {'/'.join(map(str, each.key))}" for each in left)
            troubles.append(f"{len(left)} orders may still be working: {which} (keys in {self.keys.path})")
        return troubles

    def _known(self, order: SentOrder) -> Order | None:
        """The newest that any living session knows of an order."""
        for seat in self._seats.values():
            known = seat.actor.session.orders.by_key.get(order.key)
            if known is not None and seat.credentials.name == order.account:
                return known
        return None

    def _is_over(self, order: SentOrder) -> bool:
        known = self._known(order)
        return known is not None and (known.refused or (known.return_code or 0) != 0 or known.status in FINAL)

    def _cancel_of(self, account: str, orders: list[SentOrder]) -> list[SentOrder]:
        """Cancels the orders of one account; gives those that did not come to an end."""
        if not orders:
            return []
        mine = [seat for seat in self._seats.values() if seat.credentials.name == account]
        for seat in mine:
            if not seat.dead and seat.actor.session.connection.reached("logged_in"):
                orders = self._cancel_through(seat.actor, orders)
        return self._cancel_through(self._someone_new(mine[0]), orders) if orders else []

    def _cancel_through(self, actor: Actor, orders: list[SentOrder]) -> list[SentOrder]:
        """Asks which of some orders work, and cancels those; gives those that did not come to an end."""
        assert isinstance(actor.api, GuardedApi)
        actor.api.cleaning = True
        session = actor.session
        query = session.ask("ReqQryOrder", {}, self.now)
        actor.flush()
        self.until(lambda: query.done, ANSWER_PATIENCE)
        by_key = _rows(query)
        working: list[Order] = []
        for each in orders:
            row = by_key.get(each.key)
            if row is not None and row.get("OrderStatus") not in FINAL:
                order = session.orders.reported(row)
                working.append(order)
                session.cancel(order, self.now)
        actor.flush()
        self.until(lambda: all(order.status in FINAL for order in working), CANCEL_PATIENCE)
        if not query.done or query.code:
            session.desk.withdraw(query)
            return orders
        ended = {order.key for order in working if order.status in FINAL}
        return [each for each in orders if each.key in {order.key for order in working} - ended]

    def _someone_new(self, seat: _Seat) -> Actor:
        """A new session in the seat of one that cannot cancel any more. Raises RuntimeError."""
        self.wire.control(f"heal {seat.session.name}/*")
        actor = self._take_seat(seat.session, seat.credentials, lambda: None)
        self.journal.add("note", self.now, text=f"{seat.session.name} logs in anew to cancel what is left")
        if why := self.reach(actor, "ready", CONNECT_PATIENCE):
            raise RuntimeError(why)
        return actor

    def reach(self, actor: Actor, state: State, patience: int) -> str:
        """Brings a session to a state outside any scenario; gives the reason where that cannot be done."""
        session = actor.session
        if session.connection.state == "absent":
            session.create(self.now)
        goal = session.aim(state, self.now)
        actor.flush()
        early = self._seats[actor.name].early

        def settled() -> bool:
            return session.connection.reached(state) or goal.refusal is not None or early.get("trader", 0) > 1

        self.until(settled, patience)
        session.goal = None
        if session.connection.reached(state):
            return ""
        if refused := goal.refusal or goal.last_refusal:
            return f"{refused.request} was refused: {refused.code} {refused.message}"
        return self.explain(actor.name) or f"nothing came within {spoken_duration(patience)}"

    def until(self, ready: Callable[[], bool], patience: int) -> bool:
        """Lets things happen until it is so, or the patience runs out."""
        deadline = self.now + patience
        while not ready():
            times = [deadline, *(seat.actor.session.deadline() for seat in self._seats.values() if not seat.dead)]
            if not self.advance(min(each for each in times if each is not None)):
                if self.now >= deadline:
                    return ready()
                for seat in self._seats.values():
                    due = seat.actor.session.deadline()
                    if not seat.dead and due is not None and due <= self.now:
                        seat.actor.wake()
        return True


def _rows(query: Query) -> dict[Key, dict[str, Any]]:
    return {key_of(row): row for row in query.rows}


_NETWORK: Mapping[str, str] = {
    "cut": "is cut",
    "silence": "swallows everything",
    "stall": "stalls",
    "heal": "is healed",
    "flap": "flaps every",
    "latency": "latency",
}
