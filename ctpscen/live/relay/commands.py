"""The steps of the network as commands of the relay."""

from collections.abc import Mapping
from typing import Any

from ctpscen.ctp.times import SECOND, spoken_duration
from ctpscen.engine.state.outcomes import Skipped

_DONE: Mapping[str, str] = {
    "cut": "is cut",
    "silence": "swallows everything",
    "stall": "stalls",
    "heal": "is healed",
    "flap": "flaps every",
    "latency": "latency",
}


def relay_command(verb: str, arguments: Mapping[str, Any]) -> tuple[str, str]:
    """The line for the relay, and what it does in words. Raises Skipped for a step of the venue."""
    if verb not in _DONE or (verb == "latency" and arguments.get("actor") != "network"):
        raise Skipped(reason=f"`{verb}` needs the simulated venue")
    market = bool(arguments.get("market"))
    group = f"{arguments.get('session', '*')}/{'market' if market else '*'}"
    words, done = [verb], _DONE[verb]
    if verb in ("latency", "flap"):
        (span,) = arguments["values"]
        microseconds = int(span.total_seconds() * SECOND)
        words.append(f"{microseconds}us")
        done = f"{done} {spoken_duration(microseconds)}"
    if jitter := arguments.get("jitter"):
        words += ["jitter", f"{jitter}us"]
        done += f", jitter {spoken_duration(jitter)}"
    if (lasting := arguments.get("for_span")) is not None:
        words += ["for", f"{lasting}us"]
        done += f" for {spoken_duration(lasting)}"
    path = "market path" if market else "path"
    whose = f"the {path} of {arguments['session']}" if "session" in arguments else f"every {path}"
    return " ".join([*words, group]), done if verb == "latency" else f"{whose} {done}"
