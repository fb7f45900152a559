"""A program on the stand-in as a process: off the network, nothing left behind, and told apart where it is none."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.stage import Stage
from support.stage import stage as a_stage

from ctpscen.program.processes import isolation, plain
from ctpscen.program.serving import address, connections
from ctpscen.program.spec import CannotStart

TRADES = Path(__file__).parents[1] / "program" / "programs" / "robot.py"

REACHES_OUT = """
import os, socket, subprocess, sys
def attempt(name, act):
    try:
        print(name, act())
    except OSError as error:
        print(name, type(error).__name__)
attempt("connect", lambda: socket.create_connection(("192.0.2.1", 80), 3))
attempt("name", lambda: socket.getaddrinfo("example.com", 80))
attempt("datagram", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)))
attempt("outside", lambda: socket.create_connection(("127.0.0.1", int(sys.argv[1])), 3).recv(5))
exec(open(sys.argv[2]).read())
"""


@pytest.fixture
def outside() -> Iterator[socket.socket]:
    """Somebody who listens on this machine's loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_it_reaches_nobody_but_the_venue(stage: Stage, outside: socket.socket) -> None:
    port = str(outside.getsockname()[1])
    program = stage.start(sys.executable, "-c", REACHES_OUT, port, str(TRADES), stand_in=True)
    assert stage.until(lambda: any("trade" in line for line in stage.lines)), stage.lines
    assert program.guard == ""
    assert stage.lines[:4] == ["connect OSError", "name gaierror", "datagram OSError", "outside ConnectionRefusedError"]
    assert stage.lines[-1] == "trade 5 71010.0"
    program.terminate()
    assert stage.to_end().code == 0


def test_it_runs_where_there_are_neither_namespaces_nor_sockets_with_a_path(
    tmp_path: Path, outside: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows: ctpscen is reached on loopback with a token, pipes are passed on by threads, calls are guarded."""
    monkeypatch.setattr(isolation, "CAN_BE_TRIED", False)
    monkeypatch.setattr(plain, "PIPES_ARE_WATCHED", False)
    monkeypatch.setattr(address, "HAS_PATHS", False)
    monkeypatch.setattr(connections, "HAS_EPOLL", False)
    with a_stage(tmp_path / "home") as stage:
        port = str(outside.getsockname()[1])
        program = stage.start(sys.executable, "-c", REACHES_OUT, port, str(TRADES), stand_in=True)
        assert stage.until(lambda: any("trade" in line for line in stage.lines)), stage.lines
        assert program.guard.endswith("its calls of the network are guarded instead")
        assert stage.lines[:3] == ["connect OSError", "name OSError", "datagram OSError"]
        where = program.address.variables()
        host, _, given = where["CTPSCEN_SOCKET"].partition(":")
        with socket.create_connection((host, int(given))) as stranger:
            stranger.sendall(b"\x08\0\0\0\x09\0\0\0\0\0\0\0" + b"\x01\0\0\0\x01\0\0\0")
            stranger.setblocking(False)
            stage.until(lambda: False, 0.5)
            assert stranger.recv(10) == b""
        program.terminate()
        assert stage.to_end().code == 0


def test_what_can_have_no_stand_in_is_told_apart(stage: Stage) -> None:
    stage.programs.patience = 0.1
    program = stage.start("sh", "-c", "sleep 1", stand_in=True)
    stage.to_end()
    assert "it is no Python program" in program.explain()
    other = stage.start(sys.executable, "-c", "pass", name="other", stand_in=True)
    stage.until(lambda: len(stage.exits) == 2)
    assert other.explain() == "it has loaded the stand-in for the CTP library, and has made no API object"
    with pytest.raises(CannotStart, match="-I` does not look where the stand-in"):
        stage.start(sys.executable, "-uI", "robot.py", name="alone", stand_in=True)


def test_what_left_the_group_ends_with_the_run(tmp_path: Path) -> None:
    child = "import os, time; print(os.getpid()); time.sleep(9999)"
    script = f"import subprocess, sys; subprocess.call([sys.executable, '-c', {child!r}], start_new_session=True)"
    with a_stage(tmp_path / "home") as stage:
        stage.start(sys.executable, "-c", script, stand_in=True)
        assert stage.until(lambda: stage.lines)
        process = int(stage.lines[0])
    while Path(f"/proc/{process}/exe").exists():  # it ends by itself, and may not have yet
        os.sched_yield()
