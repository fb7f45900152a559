"""The programs of a live run: the tap stands before the real library in each, the relay between it and its fronts.

What may go out is decided in the tap, by the run's permit, and holds whatever becomes of ctpscen. Each program has a
network of its own whose only ways out are the relay's doors; where the system gives it none, its calls of the network
are guarded instead, and that is said.
"""

import contextlib
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from attrs import define, field

from ctpscen.client.books.orders import FINAL
from ctpscen.client.connection import Connection
from ctpscen.client.session import Session
from ctpscen.ctp.messages import Request
from ctpscen.ctp.schema.api import ApiKind
from ctpscen.engine.state.actors import Actor, Clock
from ctpscen.engine.state.journal import Journal
from ctpscen.engine.state.outcomes import Blocked, Failed, Skipped
from ctpscen.engine.state.program_actor import ProgramActor, ProgramTexts
from ctpscen.environments.running import RunningProcess, hand_on, python_locale
from ctpscen.language.meaning.program import TestedProgram
from ctpscen.live.care.guard import Credentials, Logins
from ctpscen.live.care.keys import KeyFile, SentOrder
from ctpscen.live.care.locks import AccountInUse
from ctpscen.live.care.permit import VOLUMES, Permit, lots
from ctpscen.live.care.program_keys import ProgramKeys
from ctpscen.live.profile.profiles import BadProfile
from ctpscen.live.profile.secret import NoSecret
from ctpscen.live.relay.process import RelayFailed
from ctpscen.live.wire import Fronts, ProgramPaths
from ctpscen.program.events import Called, Delivered, Event, HeldBack
from ctpscen.program.processes.process import FIRST_DOOR
from ctpscen.program.programs import Programs
from ctpscen.program.spec import CannotStart, Spec
from ctpscen.program.tapping.limits import LimitsPage
from ctpscen.program.tapping.server import Tap
from ctpscen.program.tapping.tables import Passage, Refusal, Rules
from ctpscen.program.tapping.wall import WallWorld

_LOGINS = ("ReqAuthenticate", "ReqUserLogin")


