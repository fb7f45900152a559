"""Profiles: whom to log in as, where, and how much may be traded.

They stand in `ctpscen.toml`, in the project (the working folder or one above it) or in the user's config folder,
if it is one that only the user could have written (`trust`):

    [profile.desk]
    broker = "9999"
    user = "100001"
    trading_fronts = ["tcp://180.168.146.187:10201"]
    market_fronts = ["tcp://180.168.146.187:10211"]
    app_id = "client_test"
    auth_code = { file = "~/.config/ctpscen/desk.code" }
    password = { env = "DESK_PASSWORD" }
    production = false
    max_order_volume = 5

    [profile.desk.accounts.second]
    user = "100002"
    password = { env = "SECOND_PASSWORD" }

    [profile.desk.secrets]
    NEW_PASSWORD = { env = "DESK_NEW_PASSWORD" }

The last is what a scenario reads as `secret("NEW_PASSWORD")`. A secret never stands in the file: a file is copied,
committed and shown.
"""

import os
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import field, frozen

from ctpscen.live.care.masking import Masker
from ctpscen.live.profile.addresses import parse_front
from ctpscen.live.profile.secret import Secret, SecretPlace
from ctpscen.live.profile.trust import Untrusted, check_trusted
from ctpscen.regular_files import open_regular, read_bounded

FILE = "ctpscen.toml"
LARGEST = 1_000_000
"""Bytes that a file of profiles, or of another program's settings, may have."""

ORDER_CAP, RUN_CAP = 10, 100
"""Lots that one order, and all orders of a run, may have unless the profile says otherwise."""

Suggest = Callable[[str, Iterable[str]], str]

SIMNOW_CODE = "0" * 16

# What is public of SimNow; its fronts change and are for the user to give.
BUILT_IN: Mapping[str, Mapping[str, Any]] = {
    "simnow": {"broker": "9999", "app_id": "simnow_client_test", "auth_code": SIMNOW_CODE, "production": True},
}


class BadProfile(Exception):
    """A profile that is not there or not right; the text says what is wrong and where."""


@frozen
class Account:
    """One login of a profile. `investor` is whose orders it sends, mostly its own."""

    name: str
    user: str
    investor: str
    password: SecretPlace


@frozen
class Profile:
    """A broker's front, and who logs in there.

    `production` is CTP's own word: whether the front has the production key, not whether money is real; SimNow's
    ordinary fronts have it. `max_order_volume` and `max_run_volume` are lots. `proxy_password` is None where no proxy
    asks for one.
    """

    name: str
    broker: str
    account: Account
    trading_fronts: tuple[str, ...]
    market_fronts: tuple[str, ...]
    app_id: str
    auth_code: SecretPlace
    production: bool = True
    max_order_volume: int = ORDER_CAP
    max_run_volume: int = RUN_CAP
    accounts: Mapping[str, Account] = field(factory=dict)
    secrets: Mapping[str, SecretPlace] = field(factory=dict)
    proxy_password: SecretPlace | None = None
    path: str = ""

    def account_of(self, name: str) -> Account:
        """The login that a session's `account NAME` means; the profile's own for ''. Raises BadProfile."""
        if name in ("", self.account.user):
            return self.account
        if name not in self.accounts:
            known = ", ".join(self.accounts) or "none"
            raise BadProfile(f"profile `{self.name}` has no account `{name}` (accounts: {known})")
        return self.accounts[name]

    def check_secrets(self) -> None:
        """Sees to it that what is not asked for can be had. Raises NoSecret."""
        for what, place in (
            ("the password", self.account.password),
            ("the auth code", self.auth_code),
            ("the proxy's password", self.proxy_password),
        ):
            if place is not None and place.kind != "prompt":
                place.fetch(f"{what} of profile `{self.name}`")

    def named_secrets(self) -> dict[str, Secret]:
        """What a scenario reads as `secret("NAME")`. Raises NoSecret."""
        return {name: place.fetch(f"the secret {name}") for name, place in self.secrets.items()}

    @property
    def identities(self) -> frozenset[str]:
        """Users and investors, which reports do not show."""
        logins = (self.account, *self.accounts.values())
        return frozenset(text for login in logins for text in (login.user, login.investor))


