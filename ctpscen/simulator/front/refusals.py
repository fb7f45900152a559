"""What a scenario has arranged for a front to refuse: which requests, of what, and for how long."""

from attrs import define, field, frozen

from ctpscen.ctp.codes import is_query
from ctpscen.ctp.errors import rsp_info
from ctpscen.ctp.messages import Fields
from ctpscen.simulator.front.session import FrontSession
from ctpscen.simulator.terms.listed import Contracts

QUERIES = "query"
"""What stands for every query in the place of a request's name."""

FOR_EVER = 10**18


@frozen(eq=False, repr=False)
class Refusal:
    """`where` is an exchange or a contract that a request must be about, '' for any.

    It lasts until `end`, or with `after_login` so many microseconds from each login.
    """

    code: int
    message: str | None
    where: str = ""
    end: int = FOR_EVER
    after_login: int | None = None

    def is_over(self, now: int) -> bool:
        """Whether it refuses nobody any more."""
        return self.after_login is None and now >= self.end

    def lasts(self, now: int, session: FrontSession) -> bool:
        if self.after_login is None:
            return now < self.end
        return now < session.logged_in_at + self.after_login


@define(eq=False, repr=False)
class Refusals:
    """By the name of a request and by what of it is refused; a newer one takes the place of one of the same two."""

    contracts: Contracts
    _planned: dict[tuple[str, str], Refusal] = field(factory=dict)

    def add(self, request: str, refusal: Refusal) -> None:
        self._planned[(request, refusal.where)] = refusal

    def clear(self) -> None:
        self._planned.clear()

    def of(self, request: str, fields: Fields, session: FrontSession, now: int) -> Fields | None:
        """The error with which a request is refused; None where it is not."""
        if not self._planned:
            return None
        self._planned = {key: each for key, each in self._planned.items() if not each.is_over(now)}
        for (name, _), refusal in self._planned.items():
            is_meant = name == request or (name == QUERIES and is_query(request))
            if is_meant and refusal.lasts(now, session) and self._concerns(refusal.where, fields):
                return rsp_info(refusal.code, refusal.message)
        return None

    def _concerns(self, where: str, fields: Fields) -> bool:
        """Whether a request is about a contract, or one of that product or exchange."""
        instrument = fields.get("InstrumentID", "")
        if not where or where in (instrument, fields.get("ExchangeID")):
            return True
        contract = self.contracts.get(instrument)
        return contract is not None and where == contract.exchange
