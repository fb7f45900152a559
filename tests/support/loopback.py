"""Fronts that are no fronts: listeners on loopback that accept and then do as a test needs."""

import os
import platform
import queue
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import define, field

from ctpscen.ctp.messages import Callback, Fields, Request
from ctpscen.ctp.schema.api import ApiKind
from ctpscen.live.library import locale
from ctpscen.live.library.process import Arrival, WorkerProcess

SECONDS = 10.0
"""How long a test waits for what must come; it comes much sooner."""

native = pytest.mark.skipif(
    not (sys.platform == "linux" and platform.machine() == "x86_64"),
    reason="openctp-ctp has a wheel that these tests can use for Linux x86-64 alone",
)


@contextmanager
def listener() -> Iterator[socket.socket]:
    """A socket that listens on loopback."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(SECONDS)
        yield listening


def port_of(listening: socket.socket) -> int:
    port: int = listening.getsockname()[1]
    return port


def named_port() -> int:
    """A free port that no connection of another test is given by chance meanwhile, as one of a settings file is."""
    for port in range(20_000 + os.getpid() % 9_000, 32_000):
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free below those that the system gives to connections")


def closed_port() -> int:
    """A port at which nobody listens."""
    with listener() as listening:
        return port_of(listening)


@contextmanager
def front_that(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """The address of a front that does this with every connection, each in a thread of its own."""
    with listener() as listening:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"tcp://127.0.0.1:{port_of(listening)}"
        listening.shutdown(socket.SHUT_RDWR)


def close_at_once(connection: socket.socket) -> None:
    connection.close()


def listen_in_silence(connection: socket.socket) -> None:
    """Takes what comes and says nothing."""
    with connection:
        while connection.recv(65_536):
            pass


def exactly(connection: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        found += connection.recv(size - len(found))
    return found


@contextmanager
def proxy(user: bytes = b"", word: bytes = b"") -> Iterator[tuple[str, "queue.SimpleQueue[bytes]"]]:
    """A SOCKS5 proxy that is the front itself: it grants any connection and answers in capitals."""
    asked: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def serve(connection: socket.socket) -> None:
        with connection:
            methods = exactly(connection, 3)
            assert methods == (b"\5\1\2" if user else b"\5\1\0")
            connection.sendall(b"\5" + methods[2:])
            if user:
                given = exactly(connection, 3 + len(user) + len(word))
                right = given == bytes((1, len(user))) + user + bytes((len(word),)) + word
                connection.sendall(b"\1" + (b"\0" if right else b"\1"))
                if not right:
                    return
            head = exactly(connection, 5)
            rest = exactly(connection, head[4] + 2)
            asked.put(rest[:-2] + b":" + str(int.from_bytes(rest[-2:], "big")).encode())
            connection.sendall(b"\5\0\0\1\0\0\0\0\0\0")
            connection.sendall(connection.recv(100).upper())

    with front_that(serve) as address:
        yield address.removeprefix("tcp://"), asked


@define(eq=False)
class Bench:
    """A worker with the native library, and short ways to call it."""

    worker: WorkerProcess
    arrivals: "queue.SimpleQueue[Arrival]"
    folder: Path
    kinds: dict[int, ApiKind] = field(factory=dict)

    def call(self, name: str, fields: Fields | None = None, request_id: int = 0, api: int = 1) -> int | str:
        kind = self.kinds.get(api, "trader")
        return self.worker.call(Request(api, kind, 0, 0, name, fields, request_id))

    def create(self, front: str, api: int = 1) -> None:
        """A trader API that tries to reach the front."""
        self.call(
            "CreateFtdcTraderApi", {"pszFlowPath": f"{self.folder}/flow{api}/", "bIsProductionMode": True}, 0, api
        )
        self.call("RegisterSpi", None, 0, api)
        self.call("SubscribePrivateTopic", {"nResumeType": 1}, 0, api)
        self.call("SubscribePublicTopic", {"nResumeType": 1}, 0, api)
        self.call("RegisterFront", {"pszFrontAddress": front}, 0, api)
        self.call("Init", None, 0, api)

    def next(self) -> Callback:
        """What the library calls back next."""
        arrival = self.arrivals.get(timeout=SECONDS)
        assert arrival.callback is not None, self.worker.cause_of_death()
        return arrival.callback


@contextmanager
def bench(folder: Path, locales: Path) -> Iterator[Bench]:
    arrivals: queue.SimpleQueue[Arrival] = queue.SimpleQueue()
    worker = WorkerProcess(
        "trader", folder / "library.log", arrivals, lambda moment: moment, locale.environment(locales)
    )
    worker.start()
    try:
        yield Bench(worker, arrivals, folder)
    finally:
        worker.close()
