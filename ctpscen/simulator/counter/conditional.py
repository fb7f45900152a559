"""Conditional orders, which CTP itself holds until a price is met (BEHAVIOUR 3.11).

An order with a condition is reported as not touched, under a number that begins with TJBD; neither money nor lots
are frozen for it. When the newest price meets its condition it is reported as touched, and an order of its own, of
no front and no session, goes to the exchange; where the core refuses that one, OnRtnErrorConditionalOrder says so.
"""

from collections.abc import Callable, Mapping
from operator import ge, gt, le, lt

from attrs import define, field

from ctpscen.ctp.codes import CONDITIONS, Comparison, Price
from ctpscen.simulator.exchange.orders import Order
from ctpscen.simulator.terms.contracts import Contract

_COMPARE: Mapping[Comparison, Callable[[float, float], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}

Prices = Callable[[Contract], Mapping[Price, float | None]]
"""The newest prices of a contract; None where a side of the book is empty."""


@define(eq=False, repr=False)
class ConditionalOrders:
    """Those that wait, by contract, in the order in which they came."""

    prices: Prices
    _waiting: dict[str, list[Order]] = field(factory=dict)
    _number: int = 0

    def hold(self, order: Order) -> None:
        self._number += 1
        order.order_sys_id = f"TJBD_{self._number:08}"
        order.account.by_sys_id[(order.contract.exchange, order.order_sys_id)] = order
        self._waiting.setdefault(order.contract.id, []).append(order)

    def drop(self, order: Order) -> None:
        """Forgets an order that is cancelled, which may be at the very moment in which it is touched."""
        waiting = self._waiting.get(order.contract.id, [])
        if order in waiting:
            waiting.remove(order)

    def clear(self) -> None:
        """The day is over."""
        self._waiting.clear()

    def met(self, contract: Contract) -> list[Order]:
        """Takes out the orders whose condition is met now."""
        waiting = self._waiting.get(contract.id)
        if not waiting:
            return []
        now = self.prices(contract)
        touched = [order for order in waiting if self._is_met(order, now)]
        for order in touched:
            waiting.remove(order)
        return touched

    def _is_met(self, order: Order, now: Mapping[Price, float | None]) -> bool:
        which, comparison = CONDITIONS[order.input["ContingentCondition"]]
        price = now[which]
        return price is not None and _COMPARE[comparison](price, order.input.get("StopPrice", 0.0))
