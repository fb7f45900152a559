"""The market-data API beside a session's trader API.

It is used where a scenario names prices or subscribes; then it logs in after every connection and subscribes again
to what is wanted, because subscriptions end with the connection (BEHAVIOUR 8). Quotes that the scenario did not ask
for feed the prices and are no reports.
"""

from attrs import define, field

from ctpscen.client.books.books import Books
from ctpscen.client.books.reports import Report
from ctpscen.client.connection import Connection
from ctpscen.client.identity import Identity
from ctpscen.client.requests import Requests
from ctpscen.ctp.messages import Callback, Fields

_OF_INQUIRIES = frozenset(("OnRtnForQuoteRsp", "OnRspSubForQuoteRsp", "OnRspUnSubForQuoteRsp"))


@define(eq=False, repr=False)
class MarketLink:
    """`wanted` are the instruments to subscribe to, `reported` those whose quotes are the scenario's, `inquiries` those
    of which it wants to know who asks for quotes.
    """

    identity: Identity
    requests: Requests
    books: Books
    connection: Connection = field(factory=Connection)
    wanted: dict[str, None] = field(factory=dict)
    reported: set[str] = field(factory=set)
    inquiries: dict[str, None] = field(factory=dict)

    @property
    def in_use(self) -> bool:
        return bool(self.wanted or self.inquiries)

    def want(self, instruments: list[str], now: int) -> None:
        """Subscribes to instruments, now if possible, and after every connection."""
        new = [instrument for instrument in instruments if instrument not in self.wanted]
        self.wanted.update(dict.fromkeys(new))
        if self.connection.reached("logged_in"):
            self._subscribe(new, now)
        elif self.connection.state == "absent" and self.books.connection.state != "absent":
            self.create(now)

    def report(self, instruments: list[str], now: int) -> None:
        """Subscribes on the scenario's behalf: the front answers anew, with a new snapshot, even if it has before."""
        self.reported.update(instruments)
        known = [instrument for instrument in instruments if instrument in self.wanted]
        if known and self.connection.reached("logged_in"):
            self._subscribe(known, now)
        self.want(instruments, now)

    def unwant(self, instruments: list[str], now: int) -> None:
        self.reported.difference_update(instruments)
        for instrument in instruments:
            self.wanted.pop(instrument, None)
        if self.connection.reached("logged_in"):
            self._call("UnSubscribeMarketData", {"ppInstrumentID": instruments}, now)

    def listen(self, instrument: str, now: int, *, ends: bool = False) -> None:
        """Subscribes to the inquiries for quotes of an instrument, or ends that."""
        if ends:
            self.inquiries.pop(instrument, None)
        else:
            self.inquiries[instrument] = None
        if self.connection.reached("logged_in"):
            name = "UnSubscribeForQuoteRsp" if ends else "SubscribeForQuoteRsp"
            self._call(name, {"ppInstrumentID": [instrument]}, now)
        elif self.connection.state == "absent" and self.books.connection.state != "absent":
            self.create(now)

    def create(self, now: int) -> None:
        if not self.in_use or self.connection.state != "absent":
            return
        identity = self.identity
        given = {"pszFlowPath": f"{identity.flow}/market/", "bIsProductionMode": identity.production}
        self._call("CreateFtdcMdApi", given, now)
        self._call("RegisterSpi", None, now)
        for front in identity.market_fronts:
            self._call("RegisterFront", {"pszFrontAddress": front}, now)
        self.connection.happen("create")
        self._call("Init", None, now)
        self.connection.happen("init")

    def release(self, now: int) -> None:
        if self.connection.happen("release"):
            self._call("Release", None, now)

    def receive(self, callback: Callback) -> list[Report]:
        """Takes a callback of the market API; gives a report where it is one."""
        fields, now = callback.fields or {}, callback.time
        instrument = fields.get("InstrumentID", "")
        if callback.name == "OnFrontConnected":
            self.connection.happen("up")
            self.requests.put("ReqUserLogin", self.identity.as_user(), now, kind="market")
        elif callback.name == "OnFrontDisconnected":
            self.connection.happen("down")
        elif callback.name == "OnRspUserLogin":
            self.connection.happen("logged in")
            self._subscribe(list(self.wanted), now)
            if self.inquiries:
                self._call("SubscribeForQuoteRsp", {"ppInstrumentID": list(self.inquiries)}, now)
        elif callback.name == "OnRtnDepthMarketData":
            self.books.quotes[instrument] = fields
            return [self._report(callback)] if instrument in self.reported else []
        elif instrument in self.reported or callback.name in _OF_INQUIRIES:
            return [self._report(callback)]
        return []

    def _report(self, callback: Callback) -> Report:
        error = callback.error or {}
        return Report(
            number=self.books.next_number(),
            name=callback.name,
            fields=callback.fields,
            error=callback.error,
            at=callback.time,
            connection=self.connection.number,
            request_id=callback.request_id,
            code=error.get("ErrorID", 0),
            message=error.get("ErrorMsg", ""),
            market=True,
        )

    def _subscribe(self, instruments: list[str], now: int) -> None:
        if instruments:
            self._call("SubscribeMarketData", {"ppInstrumentID": instruments}, now)

    def _call(self, name: str, fields: Fields | None, now: int) -> None:
        self.requests.put(name, fields, now, kind="market", numbered=False)