@frozen
class LiveOptions:
    """What a live run was allowed on the command line.

    `named` are the secrets that a scenario has by name; `masker` knows all that come to be known.
    """

    profile: Profile
    allow_orders: bool = False
    keep_orders: bool = False
    show_ids: bool = False
    named: Mapping[str, Secret] = field(factory=dict)
    cancel_others: bool = False
    masker: Masker = field(factory=Masker, repr=False)


def _nothing(_: str, __: Iterable[str]) -> str:
    return ""


def profile_files(folder: Path | None = None) -> Iterator[Path]:
    """The files that may hold profiles and exist, the nearest first."""
    import platformdirs

    here = (Path.cwd() if folder is None else folder).resolve()
    places = [*(each / FILE for each in (here, *here.parents)), Path(platformdirs.user_config_dir("ctpscen")) / FILE]
    yield from (path for path in dict.fromkeys(places) if path.exists())


def load_profile(name: str, suggest: Suggest = _nothing, folder: Path | None = None) -> Profile:
    """The profile of that name. `suggest` gives the words ("did you mean") for a name that is not known.

    Raises BadProfile.
    """
    seen: list[str] = []
    for path in profile_files(folder):
        tables = profiles_of(path, suggest)
        if name in tables:
            return _profile(name, tables[name], str(path), suggest)
        seen += tables
    if name in BUILT_IN:
        raise BadProfile(
            f"the fronts of `{name}` are for you to give: write trading_fronts and market_fronts, with user and "
            f"password, under [profile.{name}] in {FILE}"
        )
    where = f"{FILE} has only: {', '.join(seen)}" if seen else f"there is no {FILE} with a profile here"
    raise BadProfile(f"there is no profile `{name}`{suggest(name, seen)} ({where})")


def read_profiles(path: Path) -> str:
    """The text of a file of profiles that is believed. Raises BadProfile."""
    try:
        with open_regular(path) as stream:
            check_trusted(path, os.fstat(stream.fileno()))
            return read_bounded(stream, LARGEST).decode("utf-8")
    except OSError as reason:
        raise BadProfile(f"{path}: {reason.strerror}") from None
    except UnicodeDecodeError:
        raise BadProfile(f"{path}: not UTF-8 text") from None
    except Untrusted as reason:
        raise BadProfile(str(reason)) from None


def profiles_of(path: Path, suggest: Suggest = _nothing) -> Mapping[str, Any]:
    """The tables of a file, by the names of their profiles. Raises BadProfile."""
    try:
        content = tomllib.loads(read_profiles(path).replace("\r\n", "\n"))
    except ValueError as reason:  # that of TOML, or of a number with too many digits
        raise BadProfile(f"{path}: {reason}") from None
    except RecursionError:
        raise BadProfile(f"{path}: lists and tables are nested too deeply") from None
    _known(content, ("profile",), str(path), suggest)
    profiles = content.get("profile", {})
    if not isinstance(profiles, dict) or not all(isinstance(each, dict) for each in profiles.values()):
        raise BadProfile(f"{path}: a profile is a table, [profile.NAME]")
    return profiles


_LOGIN = ("user", "investor", "password")
_KEYS = (
    *("broker", *_LOGIN, "trading_fronts", "market_fronts", "proxy_password", "app_id", "auth_code"),
    *("production", "max_order_volume", "max_run_volume", "accounts", "secrets"),
)


def _known(table: Mapping[str, Any], keys: Sequence[str], where: str, suggest: Suggest) -> None:
    for key in table:
        if key not in keys:
            raise BadProfile(f"{where}: unknown key `{key}`{suggest(key, keys)}")


