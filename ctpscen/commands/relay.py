"""`ctpscen relay`: a relay between any CTP program and its front, for cutting and delaying the wire by hand."""

import argparse
import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING

from ctpscen.commands import INTERRUPTED, PASSED, USAGE
from ctpscen.report.terminal.lines import plain
from ctpscen.report.terminal.writer import Writer, writer_for

if TYPE_CHECKING:
    from ctpscen.live.relay.control import Place

PROXY_PASSWORD = "CTPSCEN_PROXY_PASSWORD"

COMMANDS = "cut, heal, stall, silence, latency 200ms [jitter 50ms], flap 5s [for 60s], status"

DESCRIPTION = "Passes bytes between a CTP program and its front, and cuts, stalls or delays them when told to."

EPILOG = """\
examples:
  ctpscen relay 4001 tcp://180.168.146.187:10201 --control relay.sock
  echo cut | nc -U relay.sock

commands, one a line:
  cut | heal | stall | silence | latency 200ms [jitter 50ms] | flap 5s [for 60s] | status

At a port the first line is a token, which stands in a file that only you can read; the relay says which.

exit codes:
  2    bad usage, or an address that cannot be listened at
  130  interrupted
"""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("listen", metavar="LISTEN", help="host:port, or a port of the loopback")
    parser.add_argument(
        "front",
        metavar="FRONT",
        help="such as tcp://180.168.146.187:10201, or 'tcp://host:port socks5://user@proxy:1080'",
    )
    parser.add_argument(
        "--control", default="", metavar="PLACE", help="take commands there: the path of a socket, or host:port"
    )
    parser.add_argument("--yes-everyone", action="store_true", help="let --control be at more than the loopback")


def execute(options: argparse.Namespace) -> int:
    import asyncio

    from ctpscen.live.profile.addresses import parse_endpoint, parse_front

    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    try:
        options.front = _front(options.front)
        parse_endpoint(options.listen)
        place = _place(options)
        with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
            asyncio.run(_serve(options, str(parse_front(options.front)), place, out))
            return PASSED
    except ValueError as reason:
        err.write(plain(str(reason), "bad"))
        return USAGE
    except OSError as reason:
        why = os.strerror(reason.errno) if reason.errno else str(reason)
        where = f"{options.listen} and {options.control}" if options.control else options.listen
        err.write(plain(f"cannot listen at {where}: {why}", "bad"))
        return USAGE
    return INTERRUPTED


def _front(given: str) -> str:
    """The front's address with all that is needed to reach it. Raises ValueError."""
    from ctpscen.live.profile.addresses import parse_front, with_password
    from ctpscen.live.profile.secret import NoSecret, SecretPlace

    proxy = parse_front(given).proxy
    if proxy is None or not proxy.user:
        return given
    if proxy.password:
        raise ValueError(
            f"what stands on a command line is seen by everybody on this machine; write {proxy}, and give the password "
            f"in the environment, as {PROXY_PASSWORD}, or leave it out to be asked"
        )
    place = SecretPlace("env", PROXY_PASSWORD) if PROXY_PASSWORD in os.environ else SecretPlace("prompt")
    try:
        return with_password(given, place.fetch("the password of the proxy").reveal())
    except NoSecret:
        raise ValueError(f"the password of {proxy} is wanted in the environment, as {PROXY_PASSWORD}") from None


def _place(options: argparse.Namespace) -> "Place | None":
    """Where commands are taken. Raises ValueError."""
    from ctpscen.live.relay.control import Port, parse_place

    if not options.control:
        return None
    place = parse_place(options.control)
    if isinstance(place, Port) and not place.is_loopback and not options.yes_everyone:
        raise ValueError(
            f"everyone who reaches {place} could try to cut this wire; take a socket or a port of the loopback, "
            "or say --yes-everyone"
        )
    return place


async def _serve(options: argparse.Namespace, front: str, place: "Place | None", out: Writer) -> None:
    import asyncio

    from ctpscen.live.relay.control import Control
    from ctpscen.live.relay.server import Relay
    from ctpscen.private_files import state_folder

    def tell(text: str) -> None:
        out.write(plain(f"{time.strftime('%H:%M:%S')}  {text}", "dim"))
        out.flush()

    _end_as_interrupted()
    relay = Relay(tell=tell)
    control = Control(relay, place, state_folder() / "relay") if place is not None else None
    try:
        where = await relay.open("front", options.front, options.listen)
        scheme = "ssl" if front.startswith("ssl") else "tcp"
        out.write(plain(f"{scheme}://{where} leads to {front}", "good"))
        if control is not None:
            await control.open()
            out.write(plain(f"commands are taken at {control.place}, one a line: {COMMANDS}"))
            out.write(plain(f"such as: {control.usage}"))
        out.flush()
        await asyncio.Event().wait()
    finally:
        if control is not None:
            control.close()
        await relay.close()


def _end_as_interrupted() -> None:
    """A relay that is ended by a signal leaves no file, as one that is interrupted from the keyboard."""
    import asyncio
    import signal

    task = asyncio.current_task()
    assert task is not None
    for name in ("SIGTERM", "SIGHUP"):
        with contextlib.suppress(NotImplementedError, AttributeError):  # on Windows
            asyncio.get_running_loop().add_signal_handler(getattr(signal, name), task.cancel)
