"""A relay of bytes between a CTP program and its front, on loopback: there the wire can be cut, stalled and delayed.

The handshake of CTP is end to end, so the relay need not understand what it carries; and it needs no root. What the
program sees is the real thing: 0x1001 at a cut, the heartbeat warning after 61 s of silence, 0x2001 after 121 s, and
its own reconnecting.

    cut      front → client stops at once; client → front goes on until it has been quiet for 50 ms, because a request
             that was sent may still be in the socket or delayed; then both ends are closed. Nobody is listened to until
             `heal`.
    silence  whatever is sent is swallowed, and nobody is told. A connection that lost bytes is closed at `heal`: a
             stream with a hole is none.
    stall    nothing moves, nothing is lost; at `heal` all of it goes on.
    latency  every chunk is so much later, each way; order is kept. Of each way as much is kept as `connections` says;
             then the sender waits.

As a process (`python -m ctpscen.live.relay.server [SOCKET]`) it takes commands on standard input and answers each with
one line; SOCKET is the number of one on which descriptors are handed to it:

    open GROUP FRONT [HOST:PORT]        listens there for that front; the answer names the address
    adopt GROUP [FRONT …]               listens for each front at a socket that was handed in, and no more where it did;
                                        with them comes a pipe: the relay goes on for as long as that is open
    cut|heal|stall|silence [GROUP]      GROUP may have `*`; without it, all
    latency SPAN [jitter SPAN] [GROUP]  such as `latency 200ms jitter 50ms`
    flap SPAN [for SPAN] [GROUP]        cut so long, healed so long, …; healed at the end
    status                              a line of JSON
"""

import asyncio
import contextlib
import json
import os
import re
import shlex
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

from attrs import define, field

from ctpscen.interruption import ignore
from ctpscen.live.children import keep_to_itself
from ctpscen.live.profile.addresses import parse_endpoint, parse_front
from ctpscen.live.relay.paths import Group, Link

FOR_THE_RUN = ("open", "adopt")
"""What nobody outside may have it do: to listen somewhere."""

COMMANDS = (*FOR_THE_RUN, "cut", "heal", "stall", "silence", "latency", "flap", "status")


class BadCommand(Exception):
    """What the relay was told makes no sense; the text says why."""


LONGEST = 86_400.0
SHORTEST_FLAP = 0.001
"""Seconds: a duration, and what a path is at least cut and healed when it flaps."""

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(text: str) -> float:
    """`200ms`, `5s`, `1m30s`. Raises BadCommand."""
    parts = re.findall(r"(\d+(?:\.\d+)?)(us|ms|s|m|h)", text, re.ASCII)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise BadCommand(f"a duration needs a unit, such as 200ms or 5s, not {text}")
    found = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if found > LONGEST:
        raise BadCommand(f"{text} is longer than a day")
    return found


