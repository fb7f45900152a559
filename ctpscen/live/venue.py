"""The door: what a live run shares between its scenarios, and the environment that it makes for each."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from attrs import define, field

from ctpscen.engine.journal import Journal
from ctpscen.live.environment import Credentials, LiveEnvironment
from ctpscen.live.profiles import LiveOptions
from ctpscen.live.safety import KeyFile, Permit
from ctpscen.live.secret import Secret
from ctpscen.live.wire import NativeWire, Wire


def state_folder() -> Path:
    """Where flow files, logs, keys of orders and the private locale are kept."""
    import platformdirs

    return Path(platformdirs.user_state_dir("ctpscen"))


@define(eq=False)
class LiveVenue:
    """One live run: its permit, its secrets, each fetched once, and its folder."""

    options: LiveOptions
    folder: Path = field(factory=state_folder)
    permit: Permit = field(init=False)
    _secrets: dict[str, Secret] = field(factory=dict)
    _count: int = 0

    def __attrs_post_init__(self) -> None:
        self.permit = Permit(self.options)

    def environment(self, journal: Journal) -> LiveEnvironment:
        """A fresh environment for one scenario: sessions of its own on flow files of their own."""
        self._count += 1
        name = f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{self._count}"
        journal.hidden = self.options.profile.identities
        keys = KeyFile(self.folder / "orders" / f"{self.options.profile.name}-{name}.jsonl")
        if self._count == 1 and self.options.allow_orders:
            for path in list(self.left_over()):
                keys.adopt(path)
        return LiveEnvironment(self._wire(name), self.permit, keys, journal, self.credentials)

    def _wire(self, name: str) -> Wire:
        return NativeWire(self.options.profile, self.folder / "live" / name, self.folder / "locales")

    def credentials(self, account: str) -> Credentials:
        """A login with its secrets. Raises BadProfile and NoSecret."""
        profile = self.options.profile
        login = profile.account_of(account)
        whose = f"the password of {login.name or 'the account'} (profile `{profile.name}`)"
        if login.name not in self._secrets:
            self._secrets[login.name] = login.password.fetch(whose)
        code = f"the auth code (profile `{profile.name}`)"
        if code not in self._secrets:
            self._secrets[code] = profile.auth_code.fetch(code)
        return Credentials(
            login.name,
            profile.broker,
            login.user,
            login.investor,
            self._secrets[login.name],
            profile.app_id,
            self._secrets[code],
            profile.production,
        )

    def left_over(self) -> Iterator[Path]:
        """Files with keys of orders that earlier runs of this profile could not cancel, or did not live to."""
        for path in sorted((self.folder / "orders").glob(f"{self.options.profile.name}-*.jsonl")):
            process = path.stem.split("-")[-2]
            if not (process.isdecimal() and _is_running(int(process))):
                yield path


def _is_running(process: int) -> bool:
    """Whether a run goes on whose orders are its own business; where that cannot be asked, it is taken to."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
