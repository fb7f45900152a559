"""Keeps the program off the network: nothing but this machine's loopback and sockets with a path is reached.

It is the interpreter's own audit that tells of each attempt, and no program can take that away again. What a library in
C does by itself is not told.
"""

import errno
import os
import sys
from typing import Any

_WITH_ADDRESS = frozenset(("socket.connect", "socket.sendto", "socket.sendmsg"))
_NAMES = frozenset(("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"))
_LOCAL = frozenset(("localhost", "::1", "", "0.0.0.0", "::"))


def guard() -> None:
    sys.addaudithook(_look)


def _look(event: str, given: tuple[Any, ...]) -> None:
    if event in _WITH_ADDRESS:
        address = given[1]
        if isinstance(address, tuple) and not _is_local(address[0]):
            raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))
    elif event in _NAMES and not _is_local(given[0]):
        raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))


def _is_local(host: object) -> bool:
    if host is None:
        return True
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    return name in _LOCAL or name.startswith("127.")
