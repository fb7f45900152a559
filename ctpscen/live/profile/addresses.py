"""Addresses of fronts, as CTP writes them: `tcp://host:port`, `ssl://…`, `tcp6://…`, and perhaps a proxy behind."""

import re
from urllib.parse import quote, unquote

from attrs import field, frozen

# A malformed address ends the library with SIGSEGV (BEHAVIOUR 1.1), so none may reach it.
_NAME = r"[\w-]{1,63}(?:\.[\w-]{1,63})*"
_FRONT = re.compile(rf"(?P<scheme>tcp|ssl|tcp6)://(?P<host>\[[0-9A-Fa-f:.]+\]|{_NAME}):(?P<port>\d{{1,5}})", re.ASCII)
_PROXY = re.compile(
    rf"socks5://(?:(?P<user>[^\s:@/]+)(?::(?P<word>[^\s@/]*))?@)?(?P<host>{_NAME}):(?P<port>\d{{1,5}})", re.ASCII
)
_LONGEST = 255
"""Bytes that SOCKS5 leaves for a name, a user and a password."""


@frozen
class Proxy:
    """A SOCKS5 proxy; `user` is '' where it asks for none, `password` where none is given."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"socks5://{quote(self.user, safe='') + '@' if self.user else ''}{self.host}:{self.port}"


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
        raise ValueError(f"`{shown(address)}` is not a front's address; write tcp://host:port")
    proxy = None
    if behind.strip():
        through = _PROXY.fullmatch(behind.strip())
        if through is None:
            raise ValueError("what stands behind a front's address is a proxy: socks5://[user[:password]@]host:port")
        user, word = unquote(through["user"] or ""), unquote(through["word"] or "")
        proxy = Proxy(through["host"], _port(through["port"]), user, word)
        if max(len(each.encode()) for each in (found["host"], proxy.host, user, word)) > _LONGEST:
            raise ValueError(f"a proxy takes names, users and passwords of no more than {_LONGEST} bytes")
    return Front(found["scheme"], found["host"].strip("[]"), _port(found["port"]), proxy)


def with_scheme(text: str) -> str:
    """The address with the `tcp://` that other programs let their users leave out."""
    return text if "://" in text.partition(" ")[0] else f"tcp://{text}"


def with_password(address: str, password: str) -> str:
    """A front's address with the password of its proxy, where that has a user and the address has none."""
    proxy = parse_front(address).proxy
    if proxy is None or not proxy.user or proxy.password:
        return address
    return address.replace("@", f":{quote(password, safe='')}@")


def without_password(address: str) -> str:
    """A front's address without the password of its proxy. Raises ValueError as `parse_front`."""
    front = parse_front(address)
    return str(front) if front.proxy is None else f"{front} {front.proxy}"


def shown(address: str) -> str:
    """A text that may be an address, without what may be a password."""
    return re.sub(r"(//[^\s:@/]*):\S*@", r"\1:•••@", address)


def parse_endpoint(text: str) -> tuple[str, int]:
    """Reads `host:port`, or a port alone, which is one of the loopback. Raises ValueError."""
    host, colon, port = text.rpartition(":")
    if not port.isdecimal():
        raise ValueError(f"`{text}` is not an address; write host:port")
    return (host.strip("[]") if colon and host else "127.0.0.1"), _port(port, least=0)


def _port(text: str, least: int = 1) -> int:
    if len(text) > len("65535") or not least <= int(text) < 65_536:
        raise ValueError(f"{text} is not a port")
    return int(text)