@define(eq=False)
class Relay:
    """All groups, and what they are told. `tell` is told in words what happens."""

    groups: dict[str, Group] = field(factory=dict)
    tell: Callable[[str], object] = lambda _: None
    handed: socket.socket | None = None
    lives: list[int] = field(factory=list)

    async def command(self, line: str) -> str:
        """Does what a line says; gives the line to answer."""
        try:
            words = shlex.split(line)
            if not words:
                return "ok"
            if words[0] not in COMMANDS:
                raise BadCommand(f"{words[0]} is no command; there are {', '.join(COMMANDS)}")
            done = await self._do(words[0], words[1:])
        except (BadCommand, ValueError, OSError) as reason:
            return one_line(f"error {reason}")
        return one_line(f"ok {done}".rstrip())

    async def _do(self, verb: str, words: list[str]) -> str:
        if verb == "open":
            return await self.open(*words) if len(words) in (2, 3) else _usage("open GROUP FRONT [HOST:PORT]")
        if verb == "adopt":
            return await self.adopt(*words) if words else _usage("adopt GROUP [FRONT …]")
        if verb == "status":
            return json.dumps({name: group.status() for name, group in self.groups.items()})
        if verb == "latency":
            return self._latency(words)
        if verb == "flap":
            return self._flap(words)
        if len(words) > 1:
            return _usage(f"{verb} [GROUP]")
        action = {"cut": Group.cut, "heal": Group.heal, "stall": Group.stall, "silence": Group.silence}[verb]
        done = await asyncio.gather(*map(action, self._chosen(words)), return_exceptions=True)
        for failed in filter(None, done):
            raise failed
        return ""

    async def open(self, name: str, front: str, listen: str = "127.0.0.1:0") -> str:
        host, port = parse_endpoint(listen)
        group = self.groups.setdefault(name, Group(name, self.tell))
        link = await group.open(parse_front(front), host, port)
        return f"{link.host}:{link.port}"

    async def adopt(self, name: str, *fronts: str) -> str:
        group = self.groups.setdefault(name, Group(name, self.tell))
        links = []
        if fronts:
            for front, door in zip(map(parse_front, fronts), self._take_doors(len(fronts)), strict=True):
                host, port = door.getsockname()[:2]
                links.append(Link(front, host, port, door))
        await group.adopt(links)
        return ""

    def _take_doors(self, count: int) -> list[socket.socket]:
        if self.handed is None:
            raise BadCommand("nothing can be handed to this relay")
        _, descriptors, _, _ = socket.recv_fds(self.handed, 1, count + 1)
        if len(descriptors) != count + 1:
            raise BadCommand(f"{len(descriptors)} descriptors were handed in for {count} fronts")
        *doors, life = descriptors
        self.lives.append(life)
        return [socket.socket(fileno=door) for door in doors]

    async def outlived(self) -> None:
        """Until every client is over that a pipe was handed in for."""
        for life in self.lives:
            await asyncio.get_running_loop().run_in_executor(None, os.read, life, 1)

    def _chosen(self, words: list[str]) -> Iterator[Group]:
        pattern = words[0] if words else "*"
        found = [group for name, group in self.groups.items() if fnmatchcase(name, pattern)]
        if not found:
            raise BadCommand(f"there is no {pattern} (there is: {', '.join(self.groups) or 'nothing'})")
        yield from found

    def _latency(self, words: list[str]) -> str:
        if not words:
            return _usage("latency 200ms [jitter 50ms] [GROUP]")
        latency, words = seconds(words[0]), words[1:]
        jitter = 0.0
        if words and words[0] == "jitter":
            jitter, words = seconds(words[1] if len(words) > 1 else ""), words[2:]
        for group in self._chosen(words):
            group.conditions.latency, group.conditions.jitter = latency, jitter
        return ""

    def _flap(self, words: list[str]) -> str:
        if not words:
            return _usage("flap 5s [for 60s] [GROUP]")
        every, words = seconds(words[0]), words[1:]
        if every < SHORTEST_FLAP:
            raise BadCommand("a path flaps after a millisecond or more")
        lasting = None
        if words and words[0] == "for":
            lasting, words = seconds(words[1] if len(words) > 1 else ""), words[2:]
        for group in self._chosen(words):
            group.flap(every, lasting)
        return ""

    async def close(self) -> None:
        """Ends all connections, and listens to nobody any more."""
        for group in self.groups.values():
            await group.close()


def one_line(text: str) -> str:
    """A text without what would begin another line, or do something to a terminal."""
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)


def _usage(text: str) -> str:
    raise BadCommand(f"write {text}")


# --------------------------------------------------------------------------------------------------- as a process


async def _serve_standard_input() -> None:
    """Commands in, answers out, until standard input ends."""
    handed = socket.socket(fileno=int(sys.argv[1])) if len(sys.argv) > 1 else None
    relay, loop = Relay(handed=handed), asyncio.get_running_loop()
    lines: asyncio.Queue[str] = asyncio.Queue()

    def read() -> None:  # a thread: not every loop can watch a pipe
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, "")

    threading.Thread(target=read, daemon=True).start()
    while line := await lines.get():
        sys.stdout.write(await relay.command(line) + "\n")
        sys.stdout.flush()
    await relay.outlived()
    await relay.close()


def main() -> None:
    keep_to_itself()
    ignore()  # the run is interrupted, cleans up through its relay, and ends it
    with contextlib.suppress(BrokenPipeError):
        asyncio.run(_serve_standard_input())


if __name__ == "__main__":
    main()
