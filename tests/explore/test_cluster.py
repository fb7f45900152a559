"""Exploring on a Dask cluster: a local one of two workers finds what one process finds, also when a worker dies."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support import command
from support.exploring import RETRY, explored, targets

from ctpscen.explore.cluster import NoCluster, on_cluster
from ctpscen.explore.digests import digests
from ctpscen.explore.spread import Here, in_processes

distributed = pytest.importorskip("distributed", reason="there is no Dask here (pip install -e '.[cluster]')")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster.scheduler_address


def test_the_command_finds_on_a_cluster_what_it_finds_here(address: str, tmp_path: Path) -> None:
    path = tmp_path / "retry.scn"
    path.write_text(RETRY)
    ways = [command("explore", str(path), "--seeds", "2", *by)[:2] for by in ([], ["--cluster", address])]
    (code, here), (same_code, there) = ways
    assert (code, here.rpartition(" in ")[0]) == (same_code, there.rpartition(" in ")[0])
    assert code == 1


def test_journals_are_equal_to_the_byte_whoever_makes_them(address: str) -> None:
    seeds = targets(RETRY, seeds=20)
    here = list(digests(seeds, Here()))
    assert len(set(here)) == 20
    with closing(in_processes(4)) as processes, closing(on_cluster(address)) as cluster:
        assert list(digests(seeds, processes)) == here
        assert list(digests(seeds, cluster)) == here


def test_a_worker_that_dies_costs_its_piece_which_another_one_does(address: str) -> None:
    with closing(on_cluster(address)) as cluster:
        victim = next(iter(cluster.client.run(os.getpid).values()))
        os.kill(victim, signal.SIGKILL)
        assert explored(RETRY, by=cluster).findings == explored(RETRY).findings


def test_where_there_is_no_scheduler_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctpscen.explore.cluster.CONNECTING", "1s")
    with pytest.raises(NoCluster, match=r"there is no Dask scheduler at tcp://127\.0\.0\.1:1"):
        on_cluster("tcp://127.0.0.1:1")
