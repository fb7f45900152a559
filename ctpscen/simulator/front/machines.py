"""The machines that log in: how often they have failed today, and which may not try any more (BEHAVIOUR 1.5, 9).

A machine is known by the session, or program, that runs on it, as a front knows it by its address.
"""

from collections import Counter
from typing import Literal

from attrs import define, field

Step = Literal["authentication", "login"]

MOST_FAILURES = 5000
"""Failed logins of one address in a day, the next of which is refused; what is typical of brokers."""

IP_FORBIDDEN, IP_BLACK, AUTHENTICATION_FORBIDDEN = 143, 144, 4060

_TOO_MANY: dict[Step, int] = {"login": IP_FORBIDDEN, "authentication": AUTHENTICATION_FORBIDDEN}


@define(eq=False, repr=False)
class Machines:
    """`banned` says by which code a machine is refused, whatever it has done."""

    most_failures: int = MOST_FAILURES
    banned: dict[str, int] = field(factory=dict)
    _failures: Counter[tuple[str, Step]] = field(factory=Counter)

    def failed(self, machine: str, step: Step) -> None:
        self._failures[machine, step] += 1

    def refusal(self, machine: str, step: Step) -> int:
        """The code with which a machine is refused; 0 where it is not. A black list is read at the authentication."""
        banned = self.banned.get(machine, 0)
        if banned and (step == "login" or banned == IP_BLACK):
            return banned
        return _TOO_MANY[step] if self._failures[machine, step] >= self.most_failures else 0

    def begin_day(self) -> None:
        """Failures are counted anew; who was banned stays so."""
        self._failures.clear()
