"""Shows that one process, several, and a Dask cluster give the same journals to the byte, for each of many seeds.

    python tools/same_runs.py scenarios/reconnect.scn --seeds 10000 -j 4

starts a local cluster of four workers; `--cluster ADDRESS` takes one that is there.
It needs `pip install -e '.[cluster]'`.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from distributed import LocalCluster

from ctpscen.engine.settings import Settings
from ctpscen.explore.cluster import on_cluster
from ctpscen.explore.digests import digests
from ctpscen.explore.spread import Spread, in_processes
from ctpscen.explore.trials import Target, targets_of
from ctpscen.language.checking.file import check
from ctpscen.language.text.source import Source
from ctpscen.loading import Selected
from ctpscen.runner.selection import items_of


@contextmanager
def cluster_at(address: str | None, workers: int) -> Iterator[str]:
    """The address of a cluster: the given one, or one of our own while it is needed."""
    if address is not None:
        yield address
        return
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
        yield cluster.scheduler_address


def targets_in(path: str, seeds: int) -> list[Target]:
    with open(path, encoding="utf-8") as stream:
        program = check(Source(path, stream.read()), None).program
    assert program is not None, f"{path} does not check"
    return list(targets_of(list(items_of(program, Selected(path)))[:1], Settings(), seeds=seeds))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--seeds", type=int, default=10_000)
    parser.add_argument("-j", "--processes", type=int, default=4)
    parser.add_argument("--cluster", metavar="ADDRESS")
    options = parser.parse_args()
    targets = targets_in(options.file, options.seeds)
    with cluster_at(options.cluster, options.processes) as address:
        ways: dict[str, Callable[[], Spread]] = {
            "one process": lambda: in_processes(1),
            f"{options.processes} processes": lambda: in_processes(options.processes),
            f"Dask at {address}": lambda: on_cluster(address),
        }
        found = []
        for way, make in ways.items():
            began = time.perf_counter()
            with closing(make()) as spread:
                found.append(list(digests(targets, spread)))
            print(
                f"{way}: {len(targets):,} seeds, {len(set(found[-1])):,} journals, {time.perf_counter() - began:.1f} s"
            )
    differ = [target.given_seed for target, *each in zip(targets, *found, strict=True) if len(set(each)) > 1]
    print(f"seeds whose journals differ: {differ}" if differ else "equal to the byte for every seed")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
