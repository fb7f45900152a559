"""`ctpscen relay`: a relay between any CTP program and its front, for cutting and delaying the wire by hand."""

import argparse
import contextlib
import os
import sys
import time

from ctpscen.commands import INTERRUPTED, PASSED, USAGE
from ctpscen.report.terminal.lines import plain
from ctpscen.report.terminal.writer import Writer, writer_for

DESCRIPTION = "Passes bytes between a CTP program and its front, and cuts, stalls or delays them when told to."

EPILOG = """\
examples:
  ctpscen relay 127.0.0.1:4001 tcp://180.168.146.187:10201 --control 127.0.0.1:4000
  echo cut | nc 127.0.0.1 4000

commands, one a line:
  cut | heal | stall | silence | latency 200ms [jitter 50ms] | flap 5s [for 60s] | status

exit codes:
  2    bad usage, or an address that cannot be listened at
  130  interrupted
"""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("listen", metavar="LISTEN", help="host:port, or a port of the loopback")
    parser.add_argument("front", metavar="FRONT", help="such as tcp://180.168.146.187:10201")
    parser.add_argument("--control", default="", metavar="HOST:PORT", help="take commands there")


def execute(options: argparse.Namespace) -> int:
    import asyncio

    from ctpscen.live.profile.addresses import parse_endpoint, parse_front

    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    try:
        front = str(parse_front(options.front))
        parse_endpoint(options.listen)
        if options.control:
            parse_endpoint(options.control)
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(options, front, out))
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


async def _serve(options: argparse.Namespace, front: str, out: Writer) -> None:
    import asyncio

    from ctpscen.live.profile.addresses import parse_endpoint
    from ctpscen.live.relay.server import Relay

    def tell(text: str) -> None:
        out.write(plain(f"{time.strftime('%H:%M:%S')}  {text}", "dim"))
        out.flush()

    relay = Relay(tell=tell)
    where = await relay.open("front", options.front, options.listen)
    scheme = "ssl" if front.startswith("ssl") else "tcp"
    out.write(plain(f"{scheme}://{where} leads to {front}", "good"))
    if options.control:
        host, port = await relay.serve_control(*parse_endpoint(options.control))
        known = "cut, heal, stall, silence, latency 200ms [jitter 50ms], flap 5s [for 60s], status"
        out.write(plain(f"commands are taken at {host}:{port}, one a line: {known}"))
    out.flush()
    await asyncio.Event().wait()
