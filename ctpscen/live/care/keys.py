"""The keys of the orders that a live run sent, on disk before the order is on the wire.

So an order can be cancelled whatever dies: the worker, the run, the machine. What a run leaves, the next one on the
same profile takes over. A key is forgotten when the end of its order was seen, or its trading day is over.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import asdict, define, evolve, field, frozen

from ctpscen.client.books.orders import Key
from ctpscen.private_files import make_private_folder, open_private, write_private
from ctpscen.regular_files import read_regular

LARGEST = 64 * 2**20
"""Bytes of a file of keys; no run sends so many orders."""

_INT = range(-(2**31), 2**31)


@frozen
class SentOrder:
    """The key of an order, and what a cancel of it needs besides.

    The OrderRef of one that was sent without is '': CTP gives it one. `investor` is whose it is, `day` the trading day
    by the front's word, `tried` how many runs could not cancel it.
    """

    account: str
    key: Key
    instrument: str
    exchange: str
    day: str = ""
    investor: str = ""
    tried: int = 0


@define(eq=False)
class KeyFile:
    """The orders of one scenario whose end was not seen, on disk. `unread` are files that hold what is no key."""

    path: Path
    orders: list[SentOrder] = field(factory=list)
    unread: list[Path] = field(factory=list)

    def add(self, order: SentOrder) -> None:
        """Raises OSError where the key cannot be kept; the order must not be sent then."""
        make_private_folder(self.path.parent)
        with os.fdopen(open_private(self.path, os.O_WRONLY | os.O_APPEND), "a", encoding="utf-8") as stream:
            stream.write(_line(order))
            stream.flush()
            os.fsync(stream.fileno())
        self.orders.append(order)

    def ended(self, order: SentOrder) -> None:
        """The end of an order was seen. Its line goes with the next that are written anew."""
        if order in self.orders:
            self.orders.remove(order)

    def adopt(self, path: Path) -> None:
        """Takes over what an earlier run left. What cannot be read stays, under a name that nobody takes over."""
        try:
            orders, damaged = read_keys(path)
            for order in orders:
                self.add(order)
            if damaged:
                aside = path.with_suffix(".damaged")
                path.replace(aside)
                self.unread.append(aside)
            else:
                path.unlink()
        except OSError:
            self.unread.append(path)

    def keep(self, left: list[SentOrder]) -> None:
        """Forgets all but what is left; without any, the file goes. Raises OSError, and the file is as it was."""
        self.orders = left
        if left:
            beside = self.path.with_suffix(".new")
            write_private(beside, "".join(map(_line, left)))
            beside.replace(self.path)
        else:
            self.path.unlink(missing_ok=True)


def tried_in_vain(order: SentOrder) -> SentOrder:
    return evolve(order, tried=order.tried + 1)


def _line(order: SentOrder) -> str:
    front, session, reference = order.key
    plain: dict[str, Any] = asdict(order)
    del plain["key"]
    return json.dumps({"front": front, "session": session, "ref": reference, **plain}) + "\n"


def read_keys(path: Path) -> tuple[list[SentOrder], bool]:
    """The orders that a file names, and whether it holds anything else.

    Half a line at the end, as a killed run may leave it, is nothing: its order was not sent. Raises OSError.
    """
    *lines, half = read_regular(path, LARGEST).split(b"\n")
    found = [_order(line) for line in lines if line.strip()]
    if (last := _order(half)) is not None:
        found.append(last)
    return [each for each in found if each is not None], None in found


def _order(line: bytes) -> SentOrder | None:
    """The order that a line names; None where it names none that a front could know."""
    try:
        found = json.loads(line.decode("utf-8"))
        front, session = found.pop("front"), found.pop("session")
        order = SentOrder(key=(front, session, found.pop("ref")), **found)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    numbers, texts = (front, session, order.tried), (*order.key[2:], *_texts(order))
    plain = all(type(each) is int and each in _INT for each in numbers) and all(type(each) is str for each in texts)
    return order if plain else None


def _texts(order: SentOrder) -> Iterator[str]:
    yield from (order.account, order.instrument, order.exchange, order.day, order.investor)
