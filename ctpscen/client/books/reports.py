"""A report as a scenario sees it: a callback, and what the session knows of it besides."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from attrs import define

from ctpscen.client.books.orders import Order, Orders
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.reports import find_kind
from ctpscen.ctp.schema.records import defaults, record
from ctpscen.ctp.schema.tables import normalise
from ctpscen.ctp.times import to_moment

Source = Literal["api", "counter", "exchange"]
RefusalKind = Literal["rejection", "cancel_rejection"]

_OWN_WORDS = {word: word for word in ("time", "connection", "replayed", "api", "code", "message")}


@define(eq=False)
class Login:
    """One of several logins of a program: its UserID, '' before it has said one, and the orders that it knows."""

    orders: Orders
    user: str = ""


@define(eq=False, repr=False)
class Report:
    """One report.

    `name` is the callback's, '' for a refusal that the session put together of two callbacks or of a return code.
    `number` counts a session's reports in order of arrival, `connection` its connections from 1. `refusal` says that
    the report is a refused insert or cancel, and `source` by whom; `request` is the request that it answers, `order`
    the order that it is about, as far as that can be told.
    `login` is that of a program beside its first. `words` are what it says besides in the language's words.
    """

    number: int
    name: str
    fields: Fields | None
    error: Fields | None
    at: int
    connection: int
    replayed: bool = False
    request_id: int = 0
    order: Order | None = None
    refusal: RefusalKind | None = None
    source: Source | None = None
    code: int = 0
    message: str = ""
    market: bool = False
    words: Mapping[str, Any] | None = None
    login: Login | None = None

    @property
    def api(self) -> str:
        """Which of the two APIs it is of."""
        return "market" if self.market else "trader"

    @property
    def time(self) -> datetime:
        """When it arrived, by the trading clock."""
        return to_moment(self.at)

    @property
    def records(self) -> Sequence[str]:
        """The names of the records that its fields may be of."""
        if self.refusal is not None and not self.name:
            return ("InputOrder", "Order") if self.refusal == "rejection" else ("InputOrderAction", "OrderAction")
        kind = find_kind(self.name)
        return kind.records if kind else ()

    def read(self, word: str) -> Any:
        """What a scenario means by `report.word`. Raises KeyError."""
        wanted = normalise(word)
        for name, value in (self.words or {}).items():
            if normalise(name) == wanted:
                return value
        for name in self.records:
            if found := record(name).find(word):
                fields = self.fields or {}
                return fields.get(found.name, defaults(name).get(found.name, found.default))
        own = _OWN_WORDS.get(normalise(word))
        if own is None:
            raise KeyError(word)
        return getattr(self, own)


@define(eq=False, repr=False)
class Row:
    """A record out of an answer."""

    name: str
    fields: Mapping[str, Any]

    def read(self, word: str) -> Any:
        """What a scenario means by `row.word`. Raises KeyError."""
        found = record(self.name).find(word)
        if found is None:
            raise KeyError(word)
        return self.fields.get(found.name, found.default)


@define(eq=False, repr=False)
class Sent:
    """A request that a step sent as it is."""

    name: str
    request_id: int
    return_code: int | None = None

    def read(self, word: str) -> Any:
        """`.return_code` and `.request_id`. Raises KeyError."""
        own = {"returncode": self.return_code, "requestid": self.request_id}
        return own[normalise(word)]
