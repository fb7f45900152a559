"""What a live run may send, and how much of it.

Nothing that changes anything goes out without `--allow-orders`; then orders go within the profile's caps. What the
clean-up could not take back (parked orders, quotes, exercises) needs `--keep-orders` besides, and money is never
moved.
"""

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


@define(eq=False)
class Permit:
    """What is allowed, and how many lots of it have been used. One serves all scenarios of a run."""

    options: LiveOptions
    used: int = 0

    def check(self, request: Request) -> None:
        """Lets a request pass, and counts its lots. Raises Blocked with the reason."""
        name, profile = request.name, self.options.profile
        if not name.startswith("Req") or name.startswith(_HARMLESS):
            return
        if name in _MONEY:
            raise Blocked(reason=f"{name} moves money; it is never sent to a live front")
        if not self.options.allow_orders:
            raise Blocked(reason=f"{name} was not sent: live, orders and changes need --allow-orders")
        if name not in _CANCELLABLE | _PASSWORDS and not self.options.keep_orders:
            raise Blocked(reason=f"{name} was not sent: the clean-up could not take it back; it needs --keep-orders")
        volume = sum(abs(int((request.fields or {}).get(field, 0))) for field in VOLUMES)
        if volume > profile.max_order_volume:
            raise Blocked(
                reason=f"an order of {volume} lots was not sent: profile `{profile.name}` allows "
                f"{profile.max_order_volume} (max_order_volume)"
            )
        if self.used + volume > profile.max_run_volume:
            raise Blocked(
                reason=f"an order of {volume} lots was not sent: with the {self.used} lots before, profile "
                f"`{profile.name}` allows {profile.max_run_volume} a run (max_run_volume)"
            )
        self.used += volume
