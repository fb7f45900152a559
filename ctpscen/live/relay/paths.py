"""The paths of a relay: groups of connections that are cut and healed together, and where they are listened for."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from attrs import define, field

from ctpscen.live.profile.addresses import Front
from ctpscen.live.relay.connections import Conditions, Connection, Direction
from ctpscen.live.relay.dialing import dial, told

DIAL_PATIENCE = 5.0
LISTEN_PATIENCE = 1.0
LISTEN_AGAIN = 0.1
"""Seconds for which `heal` waits for an address that is taken, and after which it is tried again."""


class AddressTaken(OSError):
    """A path is healed and cannot be listened for yet; the text says where and why."""

    def __str__(self) -> str:
        return str(self.args[0])


@define(eq=False)
class Link:
    """One front, and where it is listened for: at an address, or at a socket that was handed in for it (`door`)."""

    front: Front
    host: str
    port: int
    door: socket.socket | None = None
    server: asyncio.Server | None = None
    accepted: int = 0
    refused: int = 0
    reason: str = ""

    async def listen(self, accept: Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]) -> None:
        """Raises OSError."""
        if self.door is not None:
            self.door.listen()
            server = await asyncio.start_server(accept, sock=self.door.dup(), start_serving=False)
        else:
            server = await asyncio.start_server(
                accept, self.host, self.port, reuse_address=os.name == "posix", start_serving=False
            )
        self.port = server.sockets[0].getsockname()[1]
        self.server = server  # before the next wait: one that is interrupted must not leave a door open
        await server.start_serving()

    def close(self) -> None:
        if self.door is not None:
            with contextlib.suppress(OSError):  # where it does not listen
                self.door.shutdown(socket.SHUT_RDWR)  # so that nobody is let in who knocks
        if self.server is not None:
            self.server.close()
            self.server = None

    @property
    def is_listening(self) -> bool:
        return self.server is not None

    def status(self) -> dict[str, Any]:
        return {
            "front": str(self.front),
            "listen": f"{self.host}:{self.port}",
            "accepted": self.accepted,
            "refused": self.refused,
            "reason": self.reason,
        }


@define(eq=False)
class Group:
    """Links that are cut and healed together: one path of one session.

    `tell` is told in words what becomes of connections. What is done to a group is done one thing after the other.
    """

    name: str
    tell: Callable[[str], object] = lambda _: None
    conditions: Conditions = field(factory=Conditions)
    links: list[Link] = field(factory=list)
    connections: set[Connection] = field(factory=set)
    is_cut: bool = False
    trouble: str = ""
    _turn: asyncio.Lock = field(factory=asyncio.Lock)
    _flapping: "asyncio.Task[None] | None" = None
    _opening: "asyncio.Task[None] | None" = None
    _tasks: set["asyncio.Task[None]"] = field(factory=set)

    # ------------------------------------------------------------------------------------------------- connections

    async def open(self, front: Front, host: str, port: int) -> Link:
        """Raises OSError."""
        link = Link(front, host, port)
        await self._listen(link)
        self.links.append(link)
        return link

    async def adopt(self, links: Sequence[Link]) -> None:
        """Takes links in the place of those that it has, whose client has gone. Raises OSError."""
        async with self._turn:
            for link in self.links:
                link.close()
                if link.door is not None:
                    link.door.close()
            self.links = list(links)
            if self.is_cut or self.conditions.is_silent:
                for link in links:
                    link.close()
            else:
                await self._open_doors()

    async def _listen(self, link: Link) -> None:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._start(self._accept(link, reader, writer), "a connection")

        await link.listen(accept)

    def _start(self, work: Coroutine[Any, Any, None], what: str) -> "asyncio.Task[None]":
        """Has something done in the background; that it died is told."""

        def ended(task: "asyncio.Task[None]") -> None:
            self._tasks.discard(task)
            if not task.cancelled() and (reason := task.exception()) is not None:
                self.trouble = f"{what} of {self.name} broke down: {told(reason)}"
                self.tell(self.trouble)

        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(ended)
        return task

    async def _accept(self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link.accepted += 1
        await self.conditions.flowing.wait()
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
        up, down = Direction(self.conditions, reader, far[1]), Direction(self.conditions, far[0], writer)
        connection = Connection(up, down)
        self.connections.add(connection)
        try:
            if self.is_cut:  # in the meantime
                down.is_deaf = True
                await asyncio.gather(connection.serve(), connection.break_up())
            else:
                await connection.serve()
        finally:
            self.connections.discard(connection)
        self.tell("the connection is over")

    # --------------------------------------------------------------------------------------------------- the doors

    def _close_doors(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None
            self.trouble = ""
        for link in self.links:
            link.close()

    async def _open_doors(self, patience: float = 0.0) -> None:
        """Listens for every link. What cannot be had is tried again until it can; this waits for that so many seconds.

        Raises AddressTaken if it is not to be had then.
        """
        self.trouble = await self._listen_where_free()
        if not self.trouble:
            return
        opening = self._opening = self._start(self._keep_trying(), "listening")
        if patience:
            await asyncio.wait([opening], timeout=patience)
        if self.trouble:
            self.tell(f"{self.trouble}; it is tried again until it is free")
            raise AddressTaken(f"{self.trouble}; it is tried again until it is free")

    async def _listen_where_free(self) -> str:
        """Why an address could not be had; '' where all could."""
        trouble = ""
        for link in self.links:
            if not link.is_listening:
                try:
                    await self._listen(link)
                except OSError as reason:
                    trouble = f"cannot listen at {link.host}:{link.port}: {told(reason)}"
        return trouble

    async def _keep_trying(self) -> None:
        while self.trouble:
            await asyncio.sleep(LISTEN_AGAIN)
            self.trouble = await self._listen_where_free()
        self._opening = None
        self.tell(f"{self.name} is listened for again")

    # ------------------------------------------------------------------------------------------- what is done to it

    async def cut(self) -> None:
        self._stop_flapping()
        async with self._turn:
            await self._cut()

    async def _cut(self) -> None:
        self.is_cut = True
        self._close_doors()
        broken = list(self.connections)
        for each in broken:  # at once, and not when their tasks begin
            each.down.is_deaf = True
        breaking = [self._start(each.break_up(), "a cut") for each in broken]
        if breaking:  # who is interrupted here has begun a cut that goes on
            await asyncio.wait(breaking)

    async def silence(self) -> None:
        self._stop_flapping()
        async with self._turn:
            self.conditions.is_silent = True
            self.conditions.changed.clear()
            self._close_doors()

    async def stall(self) -> None:
        self._stop_flapping()
        async with self._turn:
            self.conditions.flowing.clear()

    async def heal(self) -> None:
        """Raises AddressTaken where an address is taken for longer than a while."""
        self._stop_flapping()
        async with self._turn:
            self._heal()
            await self._open_doors(LISTEN_PATIENCE)

    def _heal(self) -> None:
        self.is_cut = self.conditions.is_silent = False
        for connection in self.connections:
            if connection.has_hole:
                connection.close()
        self.conditions.flowing.set()
        self.conditions.changed.set()

    def flap(self, every: float, lasting: float | None) -> None:
        """Cut, healed, cut …, and healed at the end; all of it in the background."""
        self._stop_flapping()
        self._flapping = self._start(self._flap(every, lasting), "the flapping")

    async def _flap(self, every: float, lasting: float | None) -> None:
        loop = asyncio.get_running_loop()
        end = None if lasting is None else loop.time() + lasting
        while end is None or loop.time() < end:
            async with self._turn:
                await (self._reopen() if self.is_cut else self._cut())
            await asyncio.sleep(every if end is None else max(0.0, min(every, end - loop.time())))
        async with self._turn:  # not where another command ended it, which says itself what is to be
            await self._reopen()

    async def _reopen(self) -> None:
        self._heal()
        with contextlib.suppress(AddressTaken):  # which has been told, and does not end the flapping
            await self._open_doors()

    def _stop_flapping(self) -> None:
        if self._flapping is not None:
            self._flapping.cancel()
            self._flapping = None

    async def close(self) -> None:
        """Ends everything, and listens to nobody any more."""
        self._stop_flapping()
        self._close_doors()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def status(self) -> dict[str, Any]:
        broken = "cut" if self.is_cut else "silent" if self.conditions.is_silent else ""
        closed = "" if all(link.is_listening for link in self.links) else "not listening"
        state = broken or closed or ("healed" if self.conditions.flowing.is_set() else "stalled")
        connections = sum(not each.is_closed for each in self.connections)
        fronts = [link.status() for link in self.links]
        return {"state": state, "connections": connections, "trouble": self.trouble, "fronts": fronts}
