"""Queries, one at a time and not too often (BEHAVIOUR 2.2; 11, hazard 13).

The API takes one query at a time (−2), the front so many a second (90, −3), and sometimes an answer never comes. A
query waits for its turn, is sent again after a refusal that means "later", and after a silence.
"""

from collections import deque

from attrs import define, field

from ctpscen.client.books.refusals import returned_text
from ctpscen.ctp.codes import Returned
from ctpscen.ctp.errors import QUERY_LATER
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.times import MILLISECOND, SECOND

PACE = 1_100 * MILLISECOND
SILENCE = 5 * SECOND
LATER_RETURNS = frozenset((Returned.UNANSWERED_QUERY, Returned.TOO_MANY_A_SECOND))


@define(eq=False, repr=False)
class Query:
    """One question to the front. `rows` are complete once `done`; `code` and `message` say why there are none."""

    name: str
    fields: Fields
    rows: list[Fields] = field(factory=list)
    done: bool = False
    code: int = 0
    message: str = ""
    request_id: int = 0
    attempts: int = 0

    def fail(self, code: int, message: str) -> None:
        self.done, self.code, self.message = True, code, message


@define(eq=False, repr=False)
class QueryQueue:
    """The queries of one session, in the order in which they were asked."""

    waiting: deque[Query] = field(factory=deque)
    current: Query | None = None
    _sent_at: int | None = None
    _not_before: int = 0

    def ask(self, query: Query) -> None:
        self.waiting.append(query)

    def withdraw(self, query: Query) -> None:
        """Nobody waits for this answer any more."""
        if query in self.waiting:
            self.waiting.remove(query)
        query.done = True

    def withdraw_all(self) -> None:
        """Nobody waits for any answer any more."""
        for query in [*self.waiting, *([self.current] if self.current else [])]:
            self.withdraw(query)

    def due(self, now: int) -> Query | None:
        """The query to send now, if there is one."""
        if self.current is not None and not self.current.done:
            if self._sent_at is None or now < self._sent_at + SILENCE:
                return None
            self._again(now)  # nothing came: ask anew
        self.current = None
        while self.waiting and self.waiting[0].done:
            self.waiting.popleft()
        if not self.waiting or now < self._not_before:
            return None
        self.current = self.waiting.popleft()
        self.current.attempts += 1
        self.current.rows.clear()
        self._sent_at, self._not_before = now, now + PACE
        return self.current

    def deadline(self) -> int | None:
        """When `due` should be asked again."""
        if self.current is not None and not self.current.done:
            return None if self._sent_at is None else self._sent_at + SILENCE
        return self._not_before if self.waiting else None

    def returned(self, query: Query, code: int, now: int) -> None:
        """What the API returned for a query that was just sent."""
        if code in LATER_RETURNS:
            self._again(now)
        elif code != 0:
            query.fail(code, returned_text(code))

    def answered(self, request_id: int, row: Fields | None, error: Fields | None, *, last: bool, now: int) -> bool:
        """Takes an answer, or OnRspError; False where it answers no query of this session."""
        query = self.current
        if query is None or query.request_id != request_id or request_id == 0:
            return False
        code = error["ErrorID"] if error else 0
        if code in QUERY_LATER:
            self._again(now)
        elif code:
            query.fail(code, error["ErrorMsg"] if error else "")
        else:
            if row is not None:
                query.rows.append(row)
            query.done = last
        return True

    def lost(self, now: int) -> None:
        """The connection broke: what was asked is asked again on the next one."""
        if self.current is not None and not self.current.done:
            self._again(now)

    def _again(self, now: int) -> None:
        if self.current is not None:
            self.waiting.appendleft(self.current)
            self.current = None
        self._not_before = max(self._not_before, now + PACE)
