"""What a scenario leaves working is cancelled: by its own sessions where they can, else by one that logs in anew.

Whether an order still works is asked of the front, not remembered. What cannot be cancelled is told, with the file in
which its key stays for the next run; so does the key of an order that the front does not list, which may yet arrive.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Protocol

from attrs import frozen

from ctpscen.client.books.orders import FINAL, Order, key_of
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.times import SECOND
from ctpscen.engine.state.actors import Actor
from ctpscen.engine.state.journal import Journal
from ctpscen.live.care.guard import Credentials, GuardedApi
from ctpscen.live.care.keys import KeyFile, SentOrder, tried_in_vain
from ctpscen.live.care.listed import Listed, find_listed

ANSWER_PATIENCE = 10 * SECOND
CANCEL_PATIENCE = 10 * SECOND
LOOKS = 3
"""How often a front is asked for an order that it does not list."""


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
        others: list[SentOrder] = []
        troubles: list[str] = []
        is_left, refused = False, self._refused()
        for path in environment.keys.unread:
            self._note(f"{path} holds what names no order; if a run left orders working, look for them by other means")
        logged_in = {each.credentials.name for each in self.sessions.values()}
        for account in dict.fromkeys(order.account for order in environment.keys.orders):
            orders = [order for order in environment.keys.orders if order.account == account]
            if account not in logged_in:  # an earlier run's; a run that logs in there will see to them
                whose = f"account `{account}`" if account else "the profile's own account"
                self._note(f"{_count(orders)} of an earlier run stay as they are: {whose} did not log in")
                others += orders
                continue
            open_orders = [order for order in orders if not self._is_over(order, refused)]
            working, unseen = open_orders, list[SentOrder]()
            try:
                if not is_left:
                    working, unseen = self._cancel_of(account, open_orders)
            except Exception as reason:  # whatever it is: the user must be told which orders are left
                text = f"the clean-up of {account or 'the account'} failed: {reason}"
                if all(order.tried for order in open_orders):  # a run before has told of it
                    self._note(text)
                else:
                    troubles.append(text)
            except KeyboardInterrupt:
                is_left = True
            left += working
            others += unseen
        try:
            environment.keys.keep([*others, *map(tried_in_vain, left)])
        except OSError as reason:
            troubles.append(f"the keys of the orders cannot be written: {reason}")
        return [*self.told(left), *troubles]

    def _note(self, text: str) -> None:
        self.environment.journal.add("note", self.environment.now, text=text)

    def told(self, left: Sequence[SentOrder]) -> list[str]:
        """Names what may still be working: an error of the run that finds it, and a note of those after it."""
        where = f"(keys in {self.environment.keys.path})"
        if known := [each for each in left if each.tried]:
            self._note(f"{_count(known)} of an earlier run may still be working: {_names(known)} {where}")
        new = [each for each in left if not each.tried]
        return [f"{_count(new)} may still be working: {_names(new)} {where}"] if new else []

    def _is_over(self, order: SentOrder, refused: Collection[int]) -> bool:
        """Whether an order's end was seen, which is more than that somebody takes it to have ended."""
        known = self._known(order)
        return known is not None and (id(known) in refused or (known.return_code or 0) != 0 or known.status in FINAL)

    def _refused(self) -> set[int]:
        """The ids of the orders that a report says were refused."""
        reports = (report for each in self.sessions.values() for report in each.actor.inbox.history)
        return {id(report.order) for report in reports if report.refusal == "rejection" and report.order is not None}

    def _known(self, order: SentOrder) -> Order | None:
        """The newest that any living session knows of an order."""
        if not order.key[2]:
            return None
        for each in self.sessions.values():
            known = each.actor.books.orders.by_key.get(order.key)
            if known is not None and each.credentials.name == order.account:
                return known
        return None

    def _cancel_of(self, account: str, orders: Sequence[SentOrder]) -> tuple[list[SentOrder], list[SentOrder]]:
        """Cancels the orders of one account; gives those that did not come to an end, and those that nobody knows."""
        if not orders:
            return [], []
        self._note("clean-up: what this run left working is cancelled")
        mine = [name for name, each in self.sessions.items() if each.credentials.name == account]
        working, unseen = list(orders), list[SentOrder]()
        for name in mine:
            live = self.sessions[name]
            if not live.dead and live.actor.session.connection.reached("logged_in"):
                working, new = self._cancel_through(live.actor, working)
                unseen += new
        if working:
            working, new = self._cancel_through(self.environment.log_in_anew(mine[0]), working)
            unseen += new
        if unseen:
            text = "not known to the front by now, and kept among the keys until the trading day is over"
            self._note(f"{_count(unseen)} {'is' if len(unseen) == 1 else 'are'} {text}: {_names(unseen)}")
        return working, unseen

    def _cancel_through(self, actor: Actor, orders: Sequence[SentOrder]) -> tuple[list[SentOrder], list[SentOrder]]:
        """Asks which of some orders work, and cancels those.

        Gives those that may not have come to an end, and those that the front does not know.
        """
        assert isinstance(actor.api, GuardedApi)
        actor.api.cleaning = True
        session, environment = actor.session, self.environment
        session.queries.withdraw_all()
        today = session.books.trading_day
        orders = [order for order in orders if not order.day or order.day >= today]
        found = self._look(actor, orders)
        for _ in range(LOOKS - 1):  # the part of a front that answers queries may be behind the one that takes orders
            if found is not None and found.unseen:
                found = self._look(actor, orders)
        if found is None:
            return list(orders), []
        books = session.books.orders

        def working() -> list[tuple[Fields, SentOrder]]:
            return [(row, order) for row, order in found.working if books.reported(row).status not in FINAL]

        for row, _ in working():
            session.cancel(Order(key_of(row), newest=row), environment.now)
        actor.flush()
        environment.until(lambda: not working(), CANCEL_PATIENCE)
        left = {id(order) for _, order in working()}
        return [order for order in orders if id(order) in left], found.unseen

    def _look(self, actor: Actor, orders: Sequence[SentOrder]) -> Listed | None:
        """Asks the front for some orders; None where it does not answer."""
        session, environment = actor.session, self.environment
        rows: list[Fields] = []
        for investor in dict.fromkeys(order.investor for order in orders):
            query = session.ask("ReqQryOrder", {"InvestorID": investor} if investor else {}, environment.now)
            actor.flush()
            environment.until(partial(getattr, query, "done"), ANSWER_PATIENCE)
            if not query.done or query.code:
                session.queries.withdraw(query)
                return None
            rows += query.rows
        for row in rows:
            session.books.orders.reported(row)
        looked_for = {order.key for order in orders}
        others = {order.key for order in environment.keys.orders if order.key[2]} - looked_for
        return find_listed(rows, orders, others)


def _count(orders: Sequence[SentOrder]) -> str:
    return "1 order" if len(orders) == 1 else f"{len(orders)} orders"


def _names(orders: Sequence[SentOrder]) -> str:
    return ", ".join(f"{each.instrument} {'/'.join(map(str, each.key))}" for each in orders)
