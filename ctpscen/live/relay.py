"""A relay of bytes between a CTP program and its front, on loopback: there the wire can be cut, stalled and delayed.

The handshake of CTP is end to end, so the relay need not understand what it carries; and it needs no root. What the
program sees is the real thing: 0x1001 at a cut, the heartbeat warning after 61 s of silence, 0x2001 after 121 s, and
its own reconnecting.

    cut      front → client stops at once; client → front goes on until it has been quiet for 50 ms, because a request
             that was sent may still be in the socket; then both ends are closed. Nobody is listened to until `heal`.
    silence  whatever is sent is swallowed, and nobody is told. A connection that lost bytes is closed at `heal`: a
             stream with a hole is none.
    stall    nothing moves, nothing is lost; at `heal` all of it goes on.
    latency  every chunk is so much later, each way; order is kept.

As a process (`python -m ctpscen.live.relay`) it takes commands on standard input and answers each with one line:

    open GROUP FRONT [HOST:PORT]        listens there for that front; the answer names the address
    cut|heal|stall|silence [GROUP]      GROUP may have `*`; without it, all
    latency SPAN [jitter SPAN] [GROUP]  such as `latency 200ms jitter 50ms`
    flap SPAN [for SPAN] [GROUP]        cut so long, healed so long, …; healed at the end
    status                              a line of JSON
"""

import asyncio
import contextlib
import json
import os
import random
import re
import shlex
import signal
import sys
import threading
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from attrs import define, field

from ctpscen.live.addresses import Front, parse_endpoint, parse_front

QUIET = 0.05
CUT_PATIENCE = 1.0
"""Seconds of silence that end a cut, and after which it ends in any case."""

DIAL_PATIENCE = 5.0
CHUNK = 65_536


class BadCommand(Exception):
    """What the relay was told makes no sense; the text says why."""


# ------------------------------------------------------------------------------------------------- one connection


@define(eq=False)
class _Direction:
    """One way of a connection: what is read here is written there, perhaps later."""

    group: "Group"
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    last: float = 0.0
    deaf: bool = False
    swallowed: bool = False
    _due: float = 0.0

    async def carry(self) -> None:
        """Until the sender has no more."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while data := await self.reader.read(CHUNK):
                self.last = loop.time()
                await self.group.flowing.wait()
                if self.deaf:
                    continue
                if self.group.is_silent:
                    self.swallowed = True
                    continue
                due = max(self._due, loop.time() + self.group.delay())
                if due <= loop.time():
                    self.writer.write(data)
                    await self.writer.drain()
                else:
                    self._due = due + 1e-6  # timers of one moment come in no order
                    loop.call_at(self._due, self._write, data)
        await self.group.flowing.wait()
        await self.delivered()

    def _write(self, data: bytes) -> None:
        if self.group.is_silent:
            self.swallowed = True
        elif not self.deaf and not self.writer.is_closing():
            self.writer.write(data)

    async def delivered(self) -> None:
        """Until nothing is on its way any more."""
        loop = asyncio.get_running_loop()
        while (left := self._due - loop.time()) > 0:
            await asyncio.sleep(left)


@define(eq=False)
class _Connection:
    """A client, and the front that it was connected to."""

    group: "Group"
    up: _Direction
    down: _Direction
    closed: bool = False

    async def serve(self) -> None:
        carrying = [asyncio.ensure_future(each.carry()) for each in (self.up, self.down)]
        try:
            await asyncio.wait(carrying, return_when=asyncio.FIRST_COMPLETED)
            while self.group.is_silent and not self.closed:  # the other end is not told before the path is there again
                await self.group.changed.wait()
        finally:
            for task in carrying:
                task.cancel()
            self.close()

    async def break_up(self) -> None:
        """What the client had sent still reaches the front; what the front had sent does not reach the client."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while not self.closed and loop.time() - max(self.up.last, began) < QUIET and loop.time() - began < CUT_PATIENCE:
            await asyncio.sleep(QUIET / 5)
        self.close()

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self.group.connections.discard(self)
            for each in (self.up.writer, self.down.writer):
                with contextlib.suppress(OSError, RuntimeError):
                    each.close()

    @property
    def has_hole(self) -> bool:
        return self.up.swallowed or self.down.swallowed


# -------------------------------------------------------------------------------------------------- groups of links


@define(eq=False)
class _Link:
    """One front, and where it is listened for."""

    front: Front
    host: str
    port: int
    server: asyncio.Server | None = None
    accepted: int = 0
    refused: int = 0
    reason: str = ""


