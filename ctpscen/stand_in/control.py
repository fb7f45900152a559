"""This process's connection to ctpscen: what its threads wait for, when time has jumped, that the run is over.

When ctpscen ends the connection, or is gone, the process ends with it, so that nothing is left behind.
"""

import _thread
import os
import signal
import struct
import sys

from . import wire
from .waits.waiting import here

_HELLO = struct.Struct("=II")
_IDLE = struct.Struct("=IIq")

_start_thread = _thread.start_new_thread
_read = os.read


class Control:
    """Kept through a fork: the child has a connection of its own."""

    def __init__(self) -> None:
        self._told: dict[int, int] = {}
        self._births: dict[int, tuple[int, int]] = {}
        self._connect()
        if hasattr(os, "register_at_fork"):
            hooks = {"before": self._before_fork, "after_in_parent": self._in_parent, "after_in_child": self._in_child}
            os.register_at_fork(**hooks)

    def _connect(self) -> None:
        self._connection = wire.dial()
        wire.send(self._connection, wire.HELLO_PROCESS, _HELLO.pack(wire.PROTOCOL, os.getpid()))
        here.tell_idle, here.tell_busy = self._tell_idle, self._tell_busy
        for number, what in self._told.items():
            self.tell_signal(number, what)
        _start_thread(self._hear, ())

    def _before_fork(self) -> None:
        self._births[_thread.get_ident()] = os.pipe()

    def _in_parent(self) -> None:
        """Waits until the child is known: while only its parent was, and waited, time would jump without it."""
        reading, writing = self._births.pop(_thread.get_ident())
        os.close(writing)
        _read(reading, 1)
        os.close(reading)

    def _in_child(self) -> None:
        reading, writing = self._births.pop(_thread.get_ident())
        os.close(reading)
        here.start_over()
        self._connection.close()
        self._connect()
        os.write(writing, b"1")
        os.close(writing)

    def _tell_idle(self, taken: int, handled: int, deadline: int) -> None:
        self._send(wire.IDLE, _IDLE.pack(taken, handled, deadline))

    def _tell_busy(self) -> None:
        self._send(wire.BUSY)

    def tell_signal(self, number: int, what: int) -> None:
        """What the program does with a signal, from now on."""
        self._told[number] = what
        self._send(wire.SIGNAL, slot=number, value=what)

    def _send(self, kind: int, body: bytes = b"", slot: int = 0, value: int = 0) -> None:
        try:
            wire.send(self._connection, kind, body, slot, value)
        except wire.Gone:
            end()

    def _hear(self) -> None:
        connection = self._connection
        try:
            while True:
                kind, *_ = wire.receive(connection)
                if kind == wire.WAKE:
                    with here:
                        here.taken += 1
                        here.wake_due()
                        here.look()
        except wire.Gone:
            if connection is self._connection:
                end()


def end() -> None:
    """Ends this process as one that is killed ends."""
    if sys.platform != "win32":
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(1)
