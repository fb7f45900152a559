"""Waits for descriptors: `select`, `selectors` (and so asyncio), and sockets that block.

A wait that is not led here, such as that for a child process or for a file, is a thread that computes, to the clock.
"""

import select
import selectors
import socket
from collections.abc import Callable, Sequence
from typing import Any, Self

from .clock import NEVER
from .waiting import here, ready

_real_select: Callable[..., Any] = select.select
_READING = ("accept", "recv", "recv_into", "recvfrom", "recvfrom_into", "recvmsg", "recvmsg_into")


def lead() -> None:
    """Puts ours in the place of Python's."""
    select.select = _select  # type: ignore[assignment]
    for name in ("SelectSelector", "PollSelector", "EpollSelector", "DevpollSelector", "KqueueSelector"):
        if (selector := getattr(selectors, name, None)) is not None:
            selector.select = _selecting(selector.select)
    for name, made in (("poll", _Poll), ("epoll", _Epoll)):
        if hasattr(select, name):
            setattr(select, name, made)
    for name in _READING:
        if hasattr(socket.socket, name):
            setattr(socket.socket, name, _reading(getattr(socket.socket, name)))


def _deadline(seconds: float | None) -> int:
    return NEVER if seconds is None or seconds < 0 else here.deadline_in(seconds)


def _select(
    readable: Sequence[Any], writable: Sequence[Any], exceptional: Sequence[Any], timeout: float | None = None, /
) -> Any:
    """`select.select`."""
    descriptors = [list(readable), list(writable), list(exceptional)]
    found = _real_select(*descriptors, 0)
    if any(found) or timeout == 0:
        return found
    if timeout is not None and timeout < 0:
        raise ValueError("timeout must be non-negative")
    here.watch(descriptors, _deadline(timeout))
    return _real_select(*descriptors, 0)


def _selecting(real: Callable[..., Any]) -> Callable[..., Any]:
    """The `select` of a selector."""

    def select(self: selectors.BaseSelector, timeout: float | None = None) -> Any:
        found = real(self, 0)
        if found or (timeout is not None and timeout <= 0):
            return found
        watched = list(self.get_map().values())
        readable = [key.fd for key in watched if key.events & selectors.EVENT_READ]
        writable = [key.fd for key in watched if key.events & selectors.EVENT_WRITE]
        here.watch((readable, writable, ()), _deadline(timeout))
        return real(self, 0)

    return select


class _Polling:
    """What a poll object and an epoll object have in common: the real one, which is only ever asked and never waits."""

    _real: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class _Poll(_Polling):
    """`select.poll`, whose timeout is in milliseconds."""

    _make = staticmethod(getattr(select, "poll", lambda: None))

    def __init__(self) -> None:
        self._real = self._make()
        self._masks: dict[int, int] = {}

    def register(self, descriptor: Any, mask: int | None = None) -> None:
        mask = select.POLLIN | select.POLLPRI | select.POLLOUT if mask is None else mask
        self._real.register(descriptor, mask)
        self._masks[_number(descriptor)] = mask

    def modify(self, descriptor: Any, mask: int) -> None:
        self._real.modify(descriptor, mask)
        self._masks[_number(descriptor)] = mask

    def unregister(self, descriptor: Any) -> None:
        self._real.unregister(descriptor)
        del self._masks[_number(descriptor)]

    def poll(self, timeout: float | None = None) -> Any:
        found = self._real.poll(0)
        if found or timeout == 0:
            return found
        readable = [number for number, mask in self._masks.items() if mask & (select.POLLIN | select.POLLPRI)]
        writable = [number for number, mask in self._masks.items() if mask & select.POLLOUT]
        here.watch((readable, writable, ()), _deadline(None if timeout is None else timeout / 1000))
        return self._real.poll(0)


class _Epoll(_Polling):
    """`select.epoll`, which can be watched itself."""

    _make: Any = getattr(select, "epoll", None)

    def __init__(self, *given: Any, **named: Any) -> None:
        self._real = self._make(*given, **named)

    @classmethod
    def fromfd(cls, descriptor: int) -> Self:
        made = cls.__new__(cls)
        made._real = cls._make.fromfd(descriptor)
        return made

    def poll(self, timeout: float | None = None, maxevents: int = -1) -> Any:
        found = self._real.poll(0, maxevents)
        if found or timeout == 0:
            return found
        here.watch(([self._real], (), ()), _deadline(timeout))
        return self._real.poll(0, maxevents)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._real.close()


def _number(descriptor: Any) -> int:
    return descriptor if isinstance(descriptor, int) else int(descriptor.fileno())


def _reading(real: Callable[..., Any]) -> Callable[..., Any]:
    """A method of a socket that blocks until there is something to read."""

    def read(self: socket.socket, *given: Any, **named: Any) -> Any:
        timeout = self.gettimeout()
        if timeout != 0 and self.fileno() >= 0 and not ready(([self], (), ()), 0):
            here.watch(([self], (), ()), _deadline(timeout))
            if timeout is not None and not ready(([self], (), ()), 0):
                raise TimeoutError("timed out")
        return real(self, *given, **named)

    return read
