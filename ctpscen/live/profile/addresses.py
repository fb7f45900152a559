"""Addresses of fronts, as CTP writes them: `tcp://host:port`, `ssl://…`, `tcp6://…`, and perhaps a proxy behind."""

import re

from attrs import frozen

# A malformed address ends the library with SIGSEGV (BEHAVIOUR 1.1), so none may reach it.
_NAME = r"[\w-]{1,63}(?:\.[\w-]{1,63})*"
_FRONT = re.compile(rf"(?P<scheme>tcp|ssl|tcp6)://(?P<host>\[[0-9A-Fa-f:.]+\]|{_NAME}):(?P<port>\d{{1,5}})", re.ASCII)
_PROXY = re.compile(
    rf"socks5://(?:(?P<user>[^\s:@/]+):(?P<word>[^\s@/]*)@)?(?P<host>{_NAME}):(?P<port>\d{{1,5}})", re.ASCII
)


@frozen
class Proxy:
    """A SOCKS5 proxy; `user` is '' where it asks for none."""

    host: str
    port: int
    user: str = ""
    password: str = ""


@frozen
class Front:
    """Where a front listens, and through what it is reached."""

    scheme: str
    host: str
    port: int
    proxy: Proxy | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def parse_front(text: str) -> Front:
    """Reads a front's address. Raises ValueError with what is wrong."""
    address, _, behind = text.strip().partition(" ")
    found = _FRONT.fullmatch(address)
    if found is None:
        raise ValueError(f"`{text.partition(' ')[0]}` is not a front's address; write tcp://host:port")
    proxy = None
    if behind.strip():
        through = _PROXY.fullmatch(behind.strip())
        if through is None:
            raise ValueError("what stands behind a front's address is a proxy: socks5://[user:password@]host:port")
        proxy = Proxy(through["host"], _port(through["port"]), through["user"] or "", through["word"] or "")
    return Front(found["scheme"], found["host"].strip("[]"), _port(found["port"]), proxy)


def with_scheme(text: str) -> str:
    """The address with the `tcp://` that other programs let their users leave out."""
    return text if "://" in text.partition(" ")[0] else f"tcp://{text}"


def shown(address: str) -> str:
    """An address without the password of its proxy."""
    return re.sub(r"(socks5://[^\s:@/]*:)[^\s@]*@", r"\1•••@", address)


def parse_endpoint(text: str) -> tuple[str, int]:
    """Reads `host:port`, or a port alone, which is one of the loopback. Raises ValueError."""
    host, colon, port = text.rpartition(":")
    if not port.isdecimal():
        raise ValueError(f"`{text}` is not an address; write host:port")
    return (host.strip("[]") if colon and host else "127.0.0.1"), _port(port, least=0)


def _port(text: str, least: int = 1) -> int:
    if not least <= int(text) < 65_536:
        raise ValueError(f"{text} is not a port")
    return int(text)
