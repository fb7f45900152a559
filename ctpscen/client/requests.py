"""The requests of a session on their way out, numbered as its API objects number them."""

from collections import deque

from attrs import define, field

from ctpscen.ctp.messages import Fields, Request
from ctpscen.ctp.schema.api import ApiKind


@define(eq=False, repr=False)
class Requests:
    """What the session has put out and nobody has sent yet is in `outgoing`, the oldest first."""

    trader_api: int
    market_api: int
    outgoing: deque[Request] = field(factory=deque)
    _request_id: int = 0
    _sequence: int = 0

    def put(
        self, name: str, fields: Fields | None, now: int, *, kind: ApiKind = "trader", numbered: bool = True
    ) -> Request:
        """Puts a request in the queue; gives it, with the number that its answer will bear.

        The calls of an API's life are not `numbered`: they have no answer.
        """
        self._sequence += 1
        number = 0
        if numbered:
            self._request_id += 1
            number = self._request_id
        api = self.trader_api if kind == "trader" else self.market_api
        request = Request(api, kind, now, self._sequence, name, fields, number)
        self.outgoing.append(request)
        return request
