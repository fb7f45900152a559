"""The relay: bytes go through, the wire can be cut, silenced, stalled, delayed and healed, and the library sees it."""

import asyncio
import os
import re
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.loopback import (
    SECONDS,
    Bench,
    bench,
    close_at_once,
    closed_port,
    exactly,
    front_that,
    listen_in_silence,
    listener,
    native,
    port_of,
    proxy,
)

from ctpscen.live.profile.addresses import parse_front
from ctpscen.live.relay.paths import Group
from ctpscen.live.relay.process import RelayFailed, RelayProcess
from ctpscen.live.relay.server import BadCommand, Relay, seconds

A_WHILE = 0.15
"""Seconds after which what has not come is taken not to come."""

MUCH = 64 << 20
"""Bytes that neither the relay nor the system keeps for a reader that does not read."""


@pytest.fixture(scope="module")
def relay() -> Iterator[RelayProcess]:
    process = RelayProcess()
    process.start()
    yield process
    process.close()


class Wire:
    """A program and a front with the relay between them, the two ends in the test's hands."""

    def __init__(self, relay: RelayProcess, listening: socket.socket, group: str) -> None:
        self.relay, self.listening, self.group = relay, listening, group
        self.address = relay.open(group, f"tcp://127.0.0.1:{port_of(listening)}")
        self.ends: list[socket.socket] = []

    def connect(self) -> tuple[socket.socket, socket.socket]:
        front = parse_front(self.address)
        client = socket.create_connection((front.host, front.port), SECONDS)
        server, _ = self.listening.accept()
        server.settimeout(SECONDS)
        self.ends += [client, server]
        return client, server

    def tell(self, command: str) -> None:
        self.relay.command(f"{command} {self.group}")

    def is_refused(self) -> bool:
        front = parse_front(self.address)
        try:
            socket.create_connection((front.host, front.port), SECONDS).close()
        except (ConnectionRefusedError, ConnectionResetError):  # the door was closed while it was being opened
            return True
        return False


@pytest.fixture
def wire(relay: RelayProcess, request: pytest.FixtureRequest) -> Iterator[Wire]:
    with listener() as listening:
        made = Wire(relay, listening, re.sub(r"\W", "-", request.node.name))
        yield made
        made.tell("heal")
        for end in made.ends:
            end.close()


def nothing_comes(end: socket.socket) -> bool:
    end.settimeout(A_WHILE)
    try:
        return end.recv(1) is None
    except TimeoutError:
        return True
    finally:
        end.settimeout(SECONDS)


def all_until_the_end(end: socket.socket) -> bytes:
    found = b""
    while part := end.recv(65_536):
        found += part
    return found


def test_bytes_go_both_ways_unchanged(wire: Wire) -> None:
    client, server = wire.connect()
    sent = bytes(range(256)) * 4_096
    threading.Thread(target=client.sendall, args=(sent,)).start()
    found = b""
    while len(found) < len(sent):
        found += server.recv(65_536)
    assert found == sent
    server.sendall(b"back")
    assert client.recv(10) == b"back"


def test_the_end_of_one_side_is_the_end_of_the_other(wire: Wire) -> None:
    client, server = wire.connect()
    client.sendall(b"last")
    client.close()
    assert all_until_the_end(server) == b"last"


def test_an_end_that_only_says_that_it_has_no_more_gets_its_answer(wire: Wire) -> None:
    client, server = wire.connect()
    client.sendall(b"question")
    client.shutdown(socket.SHUT_WR)
    assert all_until_the_end(server) == b"question"
    server.sendall(b"answer")
    server.close()
    assert all_until_the_end(client) == b"answer"


