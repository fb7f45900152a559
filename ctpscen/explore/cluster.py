"""A Dask cluster as one who carries out work; only `--cluster` loads it.

The scheduler itself gives a piece to another worker when one dies, and gives up where it has killed several.
"""

from concurrent.futures import Executor
from typing import Any

from attrs import define, field

from ctpscen.explore.spread import AHEAD, ByExecutor


class NoCluster(Exception):
    """There is no cluster to be had; the text says why."""


CONNECTING = "10s"
"""How long the scheduler is waited for."""


@define(eq=False)
class ByCluster(ByExecutor):
    """By the workers of a cluster, which stays when the campaign is over."""

    client: Any = field(kw_only=True)

    def close(self) -> None:
        """Leaves the cluster. What of the work is still on it is not wanted any more."""
        if self._executor is not None:
            self._executor.shutdown(wait=False)
            self._executor = None
        self.client.close()

    def _renew(self) -> None:
        """Nothing is broken for good: the scheduler has taken another worker."""


def on_cluster(address: str) -> ByCluster:
    """The cluster whose scheduler is at an address, such as tcp://10.0.0.1:8786. Raises NoCluster."""
    try:
        from distributed import CancelledError, Client, KilledWorker
    except ImportError:
        raise NoCluster("--cluster needs Dask: pip install 'ctpscen[cluster]'") from None
    try:
        client = Client(address, timeout=CONNECTING, set_as_default=False)
    except (OSError, ValueError) as reason:
        raise NoCluster(f"there is no Dask scheduler at {address}: {reason}") from None
    threads = sum(client.nthreads().values())
    if not threads:
        client.close()
        raise NoCluster(f"the Dask scheduler at {address} has no workers")

    def make() -> Executor:
        executor: Executor = client.get_executor()
        return executor

    def broken() -> tuple[type[BaseException], ...]:
        return KilledWorker, CancelledError

    return ByCluster(make, ahead=max(AHEAD, 2 * threads), broken=broken, client=client)
