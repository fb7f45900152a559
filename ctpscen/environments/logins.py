"""Between a program under test and the venue: whatever it logs in with is taken for right the first time.

A program brings its own BrokerID, UserID, password, AppID and AuthCode, and for transfers its bank, card and money
password. To the venue its first login is that of an account that it knows, and a further UserID that of an account of
its own; what the program is told bears its own names again. From its first login on, others for that UserID are refused
as CTP refuses them.
"""

from collections.abc import Callable, Sequence

from attrs import define, evolve, field

from ctpscen.ctp.commands.accounts import Admit
from ctpscen.ctp.messages import Api, Callback, Fields, Request
from ctpscen.simulator.counter import bank
from ctpscen.simulator.counter.core import PASSWORD
from ctpscen.simulator.exchange.orders import BROKER
from ctpscen.simulator.front.trading import APP_ID, AUTH_CODE

_USERS = frozenset({"UserID", "InvestorID", "AccountID", "ActiveUserID"})

# Requests that name an account's bank, card and money password, and what the venue calls what is right.
_TRANSFERS = frozenset(
    {"ReqFromBankToFutureByFuture", "ReqFromFutureToBankByFuture", "ReqQueryBankAccountMoneyByFuture"}
)
_MONEY_PASSWORD = "ReqTradingAccountPasswordUpdate"
_BANK: Fields = {"BankID": bank.BANK, "BankAccount": "", "BankPassWord": PASSWORD}


@define(eq=False)
class _Login:
    """What a UserID logs in with, and the venue's account that it means. Empty is what has not been said yet."""

    account: str
    broker: str
    app_id: str = ""
    auth_code: str = ""
    password: str = field(default="", repr=False)
    venue_password: str = field(default=PASSWORD, repr=False)
    new_password: str = field(default="", repr=False)
    money_password: str = field(default="", repr=False)
    venue_money_password: str = field(default=PASSWORD, repr=False)
    new_money_password: str = field(default="", repr=False)
    bank: Fields = field(factory=dict, repr=False)


