"""Every way in which a Python program waits, and how long by its own clocks each took."""

import asyncio
import contextlib
import multiprocessing
import queue
import select
import socket
import sys
import threading
import time
from collections.abc import Callable


def took(name: str, wait: Callable[[], object]) -> None:
    begun, begun_monotonic = time.time(), time.monotonic()
    wait()
    print(name, f"{time.time() - begun:.6f}", f"{time.monotonic() - begun_monotonic:.6f}")


def timer() -> None:
    done = threading.Event()
    threading.Timer(3, done.set).start()
    done.wait()


def from_a_queue() -> None:
    with contextlib.suppress(queue.Empty):
        queue.Queue[int]().get(timeout=2)


def epoll() -> None:
    one, other = socket.socketpair()
    with select.epoll() as found:
        found.register(one, select.EPOLLIN)
        assert found.poll(2.5) == []
    one.close()
    other.close()


def poll() -> None:
    one, other = socket.socketpair()
    found = select.poll()
    found.register(one, select.POLLIN)
    assert found.poll(1500) == []
    one.close()
    other.close()


def socket_timeout() -> None:
    one, other = socket.socketpair()
    one.settimeout(4)
    with contextlib.suppress(TimeoutError):
        one.recv(1)
    one.close()
    other.close()


def from_another_process() -> None:
    shared = multiprocessing.get_context("fork").Semaphore(0)

    def release() -> None:
        time.sleep(7)
        shared.release()

    child = multiprocessing.get_context("fork").Process(target=release)
    child.start()
    assert shared.acquire(timeout=20)
    child.join()


async def several() -> None:
    """Three loops of asyncio's clock, and a thread that it waits for."""

    async def tick(times: int, pause: float) -> None:
        for _ in range(times):
            await asyncio.sleep(pause)

    await asyncio.gather(tick(10, 0.5), tick(4, 1.25), tick(1, 5), asyncio.to_thread(time.sleep, 4))


def lock() -> None:
    held = threading.Lock()
    held.acquire()
    assert not held.acquire(timeout=1.5)


print("date", time.strftime("%Y-%m-%d %H:%M"))
asyncio.run(asyncio.sleep(0))
took("sleep 10", lambda: time.sleep(10))
took("timer 3", timer)
took("queue 2", from_a_queue)
took("event 2", lambda: threading.Event().wait(2))
took("condition 6", lambda: [condition.wait(6) for condition in [threading.Condition()] if condition.acquire()])
took("lock 1.5", lock)
took("select 2", lambda: select.select([], [], [], 2))
took("epoll 2.5", epoll)
took("poll 1.5", poll)
took("socket 4", socket_timeout)
if "without-processes" not in sys.argv:
    took("process 7", from_another_process)
took("asyncio 5", lambda: asyncio.run(several()))
took("an-hour 3600", lambda: time.sleep(3600))
