"""The live environment: real fronts behind the wire, wall time, and what keeps both from harm.

Only the network can be meddled with; the venue is somebody else's. A scenario that ends leaves nothing working: what
its sessions cannot cancel themselves, because they are cut, released or dead, a session of its own does.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define, field

from ctpscen.client.books.orders import Key, Order
from ctpscen.client.books.positions import Position
from ctpscen.client.connection import Connection, State
from ctpscen.client.session import Session
from ctpscen.ctp.commands.network import Cut
from ctpscen.ctp.commands.record import Command, Done
from ctpscen.ctp.messages import Callback, Fields
from ctpscen.ctp.schema.api import ApiKind
from ctpscen.ctp.terms.products import product_of
from ctpscen.ctp.times import MINUTE, SECOND, spoken_duration
from ctpscen.engine.state.actors import Actor
from ctpscen.engine.state.journal import Journal
from ctpscen.engine.state.outcomes import Blocked, Failed, Outcome, ScenarioError, Skipped
from ctpscen.engine.state.program_actor import ProgramActor, ProgramTexts
from ctpscen.engine.state.waits import Wait, Waiting, wait
from ctpscen.environments import late_reports
from ctpscen.interruption import interruptions
from ctpscen.language.meaning.program import Program, Scenario, TestedProgram
from ctpscen.language.meaning.program import Session as DeclaredSession
from ctpscen.live.care.cleanup import Cleanup
from ctpscen.live.care.guard import Credentials, GuardedApi, Logins
from ctpscen.live.care.keys import KeyFile
from ctpscen.live.care.locks import AccountInUse
from ctpscen.live.care.permit import Permit
from ctpscen.live.care.refusals import ANSWERS, explanation
from ctpscen.live.library.locale import LocaleUnavailable
from ctpscen.live.library.process import WorkerDied
from ctpscen.live.profile.profiles import BadProfile
from ctpscen.live.profile.secret import NoSecret
from ctpscen.live.relay.commands import relay_line
from ctpscen.live.relay.process import RelayFailed
from ctpscen.live.wire import Wire

if TYPE_CHECKING:  # programs run on Linux alone
    from ctpscen.environments.live_programs import LivePrograms

CONNECT_PATIENCE = 30 * SECOND
CUT_PATIENCE = 5 * SECOND
HURRIED = 2 * SECOND
"""How long each part of the clean-up may take when the user is in a hurry; and how often that is looked for."""
LOOK = SECOND // 2


@define(eq=False)
class _LiveSession:
    """A session's place in the environment.

    `early` are breaks before the handshake, by kind of API; `relayed` those that the relay made, for want of a front.
    """

    actor: Actor
    declared: DeclaredSession
    credentials: Credentials
    early: dict[str, int] = field(factory=dict)
    relayed: dict[str, int] = field(factory=dict)
    dead: bool = False


@define(eq=False)
class LiveEnvironment:
    """One scenario's sessions and programs, on real fronts. `named` are the secrets that a scenario has by name.

    `make_programs` gives what runs the programs, where there can be any.
    """

    wire: Wire
    permit: Permit
    keys: KeyFile
    journal: Journal
    credentials: Callable[[str], Credentials]
    logins: Logins = field(factory=Logins)
    named: Collection[str] = field(default=(), repr=False)
    make_programs: Callable[[LiveEnvironment], LivePrograms] | None = None
    unattended: bool = False
    programs: LivePrograms | None = None
    sessions: dict[str, _LiveSession] = field(factory=dict)
    _began: int = field(init=False)
    _noted: set[str] = field(factory=set)
    _cut: list[tuple[Connection, int]] = field(factory=list)
    _opened: int = 0
    _ending: bool = False

    header: ClassVar[Mapping[str, Any]] = {"live": True}
    patience: ClassVar[int | None] = 10 * MINUTE

    def __attrs_post_init__(self) -> None:
        self._began = self.wire.now

    @property
    def now(self) -> int:
        return self.wire.now

    @property
    def elapsed(self) -> int:
        return self.wire.now - self._began

    def unsupported(self, program: Program, scenario: Scenario, /) -> str:
        if scenario.uses_venue or program.venue:
            return "it uses the simulated venue, which a live front does not have"
        return ""

    # ------------------------------------------------------------------------------------------------- sessions

    def actor(self, session: DeclaredSession, account: str, changed: Callable[[], None]) -> Actor:
        """A session with a worker of its own. Raises Blocked where that cannot be had."""
        try:
            credentials = self.credentials(account)
        except (BadProfile, NoSecret, AccountInUse) as reason:
            raise Blocked(reason=str(reason)) from None
        return self._open_session(session, credentials, changed)

    def _open_session(self, session: DeclaredSession, who: Credentials, changed: Callable[[], None]) -> Actor:
        try:
            line = self.wire.open(session.name)
        except (LocaleUnavailable, NoSecret, RelayFailed) as reason:
            raise Blocked(reason=str(reason)) from None
        except WorkerDied as reason:
            raise ScenarioError(reason=str(reason)) from None
        identity = who.identity(line.flow, line.trading_fronts, line.market_fronts)
        self._opened += 1
        client = Session(
            session.name,
            identity,
            session.private,
            session.public,
            trader_api=2 * self._opened - 1,
            market_api=2 * self._opened,
        )
        actor = Actor(client, self, self.journal, changed, caught_up=False)
        passwords = {who.password.reveal(), *self.named}
        actor.api = GuardedApi(line.api, client, who.name, self.permit, self.keys, self.logins, passwords)
        self.sessions[session.name] = _LiveSession(actor, session, who)
        return actor

    # ----------------------------------------------------------------------------------------------------- time

    def advance(self, limit: int | None) -> bool:
        """Delivers what arrives next, or waits until `limit`; False where it is `limit` and nothing has come.

        Raises ScenarioError where a worker has died.
        """
        self.journal.settle()  # whoever follows the run sees what it waits for
        before = self.wire.now
        delivery = self.wire.receive(limit if self.programs is None else before)
        if delivery is None:
            if self.programs is not None:
                return self._advance_programs(self.programs, limit)
            return limit is not None and before < limit
        live = self.sessions[delivery.session]
        if delivery.callback is None:
            was_dead, live.dead = live.dead, True
            if was_dead or self._ending:
                return True
            raise ScenarioError(reason=delivery.cause)
        if not self._is_relays_own(live, delivery.callback):
            assert isinstance(live.actor.api, GuardedApi)
            live.actor.api.watch(delivery.callback)
            live.actor.deliver(delivery.callback)
        return True

    def _advance_programs(self, programs: LivePrograms, limit: int | None) -> bool:
        """Lets the next thing happen to a program, or something arrive for a session, which the next look finds."""
        try:
            if programs.advance(limit):
                return True
        except Failed:
            if self._ending:
                return True
            raise
        while limit is not None and self.wire.now < limit:  # two clocks of one machine
            time.sleep(0)
        return False

    def _is_relays_own(self, live: _LiveSession, callback: Callback) -> bool:
        """Whether a break is one that only the relay made, because it could not reach the front.

        Without a relay the API would have been refused, of which it says nothing (BEHAVIOUR 1.4).
        """
        session = live.actor.session
        link = session.market.connection if callback.kind == "market" else session.connection
        if callback.name != "OnFrontDisconnected" or link.reached("connected"):
            return False
        refused = sum(each["refused"] for each in self.wire.fronts(session.name, callback.kind))
        if live.relayed.get(callback.kind, 0) < refused:
            live.relayed[callback.kind] = live.relayed.get(callback.kind, 0) + 1
            reason = self._unreachable(session.name, callback.kind)
            if reason and reason not in self._noted:
                self._noted.add(reason)
                self.journal.add("note", self.now, text=reason)
            return True
        live.early[callback.kind] = live.early.get(callback.kind, 0) + 1
        return False

    def _unreachable(self, session: str, kind: ApiKind) -> str:
        """Why none of the fronts can be reached; '' where one can."""
        tried = [each for each in self.wire.fronts(session, kind) if each["accepted"]]
        if not tried or not all(each["reason"] for each in tried):
            return ""
        return "; ".join(f"{each['front']} cannot be reached: {each['reason']}" for each in tried)

    def explain(self, session: str) -> str:
        """Why a session has no connection, as far as that can be told."""
        live = self.sessions.get(session)
        if live is None:  # a program, which says itself what it was told
            return self._unreachable(session, "trader")
        newest = next((each for each in reversed(live.actor.inbox.history) if each.name in ANSWERS), None)
        if newest is not None and (found := explanation(newest)):
            return found
        connection = live.actor.session.connection
        if connection.reached("connected") or connection.state == "absent":
            return ""
        if reason := self._unreachable(session, "trader"):
            return reason
        if connection.number:
            return ""
        fronts = self.wire.fronts(session, "trader")
        if early := live.early.get("trader"):
            times = "once" if early == 1 else f"{early} times"
            return (
                f"the front closed the connection before the handshake ({times}, 0x1001 = 4097): wrong version or "
                "address (is it a trading front, and does `production` fit it?)"
            )
        if any(each["accepted"] for each in fronts):
            return "the front took the connection and did not answer the handshake: wrong version or address"
        return ""

    # -------------------------------------------------------------------------------------------- what steps ask

    def list_instruments(self, names: Sequence[str]) -> list[str]:
        """Those whose product is known; a live front has its own list."""
        return [name for name in dict.fromkeys(names) if product_of(name) is not None]

    def command(self, command: Command) -> Done:
        """Does something to the wire. Raises NoVenue for commands to the venue."""
        line = relay_line(command)
        if isinstance(command, Cut):
            self._cut += self._links_of(command)
        try:
            self.wire.control(line)
        except RelayFailed as reason:
            raise ScenarioError(reason=str(reason)) from None
        return {}

    def _links_of(self, command: Cut) -> list[tuple[Connection, int]]:
        """The links that a cut breaks, with the numbers of their connections."""
        cut = [each.actor.session for name, each in self.sessions.items() if command.session in (None, name)]
        links = [each.market.connection for each in cut]
        links += [] if command.market else [each.connection for each in cut]
        if self.programs is not None and not command.market:
            links += self.programs.links(command.session)
        return [(link, link.number) for link in links if link.reached("connected")]

    def after_cut(self) -> Waiting | None:
        """The relay lets through what was sent before a cut, so the library hears of it a moment later."""
        cut, self._cut = self._cut, []
        if not cut:
            return None

        def is_heard() -> bool:
            return not any(link.reached("connected") and link.number == number for link, number in cut)

        return wait(Wait(is_heard, self.now + CUT_PATIENCE))

    @property
    def injection(self) -> None:
        """Real messages are nobody's to lose."""

    def ask_venue(self, _: str, __: str, ___: Fields, /) -> None:
        """A real venue's books are its own."""

    def has_arrived(self, key: Key) -> bool:
        """Whether an order has a number of the exchange."""
        known = (each.actor.books.orders.by_key.get(key) for each in self.sessions.values())
        return any(order is not None and order.value("OrderSysID") for order in known)

    def _programs(self) -> LivePrograms:
        if self.programs is None:
            if self.make_programs is None:
                raise Skipped(reason="this wire has no programs")
            self.programs = self.make_programs(self)
        return self.programs

    def program_words(self, account: str) -> Mapping[str, str]:
        return self._programs().words(account)

    def program(
        self, declared: TestedProgram, texts: ProgramTexts, account: str, changed: Callable[[], None], /
    ) -> ProgramActor:
        return self._programs().add(declared, texts, account, changed)

    def session_of(self, account: str) -> Actor | None:
        """A living session of an account that is logged in."""
        for each in self.sessions.values():
            if (
                not each.dead
                and each.credentials.name == account
                and each.actor.session.connection.reached("logged_in")
            ):
                return each.actor
        return None

    def prompt(self, text: str) -> None:
        from ctpscen.environments.running import ask_person

        ask_person(text, unattended=self.unattended)

    def keep_folders(self) -> None:
        if self.programs is not None:
            self.programs.keep = True

    def reports_held_back(self, _: str, /) -> bool:
        return False

    def touchable_orders(self, actor: Actor, /) -> Collection[Order]:
        """Those of this run: the account may have others, which are left alone unless that was said otherwise."""
        assert isinstance(actor.api, GuardedApi)
        others, is_own = self.permit.options.cancel_others, actor.api.is_own
        return [order for order in actor.books.orders.by_key.values() if others or is_own(order)]

    def touchable_positions(self, actor: Actor, /) -> Mapping[str, Position] | None:
        """What this run has opened."""
        return {instrument: actor.opened(instrument) for instrument in actor.books.positions}

    def after_login(self, actor: Actor, /) -> Waiting:
        return late_reports.what_the_day_brought(actor)

    def after_reconnect(self, actor: Actor, /) -> Waiting:
        return late_reports.in_flight_at_the_break(actor)

    # --------------------------------------------------------------------------------------------------- the end

    def before_verdict(self) -> Waiting:
        programs = [] if self.programs is None else list(self.programs.actors.values())
        return late_reports.late_reports([*(each.actor for each in self.sessions.values()), *programs])

    def excuse(self, actors: Collection[Actor]) -> str:
        """What no expectation took and says that the hour or the front was wrong, not the program."""
        for actor in actors:
            is_out = actor.is_program and not actor.books.connection.number
            if is_out and (found := self._unreachable(actor.name, "trader")):
                return found
            for report in actor.inbox.waiting():
                if report.code and (found := explanation(report)):
                    return found
        return ""

    def finish(self) -> list[str]:
        """Cancels what is left working and ends everything; gives what could not be done."""
        troubles = self.wire.troubles()
        self._ending = True
        cleanup = Cleanup(self, self.sessions)
        try:
            if self.programs is not None:
                from ctpscen.environments.ending_programs import end_programs

                troubles += end_programs(self, self.programs)
            if not self.permit.options.keep_orders:
                troubles += cleanup.run()
        except KeyboardInterrupt:  # the user leaves, and is told what is left
            troubles += cleanup.told(self.keys.orders)
        finally:
            with contextlib.suppress(KeyboardInterrupt):
                if self.programs is not None:
                    troubles += self.programs.close()
                self.wire.close()
        return troubles

    def open_cleaner(self, account: str, who: Credentials) -> str:
        """Has a session log in for the clean-up, where only a program was logged in; gives why it could not."""
        try:
            actor = self._open_session(DeclaredSession(f"cleanup-{len(self.sessions)}", account), who, lambda: None)
        except Outcome as reason:
            return reason.reason
        return self.reach(actor, "ready", CONNECT_PATIENCE)

    def log_in_anew(self, name: str, /) -> Actor:
        """A new session in the place of one that cannot cancel any more. Raises RuntimeError."""
        live = self.sessions[name]
        with contextlib.suppress(RelayFailed):  # one that died is replaced
            self.wire.control(f"heal {live.declared.name}/*")
        actor = self._open_session(live.declared, live.credentials, lambda: None)
        self.journal.add("note", self.now, text=f"{live.declared.name} logs in anew to cancel what is left")
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
        early = self.sessions[actor.name].early

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
        """Lets things happen until it is so, or the patience runs out, which it does soon where the user hurries."""
        deadline, hurried = self.now + patience, False
        while not ready():
            if interruptions.hurries and not hurried:
                hurried, deadline = True, min(deadline, self.now + HURRIED)
            times = [
                deadline,
                self.now + LOOK,
                *(each.actor.session.deadline() for each in self.sessions.values() if not each.dead),
            ]
            if not self.advance(min(each for each in times if each is not None)):
                if self.now >= deadline:
                    return ready()
                for each in self.sessions.values():
                    due = each.actor.session.deadline()
                    if not each.dead and due is not None and due <= self.now:
                        each.actor.wake()
        return True