def _profile(name: str, own: Mapping[str, Any], path: str, suggest: Suggest) -> Profile:
    where = f"{path}: [profile.{name}]"
    _known(own, _KEYS, where, suggest)
    table = {**BUILT_IN.get(name, {}), **own}
    accounts = table.get("accounts", {})
    if not isinstance(accounts, dict):
        raise BadProfile(f"{where}: accounts are tables, [profile.{name}.accounts.NAME]")
    logins = {}
    for each, login in accounts.items():
        if not isinstance(login, dict):
            raise BadProfile(f"{where}: accounts are tables, [profile.{name}.accounts.NAME]")
        _known(login, _LOGIN, f"{path}: [profile.{name}.accounts.{each}]", suggest)
        logins[each] = _account(each, login, f"{path}: [profile.{name}.accounts.{each}]")
    trading, market = _fronts(table, "trading_fronts", where), _fronts(table, "market_fronts", where)
    has_login = any(front.proxy is not None and front.proxy.user for front in map(parse_front, (*trading, *market)))
    return Profile(
        name=name,
        broker=_text(table, "broker", where),
        account=_account("", table, where),
        trading_fronts=trading,
        market_fronts=market,
        proxy_password=_secret(table, "proxy_password", where) if has_login else None,
        app_id=_text(table, "app_id", where),
        auth_code=_secret(table, "auth_code", where),
        production=_typed(table, "production", bool, True, where),
        max_order_volume=_cap(table, "max_order_volume", ORDER_CAP, where),
        max_run_volume=_cap(table, "max_run_volume", RUN_CAP, where),
        accounts=logins,
        secrets=_secrets(table, where),
        path=path,
    )


def _account(name: str, table: Mapping[str, Any], where: str) -> Account:
    user = _text(table, "user", where)
    investor = _typed(table, "investor", str, user, where)
    return Account(name, user, investor, _secret(table, "password", where))


def _typed(table: Mapping[str, Any], key: str, kind: type, default: Any, where: str) -> Any:
    value = table.get(key, default)
    if type(value) is not kind:
        words = {str: "a text", bool: "true or false", int: "a whole number"}
        raise BadProfile(f"{where}: {key} is {words[kind]}")
    return value


def _text(table: Mapping[str, Any], key: str, where: str) -> str:
    value: str = _typed(table, key, str, "", where)
    if not value.strip():
        raise BadProfile(f"{where}: {key} is missing")
    return value


def _cap(table: Mapping[str, Any], key: str, default: int, where: str) -> int:
    value: int = _typed(table, key, int, default, where)
    if value < 0:
        raise BadProfile(f"{where}: {key} is a number of lots")
    return value


def _fronts(table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    found = table.get(key, [])
    if isinstance(found, str) or not isinstance(found, list) or not found:
        raise BadProfile(f'{where}: {key} is a list of addresses, ["tcp://host:port"]')
    for each in found:
        try:
            front = parse_front(each if isinstance(each, str) else "")
        except ValueError as reason:
            raise BadProfile(f"{where}: {key}: {reason}") from None
        if front.proxy is not None and front.proxy.password:
            raise BadProfile(
                f"{where}: {key}: the password of a proxy does not stand in this file; write {front.proxy} and "
                'proxy_password = { env = "NAME" }, { file = "PATH" } or leave it out to be asked'
            )
    return tuple(found)


def _secrets(table: Mapping[str, Any], where: str) -> dict[str, SecretPlace]:
    found = table.get("secrets", {})
    if not isinstance(found, dict):
        raise BadProfile(f'{where}: secrets is a table, {{ NAME = {{ env = "…" }} }}')
    return {name: _secret(found, name, f"{where}: secrets") for name in found}


def _secret(table: Mapping[str, Any], key: str, where: str) -> SecretPlace:
    """The place of a secret; none stands in the file itself."""
    value = table.get(key)
    if value is None:
        return SecretPlace("prompt")
    if key == "auth_code" and value == SIMNOW_CODE:  # which SimNow gives to everybody
        return SecretPlace("public", SIMNOW_CODE)
    if isinstance(value, dict) and len(value) == 1:
        ((kind, name),) = value.items()
        if kind == "env" and isinstance(name, str) and name:
            return SecretPlace("env", name)
        if kind == "file" and isinstance(name, str) and name:
            return SecretPlace("file", name)
        if kind == "prompt" and name is True:
            return SecretPlace("prompt")
    raise BadProfile(
        f"{where}: {key} does not stand in this file; write "
        f'{key} = {{ env = "NAME" }}, {{ file = "PATH" }} or leave it out to be asked'
    )
