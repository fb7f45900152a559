"""Milliseconds that the relay adds to a message, each way: round trips of 200 bytes with it and without, in turn."""

import socket
import statistics
import threading
import time

from ctpscen.live.profile.addresses import parse_front
from ctpscen.live.relay.process import RelayProcess

MESSAGE = bytes(200)
TRIPS = 2_000
WARM = 200


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


def main() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    threading.Thread(target=echo, args=(listening,), daemon=True).start()
    relay = RelayProcess()
    relay.start()
    address = parse_front(relay.open("front", f"tcp://127.0.0.1:{port}"))
    direct, relayed = connected("127.0.0.1", port), connected(address.host, address.port)
    times: dict[socket.socket, list[float]] = {direct: [], relayed: []}
    for _ in range(TRIPS + WARM):
        for connection, found in times.items():
            found.append(trip(connection))
    through, without = (statistics.median(times[each][WARM:]) for each in (relayed, direct))
    print((through - without) * 1_000 / 2)
    for connection in times:
        connection.close()
    relay.close()


if __name__ == "__main__":
    main()
