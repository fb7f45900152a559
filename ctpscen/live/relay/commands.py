"""Commands of the network as lines for the relay."""

from collections.abc import Mapping

from ctpscen.ctp.commands.network import Cut, Flap, Heal, PathCommand, PathLatency, Silence, Stall
from ctpscen.ctp.commands.record import Command
from ctpscen.engine.state.outcomes import NoVenue

_WORDS: Mapping[type[Command], str] = {
    Cut: "cut",
    Silence: "silence",
    Stall: "stall",
    Heal: "heal",
    Flap: "flap",
    PathLatency: "latency",
}


def relay_line(command: Command) -> str:
    """The line that has the relay carry out a command. Raises NoVenue for one that is not about paths."""
    if not isinstance(command, PathCommand):
        raise NoVenue
    words = [_WORDS[type(command)]]
    if isinstance(command, Flap):
        words.append(f"{command.every}us")
        words += [] if command.lasting is None else ["for", f"{command.lasting}us"]
    if isinstance(command, PathLatency):
        words.append(f"{command.latency}us")
        words += ["jitter", f"{command.jitter}us"] if command.jitter else []
    session = "*" if command.session is None else command.session
    return " ".join([*words, f"{session}/{'market' if command.market else '*'}"])
