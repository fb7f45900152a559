"""Refused inserts and cancels: which order each is of, and which callbacks are one refusal.

The counter tells of a refusal twice, by OnRsp… to the session that asked and by OnErrRtn… to all of the account
(BEHAVIOUR 3.2). The second names neither the request nor, for an insert, the session; an order that has a report of
its own is not what it is about.
"""

from collections.abc import Mapping

from attrs import define, field

from ctpscen.client.books.orders import Order, key_of
from ctpscen.client.books.reports import RefusalKind, Report
from ctpscen.ctp.codes import Returned
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.schema.records import defaults

REFUSED: Mapping[str, RefusalKind] = {
    "OnRspOrderInsert": "rejection",
    "OnErrRtnOrderInsert": "rejection",
    "OnRspOrderAction": "cancel_rejection",
    "OnErrRtnOrderAction": "cancel_rejection",
}
"""The callbacks by which the counter refuses, where they bear an error, and what they refuse."""

NOT_FOUND = 25
"""ErrorID of a cancel whose order the core does not have (BEHAVIOUR 4.2)."""

REFUSED_BY_EXCHANGE = 91
"""ErrorID of a cancel that the exchange refused, not the counter (BEHAVIOUR 4.2)."""

_RETURNED: Mapping[int, str] = {
    Returned.NOT_CONNECTED: "not connected",
    Returned.UNANSWERED_QUERY: "too many requests unanswered",
    Returned.TOO_MANY_A_SECOND: "too many requests this second",
}


@define(eq=False, repr=False)
class Refusals:
    """The requests that may yet be refused, by their numbers, and how often each refusal was told."""

    _inserts: dict[int, Order] = field(factory=dict)
    _cancels: dict[int, Order] = field(factory=dict)
    _told: dict[tuple[RefusalKind, str, int], list[int]] = field(factory=dict)

    def inserted(self, request_id: int, order: Order) -> None:
        self._inserts[request_id] = order

    def canceled(self, request_id: int, order: Order) -> None:
        self._cancels[request_id] = order

    def insert(self, request_id: int) -> Order | None:
        """The order that a request inserts."""
        return self._inserts.get(request_id)

    def cancel(self, request_id: int) -> Order | None:
        """The order that a request cancels."""
        return self._cancels.get(request_id)

    def is_first(self, report: Report, kind: RefusalKind) -> bool:
        """Notes a callback that refuses; False where it tells again what another one told before."""
        order, fields = report.order, report.fields or {}
        times = self._told.setdefault((kind, fields.get("OrderRef", ""), id(order) if order else 0), [0, 0])
        which = 0 if report.name.startswith("OnRsp") else 1
        times[which] += 1
        return times[which] > times[1 - which]

    def order_of(self, kind: RefusalKind, request_id: int, fields: Fields) -> Order | None:
        """The order whose insert or cancel was refused: by the request, else by what was sent."""
        if request_id:
            return (self._inserts if kind == "rejection" else self._cancels).get(request_id)
        if kind == "cancel_rejection":
            said = fields.get("SessionID", 0), fields.get("OrderRef", "")
            for order in self._cancels.values():
                if said in (order.key[1:], key_of(order.newest or {})[1:]):
                    return order
            return None
        for order in reversed(list(self._inserts.values())):
            if order.newest is None and order.input is not None and _says_the_same(order.input, fields):
                return order
        return None


def _says_the_same(sent: Fields, echoed: Fields) -> bool:
    """Whether a record is the one that was sent; what it does not hold is its default."""
    usual = defaults("InputOrder")
    return all(echoed.get(name, usual[name]) == value for name, value in sent.items())


def returned_text(code: int) -> str:
    """What a return code says."""
    return _RETURNED.get(code, f"the API returned {code}")


def code_and_text(message: str) -> tuple[int, str]:
    """The number before an exchange's text, 0 where there is none (BEHAVIOUR 3.5)."""
    head, colon, text = message.partition(":")
    return (int(head), text) if colon and head.isdigit() else (0, message)
