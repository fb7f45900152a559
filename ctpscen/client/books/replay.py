"""Telling replayed reports from new ones.

CTP marks neither the reports that a stream repeats after a login nor the end of them (BEHAVIOUR 1.3). What can be
known: a replay begins after the login; it comes in one go, in the order of the stream, before anything new; an order
of the present login cannot be part of it, nor can what happened after the login. So reports of the private stream
count as replayed from a login on, until the first that must be new, or the first after a second of silence.

CTP's times have no fractions. What bears the second of the login is taken for a repetition if it is of an order that
this session sent on an earlier connection (there is at least a second between two connections), and for news if not.
"""

from collections.abc import Mapping

from attrs import define

from ctpscen.ctp.messages import Fields
from ctpscen.ctp.times import SECOND, clock_text

SILENCE = SECOND

TOLD_OF: Mapping[str, tuple[str, ...]] = {
    "OnRtnExecOrder": ("ReqExecOrderInsert", "ReqExecOrderAction"),
    "OnErrRtnExecOrderInsert": ("ReqExecOrderInsert",),
    "OnErrRtnExecOrderAction": ("ReqExecOrderAction",),
    "OnRtnOptionSelfClose": ("ReqOptionSelfCloseInsert", "ReqOptionSelfCloseAction"),
    "OnErrRtnOptionSelfCloseInsert": ("ReqOptionSelfCloseInsert",),
    "OnErrRtnOptionSelfCloseAction": ("ReqOptionSelfCloseAction",),
    "OnErrRtnForQuoteInsert": ("ReqForQuoteInsert",),
    "OnRtnFromBankToFutureByFuture": ("ReqFromBankToFutureByFuture",),
    "OnErrRtnBankToFutureByFuture": ("ReqFromBankToFutureByFuture",),
    "OnRtnFromFutureToBankByFuture": ("ReqFromFutureToBankByFuture",),
    "OnErrRtnFutureToBankByFuture": ("ReqFromFutureToBankByFuture",),
    "OnRtnQueryBankBalanceByFuture": ("ReqQueryBankAccountMoneyByFuture",),
    "OnErrRtnQueryBankBalanceByFuture": ("ReqQueryBankAccountMoneyByFuture",),
}
"""What else the private stream brings, and the requests that it comes of."""


@define(eq=False, repr=False)
class ReplayWatch:
    """Watches the private stream of one session. Times are microseconds by the trading clock."""

    _open: bool = False
    _last: int = 0
    _login: str = ""

    def logged_in(self, now: int) -> None:
        self._open, self._last, self._login = True, now, clock_text(now)

    def is_replayed(self, fields: Fields | None, now: int, *, present: bool, earlier: bool) -> bool:
        """Whether a report of the private stream is a repetition.

        `present` says that it is of an order of this login, `earlier` of one that the session sent on a login before.
        """
        if not self._open:
            return False
        happened = (fields or {}).get("TradeTime") or (fields or {}).get("InsertTime", "")
        new = happened > self._login or (happened == self._login and not earlier)
        if present or new or now - self._last > SILENCE:
            self._open = False
            return False
        self._last = now
        return True
