"""What a program under test costs, and how right its clock is: `programs.py WHAT`.

call     microseconds of a program's call, there and back: GetTradingDay, and an order while it is not connected
waits    seconds more than its own processor time that a Python program with 30 s of waits takes, where time jumps
hour     seconds that an hour of one-second waits takes
pace N   the largest relative error of any wait of a Python and a C++ program at N times the wall's speed, in per cent;
         a wait that is too short is an error of the benchmark
idle     per cent of a processor that an idle program takes at the wall's speed, its own and ours
starts   of 500 starts, one after the other: by how many open files and MB ctpscen has grown after the first ten
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.stage import PROGRAMS, Stage, stage  # noqa: E402

from ctpscen.ctp.schema.versions import tables  # noqa: E402

CALLS = 5_000
STARTS, FIRST = 500, 10
IDLE_SECONDS = 5

CALLER = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
void *%(create)s(const char *flow, int production);
typedef const char *text(void *);
typedef int request(void *, void *, int);
static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}
int main(void) {
    void **object = %(create)s("", 1), **table = *object;
    char *order = calloc(1, %(size)d);
    strcpy(order + %(instrument)d, "cu2612");
    for (int which = 0; which < 2; which++) {
        double begun = 0;
        for (int i = -200; i < %(calls)d; i++) {
            if (i == 0) begun = now();
            if (which) ((request *)table[%(insert)d])(object, order, i);
            else ((text *)table[%(day)d])(object);
        }
        printf("%%.2f\\n", (now() - begun) / %(calls)d * 1e6);
    }
}
"""

LIBRARY = """
void *%s(const char *flow, int production) { (void)flow; (void)production; return 0; }
const char *_ZN19CThostFtdcTraderApi13GetApiVersionEv(void) { return "%s"; }
"""


def compiled(folder: Path, name: str, source: str, *options: str) -> str:
    (folder / f"{name}.c").write_text(source, encoding="utf-8")
    subprocess.run(["cc", "-O2", "-o", folder / name, folder / f"{name}.c", *options], check=True)
    return str(folder / name)


def call(folder: Path) -> list[float]:
    found = tables()
    order, trader = found.record("InputOrder"), found.trader
    values = {
        "create": trader.create_symbol,
        "size": order.size,
        "instrument": order.fields["InstrumentID"].offset,
        "calls": CALLS,
        "insert": trader.function("ReqOrderInsert").slot,
        "day": trader.function("GetTradingDay").slot,
    }
    library = compiled(
        folder, "libthosttraderapi_se.so", LIBRARY % (trader.create_symbol, found.api_version), "-shared", "-fPIC"
    )
    program = compiled(folder, "caller", CALLER % values, library)
    with stage(folder / "home", pace=1.0) as made:
        made.start(program)
        made.to_end()
    return [float(line) for line in made.lines]


def children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(folder: Path, *command: str) -> tuple[float, float]:
    """The wall's seconds of a run in jumps, and the processor's of the program."""
    before, began = children_seconds(), time.perf_counter()
    with stage(folder / "home", patience=0.0) as made:
        made.start(*command, folder=PROGRAMS)
        made.to_end(4_000)
    return time.perf_counter() - began, children_seconds() - before


def waits(folder: Path) -> float:
    script = "import time\nfor number in range(300): time.sleep(0.1)"
    taken, used = timed(folder, sys.executable, "-c", script)
    return taken - used


def hour(folder: Path) -> float:
    return timed(folder, sys.executable, "-c", "import time\nfor _ in range(3600): time.sleep(1)")[0]


def error_of(line: str) -> float:
    """The relative error of a wait, in per cent."""
    _, wanted, *took = line.split()
    errors = [(float(each) / float(wanted) - 1) * 100 for each in took]
    assert min(errors) >= 0, f"too short: {line}"
    return max(errors)


def pace(folder: Path, speed: float) -> float:
    timers = str(folder / "cpp-timers")
    subprocess.run(["g++", "-std=c++17", "-O1", "-pthread", "-o", timers, PROGRAMS / "timers.cpp"], check=True)
    return max(
        largest_error(folder / "python", speed, 12, sys.executable, "timers.py"),
        largest_error(folder / "cpp", speed, 24, timers),
    )


def largest_error(folder: Path, speed: float, count: int, *command: str) -> float:
    """Of so many waits but the one for another process, which takes time to start; nobody waits for the hour."""
    with stage(folder, pace=speed) as made:
        made.start(*command, folder=PROGRAMS)
        made.until(lambda: len(waits_of(made)) == count, 4_000)
    return max(error_of(line) for line in waits_of(made) if not line.startswith("process"))


def waits_of(made: Stage) -> list[str]:
    return [line for line in made.lines if line.count(" ") == 3]


def idle(folder: Path) -> tuple[float, float]:
    script = "import threading\nthreading.Timer(1e6, print).start()\nwhile True: threading.Event().wait(1)"
    before = children_seconds()
    with stage(folder / "home", pace=1.0) as made:
        made.start(sys.executable, "-c", script)
        made.until(lambda: False, 1)
        ours, started = time.process_time(), children_seconds_of(made)
        made.until(lambda: False, IDLE_SECONDS)
        used = children_seconds_of(made) - started, time.process_time() - ours
    assert before <= children_seconds()
    return used[0] / IDLE_SECONDS * 100, used[1] / IDLE_SECONDS * 100


def children_seconds_of(made: Stage) -> float:
    """The processor time of the program that runs."""
    (program,) = made.programs.all.values()
    fields = Path(f"/proc/{program.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def starts(folder: Path) -> tuple[int, float]:
    with stage(folder / "home", patience=0.0) as made:
        program = made.start("sh", "-c", "sleep 1")
        made.to_end()
        sizes: list[tuple[int, float]] = []
        for _ in range(STARTS - 1):
            program.start()
            made.events.clear()
            made.exits.clear()
            made.to_end()
            sizes.append((len(os.listdir("/proc/self/fd")), resident()))
    files, size = zip(*sizes, strict=True)
    return files[-1] - files[FIRST], statistics.median(size[-5:]) - statistics.median(size[FIRST : FIRST + 5])


def resident() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


WHAT: dict[str, Callable[..., object]] = {each.__name__: each for each in (call, waits, hour, pace, idle, starts)}


def main() -> None:
    what, *options = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        found = WHAT[what](Path(folder), *map(float, options))
    print(*(found if isinstance(found, list | tuple) else [found]))


if __name__ == "__main__":
    main()