@pytest.mark.parametrize("latency", ["0ms", "1ms"])
@pytest.mark.parametrize("way", ["to the front", "to the client"])
def test_who_sends_faster_than_the_other_end_reads_is_made_to_wait(wire: Wire, latency: str, way: str) -> None:
    sender, receiver = wire.connect() if way == "to the front" else reversed(wire.connect())
    wire.relay.command(f"latency {latency} {wire.group}")
    block = bytes(range(256)) * 256
    sent = send_until_full(sender, block)
    assert sent < MUCH
    wire.relay.command(f"latency 0ms {wire.group}")
    sender.shutdown(socket.SHUT_WR)
    assert all_until_the_end(receiver) == (block * (sent // len(block) + 1))[:sent], "and nothing is lost"


def send_until_full(sender: socket.socket, block: bytes) -> int:
    """Sends the same again and again until nothing goes for a while; gives how many bytes went."""
    sender.settimeout(3 * A_WHILE)
    sent = 0
    try:
        while sent < MUCH:
            sent += sender.send(block[sent % len(block) :])
    except TimeoutError:
        pass
    sender.settimeout(SECONDS)
    return sent


def test_a_cut_lets_what_was_sent_reach_the_front_and_nothing_reach_the_client(wire: Wire) -> None:
    client, server = wire.connect()
    client.sendall(b"order")
    wire.tell("cut")
    assert all_until_the_end(server) == b"order"
    assert all_until_the_end(client) == b""


def test_a_cut_lets_what_is_delayed_reach_the_front(wire: Wire) -> None:
    client, server = wire.connect()
    wire.relay.command(f"latency 200ms {wire.group}")
    client.sendall(b"order")
    wire.tell("cut")
    wire.relay.command(f"latency 0ms {wire.group}")
    assert all_until_the_end(server) == b"order"
    assert all_until_the_end(client) == b""


def test_what_the_front_sends_during_a_cut_is_lost(wire: Wire) -> None:
    """The client keeps sending, so the cut is not over; what the front says meanwhile does not arrive."""
    client, server = wire.connect()
    cutting = threading.Thread(target=wire.tell, args=("cut",))
    client.sendall(b"a")
    assert server.recv(1) == b"a"
    cutting.start()
    while not wire.is_refused():
        pass
    server.sendall(b"report")
    assert all_until_the_end(client) == b""
    cutting.join()


def test_while_it_is_cut_nobody_is_listened_to_and_after_it_the_address_is_the_same(wire: Wire) -> None:
    wire.connect()
    wire.tell("cut")
    assert wire.is_refused()
    wire.tell("heal")
    client, server = wire.connect()
    client.sendall(b"again")
    assert server.recv(10) == b"again"


def test_silence_swallows_and_a_connection_that_lost_bytes_is_closed_when_it_is_healed(wire: Wire) -> None:
    client, server = wire.connect()
    wire.tell("silence")
    client.sendall(b"lost")
    assert nothing_comes(server)
    assert wire.is_refused()
    wire.tell("heal")
    assert all_until_the_end(server) == b""
    assert all_until_the_end(client) == b""


def test_silence_in_which_nobody_spoke_leaves_the_connection(wire: Wire) -> None:
    client, server = wire.connect()
    wire.tell("silence")
    wire.tell("heal")
    client.sendall(b"still here")
    assert server.recv(20) == b"still here"


def test_a_client_that_leaves_in_silence_is_not_missed_before_it_is_healed(wire: Wire) -> None:
    client, server = wire.connect()
    wire.tell("silence")
    client.close()
    assert nothing_comes(server)
    wire.tell("heal")
    assert all_until_the_end(server) == b""


def test_a_stall_keeps_everything_and_gives_it_when_it_is_healed(wire: Wire) -> None:
    client, server = wire.connect()
    wire.tell("stall")
    client.sendall(b"up")
    server.sendall(b"down")
    assert nothing_comes(server)
    assert nothing_comes(client)
    wire.tell("heal")
    assert (server.recv(10), client.recv(10)) == (b"up", b"down")


def test_latency_delays_each_way_and_keeps_the_order(wire: Wire) -> None:
    import time

    client, server = wire.connect()
    wire.relay.command(f"latency 100ms jitter 20ms {wire.group}")
    began = time.monotonic()
    for number in range(20):
        client.sendall(bytes([number]))
    found = b""
    while len(found) < 20:
        found += server.recv(20)
    assert found == bytes(range(20))
    assert time.monotonic() - began >= 0.1


def test_flapping_ends_healed(wire: Wire) -> None:
    client, _ = wire.connect()
    wire.relay.command(f"flap 50ms for 120ms {wire.group}")
    assert all_until_the_end(client) == b""
    while wire.relay.status()[wire.group]["state"] != "healed" or wire.is_refused():
        pass


def test_a_cut_ends_the_flapping_and_stays(wire: Wire) -> None:
    for _ in range(5):
        wire.relay.command(f"flap 1ms {wire.group}")
        wire.tell("cut")
        for _ in range(5):
            assert wire.relay.status()[wire.group]["state"] == "cut"
            assert wire.is_refused()


def test_a_cut_that_ends_the_flapping_leaves_no_connection_half_dead(wire: Wire) -> None:
    """The flapping is ended while it cuts; the connection that it was cutting is over all the same."""
    client, _ = wire.connect()
    wire.relay.command(f"flap 1h {wire.group}")
    while wire.relay.status()[wire.group]["state"] != "cut":
        pass
    wire.tell("heal")
    assert all_until_the_end(client) == b""


def test_an_address_that_is_taken_is_said_and_tried_again_until_it_is_free(wire: Wire) -> None:
    front = parse_front(wire.address)
    wire.tell("cut")
    with socket.create_server((front.host, front.port)):
        with pytest.raises(RelayFailed, match=f"cannot listen at {front.host}:{front.port}: Address already in use"):
            wire.tell("heal")
        status = wire.relay.status()[wire.group]
        assert status["state"] == "not listening"
        assert "Address already in use" in status["trouble"]
    while wire.relay.status()[wire.group]["state"] != "healed":
        pass
    client, server = wire.connect()
    client.sendall(b"again")
    assert server.recv(10) == b"again"
    assert wire.relay.status()[wire.group]["trouble"] == ""


def test_an_address_that_is_soon_free_again_is_no_trouble(wire: Wire) -> None:
    front = parse_front(wire.address)
    wire.tell("cut")
    taking = socket.create_server((front.host, front.port))
    healing = threading.Thread(target=wire.tell, args=("heal",))
    healing.start()
    taking.close()
    healing.join()
    assert wire.relay.status()[wire.group]["state"] == "healed"
    assert not wire.is_refused()


def test_a_cut_ends_the_trying(wire: Wire) -> None:
    front = parse_front(wire.address)
    wire.tell("cut")
    with socket.create_server((front.host, front.port)), pytest.raises(RelayFailed):
        wire.tell("heal")
    wire.tell("cut")
    assert wire.relay.status()[wire.group]["state"] == "cut"
    assert wire.is_refused()


def test_flapping_goes_on_where_an_address_is_taken_for_a_while(wire: Wire) -> None:
    front = parse_front(wire.address)
    wire.tell("cut")
    with socket.create_server((front.host, front.port)):
        wire.relay.command(f"flap 5ms {wire.group}")
        while "Address already in use" not in wire.relay.status()[wire.group]["trouble"]:
            pass
    while wire.is_refused():
        pass
    while not wire.is_refused():
        pass


def test_flapping_that_breaks_down_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_: Group) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(Group, "_cut", fail)
    said: list[str] = []

    async def flap() -> dict[str, object]:
        relay = Relay(tell=said.append)
        await relay.open("front", "tcp://127.0.0.1:1")
        assert await relay.command("flap 5s") == "ok"
        while not said:
            await asyncio.sleep(0)
        status = relay.groups["front"].status()
        await relay.close()
        return status

    words = "the flapping of front broke down: Too many open files"
    assert asyncio.run(flap())["trouble"] == words
    assert said == [words]


def test_one_that_dies_says_how(relay: RelayProcess) -> None:
    assert relay.troubles() == []
    process = RelayProcess()
    process.start()
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(RelayFailed, match=f"the relay died: {signal.SIGKILL.name}"):
        process.command("status")
    assert process.troubles() == [f"the relay died: {signal.SIGKILL.name}"]
    assert not process.is_alive
    process.close()


def test_it_ends_without_a_word_while_connections_are_open(capfd: pytest.CaptureFixture[str]) -> None:
    process = RelayProcess()
    process.start()
    with listener() as listening:
        wire = Wire(process, listening, "open")
        wire.connect()
        process.close()
        for end in wire.ends:
            end.close()
    assert capfd.readouterr().err == ""


def test_an_answer_is_one_line(relay: RelayProcess) -> None:
    with pytest.raises(RelayFailed, match=r"there is no a\\x0db\\x1b\[31m"):
        relay.command("cut 'a\rb\x1b[31m'")
    assert relay.status(), "the next answer is that of the next command"


def test_groups_are_apart(relay: RelayProcess) -> None:
    with listener() as first, listener() as second:
        one, other = Wire(relay, first, "alice/trader"), Wire(relay, second, "bob/trader")
        client, server = one.connect()
        gone, _ = other.connect()
        relay.command("cut bob/*")
        assert all_until_the_end(gone) == b""
        client.sendall(b"x")
        assert server.recv(1) == b"x"
        for end in (*one.ends, *other.ends):
            end.close()


def test_a_front_that_refuses_is_told(relay: RelayProcess) -> None:
    address = parse_front(relay.open("nobody", f"tcp://127.0.0.1:{closed_port()}"))
    with socket.create_connection((address.host, address.port), SECONDS) as client:
        assert all_until_the_end(client) == b""
    (front,) = relay.status()["nobody"]["fronts"]
    assert (front["accepted"], front["refused"], front["reason"]) == (1, 1, "Connection refused")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("ct", "ct is no command"),
        ("cut nowhere", "there is no nowhere"),
        ("latency 200", "needs a unit"),
        ("latency", "write latency 200ms [jitter 50ms] [GROUP]"),
        ("flap", "write flap 5s [for 60s] [GROUP]"),
        ("latency 25h", "25h is longer than a day"),
        ("latency ٣s", "needs a unit"),
        ("flap 1us", "a millisecond or more"),
        ("flap 0s", "a millisecond or more"),
        ("open x", "write open GROUP FRONT"),
        ("open x tcp:/127.0.0.1:1", "not a front's address"),
    ],
)
def test_a_command_that_makes_no_sense_is_told(relay: RelayProcess, command: str, words: str) -> None:
    with pytest.raises(RelayFailed, match=re.escape(words)):
        relay.command(command)


