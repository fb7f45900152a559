"""The relay as a command: who may tell it what to do, and that nobody else is heard."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import command
from support.loopback import SECONDS, listener, port_of, proxy

from ctpscen.live.profile.addresses import parse_front
from ctpscen.live.relay.control import Control, Port, SocketFile, parse_place
from ctpscen.live.relay.server import Relay

POST = b"POST / HTTP/1.1\r\nHost: 127.0.0.1:4000\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\ncut\n"
"""What a web page can have a browser send to any port."""


def on(place: Port | SocketFile, folder: Path, say: Callable[[Control], bytes]) -> tuple[bytes, str]:
    """What is answered to that, and the state of the path then."""

    async def serve() -> tuple[bytes, str]:
        relay = Relay()
        await relay.open("front", "tcp://127.0.0.1:1")
        control = Control(relay, place, folder)
        try:
            await control.open()
            found = control.place
            if isinstance(found, SocketFile):
                reader, writer = await asyncio.open_unix_connection(found.path)
            else:
                reader, writer = await asyncio.open_connection(found.host, found.port)
            writer.write(say(control))
            writer.write_eof()
            answer = b""
            with contextlib.suppress(ConnectionResetError):  # it had not read all
                answer = await asyncio.wait_for(reader.read(), SECONDS)
            writer.close()
            return answer, relay.groups["front"].status()["state"]
        finally:
            control.close()
            await relay.close()

    return asyncio.run(serve())


def token(control: Control) -> bytes:
    assert control.token_file is not None
    return control.token_file.read_bytes()


PORT = Port("127.0.0.1", 0)


def test_a_socket_takes_commands(tmp_path: Path) -> None:
    assert on(SocketFile(tmp_path / "r.sock"), tmp_path, lambda _: b"cut\nlatency 5ms\n") == (b"ok\nok\n", "cut")


def test_a_port_takes_commands_after_the_token(tmp_path: Path) -> None:
    assert on(PORT, tmp_path, lambda control: token(control) + b"cut\n") == (b"ok\n", "cut")


@pytest.mark.parametrize("first", [b"", b"cut\n", b"\n", b"0" * 32 + b"\n", b"\xff\xfe\n", b"x" * 100_000, POST])
def test_without_the_token_nothing_is_done(tmp_path: Path, first: bytes) -> None:
    answer, state = on(PORT, tmp_path, lambda _: first + b"cut\n")
    assert state == "healed"
    told = rf"(error the first line is the token, which stands in {tmp_path}/\d+\.token\n)?"
    assert re.fullmatch(told, answer.decode())


@pytest.mark.parametrize("place", [PORT, "socket"])
@pytest.mark.parametrize("line", [POST, b"bend\n", b"open x tcp://127.0.0.1:1\n", b"'cut'\n", b"x" * 100_000])
def test_after_what_is_no_command_nobody_is_heard(tmp_path: Path, place: Port | str, line: bytes) -> None:
    where = SocketFile(tmp_path / "r.sock") if isinstance(place, str) else place
    answer, state = on(
        where, tmp_path, lambda control: (token(control) if control.token_file else b"") + line + b"cut\n"
    )
    assert state == "healed"
    assert b"ok" not in answer
    if len(line) < 1_000:
        assert answer.startswith(f"error {line.split()[0].decode()} is no command; there are cut, heal".encode())


def test_a_command_that_is_wrong_is_told_and_the_next_one_is_heard(tmp_path: Path) -> None:
    answer, state = on(SocketFile(tmp_path / "r.sock"), tmp_path, lambda _: b"latency 5\n\ncut\n")
    assert (answer.splitlines()[1:], state) == ([b"ok", b"ok"], "cut")
    assert answer.startswith(b"error a duration needs a unit")


@contextlib.contextmanager
def umask(value: int) -> Iterator[None]:
    before = os.umask(value)
    try:
        yield
    finally:
        os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.skipif(os.name != "posix", reason="modes are a matter of POSIX")
def test_socket_and_token_are_their_owner_s_alone_and_gone_at_the_end(tmp_path: Path) -> None:
    modes = []

    def look(control: Control) -> bytes:
        path = control.token_file or tmp_path / "r.sock"
        modes.append((mode(path), mode(tmp_path / "state" / "relay") if control.token_file else None))
        return b""

    with umask(0):
        on(PORT, tmp_path / "state" / "relay", look)
        on(SocketFile(tmp_path / "r.sock"), tmp_path, look)
    assert modes == [(0o600, 0o700), (0o600, None)]
    assert [path for path in tmp_path.rglob("*") if not path.is_dir()] == []


def test_a_socket_that_a_dead_relay_left_is_taken_over_and_that_of_a_live_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "r.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    assert on(SocketFile(path), tmp_path, lambda _: b"cut\n")[0] == b"ok\n"
    with socket.socket(socket.AF_UNIX) as alive:
        alive.bind(str(path))
        alive.listen()
        with pytest.raises(OSError, match="in use"):
            on(SocketFile(path), tmp_path, lambda _: b"")
    assert path.is_socket()


def test_a_file_is_not_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "r.sock"
    path.write_text("mine")
    with pytest.raises(OSError, match="in use"):
        on(SocketFile(path), tmp_path, lambda _: b"")
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("relay.sock", SocketFile(Path("relay.sock"))),
        ("./here", SocketFile(Path("here"))),
        ("4000", Port("127.0.0.1", 4000)),
        ("[::1]:4000", Port("::1", 4000)),
        ("localhost:4000", Port("localhost", 4000)),
    ],
)
def test_a_place_is_a_socket_or_a_port(text: str, wanted: object) -> None:
    assert parse_place(text) == wanted


@pytest.mark.parametrize("text", ["relay", "localhost", "1.2.3.4", ":"])
def test_what_is_no_place_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"no place for commands; write the path of a socket .*, or host:port"):
        parse_place(text)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "[::]", "example.org"])
def test_a_place_that_others_reach_must_be_wanted(host: str) -> None:
    code, _, err = command("relay", "127.0.0.1:0", "tcp://127.0.0.1:1", "--control", f"{host}:0")
    assert (code, "--yes-everyone" in err) == (2, True)


def test_a_proxy_s_password_is_not_for_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, err = command("relay", "127.0.0.1:0", "tcp://h:1 socks5://me:geheim@p:1")
    assert code == 2
    assert "write socks5://me@p:1, and give the password in the environment, as CTPSCEN_PROXY_PASSWORD" in err
    assert "geheim" not in err
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    code, _, err = command("relay", "127.0.0.1:0", "tcp://h:1 socks5://me@p:1")
    assert (code, "is wanted in the environment, as CTPSCEN_PROXY_PASSWORD" in err) == (2, True)


# ---------------------------------------------------------------------------------------------------- as a process


@contextlib.contextmanager
def started(folder: Path, front: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "ctpscen", "relay", "127.0.0.1:0", front, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "XDG_STATE_HOME": str(folder / "state")},
        cwd=folder,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def all_until_the_end(end: socket.socket) -> bytes:
    found = b""
    while part := end.recv(65_536):
        found += part
    return found


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this platform has no sockets that are files")
def test_the_command_serves_any_program_and_takes_orders(tmp_path: Path) -> None:
    with (
        listener() as listening,
        started(tmp_path, f"tcp://127.0.0.1:{port_of(listening)}", "--control", "relay.sock") as process,
    ):
        address = parse_front(line_of(process).split()[0])
        assert line_of(process).startswith("commands are taken at relay.sock, one a line: cut, heal, ")
        assert line_of(process) == "such as: echo cut | nc -U relay.sock"
        client = socket.create_connection((address.host, address.port), SECONDS)
        server, _ = listening.accept()
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(SECONDS)
            control.connect(str(tmp_path / "relay.sock"))
            control.sendall(b"cut\nbend\n")
            assert all_until_the_end(control).startswith(b"ok\nerror bend is no command")
        assert all_until_the_end(client) == b""
        client.close()
        server.close()
        said = [line_of(process).split(maxsplit=1)[1] for _ in range(4)]
        assert said[0] == f"connected to tcp://127.0.0.1:{port_of(listening)}"
        assert sorted(said[1:]) == ["bend: error", "cut: ok", "the connection is over"]
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=SECONDS) == ("", "")
    assert not (tmp_path / "relay.sock").exists()


def test_the_command_reaches_a_front_through_a_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CTPSCEN_PROXY_PASSWORD", "a'b @")
    with proxy(b"me", b"a'b @") as (where, _), started(tmp_path, f"tcp://h:1 socks5://me@{where}") as process:
        address = parse_front(line_of(process).split()[0])
        with socket.create_connection((address.host, address.port), SECONDS) as client:
            client.sendall(b"hello")
            assert all_until_the_end(client) == b"HELLO"


def test_a_port_of_the_command_says_where_its_token_is(tmp_path: Path) -> None:
    with started(tmp_path, "tcp://127.0.0.1:1", "--control", "127.0.0.1:0") as process:
        line_of(process)
        assert line_of(process).startswith("commands are taken at 127.0.0.1:")
        found = re.fullmatch(r"such as: \(cat (.+); echo cut\) \| nc 127\.0\.0\.1 (\d+)", line_of(process))
        assert found is not None
        with socket.create_connection(("127.0.0.1", int(found[2])), SECONDS) as control:
            control.sendall(Path(found[1]).read_bytes() + b"cut\n")
            assert control.recv(10) == b"ok\n"
