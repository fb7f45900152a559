"""The frames to and from ctpscen, as the native part has them (`ctpscen/program/native/wire.c`).

A frame is its length, its kind, a slot, a value, and a body, in the machine's own order. Where the system has sockets
with a path, ctpscen is reached by one; else on this machine's loopback, with a token that proves who asks.
"""

import os
import socket
import struct

PROTOCOL = 1
LONGEST = 1 << 20

HELLO_OBJECT, TABLE, REFUSED, HELLO_CALLBACKS, HELLO_MISUSE, HELLO_PROCESS, HELLO_TOKEN = 1, 2, 3, 4, 6, 9, 10
CALL, RETURNED, CALLBACK, DONE = 16, 17, 18, 19
IDLE, BUSY, WAKE, SIGNAL = 32, 33, 34, 35

# The waits of the program's own sockets are led elsewhere.
_recv = socket.socket.recv

_HEAD = struct.Struct("=IHHi")
Frame = tuple[int, int, int, bytes]
"""Kind, slot, value, body."""


class Gone(Exception):
    """Nobody is at the other end any more."""


def dial() -> socket.socket:
    """A connection to ctpscen. Raises OSError."""
    where = os.environ["CTPSCEN_SOCKET"]
    host, separator, port = where.rpartition(":")
    if not (separator and port.isdecimal()):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(where)
        return connection
    connection = socket.create_connection((host, int(port)))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    send(connection, HELLO_TOKEN, os.environ["CTPSCEN_TOKEN"].encode("ascii"))
    return connection


def send(connection: socket.socket, kind: int, body: bytes = b"", slot: int = 0, value: int = 0) -> None:
    """Sends a frame. Raises Gone."""
    try:
        connection.sendall(_HEAD.pack(len(body), kind, slot, value) + body)
    except OSError:
        raise Gone from None


def receive(connection: socket.socket) -> Frame:
    """The next frame. Raises Gone."""
    length, kind, slot, value = _HEAD.unpack(_exactly(connection, _HEAD.size))
    if length > LONGEST:
        raise Gone
    return kind, slot, value, _exactly(connection, length) if length else b""


def _exactly(connection: socket.socket, length: int) -> bytes:
    received = b""
    while len(received) < length:
        try:
            portion = _recv(connection, length - len(received))
        except OSError:
            portion = b""
        if not portion:
            raise Gone
        received += portion
    return received


def shut_down(connection: socket.socket) -> None:
    """Ends a connection; whoever reads from it finds its end."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
