"""Where a program reaches ctpscen: a socket with a path that nobody else may use, or this machine's loopback."""

import hmac
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

HAS_PATHS = hasattr(socket, "AF_UNIX")
"""Whether the system, and its Python, have sockets with a path. Windows' has none."""


@frozen
class Address:
    """`path` is that of a socket; None is a port of loopback, where `token` proves that it is the program that asks."""

    path: Path | None
    token: str = field(default="", repr=False)
    _port: list[int] = field(factory=list, repr=False)

    @classmethod
    def at(cls, path: Path) -> "Address":
        """The path, where that can be."""
        return cls(path) if HAS_PATHS else cls(None, secrets.token_hex(16))

    def listen(self) -> socket.socket:
        if self.path is not None:
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(str(self.path))
        else:
            listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            listener.bind(("127.0.0.1", 0))
            self._port.append(listener.getsockname()[1])
        listener.listen(socket.SOMAXCONN)
        listener.setblocking(False)
        return listener

    def admits(self, token: bytes) -> bool:
        return hmac.compare_digest(token, self.token.encode("ascii"))

    def variables(self) -> Mapping[str, str]:
        """The variables by which a program finds it."""
        if self.path is not None:
            return {"CTPSCEN_SOCKET": str(self.path)}
        return {"CTPSCEN_SOCKET": f"127.0.0.1:{self._port[0]}", "CTPSCEN_TOKEN": self.token}

    def remove(self) -> None:
        if self.path is not None:
            self.path.unlink(missing_ok=True)
