"""One connection of a relay, carried byte by byte.

Each way has a reader and a writer, and between them what is not due yet. All three have a bound, and where one is
full the next waits: who sends faster than the other end reads is made to wait by TCP itself.
"""

import asyncio
import contextlib
import random
from collections import deque

from attrs import define, field

QUIET = 0.05
CUT_PATIENCE = 1.0
"""Seconds of silence that end a cut, and after which it ends in any case."""

CLOSE_PATIENCE = 5.0
"""Seconds after which an end that is closed and does not read what is left is dropped."""

CHUNK = 65_536
DELAYED = 4 << 20
"""Bytes of one way that may be on their way because of latency; then the sender waits."""

_OF_A_CHUNK = 200
"""Bytes that keeping a chunk takes beside its own: the smallest ones count, too."""


def _set_event() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@define(eq=False)
class Conditions:
    """What the wire is like for all connections of a path. Latency and jitter are seconds, each way.

    `flowing` is set but in a stall; `changed` is set when a silence ends.
    """

    latency: float = 0.0
    jitter: float = 0.0
    is_silent: bool = False
    flowing: asyncio.Event = field(factory=_set_event)
    changed: asyncio.Event = field(factory=asyncio.Event)

    def delay(self) -> float:
        return self.latency + (random.uniform(0, self.jitter) if self.jitter else 0.0)


@define(eq=False)
class Direction:
    """One way of a connection: what is read here is written there, perhaps later."""

    conditions: Conditions
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    last: float = 0.0
    is_deaf: bool = False
    has_hole: bool = False
    _delayed: deque[tuple[float, bytes]] = field(factory=deque)
    _size: int = 0
    _due: float = 0.0
    _taken: asyncio.Event = field(factory=asyncio.Event)
    _delivering: "asyncio.Task[None] | None" = None

    async def carry(self) -> None:
        """Until the sender has no more, and the receiver has all of it and is told so. Raises OSError."""
        loop = asyncio.get_running_loop()
        try:
            while data := await self.reader.read(CHUNK):
                self.last = loop.time()
                await self.conditions.flowing.wait()
                delay = self.conditions.delay()
                if delay or self._delayed:
                    self._put(max(self._due, loop.time() + delay), data)
                    await self._until(DELAYED)
                else:
                    await self._write(data)
            await self._until(0)
            await self._end()
        finally:
            if self._delivering is not None:
                self._delivering.cancel()

    async def _end(self) -> None:
        """Tells the receiver that there is no more."""
        await self.conditions.flowing.wait()
        if self.conditions.is_silent:
            self.has_hole = True  # nobody is told before the path is there again
            await self.conditions.changed.wait()
        if self.writer.can_write_eof() and not self.writer.is_closing():
            self.writer.write_eof()

    async def _write(self, data: bytes) -> None:
        if self.is_deaf:
            return
        if self.conditions.is_silent:
            self.has_hole = True
            return
        self.writer.write(data)
        await self.writer.drain()

    # ----------------------------------------------------------------------------------------------- what is delayed

    def _put(self, due: float, data: bytes) -> None:
        self._due = due
        self._delayed.append((due, data))
        self._size += len(data) + _OF_A_CHUNK
        if self._delivering is None or self._delivering.done():
            self._delivering = asyncio.ensure_future(self._deliver())

    async def _deliver(self) -> None:
        """Writes each chunk when it is due."""
        loop = asyncio.get_running_loop()
        try:
            while self._delayed:
                due, data = self._delayed[0]
                if (left := due - loop.time()) > 0:
                    await asyncio.sleep(left)
                await self.conditions.flowing.wait()
                await self._write(data)
                self._delayed.popleft()
                self._size -= len(data) + _OF_A_CHUNK
                self._taken.set()
        except OSError as reason:
            self._delayed.clear()
            self._size = 0
            self._taken.set()
            self.reader.set_exception(reason)  # whoever reads has nobody to write to

    async def _until(self, size: int) -> None:
        """Until no more than that is delayed."""
        while self._size > size:
            self._taken.clear()
            await self._taken.wait()

    async def delivered(self) -> None:
        """Until nothing is delayed any more."""
        await self._until(0)


@define(eq=False)
class Connection:
    """A client, and the front that it was connected to."""

    up: Direction
    down: Direction
    _closed: asyncio.Event = field(factory=asyncio.Event)

    async def serve(self) -> None:
        """Until both ends have said all, or one of them is gone, or this is closed."""
        tasks = [asyncio.ensure_future(self._carry()), asyncio.ensure_future(self._closed.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            self.close()
            await asyncio.wait(tasks)

    async def _carry(self) -> None:
        conditions = self.up.conditions
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self.up.carry())
                both.create_task(self.down.carry())
        except* OSError:
            if conditions.is_silent:  # the other end is not told before the path is there again
                await conditions.changed.wait()

    async def break_up(self) -> None:
        """What the client had sent still reaches the front; what the front had sent does not reach the client."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while not self.is_closed and loop.time() - max(self.up.last, began) < QUIET:
            if loop.time() - began >= CUT_PATIENCE:
                break
            await asyncio.sleep(QUIET / 5)
        if not self.is_closed:
            self.down.writer.transport.abort()
            conditions = self.up.conditions
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.up.delivered(), conditions.latency + conditions.jitter + CUT_PATIENCE)
        self.close()

    def close(self) -> None:
        """Closes both ends. One that does not take what is left for it is dropped after a while."""
        if self.is_closed:
            return
        self._closed.set()
        for each in (self.up, self.down):
            with contextlib.suppress(OSError, RuntimeError):
                each.writer.close()
                asyncio.get_running_loop().call_later(CLOSE_PATIENCE, each.writer.transport.abort)

    @property
    def is_closed(self) -> bool:
        return self._closed.is_set()

    @property
    def has_hole(self) -> bool:
        return self.up.has_hole or self.down.has_hole
