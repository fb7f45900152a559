"""The paths of a relay: connections carried byte by byte, and groups of them that are cut and healed together."""

import asyncio
import contextlib
import os
import random
from collections.abc import Callable
from typing import Any

from attrs import define, field

from ctpscen.live.profile.addresses import Front
from ctpscen.live.relay.dialing import dial, told

QUIET = 0.05
CUT_PATIENCE = 1.0
"""Seconds of silence that end a cut, and after which it ends in any case."""

DIAL_PATIENCE = 5.0
CHUNK = 65_536


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
class Link:
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
    """Links that are cut and healed together: one path of one session. Latencies are seconds, each way.

    `tell` is told in words what becomes of connections.
    """

    name: str
    tell: Callable[[str], object] = lambda _: None
    links: list[Link] = field(factory=list)
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

    async def open(self, front: Front, host: str, port: int) -> Link:
        link = Link(front, host, port)
        self.links.append(link)
        await self._listen(link)
        return link

    async def _listen(self, link: Link) -> None:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._accept(link, reader, writer)

        link.server = await asyncio.start_server(accept, link.host, link.port, reuse_address=os.name == "posix")
        link.port = link.server.sockets[0].getsockname()[1]

    async def _accept(self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link.accepted += 1
        await self.flowing.wait()
        try:
            far = await asyncio.wait_for(dial(link.front), DIAL_PATIENCE)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as reason:
            link.refused += not reader.at_eof()  # a client that has gone is not told
            if link.reason != told(reason):
                link.reason = told(reason)
                self.tell(f"{link.front} cannot be reached: {link.reason}")
            writer.close()
            return
        link.reason = ""
        self.tell(f"connected to {link.front}")
        connection = _Connection(self, _Direction(self, reader, far[1]), _Direction(self, far[0], writer))
        self.connections.add(connection)
        if self.is_cut:  # in the meantime
            connection.down.deaf = True
            await asyncio.gather(connection.serve(), connection.break_up())
        else:
            await connection.serve()
        self.tell("the connection is over")

    def stop_flapping(self) -> None:
        if self.flapping is not None:
            self.flapping.cancel()
            self.flapping = None

    def close_doors(self) -> None:
        for link in self.links:
            if link.server is not None:
                link.server.close()
                link.server = None

    async def cut(self) -> None:
        self.is_cut = True
        self.close_doors()
        broken = list(self.connections)
        for each in broken:  # at once, and not when their tasks begin
            each.down.deaf = True
        await asyncio.gather(*(each.break_up() for each in broken))

    async def silence(self) -> None:
        self.is_silent = True
        self.changed.clear()
        self.close_doors()

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
        while end is None or loop.time() < end:
            await (self.heal() if is_cut else self.cut())
            is_cut = not is_cut
            await asyncio.sleep(every if end is None else max(0.0, min(every, end - loop.time())))
        await self.heal()  # not where another command ended it, which says itself what is to be

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
