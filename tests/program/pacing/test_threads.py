"""Whether a program rests is seen from outside, without any doubt about what was sent to it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ctpscen.program.pacing.threads import Threads

# Two threads: one waits for ever, the other answers each line by computing for a while, and then a line.
ANSWERS = """
import sys, threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
print("ready", flush=True)
for line in sys.stdin:
    sum(range(int(line)))
    print(line, end="", flush=True)
"""


@contextmanager
def running(script: str) -> Iterator[tuple["subprocess.Popen[str]", Threads]]:
    """A program, and the threads of all that comes of this process."""
    child = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    threads = Threads(os.getpid(), child.pid)
    try:
        yield child, threads
    finally:
        threads.close()
        child.kill()
        child.communicate()


def until(ready: Callable[[], bool]) -> None:
    while not ready():
        time.sleep(0)


def test_a_program_that_was_given_something_does_not_rest_before_it_has_answered() -> None:
    with running(ANSWERS) as (child, threads):
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        for number in range(200):
            child.stdin.write(f"{number * 500}\n")
            child.stdin.flush()
            until(threads.rest)
            os.set_blocking(child.stdout.fileno(), False)
            assert child.stdout.readline() == f"{number * 500}\n", "it had answered when it rested"
            os.set_blocking(child.stdout.fileno(), True)


def test_the_threads_that_come_and_go_and_the_children_count() -> None:
    script = """
import subprocess, sys, threading
for line in sys.stdin:
    thread = threading.Thread(target=lambda: subprocess.run([sys.executable, "-c", "print('child', flush=True)"]))
    thread.start(); thread.join()
    print("done", flush=True)
"""
    with running(script) as (child, threads):
        assert child.stdin is not None
        assert child.stdout is not None
        until(threads.rest)
        for _ in range(3):
            child.stdin.write("\n")
            child.stdin.flush()
            until(threads.rest)
            os.set_blocking(child.stdout.fileno(), False)
            assert child.stdout.readline() == "child\n"
            assert child.stdout.readline() == "done\n"
            os.set_blocking(child.stdout.fileno(), True)
        assert threads.processes() == [child.pid]


def test_a_program_that_has_ended_does_not_rest() -> None:
    """Its end is about to be told."""
    with running("pass") as (child, threads):
        assert child.stdout is not None
        assert child.stdout.read() == ""
        until(lambda: threads.processes() == [child.pid] or not threads.rest())
        assert not threads.rest()


def test_nothing_stays_open() -> None:
    before = len(os.listdir("/proc/self/fd"))
    with running(ANSWERS) as (child, threads):
        assert child.stdout is not None
        child.stdout.readline()
        until(threads.rest)
    assert len(os.listdir("/proc/self/fd")) == before
