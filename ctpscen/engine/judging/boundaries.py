"""The boundaries that a run comes to, each with how its actor stood."""

from attrs import define, field

from ctpscen.client.books.orders import FINAL, Order
from ctpscen.ctp.commands.plan import Boundary
from ctpscen.engine.state.actors import Actor
from ctpscen.engine.state.context import Run
from ctpscen.engine.unit import Reached


@define(eq=False, repr=False)
class Recorder:
    """Writes down the boundaries of one run, in their order."""

    run: Run
    found: list[Reached] = field(factory=list)

    def reached(self, boundary: Boundary) -> None:
        actor = self.run.actors.get(boundary.actor)
        if actor is None:
            return
        orders = actor.books.orders.by_key.values()
        statuses = ",".join(sorted({state_of(order) for order in orders}))
        self.found.append(Reached(boundary, actor.session.connection.state, statuses, _newest(actor)))


def _newest(actor: Actor) -> str:
    own = [order for order in actor.books.orders.by_key.values() if order.input is not None]
    return state_of(own[-1]) if own else "none"


def state_of(order: Order) -> str:
    """How an order stands, in a word."""
    if order.refused or order.return_code or order.never_arrived:
        return "refused"
    if order.status is None:
        return "sent"
    return "unmatched" if order.status in FINAL and not order.is_final else order.status