@pytest.mark.parametrize(("text", "wanted"), [("200ms", 0.2), ("1m30s", 90.0), ("50us", 5e-5), ("1.5s", 1.5)])
def test_durations_are_read(text: str, wanted: float) -> None:
    assert seconds(text) == pytest.approx(wanted)


@pytest.mark.parametrize("text", ["", "5", "s", "5s5", "-1s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(BadCommand):
        seconds(text)


def test_the_scheme_of_the_front_stays(relay: RelayProcess) -> None:
    assert relay.open("secure", "ssl://127.0.0.1:4433").startswith("ssl://127.0.0.1:")


# ----------------------------------------------------------------------------------------------- through a proxy


def answered(relay: RelayProcess, group: str, behind: str) -> bytes:
    address = parse_front(relay.open(group, f"tcp://front.example:10201 socks5://{behind}"))
    with socket.create_connection((address.host, address.port), SECONDS) as client:
        client.sendall(b"hello")
        return all_until_the_end(client)


def test_a_front_is_reached_through_a_proxy(relay: RelayProcess) -> None:
    with proxy() as (where, asked):
        assert answered(relay, "plain-proxy", where) == b"HELLO"
    assert asked.get(timeout=SECONDS) == b"front.example:10201"


def test_a_proxy_may_want_a_password(relay: RelayProcess) -> None:
    with proxy(b"me", b"mine") as (where, _):
        assert answered(relay, "locked-proxy", f"me:mine@{where}") == b"HELLO"
        assert answered(relay, "wrong-proxy", f"me:yours@{where}") == b""
    assert relay.status()["wrong-proxy"]["fronts"][0]["reason"] == "the proxy refuses user or password"


# ------------------------------------------------------------------------------------------------ with the library


@pytest.fixture(scope="module")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("locales")


@pytest.fixture
def library(tmp_path: Path, locales: Path) -> Iterator[Bench]:
    with bench(tmp_path, locales) as made:
        yield made


@native
def test_the_library_sees_a_cut_of_the_relay_as_4097_and_comes_back_when_it_is_healed(
    relay: RelayProcess, library: Bench
) -> None:
    with listener() as listening:
        wire = Wire(relay, listening, "native-cut")
        library.create(wire.address)
        first, _ = listening.accept()
        assert first.recv(1), "the library begins the handshake"
        wire.tell("cut")
        lost = library.next()
        assert (lost.name, lost.fields) == ("OnFrontDisconnected", {"nReason": 4097})
        all_until_the_end(first)
        wire.tell("heal")
        second, _ = listening.accept()
        first.close()
        second.close()


@native
def test_what_the_library_says_first_comes_through_the_relay_as_it_does_without(
    relay: RelayProcess, library: Bench
) -> None:
    """The handshake is end to end: the relay adds nothing and takes nothing."""
    with listener() as direct, listener() as behind:
        wire = Wire(relay, behind, "native-handshake")
        library.create(f"tcp://127.0.0.1:{port_of(direct)}", api=1)
        library.create(wire.address, api=2)
        (one, _), (other, _) = direct.accept(), behind.accept()
        said = exactly(one, 40), exactly(other, 40)
        one.close()
        other.close()
        assert said[0][:10] == said[1][:10], "what follows has a key in it that changes"


@native
def test_a_front_that_closes_behind_the_relay_is_4097_without_a_connection(relay: RelayProcess, library: Bench) -> None:
    with front_that(close_at_once) as front:
        library.create(relay.open("native-closing", front))
        callback = library.next()
    assert (callback.name, callback.fields) == ("OnFrontDisconnected", {"nReason": 4097})
    assert relay.status()["native-closing"]["fronts"][0]["reason"] == ""


@native
def test_a_front_that_says_nothing_gives_no_callback(relay: RelayProcess, library: Bench) -> None:
    with front_that(listen_in_silence) as front:
        library.create(relay.open("native-silent", front))
        while not relay.status()["native-silent"]["connections"]:
            pass
        assert library.arrivals.empty()
