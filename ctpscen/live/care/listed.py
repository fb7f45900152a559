"""Which of the orders that a front lists are those of some keys.

An order that was sent without an OrderRef has one that CTP gave it: it is one of its login that no other key names.
What a conditional order released bears another key, and names its origin by the number of that (BEHAVIOUR 3.11).
"""

from collections.abc import Collection, Sequence

from attrs import define, field

from ctpscen.client.books.orders import FINAL, Key, key_of
from ctpscen.ctp.codes import OrderStatus
from ctpscen.ctp.messages import Fields
from ctpscen.live.care.keys import SentOrder


@define(eq=False)
class Listed:
    """`working` are rows of what may still trade, each with its order; `unseen` are orders that are not listed.

    What conditional orders released is told apart by the exchange's numbers alone: of every login it bears FrontID 0,
    SessionID 0.
    """

    working: list[tuple[Fields, SentOrder]] = field(factory=list)
    unseen: list[SentOrder] = field(factory=list)


def find_listed(rows: Sequence[Fields], orders: Sequence[SentOrder], others: Collection[Key] = ()) -> Listed:
    """Sorts out what a front lists. `others` are the keys of orders that are not looked for."""
    owners = _owners([row for row in rows if key_of(row) not in others], orders)
    found = Listed()
    for row, order in owners:
        if row.get("OrderStatus") not in FINAL | {OrderStatus.TOUCHED}:
            found.working.append((row, order))
    # Of one that was touched it is what it released that tells how it goes on.
    told = [order for row, order in owners if row.get("OrderStatus") != OrderStatus.TOUCHED]
    keys, each = {order.key for order in told if order.key[2]}, {id(order) for order in told}
    found.unseen = [order for order in orders if order.key not in keys and id(order) not in each]
    return found


def _owners(rows: Sequence[Fields], orders: Sequence[SentOrder]) -> list[tuple[Fields, SentOrder]]:
    """The rows that are of some order, with it."""
    named = {order.key: order for order in orders if order.key[2]}
    unnamed = [order for order in orders if not order.key[2]]
    found: list[tuple[Fields, SentOrder]] = []
    released: list[Fields] = []
    for row in rows:
        key = key_of(row)
        if row.get("RelativeOrderSysID"):
            released.append(row)
        elif key in named:
            found.append((row, named[key]))
        elif order := next((each for each in unnamed if each.key[:2] == key[:2]), None):
            unnamed.remove(order)
            found.append((row, order))
    origins = {(row.get("ExchangeID"), row["OrderSysID"]): order for row, order in found if row.get("OrderSysID")}
    origin_of = [(row, origins.get((row.get("ExchangeID"), row["RelativeOrderSysID"]))) for row in released]
    return [*found, *((row, order) for row, order in origin_of if order is not None)]
