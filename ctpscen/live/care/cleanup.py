"""What a scenario leaves working is cancelled: by its own sessions where they can, else by one that logs in anew.

Whether an order still works is asked of the front, not remembered; and what cannot be cancelled is told, with the
file in which its key stays for the next run.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from attrs import frozen

from ctpscen.client.books.orders import FINAL, Order, key_of
from ctpscen.client.queries import Query
from ctpscen.client.session import Session
from ctpscen.ctp.times import SECOND
from ctpscen.engine.state.actors import Actor
from ctpscen.engine.state.journal import Journal
from ctpscen.live.care.guard import Credentials, GuardedApi
from ctpscen.live.care.keys import KeyFile, SentOrder

ANSWER_PATIENCE = 10 * SECOND
CANCEL_PATIENCE = 10 * SECOND


class LiveSession(Protocol):
    """A session's place in the environment."""

    @property
    def actor(self) -> Actor: ...
    @property
    def credentials(self) -> Credentials: ...
    @property
    def dead(self) -> bool: ...


class Environment(Protocol):
    """The environment, as far as the clean-up needs it."""

    @property
    def now(self) -> int: ...
    @property
    def journal(self) -> Journal: ...
    @property
    def keys(self) -> KeyFile: ...

    def until(self, ready: Callable[[], bool], patience: int) -> bool: ...

    def log_in_anew(self, session: str, /) -> Actor:
        """A new session in the place of one that cannot cancel any more. Raises RuntimeError."""


@frozen
class Cleanup:
    """The end of one scenario."""

    environment: Environment
    sessions: Mapping[str, LiveSession]

    def run(self) -> list[str]:
        """Cancels what still works; gives what could not be done."""
        environment = self.environment
        left: list[SentOrder] = []
        elsewhere: list[SentOrder] = []
        troubles: list[str] = []
        logged_in = {each.credentials.name for each in self.sessions.values()}
        for account in dict.fromkeys(order.account for order in environment.keys.orders):
            orders = [order for order in environment.keys.orders if order.account == account]
            if account not in logged_in:  # an earlier run's; a run that logs in there will see to them
                whose = f"account `{account}`" if account else "the profile's own account"
                text = f"{len(orders)} orders of an earlier run stay as they are: {whose} did not log in"
                environment.journal.add("note", environment.now, text=text)
                elsewhere += orders
                continue
            try:
                left += self._cancel_of(account, [order for order in orders if not self._is_over(order)])
            except Exception as reason:  # whatever it is: the user must be told which orders are left
                left += orders
                troubles.append(f"the clean-up of {account or 'the account'} failed: {reason}")
        try:
            environment.keys.keep([*elsewhere, *left])
        except OSError as reason:
            troubles.append(f"the keys of the orders cannot be written: {reason}")
        if left:
            which = ", ".join(f"{each.instrument} {'/'.join(map(str, each.key))}" for each in left)
            number = "1 order" if len(left) == 1 else f"{len(left)} orders"
            troubles.insert(0, f"{number} may still be working: {which} (keys in {environment.keys.path})")
        return troubles

    def _is_over(self, order: SentOrder) -> bool:
        known = self._known(order)
        return known is not None and (known.refused or (known.return_code or 0) != 0 or known.status in FINAL)

    def _known(self, order: SentOrder) -> Order | None:
        """The newest that any living session knows of an order."""
        for each in self.sessions.values():
            known = each.actor.books.orders.by_key.get(order.key)
            if known is not None and each.credentials.name == order.account:
                return known
        return None

    def _cancel_of(self, account: str, orders: Sequence[SentOrder]) -> Sequence[SentOrder]:
        """Cancels the orders of one account; gives those that did not come to an end."""
        if not orders:
            return []
        text = "clean-up: what this run left working is cancelled"
        self.environment.journal.add("note", self.environment.now, text=text)
        mine = [name for name, each in self.sessions.items() if each.credentials.name == account]
        for name in mine:
            live = self.sessions[name]
            if not live.dead and live.actor.session.connection.reached("logged_in"):
                orders = self._cancel_through(live.actor, orders)
        return self._cancel_through(self.environment.log_in_anew(mine[0]), orders) if orders else []

    def _cancel_through(self, actor: Actor, orders: Sequence[SentOrder]) -> Sequence[SentOrder]:
        """Asks which of some orders work, and cancels those; gives those that did not come to an end."""
        assert isinstance(actor.api, GuardedApi)
        actor.api.cleaning = True
        session, environment = actor.session, self.environment
        query = session.ask("ReqQryOrder", {}, environment.now)
        actor.flush()
        environment.until(lambda: query.done, ANSWER_PATIENCE)
        working = [order for order in _known_to_the_front(session, query, orders) if order.status not in FINAL]
        for order in working:
            session.cancel(order, environment.now)
        actor.flush()
        environment.until(lambda: all(order.status in FINAL for order in working), CANCEL_PATIENCE)
        if not query.done or query.code:
            session.queries.withdraw(query)
            return orders
        ended = {order.key for order in working if order.status in FINAL}
        return [each for each in orders if each.key in {order.key for order in working} - ended]


def _known_to_the_front(session: Session, query: Query, orders: Sequence[SentOrder]) -> list[Order]:
    """Those of some orders that an answer has, with what it says of them.

    What a conditional order released bears another key and is that order's further life (BEHAVIOUR 3.11).
    """
    keys = {each.key for each in orders}
    found = {key_of(row): session.books.orders.reported(row) for row in query.rows if key_of(row) in keys}
    for row in query.rows:
        if row.get("RelativeOrderSysID"):
            session.books.orders.reported(row)
    return list(found.values())
