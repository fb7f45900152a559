"""Who logs in: what a session proves itself by, and how its password changes."""

from collections.abc import Sequence

from attrs import define, evolve, field, frozen

from ctpscen.ctp.messages import Callback, Fields, Request


@frozen
class Identity:
    """One login, and where it is made. `flow` is the folder of the flow files."""

    broker: str
    user: str
    password: str = field(repr=False)
    app_id: str
    auth_code: str = field(repr=False)
    flow: str
    trading_fronts: Sequence[str] = ("tcp://simulated",)
    market_fronts: Sequence[str] = ("tcp://simulated",)
    investor_id: str = ""
    production: bool = True

    @property
    def investor(self) -> str:
        """Whose orders the user sends: mostly the user's own."""
        return self.investor_id or self.user

    def as_user(self) -> Fields:
        """The fields by which a request says who logs in."""
        return {"BrokerID": self.broker, "UserID": self.user}

    def as_investor(self) -> Fields:
        """The fields by which a request says whose business it is."""
        return {"BrokerID": self.broker, "InvestorID": self.investor}


@define(eq=False, repr=False)
class PasswordChanges:
    """The passwords that were asked for, by the numbers of the requests; one holds once the front has agreed.

    `_unsettled` are those whose answers a break took: each may hold or not.
    """

    _asked: dict[int, str] = field(factory=dict, repr=False)
    _unsettled: list[str] = field(factory=list, repr=False)

    def asked(self, request: Request) -> None:
        if request.name == "ReqUserPasswordUpdate" and request.fields:
            self._asked[request.request_id] = request.fields.get("NewPassword", "")

    def answered(self, callback: Callback, identity: Identity) -> Identity:
        """The identity with which to log in after the front's answer."""
        accepted = (callback.error or {}).get("ErrorID", 0) == 0
        if callback.name == "OnRspUserLogin" and accepted:
            self._unsettled.clear()
        if callback.name != "OnRspUserPasswordUpdate":
            return identity
        new = self._asked.pop(callback.request_id, "")
        if not accepted:
            return identity
        return evolve(identity, password=new) if new else identity

    def lost(self) -> None:
        """The connection broke: what has no answer will have none."""
        self._unsettled += self._asked.values()
        self._asked.clear()

    def other(self, identity: Identity) -> Identity | None:
        """With which password to try after a wrong one: the newest of which nobody knows whether it holds."""
        return evolve(identity, password=self._unsettled.pop()) if self._unsettled else None
