"""A program on the simulator cannot trade: by default nothing but our front answers it, whatever it is made of."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.stage import Stage

from ctpscen.environments.running import how_programs_are_kept
from ctpscen.program.processes.process import NoNamespace, Process
from ctpscen.program.spec import CannotStart

TRY = """
import socket, sys
def attempt(what):
    try:
        return what()
    except OSError as reason:
        return type(reason).__name__ + " " + (reason.strerror or "")
def connected(family, address):
    with socket.socket(family) as one:
        one.settimeout(5)
        one.connect(address)
        return "connected"
"""


@pytest.fixture
def listener() -> Iterator[int]:
    """A port on this machine's loopback, on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made.getsockname()[1]


@pytest.fixture
def without_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that gives no program a network namespace."""
    start = Process.start

    def refuse(self: Process, *how: Any, **more: Any) -> None:
        if how[-1] == "none":
            raise NoNamespace("`it` cannot have a network namespace of its own here: Operation not permitted")
        start(self, *how, **more)

    monkeypatch.setattr(Process, "start", refuse)


def said(stage: Stage, script: str, **spec: Any) -> list[str]:
    stage.programs.patience = 0
    stage.start(sys.executable, "-c", TRY + script, **spec)
    stage.to_end()
    return stage.lines


def static_program(folder: Path, port: int) -> str:
    """A program that no library can be put before, and that asks the kernel itself: it connects to a port."""
    source = f"""
        #include <arpa/inet.h>
        #include <stdio.h>
        #include <sys/socket.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        int main() {{
            struct sockaddr_in there = {{.sin_family = AF_INET, .sin_port = htons({port})}};
            there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            int made = syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
            puts(syscall(SYS_connect, made, &there, sizeof there) ? "refused" : "connected");
        }}
    """
    (folder / "reaches.c").write_text(source)
    subprocess.run(["cc", "-static", "-o", folder / "reaches", folder / "reaches.c"], check=True)
    return str(folder / "reaches")


def test_it_reaches_nobody_even_by_itself(stage: Stage, listener: int, tmp_path: Path) -> None:
    program = stage.start(static_program(tmp_path, listener))
    stage.to_end()
    assert stage.lines == ["refused"]
    assert program.guard == ""


def test_it_has_a_loopback_of_its_own(stage: Stage, listener: int) -> None:
    script = f"""
print(attempt(lambda: connected(socket.AF_INET, ("127.0.0.1", {listener}))))
with socket.create_server(("127.0.0.1", 0)) as own:
    print(attempt(lambda: connected(socket.AF_INET, own.getsockname())))
print(attempt(lambda: connected(socket.AF_INET, ("192.0.2.1", 80))))
print(attempt(lambda: socket.getaddrinfo("example.com", 80)).split()[0])
"""
    assert said(stage, script) == [
        "ConnectionRefusedError Connection refused",
        "connected",
        "OSError Network is unreachable",
        "gaierror",
    ]


def test_loopback_reaches_what_listens_on_this_machine_and_no_more(stage: Stage, listener: int) -> None:
    script = f"""
print(attempt(lambda: connected(socket.AF_INET, ("127.0.0.1", {listener}))))
print(attempt(lambda: connected(socket.AF_INET, ("192.0.2.1", 80))))
print(attempt(lambda: connected(socket.AF_INET6, ("2001:db8::1", 80))))
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
    print(attempt(lambda: one.sendto(b"x", ("192.0.2.1", 53))))
print(attempt(lambda: socket.getaddrinfo("example.com", 80)).split()[0])
print(attempt(lambda: socket.getaddrinfo("localhost", 80) and "found"))
"""
    assert said(stage, script, network="loopback") == [
        "connected",
        "OSError Network is unreachable",
        "OSError Network is unreachable",
        "OSError Network is unreachable",
        "gaierror",
        "found",
    ]


def test_loopback_is_refused_for_what_wrapped_calls_cannot_hold(stage: Stage, tmp_path: Path) -> None:
    program = static_program(tmp_path, 1)
    with pytest.raises(CannotStart, match="cannot be kept off the network by wrapped calls: it is linked statically"):
        stage.start(program, network="loopback")


def test_open_is_open(stage: Stage, listener: int) -> None:
    script = f'print(attempt(lambda: connected(socket.AF_INET, ("127.0.0.1", {listener}))))'
    assert said(stage, script, network="open") == ["connected"]


@pytest.mark.usefixtures("without_namespaces")
def test_without_namespaces_calls_are_guarded_and_that_is_said(stage: Stage) -> None:
    stage.programs.patience = 0
    script = TRY + 'print(attempt(lambda: connected(socket.AF_INET, ("192.0.2.1", 80))))'
    program = stage.start(sys.executable, "-c", script)
    stage.to_end()
    assert stage.lines == ["OSError Network is unreachable"]
    assert program.guard == (
        "`it` cannot have a network namespace of its own here: Operation not permitted; its calls of the network are "
        "guarded instead"
    )


@pytest.mark.usefixtures("without_namespaces")
def test_without_namespaces_what_gets_past_the_guard_does_not_start(stage: Stage, tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="it is linked statically"):
        stage.start(static_program(tmp_path, 1))


def test_whoever_answers_from_outside_is_waited_for(stage: Stage) -> None:
    """A database on the loopback, say; time does not run away while it thinks."""
    with socket.create_server(("127.0.0.1", 0)) as database:
        port = database.getsockname()[1]

        def answer() -> None:
            asking, _ = database.accept()
            with asking:
                while question := asking.recv(100):
                    asking.sendall(question)

        thread = threading.Thread(target=answer)
        thread.start()
        script = f"""
import threading, time
threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
with socket.create_connection(("127.0.0.1", {port})) as one:
    for _ in range(100):
        one.sendall(b"?")
        one.recv(1)
print("answered")
"""
        assert said(stage, script, network="loopback") == ["answered"]
        thread.join()
    assert stage.seconds < 60


def test_the_doctor_tells_what_keeps_programs() -> None:
    assert how_programs_are_kept() == "can be started, each in a network of its own"


@pytest.mark.usefixtures("without_namespaces")
def test_the_doctor_tells_that_there_is_no_namespace() -> None:
    told = how_programs_are_kept()
    assert told.startswith("can be started; their calls of the network are guarded, because `it` cannot have a network")
