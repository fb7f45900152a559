"""The run's end of a relay."""

import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from support.loopback import SECONDS, front_that, named_port

from ctpscen.live.relay.process import RelayProcess


@pytest.fixture
def relay() -> Iterator[RelayProcess]:
    made = RelayProcess()
    made.start()
    yield made
    made.close()


def test_an_answer_that_nobody_waited_for_is_not_that_of_the_next_command(relay: RelayProcess) -> None:
    assert relay._process is not None
    stream: Any = relay._process.stdout

    class Interrupted:
        def readline(self) -> str:
            raise KeyboardInterrupt

    relay._process.stdout = Interrupted()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        relay.command("open trader/trader tcp://127.0.0.1:1")
    relay._process.stdout = stream
    assert list(relay.status()) == ["trader/trader"]


def greets(connection: socket.socket) -> None:
    with connection:
        connection.sendall(b"hello")


def heard(address: tuple[str, int]) -> bytes:
    with socket.create_connection(address, SECONDS) as connection:
        return connection.recv(5)


@pytest.mark.skipif(not hasattr(socket, "send_fds"), reason="descriptors cannot be sent here")
def test_a_door_that_was_handed_in_is_shut_and_opened_and_outlives_its_owner(relay: RelayProcess) -> None:
    ends, end = os.pipe()
    port = named_port()
    with socket.socket() as door, front_that(greets) as front:
        door.bind(("127.0.0.1", port))  # a port that is named is kept
        door.listen()
        relay.command("adopt robot/trader")
        relay.command("cut robot/*")
        relay.adopt("robot/trader", [front], [door], ends)
        os.close(ends)
        with pytest.raises(ConnectionRefusedError):
            heard(("127.0.0.1", port))
        relay.command("heal robot/*")
        assert heard(("127.0.0.1", port)) == b"hello"
        relay.command("cut robot/*")
        with pytest.raises(ConnectionRefusedError):
            heard(("127.0.0.1", port))
        relay.command("heal robot/*")
        assert relay._process is not None
        assert relay._process.stdin is not None
        relay._process.stdin.close()  # whoever commands it is gone
        assert heard(("127.0.0.1", port)) == b"hello"
        assert relay.is_alive
        os.close(end)
        relay._process.wait(SECONDS)
