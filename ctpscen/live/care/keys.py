"""The keys of the orders that a live run sent, on disk before the order is on the wire.

So an order can be cancelled whatever dies: the worker, the run, the machine. What a run leaves, the next one on the
same profile takes over.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from ctpscen.client.books.orders import Key
from ctpscen.private_files import make_private_folder, open_private, write_private


@frozen
class SentOrder:
    """The key of an order, and what a cancel of it needs besides."""

    account: str
    key: Key
    instrument: str
    exchange: str
    day: str = ""


@define(eq=False)
class KeyFile:
    """The orders of one scenario, on disk."""

    path: Path
    orders: list[SentOrder] = field(factory=list)

    def add(self, order: SentOrder) -> None:
        """Raises OSError where the key cannot be kept; the order must not be sent then."""
        make_private_folder(self.path.parent)
        with os.fdopen(open_private(self.path, os.O_WRONLY | os.O_APPEND), "a", encoding="utf-8") as stream:
            stream.write(json.dumps(_plain(order)) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        self.orders.append(order)

    def adopt(self, path: Path) -> None:
        """Takes over what an earlier run left."""
        for order in read_keys(path):
            self.add(order)
        path.unlink(missing_ok=True)

    def keep(self, left: list[SentOrder]) -> None:
        """Forgets all but what is left; without any, the file goes. Raises OSError, and the file is as it was."""
        self.orders = left
        if left:
            beside = self.path.with_suffix(".new")
            write_private(beside, "".join(json.dumps(_plain(each)) + "\n" for each in left))
            beside.replace(self.path)
        else:
            self.path.unlink(missing_ok=True)


def _plain(order: SentOrder) -> dict[str, Any]:
    front, session, reference = order.key
    return {
        "account": order.account,
        "front": front,
        "session": session,
        "ref": reference,
        "instrument": order.instrument,
        "exchange": order.exchange,
        "day": order.day,
    }


def read_keys(path: Path) -> Iterator[SentOrder]:
    """The orders that a file names; half a line, as a killed run may leave it, is passed over."""
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            found = json.loads(line)
            key = (int(found["front"]), int(found["session"]), str(found["ref"]))
            yield SentOrder(found["account"], key, found["instrument"], found["exchange"], found["day"])
        except (ValueError, KeyError, TypeError):
            continue