@define(eq=False)
class LivePrograms:
    """All programs of one live scenario; it leads them to their fronts.

    `credentials` gives a login of the profile by its name, `session_of` a session of it. `limits` is the run's page.
    """

    paths: ProgramPaths
    permit: Permit
    keys: KeyFile
    journal: Journal
    logins: Logins
    limits: LimitsPage
    clock: Clock
    credentials: Callable[[str], Credentials]
    session_of: Callable[[str], Actor | None]
    keep: bool = False
    home: Path = field(init=False)
    running: Programs = field(init=False)
    actors: dict[str, ProgramActor] = field(factory=dict)
    accounts: dict[str, Credentials] = field(factory=dict)
    _tap: Tap = field(init=False)
    _sent_by: dict[str, ProgramKeys] = field(factory=dict)
    _fronts: dict[str, Fronts] = field(factory=dict)
    _held_back: list[str] = field(factory=list)
    _lost_before: int = field(init=False)
    _bell: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        world = WallWorld()
        profile = self.permit.options.profile
        users = [login.user for login in (profile.account, *profile.accounts.values())]
        rules = Rules(self._passage, VOLUMES, tuple(dict.fromkeys(users)))
        self.permit.programs = self.limits
        self.limits.elsewhere = self.permit.used
        self._lost_before = self.limits.lost
        self._tap = Tap(self.limits, rules, self, world.time_of)
        self.home = Path(tempfile.mkdtemp(prefix="ctpscen-programs-"))
        self.running = Programs(world, 1.0, self.home, variables=python_locale(), tap=self._tap)
        self._bell = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self.running.poller.watch(self._bell, self._rung)
        self.paths.hang_bell(self._bell)

    def _rung(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._bell)

    # ------------------------------------------------------------------------------------------------ what may pass

    def _passage(self, name: str) -> Passage:
        if name.startswith(_LOGINS):
            return Passage.NAMES_A_USER
        if self.permit.refusal_of_program(name):
            return Passage.IS_REFUSED
        return Passage.IS_COUNTED if self.permit.is_counted(name) else Passage.PASSES

    def _why(self, request: Request, reason: int) -> str:
        """Why a call was held back, in words."""
        match reason:
            case Refusal.NOT_ALLOWED:
                return self.permit.refusal_of_program(request.name)
            case Refusal.ORDER_TOO_LARGE:
                return self.permit.too_large(lots(request))
            case Refusal.RUN_TOO_LARGE:
                return self.permit.too_many(lots(request), self.permit.sent)
            case Refusal.OTHER_USER:
                user, profile = (request.fields or {}).get("UserID", ""), self.permit.options.profile.name
                return f"{request.name} was not sent: profile `{profile}` has no account of user `{user}`"
            case Refusal.NO_RECORD:
                return f"{request.name} was not sent: it was given no record"
            case _:
                return f"{request.name} was not sent: nobody was there to watch it"

    # ---------------------------------------------------------------------------------------------------- the fronts

    def doors(self, program: str, alone: bool, /) -> int:
        """How many ports a program needs in its network; none where it shares this machine's."""
        profile = self.permit.options.profile
        if alone:
            return len(profile.trading_fronts) + len(profile.market_fronts)
        try:
            self._fronts[program] = self.paths.listen(program)
        except RelayFailed as reason:
            raise CannotStart(str(reason)) from None
        return 0

    def open(self, program: str, doors: Sequence[socket.socket], life: int, /) -> None:
        """Hands the program's doors to the relay."""
        try:
            if doors:
                self._fronts[program] = self.paths.adopt(program, doors, life)
        except RelayFailed as reason:
            raise CannotStart(str(reason)) from None
        finally:
            for door in doors:
                door.close()
            if life >= 0:
                os.close(life)

    def of(self, program: str, kind: ApiKind, /) -> Sequence[str]:
        return self._fronts[program].of(kind)

    # -------------------------------------------------------------------------------------------------- the programs

    def words(self, account: str) -> Mapping[str, str]:
        """What a program's texts may name: `python`, and a login of the profile. Raises Blocked."""
        who = self._login(account)
        market = FIRST_DOOR + len(self.permit.options.profile.trading_fronts)
        return {
            "python": sys.executable,
            "front": f"tcp://127.0.0.1:{FIRST_DOOR}",
            "market_front": f"tcp://127.0.0.1:{market}",
            "broker": who.broker,
            "user": who.user,
            "password": who.password.reveal(),
            "app_id": who.app_id,
            "auth_code": who.auth_code.reveal(),
        }

    def _login(self, account: str) -> Credentials:
        try:
            found = self.credentials(account)
        except (BadProfile, NoSecret, AccountInUse) as reason:
            raise Blocked(reason=str(reason)) from None
        return self.accounts.setdefault(found.name, found)

    def _account_of(self, user: str) -> str:
        """The profile's name of a user's account, which is this run's from now on."""
        profile = self.permit.options.profile
        name = next((each.name for each in profile.accounts.values() if each.user == user), "")
        try:
            self._login(name)
        except Blocked as reason:
            self._note(f"what `{user}` leaves working cannot be cancelled: {reason.reason}")
        return name

    def add(
        self, declared: TestedProgram, texts: ProgramTexts, account: str, changed: Callable[[], None]
    ) -> ProgramActor:
        """A program with its paths through the relay. Raises Blocked, Skipped."""
        if texts.stand_in:
            raise Skipped(reason=f"{declared.name} uses a stand-in for the CTP library, which has no real front")
        who, name = self._login(account), declared.name
        if declared.network == "open":
            self._note(f"the network is open to {name}")
        try:
            self.paths.expect(name)
        except (RelayFailed, NoSecret) as reason:
            raise Blocked(reason=str(reason)) from None
        logs, variables, network = texts.logs, texts.variables, declared.network
        spec = Spec(name, texts.command, texts.folder, logs, variables, network, "own")
        program = self.running.add(spec, lambda event: self._take(actor, event))
        self._sent_by[name] = ProgramKeys(self.keys, self.logins, self._account_of)
        identity = who.identity(flow=name)
        actor = self.actors[name] = ProgramActor(
            Session(name, identity),
            self.clock,
            self.journal,
            changed,
            process=RunningProcess(program, lambda text: self._note(f"{name}: {text}")),
            declared_at=declared.span,
            ask_venue=lambda _, __: (),
            observer=lambda: self._observer(name, who.name),
        )
        return actor

    def links(self, program: str | None) -> list[Connection]:
        """The trader connections of a program, or of all."""
        return [actor.books.connection for name, actor in self.actors.items() if program in (None, name)]

    def _observer(self, program: str, account: str) -> Actor:
        found = self.session_of(account)
        if found is None:
            raise Blocked(
                reason=f"live, what the account of {program} holds is asked by a session of ctpscen on it; the file "
                "needs one beside the program, such as `session watcher`"
            )
        return found

    def _take(self, actor: ProgramActor, event: Event) -> None:
        keys = self._sent_by[actor.name]
        if isinstance(event, Called):
            keys.called(event.request, event.returned)
        elif isinstance(event, Delivered):
            keys.delivered(event.callback)
        elif isinstance(event, HeldBack):
            why = f"{actor.name}: {self._why(event.request, event.reason)}"
            self._note(why)
            self._held_back.append(why)
        hand_on(actor, event)

    def _note(self, text: str) -> None:
        self.journal.add("note", self.clock.now, text=text)

    def advance(self, limit: int | None) -> bool:
        """Lets the next thing happen to a program. Raises Failed where a call of one was held back."""
        happened = self.running.advance(limit)
        if self._held_back:
            raise Failed(None, self._held_back.pop(0))
        return happened

    # ------------------------------------------------------------------------------------------------------- the end

    @property
    def still_running(self) -> bool:
        return any(program.is_running for program in self.running.all.values())

    def ask_to_end(self) -> None:
        """Asks all of them to end; their relay is still there."""
        for name, program in self.running.all.items():
            if program.is_running:
                self.actors[name].killed = True
                program.terminate()

    def close(self) -> list[str]:
        """Ends what has not ended; gives what went wrong."""
        self.paths.hang_bell(-1)
        self.running.poller.forget(self._bell)
        self.running.close()
        os.close(self._bell)
        troubles = [f"{name}: {text}" for name, keys in self._sent_by.items() for text in keys.troubles]
        lost = self.limits.lost - self._lost_before + sum(server.missing for server in self._tap.servers)
        if lost:
            what = "1 event" if lost == 1 else f"{lost} events"
            troubles.append(f"{what} of what passed between program and library could not be written down")
        if not self.keep:
            shutil.rmtree(self.home, ignore_errors=True)
        for name in self.running.all if self.keep else ():
            if (self.home / name).exists():
                self._note(f"the folder in which {name} ran is left at {self.home / name}")
        return troubles

    def name_what_is_left(self) -> set[str]:
        """Says which orders still work by what the programs were told; gives the accounts of all keys that are left."""
        for name, keys in self._sent_by.items():
            left = [order for order in keys.sent.values() if not self._has_ended(name, order)]
            for order in keys.sent.values():
                if order not in left:
                    self.keys.ended(order)
            if left:
                named = ", ".join(f"{order.instrument} {'/'.join(map(str, order.key))}" for order in left)
                stay = "; --keep-orders leaves them" if self.permit.options.keep_orders else ""
                self._note(f"{name} left working: {named}{stay}")
        return {order.account for order in self.keys.orders if order.account in self.accounts}

    def _has_ended(self, program: str, order: SentOrder) -> bool:
        if order not in self.keys.orders:
            return True
        known = self.actors[program].books.orders.by_key.get(order.key)
        return known is not None and known.status in FINAL
