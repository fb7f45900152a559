"""A live run: what its scenarios share, and the environment that it makes for each."""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define, field

from ctpscen.engine.state.journal import Journal
from ctpscen.engine.state.outcomes import Blocked
from ctpscen.engine.unit import Unit
from ctpscen.environments.live import LiveEnvironment
from ctpscen.hashing import blake2b
from ctpscen.language.meaning.program import Program
from ctpscen.live.care.guard import Credentials, Logins
from ctpscen.live.care.keys import KeyFile
from ctpscen.live.care.locks import AccountLocks
from ctpscen.live.care.masking import Masker
from ctpscen.live.care.permit import Permit
from ctpscen.live.care.run_folder import RunFolder
from ctpscen.live.profile.profiles import LiveOptions, Profile
from ctpscen.live.profile.secret import Secret, SecretPlace
from ctpscen.live.wire import NativeWire, ProgramPaths, Wire
from ctpscen.private_files import make_private_folder, state_folder

if TYPE_CHECKING:  # programs run on Linux alone
    from ctpscen.environments.live_programs import LivePrograms
    from ctpscen.program.tapping.limits import LimitsPage

KEPT_FOR = 7 * 24 * 3600.0
"""Seconds after which what a dead library left is of no use to anybody."""


@define(eq=False)
class LiveRun:
    """Its permit, its accounts, its secrets, each fetched once, and its folder."""

    options: LiveOptions
    folder: Path = field(factory=state_folder)
    permit: Permit = field(init=False)
    masker: Masker = field(init=False)
    _locks: AccountLocks = field(init=False)
    _keys: RunFolder = field(init=False)
    _logins: Logins = field(factory=Logins)
    _secrets: dict[str, Secret] = field(factory=dict)
    _count: int = 0
    _limits: LimitsPage | None = None

    def __attrs_post_init__(self) -> None:
        self.permit = Permit(self.options)
        self._locks = AccountLocks(self.folder / "locks")
        name = f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{os.urandom(2).hex()}"
        kept = "kept" if self.options.keep_orders else "orders"  # orders that are meant to stay are nobody's to cancel
        self._keys = RunFolder(self.folder / kept / _folder_name(self.options.profile), name)
        self.masker = self.options.masker
        self.masker.personal = not self.options.show_ids
        if not self.options.show_ids:
            self.masker.add_ids(*self.options.profile.identities)
        self.masker.add(*self._named)

    @property
    def _named(self) -> list[str]:
        return [secret.reveal() for secret in self.options.named.values()]

    def environment_of(self, _: Program, unit: Unit, journal: Journal) -> LiveEnvironment:
        """The environment of one run (an `EnvironmentFactory`)."""
        environment = self.environment(journal)
        environment.unattended = unit.settings.unattended
        return environment

    def environment(self, journal: Journal) -> LiveEnvironment:
        """A fresh environment for one scenario: sessions of its own on flow files of their own."""
        self._count += 1
        journal.masker = self.masker
        keys = KeyFile(self._keys.path / f"{self._count}.jsonl")
        if self._count == 1:
            _tidy(self.folder / "live")
        if self._count == 1 and self.options.keep_orders:
            _tidy(self._keys.profile_folder)
        if self._count == 1 and self.options.allow_orders:
            self._take_keys(keys)
        wire = self._wire(f"{self._keys.name}-{self._count}")
        environment = LiveEnvironment(wire, self.permit, keys, journal, self.credentials, self._logins, self._named)
        if isinstance(wire, NativeWire):
            environment.make_programs = partial(self._programs, wire)
        return environment

    def _programs(self, paths: ProgramPaths, environment: LiveEnvironment) -> LivePrograms:
        """What runs the programs of a scenario, within the limits of the run. Raises Blocked."""
        if sys.platform != "linux":
            raise Blocked(reason="a program can be started on Linux only")
        from ctpscen.environments.live_programs import LivePrograms
        from ctpscen.program.tapping.limits import LimitsPage

        if self._limits is None:
            profile, place = self.options.profile, self.folder / "live"
            make_private_folder(place)
            path = place / f"{self._keys.name}.limits"
            try:
                self._limits = LimitsPage(path, profile.max_order_volume, profile.max_run_volume)
            except OSError as reason:
                raise Blocked(reason=f"no program was started: its limits cannot be kept: {reason}") from None
        return LivePrograms(
            paths,
            self.permit,
            environment.keys,
            environment.journal,
            self._logins,
            self._limits,
            environment,
            self.credentials,
            environment.session_of,
        )

    def _take_keys(self, keys: KeyFile) -> None:
        """Takes the place for this run's keys, and over what earlier runs left, but for one that leaves orders."""
        try:
            self._keys.take()
        except OSError:
            return  # an order cannot be sent then, which is told when one is to be
        if not self.options.keep_orders:
            for paths in self._keys.left_over():
                for path in paths:
                    keys.adopt(path)

    def _wire(self, name: str) -> Wire:
        return NativeWire(
            self.options.profile,
            self.folder / "live" / name,
            self.folder / "locales",
            proxy_password=self._proxy_password,
        )

    def _proxy_password(self) -> str:
        """'' where there is none. Raises NoSecret."""
        profile = self.options.profile
        if profile.proxy_password is None:
            return ""
        return self._secret(profile.proxy_password, f"the password of the proxy of profile `{profile.name}`").reveal()

    def credentials(self, account: str) -> Credentials:
        """A login with its secrets, which is this run's from now on. Raises BadProfile, NoSecret, AccountInUse."""
        profile = self.options.profile
        login = profile.account_of(account)
        what = f"account `{login.name}` of profile `{profile.name}`" if login.name else f"profile `{profile.name}`"
        self._locks.take(profile.broker, login.user, what)
        password = self._secret(login.password, f"the password of {what}")
        auth_code = self._secret(profile.auth_code, f"the auth code of profile `{profile.name}`")
        return Credentials(
            login.name,
            profile.broker,
            login.user,
            login.investor,
            password,
            profile.app_id,
            auth_code,
            profile.production,
        )

    def _secret(self, place: SecretPlace, what: str) -> Secret:
        if what not in self._secrets:
            found = self._secrets[what] = place.fetch(what)
            self.masker.add(found.reveal())
        return self._secrets[what]

    def close(self) -> None:
        """Lets go of the accounts and of the place for the keys."""
        self._locks.release()
        self._keys.release()
        if self._limits is not None:
            self.permit.programs = None
            self._limits.close()


def _folder_name(profile: Profile) -> str:
    """A folder's name for a profile: two of one name, in two projects, are two unless they log in as the same user."""
    whose = blake2b("/".join((profile.name, profile.broker, profile.account.user)).encode(), digest_size=8).hexdigest()
    return f"{re.sub(r'[^A-Za-z0-9_]', '_', profile.name)[:40]}-{whose}"


def _tidy(folder: Path) -> None:
    """Old folders go: those of scenarios whose library died, and of runs that were killed."""
    for path in folder.glob("*"):
        try:
            if time.time() - path.stat().st_mtime <= KEPT_FOR:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:  # the limits of programs
                path.unlink()
        except OSError:
            continue