def _set_event() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@define(eq=False)
class Group:
    """Links that are cut and healed together: one path of one session. Latencies are seconds, each way."""

    name: str
    links: list[_Link] = field(factory=list)
    connections: set[_Connection] = field(factory=set)
    latency: float = 0.0
    jitter: float = 0.0
    is_cut: bool = False
    is_silent: bool = False
    flowing: asyncio.Event = field(factory=_set_event)
    changed: asyncio.Event = field(factory=asyncio.Event)
    flapping: "asyncio.Task[None] | None" = None

    def delay(self) -> float:
        return self.latency + (random.uniform(0, self.jitter) if self.jitter else 0.0)

    async def open(self, front: Front, host: str, port: int) -> _Link:
        link = _Link(front, host, port)
        self.links.append(link)
        await self._listen(link)
        return link

    async def _listen(self, link: _Link) -> None:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._accept(link, reader, writer)

        link.server = await asyncio.start_server(accept, link.host, link.port, reuse_address=os.name == "posix")
        link.port = link.server.sockets[0].getsockname()[1]

    async def _accept(self, link: _Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link.accepted += 1
        await self.flowing.wait()
        try:
            far = await asyncio.wait_for(_dial(link.front), DIAL_PATIENCE)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as reason:
            link.refused += 1
            link.reason = _told(reason)
            writer.close()
            return
        link.reason = ""
        connection = _Connection(self, _Direction(self, reader, far[1]), _Direction(self, far[0], writer))
        self.connections.add(connection)
        if self.is_cut:  # in the meantime
            connection.down.deaf = True
            await asyncio.gather(connection.serve(), connection.break_up())
        else:
            await connection.serve()

    def _close_doors(self) -> None:
        for link in self.links:
            if link.server is not None:
                link.server.close()
                link.server = None

    async def cut(self) -> None:
        self.is_cut = True
        self._close_doors()
        broken = list(self.connections)
        for each in broken:  # at once, and not when their tasks begin
            each.down.deaf = True
        await asyncio.gather(*(each.break_up() for each in broken))

    async def silence(self) -> None:
        self.is_silent = True
        self.changed.clear()
        self._close_doors()

    async def stall(self) -> None:
        self.flowing.clear()

    async def heal(self) -> None:
        self.is_cut = self.is_silent = False
        for connection in list(self.connections):
            if connection.has_hole:
                connection.close()
        self.flowing.set()
        self.changed.set()
        for link in self.links:
            if link.server is None:
                await self._listen(link)

    async def flap(self, every: float, lasting: float | None) -> None:
        """Cut, healed, cut …, and healed at the end."""
        loop = asyncio.get_running_loop()
        end = None if lasting is None else loop.time() + lasting
        is_cut = False
        try:
            while end is None or loop.time() < end:
                await (self.heal() if is_cut else self.cut())
                is_cut = not is_cut
                await asyncio.sleep(every if end is None else max(0.0, min(every, end - loop.time())))
        finally:
            await self.heal()

    def status(self) -> dict[str, Any]:
        broken = "cut" if self.is_cut else "silent" if self.is_silent else ""
        state = broken or ("healed" if self.flowing.is_set() else "stalled")
        fronts = [
            {
                "front": str(link.front),
                "listen": f"{link.host}:{link.port}",
                "accepted": link.accepted,
                "refused": link.refused,
                "reason": link.reason,
            }
            for link in self.links
        ]
        return {"state": state, "connections": len(self.connections), "fronts": fronts}


def _told(reason: BaseException) -> str:
    if isinstance(reason, TimeoutError) and not str(reason):
        return "no answer"
    if isinstance(reason, OSError) and reason.errno and reason.errno > 0:
        return os.strerror(reason.errno)
    return str(reason) or type(reason).__name__


async def _dial(front: Front) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the front. Raises OSError."""
    if front.proxy is None:
        return await asyncio.open_connection(front.host, front.port)
    reader, writer = await asyncio.open_connection(front.proxy.host, front.proxy.port)
    try:
        await _through_proxy(reader, writer, front)
    except BaseException:
        writer.close()
        raise
    return reader, writer


async def _through_proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, front: Front) -> None:
    """The greeting of SOCKS5 (RFC 1928), with a user's name and password (RFC 1929) where the proxy has one."""
    proxy = front.proxy
    assert proxy is not None
    method = 2 if proxy.user else 0
    writer.write(bytes((5, 1, method)))
    if await reader.readexactly(2) != bytes((5, method)):
        raise OSError("the proxy does not take this way of logging in")
    if proxy.user:
        user, word = proxy.user.encode(), proxy.password.encode()
        writer.write(bytes((1, len(user))) + user + bytes((len(word),)) + word)
        if (await reader.readexactly(2))[1]:
            raise OSError("the proxy refuses user or password")
    host = front.host.encode()
    writer.write(bytes((5, 1, 0, 3, len(host))) + host + front.port.to_bytes(2, "big"))
    _, code, _, kind = await reader.readexactly(4)
    if code:
        raise OSError(f"the proxy cannot reach the front (code {code})")
    length = {1: 4, 4: 16}.get(kind) or (await reader.readexactly(1))[0]
    await reader.readexactly(length + 2)


# -------------------------------------------------------------------------------------------------------- commands

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(text: str) -> float:
    """`200ms`, `5s`, `1m30s`. Raises BadCommand."""
    parts = re.findall(r"(\d+(?:\.\d+)?)(us|ms|s|m|h)", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise BadCommand(f"a duration needs a unit, such as 200ms or 5s, not {text}")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


@define(eq=False)
class Relay:
    """All groups, and what they are told."""

    groups: dict[str, Group] = field(factory=dict)
    _tasks: set["asyncio.Task[None]"] = field(factory=set)

    async def command(self, line: str) -> str:
        """Does what a line says; gives the line to answer."""
        try:
            words = shlex.split(line)
            if not words:
                return "ok"
            done = await self._do(words[0], words[1:])
        except (BadCommand, ValueError, OSError) as reason:
            return f"error {reason}"
        return f"ok {done}".rstrip()

    async def _do(self, verb: str, words: list[str]) -> str:
        if verb == "open":
            return await self.open(*words) if len(words) in (2, 3) else _usage("open GROUP FRONT [HOST:PORT]")
        if verb == "status":
            return json.dumps({name: group.status() for name, group in self.groups.items()})
        if verb == "latency":
            return self._latency(words)
        if verb == "flap":
            return self._flap(words)
        action = {"cut": Group.cut, "heal": Group.heal, "stall": Group.stall, "silence": Group.silence}.get(verb)
        if action is None:
            known = "open, cut, heal, stall, silence, latency, flap, status"
            raise BadCommand(f"unknown command {verb}; there are {known}")
        if len(words) > 1:
            return _usage(f"{verb} [GROUP]")
        groups = list(self._chosen(words))
        for group in groups:
            self._stop_flapping(group)
        await asyncio.gather(*(action(group) for group in groups))
        return ""

    async def open(self, name: str, front: str, listen: str = "127.0.0.1:0") -> str:
        host, port = parse_endpoint(listen)
        group = self.groups.setdefault(name, Group(name))
        link = await group.open(parse_front(front), host, port)
        return f"{link.host}:{link.port}"

    def _chosen(self, words: list[str]) -> Iterator[Group]:
        pattern = words[0] if words else "*"
        found = [group for name, group in self.groups.items() if fnmatchcase(name, pattern)]
        if not found:
            raise BadCommand(f"there is no {pattern} (there is: {', '.join(self.groups) or 'nothing'})")
        yield from found

    def _latency(self, words: list[str]) -> str:
        latency, words = seconds(words[0] if words else ""), words[1:]
        jitter = 0.0
        if words and words[0] == "jitter":
            jitter, words = seconds(words[1] if len(words) > 1 else ""), words[2:]
        for group in self._chosen(words):
            group.latency, group.jitter = latency, jitter
        return ""

    def _flap(self, words: list[str]) -> str:
        every, words = seconds(words[0] if words else ""), words[1:]
        if every <= 0:
            raise BadCommand("a path flaps after a time longer than none")
        lasting = None
        if words and words[0] == "for":
            lasting, words = seconds(words[1] if len(words) > 1 else ""), words[2:]
        for group in self._chosen(words):
            self._stop_flapping(group)
            group.flapping = asyncio.ensure_future(group.flap(every, lasting))
            self._tasks.add(group.flapping)
            group.flapping.add_done_callback(self._tasks.discard)
        return ""

    @staticmethod
    def _stop_flapping(group: Group) -> None:
        if group.flapping is not None:
            group.flapping.cancel()
            group.flapping = None

    async def serve_control(self, host: str, port: int) -> tuple[str, int]:
        """Takes commands over TCP, one a line."""

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                while line := await reader.readline():
                    writer.write((await self.command(line.decode("utf-8", "replace")) + "\n").encode())
                    await writer.drain()
            writer.close()

        server = await asyncio.start_server(talk, host, port)
        where = server.sockets[0].getsockname()
        return where[0], where[1]


def _usage(text: str) -> str:
    raise BadCommand(f"write {text}")


# --------------------------------------------------------------------------------------------------- as a process


async def _serve_standard_input() -> None:
    """Commands in, answers out, until standard input ends."""
    relay, loop = Relay(), asyncio.get_running_loop()
    lines: asyncio.Queue[str] = asyncio.Queue()

    def read() -> None:  # a thread: not every loop can watch a pipe
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, "")

    threading.Thread(target=read, daemon=True).start()
    while line := await lines.get():
        sys.stdout.write(await relay.command(line) + "\n")
        sys.stdout.flush()


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the run is interrupted, and ends its relay
    with contextlib.suppress(BrokenPipeError):
        asyncio.run(_serve_standard_input())


if __name__ == "__main__":
    main()
