"""The keys of the orders that a live program sent, so that what it leaves working can be cancelled.

The program's orders are on the wire before anybody here hears of them; the key is on disk a moment later.
"""

from collections.abc import Callable

from attrs import define, field, frozen

from ctpscen.client.books.orders import Key
from ctpscen.ctp.messages import Callback, Request
from ctpscen.live.care.guard import Logins
from ctpscen.live.care.keys import KeyFile, SentOrder


@frozen
class _Login:
    """What an API object of the program is logged in as; `account` is the profile's name of it."""

    account: str
    front: int = 0
    session: int = 0
    day: str = ""


@define(eq=False)
class ProgramKeys:
    """The orders of one program. `account_of` gives the profile's name of a user's account."""

    keys: KeyFile
    logins: Logins
    account_of: Callable[[str], str]
    troubles: list[str] = field(factory=list)
    sent: dict[Key, SentOrder] = field(factory=dict)
    _logged_in: dict[int, _Login] = field(factory=dict)
    _inserts: dict[tuple[int, int], SentOrder] = field(factory=dict)

    def called(self, request: Request, returned: int | str) -> None:
        """Takes a call that has returned."""
        if request.name == "ReqOrderInsert" and returned == 0:
            self._sent(request)

    def _sent(self, request: Request) -> None:
        fields, login = request.fields or {}, self._logged_in.get(request.api, _Login(""))
        order = SentOrder(
            login.account,
            (login.front, login.session, str(fields.get("OrderRef", ""))),
            str(fields.get("InstrumentID", "")),
            str(fields.get("ExchangeID", "")),
            login.day,
            str(fields.get("InvestorID", "")),
        )
        self.sent[order.key] = self._inserts[request.api, request.request_id] = order
        try:
            self.keys.add(order)
        except OSError as reason:
            trouble = f"the keys of its orders cannot be kept: {reason}"
            if trouble not in self.troubles:
                self.troubles.append(trouble)

    def delivered(self, callback: Callback) -> None:
        """Takes a callback of it: a login, or a refusal of an order."""
        if callback.kind != "trader":
            return
        refused = (callback.error or {}).get("ErrorID", 0)
        if callback.name == "OnRspUserLogin" and not refused:
            fields = callback.fields or {}
            front, session = fields.get("FrontID", 0), fields.get("SessionID", 0)
            account = self.account_of(fields.get("UserID", ""))
            self._logged_in[callback.api] = _Login(account, front, session, fields.get("TradingDay", ""))
            self.logins.seen.add((front, session))
        elif callback.name == "OnRspOrderInsert" and refused:
            order = self._inserts.pop((callback.api, callback.request_id), None)
            if order is not None:
                self.keys.ended(order)
