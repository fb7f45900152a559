"""The same toy problem explored three ways: runs, and steps of them, a second of processor time.

A client takes silence for refusal: it asks, waits a second, and asks again where it has heard nothing. A message may
take too long, and then what is asked for is done twice. ctpscen explores a scenario of that against its whole venue,
with login and market data, fault by fault; Hypothesis runs a state machine of rules, simloom an asyncio program over
seeds, both of them on next to nothing. So the figures say what a run costs, not who finds more. A step is a boundary of
the run without faults for ctpscen, a rule for Hypothesis, an event of its log for simloom.

    python benchmarks/exploring.py ctpscen|hypothesis|simloom

prints runs and steps a second, and takes some ten seconds. simloom needs Python 3.12 and is left out by an older one.
"""

import sys
import time
from collections.abc import Callable

RUNS = 2_000
LATE, SOON, PATIENCE = 5.0, 0.01, 1.0

SCENARIO = """\
invariant "at most one lot": eventually position(rb2705).long <= 1

buy open 1 rb2705 at ask as first
wait 1s
if first.status is none:
    buy open 1 rb2705 at ask
wait 1s
"""


def by_ctpscen() -> tuple[int, int]:
    import ctpscen

    scenarios = ctpscen.compile(SCENARIO)
    runs, boundaries = 0, scenarios.explore(faults=["kill"])[0].boundaries
    while runs < RUNS:
        (report,) = scenarios.explore(seed=runs)
        assert report.findings
        runs += report.runs
    return runs, runs * boundaries


def by_hypothesis() -> tuple[int, int]:
    from hypothesis import HealthCheck, settings
    from hypothesis.stateful import (
        RuleBasedStateMachine,
        initialize,
        invariant,
        precondition,
        rule,
        run_state_machine_as_test,
    )

    steps = runs = 0

    class Client(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            nonlocal runs
            runs += 1
            self.asked, self.done, self.heard, self.waiting = 1, 0, False, 1

        def _step(self) -> None:
            nonlocal steps
            steps += 1

        @rule()
        @precondition(lambda self: self.waiting)
        def arrive(self) -> None:
            self._step()
            self.waiting -= 1
            self.done += 1
            self.heard = True

        @rule()
        def stall(self) -> None:
            self._step()

        @rule()
        @precondition(lambda self: not self.heard and self.asked < 2)
        def ask_again(self) -> None:
            self._step()
            self.asked += 1
            self.waiting += 1

        @invariant()
        def at_most_once(self) -> None:
            """What is found would end it; here it is to be counted alone."""

    checked = settings(
        max_examples=RUNS, stateful_step_count=12, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Client, settings=checked)  # type: ignore[no-untyped-call]
    return runs, steps


def by_simloom() -> tuple[int, int]:
    if sys.version_info < (3, 12):
        sys.exit("simloom needs Python 3.12; it is left out")
    import asyncio

    import simloom

    twice = 0

    async def main() -> None:
        nonlocal twice
        done = 0

        async def venue(request: asyncio.Queue[str], answer: asyncio.Queue[str]) -> None:
            nonlocal done
            while True:
                await request.get()
                await asyncio.sleep((SOON, SOON, LATE)[simloom.draw("delay", 3)])
                done += 1
                answer.put_nowait("done")

        requests, answers = asyncio.Queue[str](), asyncio.Queue[str]()
        task = asyncio.create_task(venue(requests, answers))
        requests.put_nowait("buy")
        try:
            await asyncio.wait_for(answers.get(), PATIENCE)
        except TimeoutError:
            requests.put_nowait("buy")
        await asyncio.sleep(4 * LATE)
        task.cancel()
        twice += done > 1

    steps = sum(len(simloom.run(main, seed=seed).log.events) for seed in range(RUNS))
    assert twice
    return RUNS, steps


WAYS: dict[str, Callable[[], tuple[int, int]]] = {
    "ctpscen": by_ctpscen,
    "hypothesis": by_hypothesis,
    "simloom": by_simloom,
}

if __name__ == "__main__":
    began = time.process_time()
    runs, steps = WAYS[sys.argv[1]]()
    took = time.process_time() - began
    print(round(runs / took), round(steps / took))
