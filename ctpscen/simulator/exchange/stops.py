"""Stop and take-profit orders, which DCE and GFEX keep themselves (BEHAVIOUR 3.7, 3.11).

The exchange accepts such an order and reports it as queueing, but it stands in no book until the last price touches
its StopPrice; then it meets the market as any other order does.
"""

from collections.abc import Callable, Mapping
from operator import ge, le

from attrs import define, field

from ctpscen.ctp.codes import ContingentCondition
from ctpscen.simulator.exchange.orders import Order
from ctpscen.simulator.terms.contracts import Contract

# How the last price is compared with StopPrice, by ContingentCondition: for a buyer, and for a seller.
_MET: Mapping[str, tuple[Callable[[float, float], bool], Callable[[float, float], bool]]] = {
    ContingentCondition.TOUCH: (ge, le),  # a stop: the market runs away
    ContingentCondition.TOUCH_PROFIT: (le, ge),  # a profit is taken: the market has come
}


@define(eq=False, repr=False)
class StopOrders:
    """Those that wait, by contract, in the order in which they came."""

    _waiting: dict[str, list[Order]] = field(factory=dict)

    def hold(self, order: Order) -> None:
        self._waiting.setdefault(order.contract.id, []).append(order)

    def drop(self, order: Order) -> None:
        """Forgets an order; harmless if it is not there."""
        waiting = self._waiting.get(order.contract.id, [])
        if order in waiting:
            waiting.remove(order)

    def clear(self, contract: Contract) -> None:
        """The day is over."""
        self._waiting.pop(contract.id, None)

    def touched(self, contract: Contract) -> list[Order]:
        """Takes out the orders whose price is met now."""
        waiting = self._waiting.get(contract.id)
        if not waiting:
            return []
        last = contract.last_price
        met = [order for order in waiting if _is_met(order, last)]
        for order in met:
            waiting.remove(order)
        return met


def _is_met(order: Order, last: float) -> bool:
    buyer, seller = _MET[order.input["ContingentCondition"]]
    return (buyer if order.is_buy else seller)(last, order.input.get("StopPrice", 0.0))
