"""Orders that never reached the front: a complete answer to a query of the orders does not have them.

An order that was sent just before a break has no answer, and nobody can tell at first whether it arrived (BEHAVIOUR
11, hazard 17). What the streams repeat after the login brings it back if it did; a query settles it if they do not.
Only a query of a later login can: beside an order of its own login, an answer may be the older of the two.
"""

from collections.abc import Iterable

from attrs import define, field

from ctpscen.client.books.orders import Key, Order, key_of
from ctpscen.ctp.messages import Callback, Fields, Request

_WHO = frozenset(("BrokerID", "InvestorID"))


@define(eq=False, repr=False)
class _Asked:
    """One query: what it asks for, and the orders that have been answered so far."""

    fields: Fields
    keys: set[Key] = field(factory=set)

    def is_for(self, order: Order) -> bool:
        """Whether the answer has this order if the front has it."""
        return all(order.value(name) == value for name, value in self.fields.items() if value and name not in _WHO)


@define(eq=False, repr=False)
class OrderQueries:
    """The queries of orders that have no whole answer yet, by their numbers."""

    _asked: dict[int, _Asked] = field(factory=dict)

    def asked(self, request: Request) -> None:
        if request.name == "ReqQryOrder":
            self._asked[request.request_id] = _Asked(request.fields or {})

    def lost(self) -> None:
        """The connection broke: what was asked on it is answered no more."""
        self._asked.clear()

    def answered(self, callback: Callback, orders: Iterable[Order], login: tuple[int, int]) -> list[Order]:
        """Takes a callback; gives the orders, sent before this login, that a whole answer shows not to be there."""
        if callback.name != "OnRspQryOrder" or (asked := self._asked.get(callback.request_id)) is None:
            return []
        if callback.fields is not None:
            asked.keys.add(key_of(callback.fields))
        if not callback.last:
            return []
        del self._asked[callback.request_id]
        if callback.error and callback.error["ErrorID"]:
            return []
        return [
            order
            for order in orders
            if order.newest is None
            and order.is_working
            and order.key[:2] != login
            and order.key not in asked.keys
            and asked.is_for(order)
        ]
