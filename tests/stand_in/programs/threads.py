"""Threads that wait for each other in the ways of Python's library, and say how long it took by their clock."""

import concurrent.futures
import contextlib
import datetime
import os
import queue
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def since() -> Iterator[Callable[[], str]]:
    begun = time.monotonic()
    yield lambda: f"{time.monotonic() - begun:.6f}"


def hand_on() -> None:
    """Four threads, and what each takes from its queue it puts into the next."""
    queues: list[queue.Queue[int]] = [queue.Queue(maxsize=3) for _ in range(5)]

    def pass_on(place: int) -> None:
        while (item := queues[place].get()) >= 0:
            queues[place + 1].put(item)
        queues[place + 1].put(item)

    threads = [threading.Thread(target=pass_on, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    with since() as took:
        threading.Thread(target=lambda: [*map(queues[0].put, [*range(2000), -1])]).start()
        count = 0
        while queues[4].get() >= 0:
            count += 1
        print("handed on", count, "in", took())


def one_lock() -> None:
    lock, total = threading.Lock(), 0

    def add() -> None:
        nonlocal total
        for _ in range(50):
            with lock:
                time.sleep(0.01)
                total += 1

    threads = [threading.Thread(target=add) for _ in range(8)]
    with since() as took:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(f"one lock, 8 threads: {total} in", took())


def reentrant() -> None:
    lock = threading.RLock()
    inside = threading.Event()

    def hold() -> None:
        with lock, lock:
            inside.set()
            time.sleep(2)

    threading.Thread(target=hold).start()
    inside.wait()
    with since() as took, lock:
        print("reentrant", took())


def joining() -> None:
    thread = threading.Thread(target=time.sleep, args=(3,))
    with since() as took:
        thread.start()
        thread.join()
        print("joined after", took(), not thread.is_alive())
    thread = threading.Thread(target=time.sleep, args=(3,))
    with since() as took:
        thread.start()
        thread.join(1)
        print("not joined after", took(), not thread.is_alive())
    thread.join()


def square(number: int) -> int:
    time.sleep(1)
    return number * number


def later(seconds: float, act: Callable[[], object]) -> None:
    def run() -> None:
        time.sleep(seconds)
        act()

    threading.Thread(target=run).start()


def fork() -> None:
    reading, writing = os.pipe()
    if os.fork() == 0:
        with since() as took:
            time.sleep(7)
            os.write(writing, took().encode())
            os._exit(0)
    select.select([reading], [], [])
    print("child of a fork", os.read(reading, 64).decode())
    os.wait()


hand_on()
one_lock()
reentrant()
joining()
with since() as took, concurrent.futures.ThreadPoolExecutor(2) as pool:
    print("a pool:", list(pool.map(square, range(4))), "in", took())
one, other = os.pipe()
later(5, lambda: os.write(other, b"done"))
with since() as took:
    select.select([one], [], [])
    print(f"a pipe after {took()}: {os.read(one, 10)!r}")
near, far = socket.socketpair()
later(6, lambda: far.send(b"done"))
with since() as took:
    text = near.recv(10)
    print(f"a socket after {took()}: {text!r}")
fork()
now = datetime.datetime.now()
is_one = isinstance(now - datetime.timedelta(1), datetime.datetime) and now.date() == datetime.date.today()
print("datetime", f"{now:%Y-%m-%d} 09:30", is_one)

arrived: "queue.SimpleQueue[int]" = queue.SimpleQueue()
signal.signal(signal.SIGTERM, lambda number, _: arrived.put(number))
later(2, lambda: os.kill(os.getpid(), signal.SIGTERM))
print("handled", arrived.get(timeout=60), "while waiting")


def leave(*_: object) -> None:
    raise KeyError


signal.signal(signal.SIGTERM, leave)
later(2, lambda: os.kill(os.getpid(), signal.SIGTERM))
with contextlib.suppress(KeyError):
    threading.Event().wait()
print("raised in a handler")


def go_on() -> None:
    with since() as took:
        time.sleep(10)
        print("a thread goes on for", took())
        sys.stdout.flush()


threading.Thread(target=go_on).start()
print("main is done", flush=True)
