"""Callbacks a second that come through the live path: native records, copy, wire, session, journal, inbox.

The real SPI classes are called with native records (see live_binding). Ends with an error where one is lost.
"""

import os
import queue
import sys
import tempfile
import time
from pathlib import Path

from ctpscen.client.session import Identity, Session
from ctpscen.ctp.messages import Request
from ctpscen.engine.state.actors import Actor
from ctpscen.engine.state.journal import Journal
from ctpscen.live.care.masking import Masker
from ctpscen.live.library import locale
from ctpscen.live.library.process import Arrival, WorkerProcess

COUNT = 100_000


class Clock:
    now = 0


def main() -> None:
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parent)
    masker = Masker()
    masker.add("100001", "a-password", "0" * 16)
    with tempfile.TemporaryDirectory() as folder:
        arrivals: queue.SimpleQueue[Arrival] = queue.SimpleQueue()
        variables = locale.environment(Path(folder, "locales"))
        worker = WorkerProcess("trader", Path(folder, "log"), arrivals, lambda m: m, variables, "live_binding")
        worker.start()
        session = Session("trader", Identity("9999", "100001", "", "", "", flow="flow"))
        actor = Actor(session, Clock(), Journal(masker=masker), lambda: None)
        actor.api = worker
        worker.call(Request(1, "trader", 0, 0, "CreateFtdcTraderApi", {"pszFlowPath": f"{folder}/flow/"}))
        worker.call(Request(1, "trader", 0, 0, "RegisterSpi"))
        began = time.perf_counter()
        worker.call(Request(1, "trader", 0, 0, "Init"))
        for _ in range(COUNT):
            arrival = arrivals.get(timeout=30)
            assert arrival.callback is not None, worker.cause_of_death()
            actor.deliver(arrival.callback)
        took = time.perf_counter() - began
        worker.close()
    lost = COUNT - len(session.orders.by_key)
    if lost:
        sys.exit(f"{lost} of {COUNT} callbacks were lost")
    print(COUNT / took)


if __name__ == "__main__":
    main()
