"""Carries out what the venue is told to refuse, and as whom to behave."""

from collections.abc import Callable, Mapping

from ctpscen.ctp.commands.record import Command, Done
from ctpscen.ctp.commands.refusals import BehaveAs, Limit, Refuse, RejectNext
from ctpscen.ctp.errors import errors
from ctpscen.simulator.front.refusals import FOR_EVER, Refusal
from ctpscen.simulator.simulation import Simulation


def _reject_next(simulation: Simulation, command: RejectNext) -> None:
    message = command.message
    if message is None and command.source == "counter":  # the exchange has words of its own for its codes
        message = _words(command.code)
    planned = simulation.core.refuse_next.setdefault((command.request, command.source), [])
    planned.append((command.code, message))


def _refuse(simulation: Simulation, command: Refuse) -> None:
    message = _words(command.code) if command.message is None else command.message
    end = FOR_EVER if command.lasting is None else simulation.world.now + command.lasting
    refusal = Refusal(command.code, message, command.where or "", end, command.lasting if command.after_login else None)
    simulation.trading.refusals.add(command.request, refusal)


def _words(code: int) -> str:
    """CTP's own words for an error."""
    known = errors().get(code)
    return known.message if known is not None else ""


def _limit(simulation: Simulation, command: Limit) -> None:
    front, number = simulation.trading, command.number
    if command.limited in ("query", "request") and number < 1:
        raise ValueError(f"a front takes at least 1 {command.limited} each second, not {number}")
    if command.limited == "query":
        front.queries_per_second = number
    elif command.limited == "request":
        front.requests_per_second = number
    elif command.limited == "failure":
        front.machines.most_failures = number
    elif command.limited == "session":
        front.sessions_per_user = number
    else:
        simulation.core.frequency[command.limited] = number


def _behave_as(simulation: Simulation, command: BehaveAs) -> None:
    simulation.core.behave_as(command.profile)


PERFORM: Mapping[type[Command], Callable[..., Done | None]] = {
    RejectNext: _reject_next,
    Refuse: _refuse,
    Limit: _limit,
    BehaveAs: _behave_as,
}
