"""What is said of a front that was not reached."""

import asyncio
import socket

import pytest

from ctpscen.live.relay.dialing import told


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (TimeoutError(), "no answer"),
        (ConnectionRefusedError(111, "Connect call failed ('127.0.0.1', 1)"), "Connection refused"),
        (socket.gaierror(-2, "Name or service not known"), "Name or service not known"),
        (OSError("Multiple exceptions: [Errno 111] (a), [Errno 111] (b)"), "Connection refused"),
        (asyncio.IncompleteReadError(b"", 2), "the proxy hung up"),
        (OSError("the proxy refuses user or password"), "the proxy refuses user or password"),
    ],
)
def test_a_reason_is_told_in_words(reason: BaseException, words: str) -> None:
    assert told(reason) == words
