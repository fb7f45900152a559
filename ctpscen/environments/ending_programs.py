"""The end of a live scenario for its programs: they end while their fronts are there, and what is left is seen to."""

from collections.abc import Callable
from typing import Protocol

from ctpscen.ctp.times import SECOND
from ctpscen.engine.state.actors import Actor
from ctpscen.engine.state.journal import Journal
from ctpscen.environments.live_programs import LivePrograms
from ctpscen.live.care.guard import Credentials

PATIENCE = 10 * SECOND
"""How long a program may take to end that is asked to."""


class Environment(Protocol):
    """The live environment, as far as this needs it."""

    programs: LivePrograms | None

    @property
    def now(self) -> int: ...
    @property
    def journal(self) -> Journal: ...

    def until(self, ready: Callable[[], bool], patience: int) -> bool: ...
    def session_of(self, account: str) -> Actor | None: ...
    def open_cleaner(self, account: str, who: Credentials) -> str: ...


def end_programs(environment: Environment, programs: LivePrograms) -> list[str]:
    """Ends the programs, names what they leave working, and opens the sessions that can cancel it.

    Gives what went wrong.
    """
    programs.ask_to_end()
    environment.until(lambda: not programs.still_running, PATIENCE)
    troubles = programs.close()
    environment.programs = None
    for account in sorted(programs.name_what_is_left()):
        who = programs.accounts.get(account)
        if programs.permit.options.keep_orders or who is None or environment.session_of(account) is not None:
            continue
        if why := environment.open_cleaner(account, who):
            environment.journal.add("note", environment.now, text=f"the clean-up has not logged in: {why}")
    return troubles
