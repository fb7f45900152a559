"""Where a relay takes commands from outside: a socket that its owner alone may open, or a port with a token.

Who is let in can cut the wire of a program that trades. A port of the loopback is reached by every user of the machine,
and by every web page that its browsers show; so whoever comes there first says the token, which stands in a file
that only the owner reads, and whoever says what is no command is not heard any longer.
"""

import asyncio
import contextlib
import hmac
import ipaddress
import os
import secrets
import socket
import stat
from pathlib import Path

from attrs import define, field, frozen

from ctpscen.live.profile.addresses import parse_endpoint
from ctpscen.live.relay.server import COMMANDS, FOR_THE_RUN, Relay, one_line
from ctpscen.private_files import make_private_folder, write_private

LINE = 4_096
"""Bytes that a line may have."""

TOKEN_PATIENCE = 10.0
"""Seconds in which the token must come."""

# nobody who can send commands is to have a relay to wherever he likes
KNOWN = tuple(each for each in COMMANDS if each not in FOR_THE_RUN)


@frozen
class SocketFile:
    """A place for commands that is a file."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


@frozen
class Port:
    """A place for commands that is an address of TCP."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


Place = SocketFile | Port


def parse_place(text: str) -> Place:
    """Reads `host:port`, a port, or the path of a socket. Raises ValueError."""
    if "/" in text or os.sep in text or text.endswith(".sock"):
        if not hasattr(socket, "AF_UNIX"):
            raise ValueError(f"{text}: this platform has no sockets that are files; write host:port")
        return SocketFile(Path(text))
    try:
        return Port(*parse_endpoint(text))
    except ValueError:
        raise ValueError(
            f"`{text}` is no place for commands; write the path of a socket (with a `/` in it, or .sock at its end), "
            "or host:port"
        ) from None


@define(eq=False)
class Control:
    """A place where commands are taken, one a line. `folder` is where the token of a port is kept."""

    relay: Relay
    place: Place
    folder: Path
    token_file: Path | None = None
    _made: list[Path] = field(factory=list)
    _token: str = field(default="", repr=False)
    _server: asyncio.Server | None = None
    _talking: set["asyncio.Task[None]"] = field(factory=set)

    async def open(self) -> None:
        """Raises OSError."""
        if isinstance(self.place, SocketFile):
            listening = _private_socket(self.place.path)
            self._made.append(self.place.path)
            self._server = await asyncio.start_unix_server(self._accept, sock=listening, limit=LINE)
            return
        self._server = await asyncio.start_server(self._accept, self.place.host, self.place.port, limit=LINE)
        self.place = Port(self.place.host, self._server.sockets[0].getsockname()[1])
        make_private_folder(self.folder)
        self._token = secrets.token_hex(16)
        self.token_file = self.folder / f"{self.place.port}.token"
        self._made.append(self.token_file)
        write_private(self.token_file, f"{self._token}\n")

    def close(self) -> None:
        """Takes no commands any more, and leaves no file."""
        if self._server is not None:
            self._server.close()
        for task in self._talking:
            task.cancel()
        for path in self._made:
            path.unlink(missing_ok=True)

    @property
    def usage(self) -> str:
        """How a command is given in a shell."""
        if isinstance(self.place, SocketFile):
            return f"echo cut | nc -U {self.place}"
        return f"(cat {self.token_file}; echo cut) | nc {self.place.host} {self.place.port}"

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._talk(reader, writer))
        self._talking.add(task)
        task.add_done_callback(self._talking.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError):
                if not self._token or await self._is_known(reader, writer):
                    await self._obey(reader, writer)
        finally:
            writer.close()

    async def _is_known(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        with contextlib.suppress(TimeoutError):
            given = await asyncio.wait_for(_line(reader), TOKEN_PATIENCE)
            if hmac.compare_digest(given.strip().encode(), self._token.encode()):
                return True
        self.relay.tell("somebody without the token was turned away")
        writer.write(f"error the first line is the token, which stands in {self.token_file}\n".encode())
        await writer.drain()
        return False

    async def _obey(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        known = True
        while known and (line := await _line(reader)):
            words = line.split()
            known = not words or words[0] in KNOWN
            if known:
                answer = await self.relay.command(line)
            else:
                answer = f"error {one_line(words[0])} is no command; there are {', '.join(KNOWN)}"
            self.relay.tell(f"{one_line(line.strip()[:60])}: {answer.partition(' ')[0]}")
            writer.write(f"{answer}\n".encode())
            await writer.drain()


def _private_socket(path: Path) -> socket.socket:
    """A socket that only its owner may connect to. Raises OSError."""
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.is_socket() and _is_stale(path):
            path.unlink()
        found.bind(str(path))
        path.chmod(stat.S_IRUSR | stat.S_IWUSR)  # nobody can connect before it is listened at, so nobody did
    except BaseException:
        found.close()
        raise
    return found


def _is_stale(path: Path) -> bool:
    """Whether who made a socket is gone."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trying:
        try:
            trying.connect(str(path))
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
    return False


async def _line(reader: asyncio.StreamReader) -> str:
    """A line; '' at the end, and where a line has no end."""
    try:
        return (await reader.readline()).decode("utf-8", "replace")
    except ValueError:
        return ""
