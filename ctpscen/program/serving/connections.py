"""Sockets and pipes to programs, all looked after by the one thread that moves time."""

import select
import selectors
import socket
from collections.abc import Callable
from typing import Protocol
from weakref import WeakSet

from attrs import define, field

from ctpscen.program.serving.address import Address
from ctpscen.program.serving.frames import BadFrame, Frame, Kind, Reader

PORTION = 1 << 16


class Watcher(Protocol):
    """Which of many descriptors can be read."""

    def watch(self, descriptor: int) -> None: ...
    def forget(self, descriptor: int) -> None: ...
    def wait(self, timeout: float) -> list[int]:
        """Those that can be read, after so many seconds at most."""

    def close(self) -> None: ...


class Epoll:
    """Linux's."""

    def __init__(self) -> None:
        self._epoll = select.epoll()

    def watch(self, descriptor: int) -> None:
        self._epoll.register(descriptor, select.EPOLLIN)

    def forget(self, descriptor: int) -> None:
        self._epoll.unregister(descriptor)

    def wait(self, timeout: float) -> list[int]:
        if timeout > 0:  # by select, because epoll knows no less than a millisecond
            select.select([self._epoll], [], [], timeout)
        return [descriptor for descriptor, _ in self._epoll.poll(0)]

    def close(self) -> None:
        self._epoll.close()


class Selector:
    """What every other system has."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def watch(self, descriptor: int) -> None:
        self._selector.register(descriptor, selectors.EVENT_READ)

    def forget(self, descriptor: int) -> None:
        self._selector.unregister(descriptor)

    def wait(self, timeout: float) -> list[int]:
        return [key.fd for key, _ in self._selector.select(timeout)]

    def close(self) -> None:
        self._selector.close()


HAS_EPOLL = hasattr(select, "epoll")


def make_watcher() -> Watcher:
    return Epoll() if HAS_EPOLL else Selector()


@define(eq=False)
class Poller:
    """What is watched, and who is told when there is something to read.

    What is `early` is read before the rest: a program writes a line and then makes a call, and both are there at once.
    """

    _watcher: Watcher = field(factory=make_watcher)
    _readable: dict[int, Callable[[], None]] = field(factory=dict)
    _early: set[int] = field(factory=set)

    def watch(self, descriptor: int, readable: Callable[[], None], *, early: bool = False) -> None:
        self._readable[descriptor] = readable
        if early:
            self._early.add(descriptor)
        self._watcher.watch(descriptor)

    def forget(self, descriptor: int) -> None:
        """Watches it no more. Harmless where it is not watched; to be done before it is closed."""
        if self._readable.pop(descriptor, None) is not None:
            self._early.discard(descriptor)
            self._watcher.forget(descriptor)

    def serve(self, timeout: float) -> bool:
        """Has all that can be read be read; waits so many seconds until anything can be. False where nothing could."""
        ready = self._watcher.wait(timeout)
        if len(ready) > 1:
            ready.sort(key=self._early.__contains__, reverse=True)
        for descriptor in ready:
            readable = self._readable.get(descriptor)
            if readable is not None:  # what was read before may have closed it
                readable()
        return bool(ready)

    def close(self) -> None:
        self._watcher.close()


@define(eq=False)
class Connection:
    """A connection from the shim. `handle` is given each frame, `closed` is called when it has ended."""

    socket: socket.socket
    poller: Poller
    handle: Callable[["Connection", Frame], None]
    closed: Callable[[], None] = lambda: None
    _reader: Reader = field(factory=Reader)
    _is_open: bool = True

    def __attrs_post_init__(self) -> None:
        self.socket.setblocking(False)
        self.poller.watch(self.socket.fileno(), self._read)

    def _read(self) -> None:
        try:
            portion = self.socket.recv(PORTION)
        except BlockingIOError:
            return
        except OSError:
            portion = b""
        if not portion:
            self.close()
            return
        try:
            for frame in self._reader.feed(portion):
                self.handle(self, frame)
        except BadFrame:
            self.close()  # whoever is there does not speak as the shim does

    def send(self, message: bytes) -> None:
        """Sends a message. Whoever does not read what it has asked for is taken for gone."""
        try:
            whole = self._is_open and self.socket.send(message) == len(message)
        except OSError:
            whole = False
        if not whole:
            self.close()

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self.poller.forget(self.socket.fileno())
            self.closed()
            self.socket.close()


@define(eq=False)
class Listener:
    """A socket that the shims of a program connect to. `introduce` is given the first frame of each connection.

    With it, all connections are closed that came through it.
    """

    address: Address
    poller: Poller
    introduce: Callable[[Connection, Frame], None]
    _socket: socket.socket = field(init=False)
    _accepted: WeakSet[Connection] = field(factory=WeakSet)

    def __attrs_post_init__(self) -> None:
        self._socket = self.address.listen()
        self.poller.watch(self._socket.fileno(), self._accept)

    def _accept(self) -> None:
        try:
            accepted, _ = self._socket.accept()
        except BlockingIOError:
            return
        first = self._admit if self.address.token else self.introduce
        self._accepted.add(Connection(accepted, self.poller, first))

    def _admit(self, connection: Connection, hello: Frame) -> None:
        """Where anybody on this machine can connect, the first frame proves that it is the program."""
        if hello.kind != Kind.HELLO_TOKEN or not self.address.admits(hello.body):
            raise BadFrame("a connection that is none of the program's")
        connection.handle = self.introduce

    def close(self) -> None:
        self.poller.forget(self._socket.fileno())
        self._socket.close()
        self.address.remove()
        for connection in list(self._accepted):
            connection.close()
