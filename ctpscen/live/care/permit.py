"""What a live run may send, and the keys of the orders that it sent.

Nothing that changes anything goes out without `--allow-orders`; then orders go within the profile's caps. What the
clean-up could not take back (parked orders, quotes, exercises) needs `--keep-orders` besides, and money is never
moved. The key of an order is on disk before the order is on the wire, so that it can be cancelled whatever dies.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from ctpscen.client.orders import Key
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
_VOLUMES = ("VolumeTotalOriginal", "Volume", "AskVolume", "BidVolume")


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
        volume = sum(abs(int((request.fields or {}).get(field, 0))) for field in _VOLUMES)
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


@frozen
class SentOrder:
    """The key of an order, and what a cancel of it needs besides."""

    account: str
    key: Key
    instrument: str
    exchange: str
    day: str = ""


@define(eq=False)
class KeyFile:
    """The orders of one scenario, on disk."""

    path: Path
    orders: list[SentOrder] = field(factory=list)

    def add(self, order: SentOrder) -> None:
        """Raises OSError where the key cannot be kept; the order must not be sent then."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(_plain(order)) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        self.orders.append(order)

    def adopt(self, path: Path) -> None:
        """Takes over what an earlier run left."""
        for order in read_keys(path):
            self.add(order)
        path.unlink(missing_ok=True)

    def keep(self, left: list[SentOrder]) -> None:
        """Forgets all but what is left; without any, the file goes. Raises OSError, and the file is as it was."""
        self.orders = left
        if left:
            beside = self.path.with_suffix(".new")
            beside.write_text("".join(json.dumps(_plain(each)) + "\n" for each in left), encoding="utf-8")
            beside.replace(self.path)
        else:
            self.path.unlink(missing_ok=True)


def _plain(order: SentOrder) -> dict[str, Any]:
    front, session, reference = order.key
    return {
        "account": order.account,
        "front": front,
        "session": session,
        "ref": reference,
        "instrument": order.instrument,
        "exchange": order.exchange,
        "day": order.day,
    }


def read_keys(path: Path) -> Iterator[SentOrder]:
    """The orders that a file names; half a line, as a killed run may leave it, is passed over."""
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            found = json.loads(line)
            key = (int(found["front"]), int(found["session"]), str(found["ref"]))
            yield SentOrder(found["account"], key, found["instrument"], found["exchange"], found["day"])
        except (ValueError, KeyError, TypeError):
            continue
