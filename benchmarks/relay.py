"""What the relay costs: `relay.py milliseconds|throughput|memory`.

milliseconds  that it adds to a message, each way: round trips of 200 bytes with it and without, in turn
throughput    MB a second of one connection, one way, from a sender to a reader that takes all
memory        MB by which it grows at most while a sender is faster than the reader, with and without latency
"""

import socket
import statistics
import sys
import threading
import time
from pathlib import Path

from ctpscen.live.profile.addresses import parse_front
from ctpscen.live.relay.process import RelayProcess

MESSAGE = bytes(200)
TRIPS = 2_000
WARM = 200

BLOCK = bytes(1 << 20)
BLOCKS = 400

LATENCIES = ("0ms", "1ms", "200ms")
FLOOD_SECONDS = 4.0
FULL = 1.0
"""Seconds for which a sender floods, and after which one that cannot send anything is done."""


def echo(listening: socket.socket) -> None:
    """Sends back to each client what it sends."""
    while True:
        connection, _ = listening.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=send_back, args=(connection,), daemon=True).start()


def send_back(connection: socket.socket) -> None:
    while data := connection.recv(65_536):
        connection.sendall(data)


def connected(host: str, port: int) -> socket.socket:
    connection = socket.create_connection((host, port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def trip(connection: socket.socket) -> float:
    """The seconds of one round trip."""
    began = time.perf_counter()
    connection.sendall(MESSAGE)
    missing = len(MESSAGE)
    while missing:
        missing -= len(connection.recv(missing))
    return time.perf_counter() - began


def milliseconds(relay: RelayProcess) -> float:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    threading.Thread(target=echo, args=(listening,), daemon=True).start()
    direct, relayed = connected("127.0.0.1", port), through(relay, listening)
    times: dict[socket.socket, list[float]] = {direct: [], relayed: []}
    for _ in range(TRIPS + WARM):
        for connection, found in times.items():
            found.append(trip(connection))
    with_it, without = (statistics.median(times[each][WARM:]) for each in (relayed, direct))
    return (with_it - without) * 1_000 / 2


def through(relay: RelayProcess, listening: socket.socket) -> socket.socket:
    """A connection to who listens, through the relay."""
    address = parse_front(relay.open("front", f"tcp://127.0.0.1:{listening.getsockname()[1]}"))
    return connected(address.host, address.port)


def throughput(relay: RelayProcess) -> float:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        client = through(relay, listening)
        server, _ = listening.accept()

    def send() -> None:
        for _ in range(BLOCKS):
            client.sendall(BLOCK)

    sending = threading.Thread(target=send)
    began = time.perf_counter()
    sending.start()
    room = bytearray(1 << 20)
    missing = len(BLOCK) * BLOCKS
    while missing:
        missing -= server.recv_into(room)
    took = time.perf_counter() - began
    sending.join()
    return len(BLOCK) * BLOCKS / 1e6 / took


def memory(relay: RelayProcess) -> float:
    before = peak_megabytes(relay)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        for latency in LATENCIES:
            client = through(relay, listening)
            server, _ = listening.accept()
            relay.command(f"latency {latency}")
            flood(client)
            client.close()
            server.close()
    return peak_megabytes(relay) - before


def flood(client: socket.socket) -> None:
    """Sends as much as goes, to somebody who reads nothing."""
    client.settimeout(FULL)
    end = time.monotonic() + FLOOD_SECONDS
    try:
        while time.monotonic() < end:
            client.send(BLOCK)
    except TimeoutError:
        pass


def peak_megabytes(relay: RelayProcess) -> float:
    lines = Path(f"/proc/{relay.pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6


MEASURES = {each.__name__: each for each in (milliseconds, throughput, memory)}


def main() -> None:
    relay = RelayProcess()
    relay.start()
    print(MEASURES[sys.argv[1]](relay))
    relay.close()


if __name__ == "__main__":
    main()
