"""How many callbacks a second come through the live path: native records, copy, wire, session, journal, inbox.

python benchmarks/live_callbacks.py
"""

import os
import queue
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from ctpscen.client.session import Identity, Session  # noqa: E402
from ctpscen.ctp.messages import Request  # noqa: E402
from ctpscen.engine.actors import Actor  # noqa: E402
from ctpscen.engine.journal import Journal  # noqa: E402
from ctpscen.live import locale  # noqa: E402
from ctpscen.live.process import Arrival, WorkerProcess  # noqa: E402

COUNT = 100_000


class Clock:
    now = 0


def main() -> None:
    os.environ["PYTHONPATH"] = str(HERE)
    with tempfile.TemporaryDirectory() as folder:
        arrivals: queue.SimpleQueue[Arrival] = queue.SimpleQueue()
        variables = locale.environment(Path(folder, "locales"))
        worker = WorkerProcess("trader", Path(folder, "log"), arrivals, lambda m: m, variables, "live_binding")
        worker.start()
        session = Session("trader", Identity("9999", "100001", "", "", "", flow="flow"))
        actor = Actor(session, Clock(), Journal(), lambda: None)
        actor.api = worker
        worker.call(Request(1, "trader", 0, 0, "CreateFtdcTraderApi", {"pszFlowPath": f"{folder}/flow/"}))
        worker.call(Request(1, "trader", 0, 0, "RegisterSpi"))
        began = time.perf_counter()
        worker.call(Request(1, "trader", 0, 0, "Init"))
        for _ in range(COUNT):
            arrival = arrivals.get(timeout=30)
            assert arrival.callback is not None, worker.epitaph()
            actor.deliver(arrival.callback)
        took = time.perf_counter() - began
        worker.close()
    lost = COUNT - len(session.orders.by_key)
    print(f"{COUNT:,} callbacks in {took:.2f} s: {COUNT / took:,.0f} a second, {lost} lost")


if __name__ == "__main__":
    main()
