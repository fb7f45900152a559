"""Carries out what is done to reports on their way: each command becomes a rule on the paths that it is about."""

from collections.abc import Callable, Iterator, Mapping

from ctpscen.ctp.commands.record import Command, Done
from ctpscen.ctp.commands.reports import (
    Delay,
    Drop,
    Duplicate,
    Hold,
    ReleaseReports,
    ReportCommand,
    Reverse,
)
from ctpscen.simulator.simulation import Simulation
from ctpscen.simulator.wire import rules
from ctpscen.simulator.wire.interference import Interference, Rule

# What the words for groups of reports mean; any other word is the name of one callback.
_CALLBACKS: Mapping[str, frozenset[str]] = {
    "order": frozenset({"OnRtnOrder"}),
    "trade": frozenset({"OnRtnTrade"}),
    "report": frozenset(
        {
            "OnRtnOrder",
            "OnRtnTrade",
            "OnRspOrderInsert",
            "OnErrRtnOrderInsert",
            "OnRspOrderAction",
            "OnErrRtnOrderAction",
            "OnRtnErrorConditionalOrder",
        }
    ),
}


def _callbacks(command: ReportCommand) -> frozenset[str]:
    return _CALLBACKS.get(command.reports, frozenset({command.reports}))


def _interferences(simulation: Simulation, command: ReportCommand) -> Iterator[Interference]:
    return (path.interference for path in simulation.paths(command.to))


def _add(simulation: Simulation, command: ReportCommand, make: Callable[[], Rule]) -> None:
    """Adds a rule of its own to each path."""
    for interference in _interferences(simulation, command):
        interference.rules.append(make())


def _until(simulation: Simulation, lasting: int | None) -> int | None:
    return None if lasting is None else simulation.world.now + lasting


def _drop(simulation: Simulation, command: Drop) -> None:
    until = _until(simulation, command.lasting)
    _add(simulation, command, lambda: rules.Drop(_callbacks(command), command.count, until))


def _delay(simulation: Simulation, command: Delay) -> None:
    until = _until(simulation, command.lasting)
    _add(simulation, command, lambda: rules.Delay(_callbacks(command), command.count, until, by=command.by))


def _duplicate(simulation: Simulation, command: Duplicate) -> None:
    until = _until(simulation, command.lasting)
    _add(simulation, command, lambda: rules.Duplicate(_callbacks(command), command.count, until))


def _reverse(simulation: Simulation, command: Reverse) -> None:
    _add(simulation, command, lambda: rules.Reverse(_callbacks(command), command.count))


def _hold(simulation: Simulation, command: Hold) -> None:
    _add(simulation, command, lambda: rules.Hold(_callbacks(command)))


def _release(simulation: Simulation, command: ReleaseReports) -> Done:
    """Ends the holding of these reports, and hands over what was held."""
    callbacks = _callbacks(command)
    return {"held": sum(rules.release(each, callbacks) for each in _interferences(simulation, command))}


PERFORM: Mapping[type[Command], Callable[..., Done | None]] = {
    Drop: _drop,
    Delay: _delay,
    Duplicate: _duplicate,
    Reverse: _reverse,
    Hold: _hold,
    ReleaseReports: _release,
}