@define(eq=False)
class Logins:
    """The logins of one program. `api` is the venue's, `deliver` the program's side. The first account is `account`.

    `admitted` gives who may log in, where a scenario has said that; nobody else may then.
    """

    deliver_to: Callable[[Callback], None]
    account: str
    admitted: Callable[[], Sequence[Admit]] = tuple
    api: Api = field(init=False)
    _logins: dict[str, _Login] = field(factory=dict)
    _accounts: dict[str, str] = field(factory=dict)

    # ---------------------------------------------------------------------------------------- towards the venue

    def call(self, request: Request) -> int | str:
        """A call of the program, in the venue's names."""
        fields = request.fields
        if not fields:
            return self.api.call(request)
        login = self._login(request)
        turned = {name: self._to_venue(name, value) for name, value in fields.items()}
        owner = self._logins.get(fields.get("AccountID", ""))
        if owner is not None and request.name in _TRANSFERS:
            turned |= _money_proofs(owner, fields)
        elif owner is not None and request.name == _MONEY_PASSWORD:
            turned["OldPassword"] = _money_password(owner, fields.get("OldPassword", ""))
            owner.new_money_password = fields.get("NewPassword", "")
        elif login is not None:
            turned |= _proofs(login, fields)
            if request.name == "ReqUserPasswordUpdate":
                login.new_password = fields.get("NewPassword", "")
        return self.api.call(evolve(request, fields=turned))

    def _login(self, request: Request) -> _Login | None:
        """The login that a request is of, made by the first that names its user to the trading front."""
        fields = request.fields or {}
        user = fields.get("UserID", "")
        known = self._logins.get(user)
        if known is None and user and request.kind == "trader" and request.name in ("ReqAuthenticate", "ReqUserLogin"):
            known = self._first_login(user, fields)
        if known is not None and request.kind == "trader":
            if request.name == "ReqAuthenticate" and not known.app_id:
                known.app_id, known.auth_code = fields.get("AppID", ""), fields.get("AuthCode", "")
            elif request.name == "ReqUserLogin" and not known.password:
                known.password = fields.get("Password", "")
        return known

    def _first_login(self, user: str, fields: Fields) -> _Login | None:
        """A user that has not been heard of before; None where only others may log in."""
        account = user if self._logins else self.account
        login = _Login(account, fields.get("BrokerID", ""))
        if admitted := self.admitted():
            found = next((each for each in admitted if each.user == user), None)
            if found is None:
                return None
            login = _Login(account, found.broker or login.broker, found.app, found.code, found.password)
        self._logins[user] = login
        self._accounts[account] = user
        return login

    def _to_venue(self, name: str, value: object) -> object:
        if name == "BrokerID" and value:
            brokers = {login.broker for login in self._logins.values()}
            return BROKER if value in brokers else f"?{value}"
        if name in _USERS and isinstance(value, str) and value:
            login = self._logins.get(value)
            return login.account if login is not None else f"?{value}"[:12]
        return value

    # -------------------------------------------------------------------------------------- towards the program

    def deliver(self, callback: Callback) -> None:
        """A callback of the venue, in the program's names."""
        fields = callback.fields
        if callback.name == "OnRspUserPasswordUpdate" and not (callback.error or {}).get("ErrorID"):
            login = self._logins.get(self._accounts.get((fields or {}).get("UserID", ""), ""))
            if login is not None:
                login.password = login.venue_password = login.new_password
        if callback.name == "OnRspTradingAccountPasswordUpdate" and not (callback.error or {}).get("ErrorID"):
            login = self._logins.get(self._accounts.get((fields or {}).get("AccountID", ""), ""))
            if login is not None:
                login.money_password = login.venue_money_password = login.new_money_password
        if fields:
            ids = (fields[name] for name in ("UserID", "InvestorID", "AccountID") if fields.get(name))
            user = self._accounts.get(next(ids, ""), "")
            fields = {name: self._to_program(name, value, user) for name, value in fields.items()}
        self.deliver_to(evolve(callback, fields=fields))

    def _to_program(self, name: str, value: object, user: str) -> object:
        if name == "BrokerID" and value == BROKER:
            login = self._logins.get(user) or next(iter(self._logins.values()), None)
            return login.broker if login is not None else value
        if name == "BrokerID" and isinstance(value, str):
            return value.removeprefix("?")
        if name == "AppID" and value == APP_ID and user in self._logins:
            return self._logins[user].app_id
        if name in ("BankID", "BankAccount") and user in self._logins:
            sent = str(value)
            return sent[1:] if sent.startswith("?") else self._logins[user].bank.get(name, sent)
        if name in _USERS and isinstance(value, str):
            return self._accounts.get(value, value.removeprefix("?"))
        return value


def _proofs(login: _Login, fields: Fields) -> Fields:
    """The venue's own proofs of who somebody is, for those that are the same as the first time; else wrong ones."""
    right = {
        "AppID": (login.app_id, APP_ID),
        "AuthCode": (login.auth_code, AUTH_CODE),
        "Password": (login.password, login.venue_password),
        "OldPassword": (login.password, login.venue_password),
    }
    return {
        name: ours if fields[name] == first else f"?{fields[name]}"[:16]
        for name, (first, ours) in right.items()
        if name in fields
    }


def _money_proofs(login: _Login, fields: Fields) -> Fields:
    """The venue's own names for a bank, a card and its password, where they are those of the first time."""
    found = {}
    for name, ours in _BANK.items():
        if value := fields.get(name):
            found[name] = ours if login.bank.setdefault(name, value) == value else f"?{value}"
    if value := fields.get("Password"):
        found["Password"] = _money_password(login, value)
    return found


def _money_password(login: _Login, password: str) -> str:
    """The venue's money password, for the one that was given first; else a wrong one."""
    login.money_password = login.money_password or password
    return login.venue_money_password if password == login.money_password else f"?{password}"[:16]
