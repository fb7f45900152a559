"""What a live run may send, and how much of it.

Nothing that changes anything goes out without `--allow-orders`; then orders go within the profile's caps. What the
clean-up could not take back (parked orders, quotes, exercises) needs `--keep-orders` besides, and money is never
moved.
"""

from typing import Protocol

from attrs import define

from ctpscen.ctp.messages import Request
from ctpscen.engine.state.outcomes import Blocked
from ctpscen.live.profile.profiles import LiveOptions

# Requests that change nothing but the session itself.
_HARMLESS = (
    *("ReqAuthenticate", "ReqUserLogin", "ReqUserLogout", "ReqSettlementInfoConfirm", "ReqQry", "ReqQuery"),
    *("ReqUserAuthMethod", "ReqGenUser"),
)
_CANCELLABLE = frozenset({"ReqOrderInsert", "ReqOrderAction", "ReqBatchOrderAction"})
_PASSWORDS = frozenset({"ReqUserPasswordUpdate", "ReqTradingAccountPasswordUpdate"})
_MONEY = frozenset({"ReqFromBankToFutureByFuture", "ReqFromFutureToBankByFuture"})
VOLUMES = ("VolumeTotalOriginal", "Volume", "AskVolume", "BidVolume", "VolumeChange")
"""The fields of requests that say how many lots more may trade: those of orders, quotes, exercises, changed orders."""


class Elsewhere(Protocol):
    """Lots that others of the same run send, who count by themselves; `elsewhere` are those that are not theirs."""

    elsewhere: int

    @property
    def used(self) -> int: ...


@define(eq=False)
class Permit:
    """What is allowed, and how many lots of it have been used. One serves all scenarios of a run.

    With `programs` the count is theirs as well: each side adds its own before it looks at the sum.
    """

    options: LiveOptions
    used: int = 0
    programs: Elsewhere | None = None

    def check(self, request: Request) -> None:
        """Lets a request pass, and counts its lots. Raises Blocked with the reason."""
        name = request.name
        if why := self.refusal(name):
            raise Blocked(reason=why)
        if not self.is_counted(name):
            return
        volume = lots(request)
        if volume > self.options.profile.max_order_volume:
            raise Blocked(reason=self.too_large(volume))
        before = self.sent
        if not self._take(volume):
            raise Blocked(reason=self.too_many(volume, before))

    def is_counted(self, name: str) -> bool:
        """Whether a request's lots are those of the run."""
        return name.startswith("Req") and not name.startswith(_HARMLESS)

    def refusal(self, name: str) -> str:
        """Why a request may not be sent, whatever it says; '' where it may."""
        if not self.is_counted(name):
            return ""
        if name in _MONEY:
            return f"{name} moves money; it is never sent to a live front"
        if not self.options.allow_orders:
            return f"{name} was not sent: live, orders and changes need --allow-orders"
        if name not in _CANCELLABLE | _PASSWORDS and not self.options.keep_orders:
            return f"{name} was not sent: the clean-up could not take it back; it needs --keep-orders"
        return ""

    def refusal_of_program(self, name: str) -> str:
        """The same for a program, whose password the clean-up would not know after a change."""
        if why := self.refusal(name):
            return why
        if name in _PASSWORDS and not self.options.keep_orders:
            return f"{name} was not sent: the clean-up could not log in any more; it needs --keep-orders"
        return ""

    def too_large(self, volume: int) -> str:
        """What is said of an order that has more lots than one may."""
        profile = self.options.profile
        return (
            f"an order of {volume} lots was not sent: profile `{profile.name}` allows "
            f"{profile.max_order_volume} (max_order_volume)"
        )

    def too_many(self, volume: int, before: int) -> str:
        """What is said of an order with which the run would have more lots than it may."""
        profile = self.options.profile
        return (
            f"an order of {volume} lots was not sent: with the {before} lots before, profile "
            f"`{profile.name}` allows {profile.max_run_volume} a run (max_run_volume)"
        )

    @property
    def sent(self) -> int:
        """The lots of the run so far."""
        return self.used + (self.programs.used if self.programs is not None else 0)

    def _take(self, volume: int) -> bool:
        self._count(volume)
        if self.sent <= self.options.profile.max_run_volume:
            return True
        self._count(-volume)
        return False

    def _count(self, volume: int) -> None:
        self.used += volume
        if self.programs is not None:
            self.programs.elsewhere = self.used


def lots(request: Request) -> int:
    """How many lots more may trade by a request."""
    return sum(abs(int((request.fields or {}).get(field, 0))) for field in VOLUMES)
