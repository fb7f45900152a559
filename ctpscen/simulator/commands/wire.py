"""What a scenario may do to the wire: to paths, to the front at their end, and to what travels on them."""

from collections.abc import Callable, Mapping
from typing import Any

from ctpscen.ctp.schema.api import ApiKind
from ctpscen.ctp.times import SECOND, spoken_duration
from ctpscen.simulator.simulation import Simulation
from ctpscen.simulator.wire.interference import STREAMS, Rule, Verb
from ctpscen.simulator.wire.path import Path

Arguments = Mapping[str, Any]


def _paths(simulation: Simulation, arguments: Arguments, named: str = "session") -> list[Path]:
    """The paths of one session where one is named, else all; those to the market front alone with `market`."""
    hosts = [simulation.hosts[arguments[named]]] if named in arguments else list(simulation.hosts.values())
    kinds: tuple[ApiKind, ...] = ("market",) if arguments.get("market") else ("trader", "market")
    return [host.paths[kind] for host in hosts for kind in kinds]


def _whose(arguments: Arguments) -> str:
    path = "market path" if arguments.get("market") else "path"
    return f"the {path} of {arguments['session']}" if "session" in arguments else f"every {path}"


def _cut(simulation: Simulation, arguments: Arguments) -> str:
    for path in _paths(simulation, arguments):
        path.cut()
    return f"{_whose(arguments)} is cut"


def _silence(simulation: Simulation, arguments: Arguments) -> str:
    for path in _paths(simulation, arguments):
        path.silence()
    return f"{_whose(arguments)} swallows everything"


def _stall(simulation: Simulation, arguments: Arguments) -> str:
    for path in _paths(simulation, arguments):
        path.stall()
    return f"{_whose(arguments)} stalls"


def _heal(simulation: Simulation, arguments: Arguments) -> str:
    for path in _paths(simulation, arguments):
        if not path.carries:
            path.heal()
    return f"{_whose(arguments)} is healed"


def _flap(simulation: Simulation, arguments: Arguments) -> str:
    """Cut, healed, cut …, and healed at the end."""
    (span,) = arguments["values"]
    every, lasting = int(span.total_seconds() * SECOND), arguments.get("for_span")
    if every <= 0:
        raise ValueError("a path flaps after a time longer than none")
    world = simulation.world
    end = None if lasting is None else world.now + lasting

    def turn(path: Path, cut: bool) -> None:
        over = end is not None and world.now >= end
        if cut and not over:
            path.cut()
            world.note(f"the path of {path.name} is cut")
        elif path.is_cut:
            path.heal()
            world.note(f"the path of {path.name} is healed")
        if not over:
            following = world.now + every
            world.at(following if end is None else min(following, end), turn, path, not cut)

    for path in _paths(simulation, arguments):
        world.at(world.now, turn, path, True)
    span_text = "" if lasting is None else f" for {spoken_duration(lasting)}"
    return f"{_whose(arguments)} flaps every {spoken_duration(every)}{span_text}"


def _latency(simulation: Simulation, arguments: Arguments) -> str:
    """Of the network, each way; of the venue, between front and exchange."""
    (span,) = arguments["values"]
    microseconds = int(span.total_seconds() * SECOND)
    jitter = arguments.get("jitter", 0)
    if arguments["actor"] == "network":
        for path in _paths(simulation, arguments):
            path.latency, path.jitter = microseconds, jitter
    else:
        simulation.core.exchange_latency = microseconds
        simulation.core.exchange_jitter = jitter
    extra = f", jitter {spoken_duration(jitter)}" if jitter else ""
    return f"latency {spoken_duration(microseconds)}{extra}"


def _down(simulation: Simulation, _: Arguments) -> str:
    simulation.trading.go_down()
    simulation.market.go_down()
    return "the front is down"


def _up(simulation: Simulation, _: Arguments) -> str:
    simulation.trading.come_up()
    simulation.market.come_up()
    return "the front is up"


def _kick(simulation: Simulation, arguments: Arguments) -> str:
    simulation.trading.kick(simulation.hosts[arguments["name"]].paths["trader"])
    return f"{arguments['name']} is kicked off the front"


def _names(stream: str) -> frozenset[str]:
    return STREAMS.get(stream, frozenset({stream}))


def _interfere(verb: Verb) -> Callable[[Simulation, Arguments], str]:
    def command(simulation: Simulation, arguments: Arguments) -> str:
        count, lasting = arguments.get("next"), arguments.get("for_span")
        if count is not None and (count != int(count) or count < 1):
            raise ValueError(f"so many reports are a whole number from 1, not {count}")
        if verb == "reverse" and count is None:
            raise ValueError("how many reports are reversed must be said: `reverse next 3 reports`")
        until = None if lasting is None else simulation.world.now + lasting
        for path in _paths(simulation, arguments, "to"):
            left = None if count is None else int(count)
            path.interference.add(Rule(verb, _names(arguments["stream"]), left, until, arguments.get("span", 0)))
        return _described(verb, arguments)

    return command


def _described(verb: Verb, arguments: Arguments) -> str:
    """What will become of which reports, as the step says it."""
    count = arguments.get("next")
    which = f"every {arguments['stream']}" if count is None else f"the next {count} {arguments['stream']}"
    span = f" by {spoken_duration(arguments['span'])}" if "span" in arguments else ""
    lasting = f" for {spoken_duration(arguments['for_span'])}" if "for_span" in arguments else ""
    whom = f" to {arguments['to']}" if "to" in arguments else ""
    return f"{_DONE[verb]} {which}{whom}{span}{lasting}"


_DONE: Mapping[Verb, str] = {
    "drop": "will drop",
    "delay": "will delay",
    "duplicate": "will duplicate",
    "reverse": "will reverse",
    "hold": "will hold",
}


def _release(simulation: Simulation, arguments: Arguments) -> str:
    held = sum(path.interference.release(_names(arguments["stream"])) for path in _paths(simulation, arguments, "to"))
    return f"{held} held reports go on"


def _lose(simulation: Simulation, _: Arguments) -> str:
    simulation.trading.losing += 1
    return "the next request will be lost"


WIRE_COMMANDS: Mapping[str, Callable[[Simulation, Arguments], str]] = {
    "cut": _cut,
    "silence": _silence,
    "stall": _stall,
    "heal": _heal,
    "flap": _flap,
    "latency": _latency,
    "down": _down,
    "up": _up,
    "kick": _kick,
    "drop": _interfere("drop"),
    "delay": _interfere("delay"),
    "duplicate": _interfere("duplicate"),
    "reverse": _interfere("reverse"),
    "hold": _interfere("hold"),
    "release_reports": _release,
    "lose": _lose,
}
