"""One file with every verdict in it, a reconnect, and faults; and its run."""

from collections.abc import Sequence
from pathlib import Path

from ctpscen.loading import Selected
from ctpscen.runner.execution import Done, Order, run_items
from ctpscen.runner.selection import items_of
from support import checked

SUITE = '''\
"""What can happen, and how it is shown."""

session alice
session bob account second

scenario "an order survives a cut" @reconnect @smoke:
    alice:
        buy open 2 rb2705 at ask as entry
        disconnect
        wait 10s
        reconnect
        expect trades of entry total 2 within 30s

scenario "a trade is dropped" @faults:
    venue: drop next 1 trade to alice
    alice: buy open 1 rb2705 at ask as entry
    bob: sell open 1 rb2705 at bid as other
    bob: expect trade of other
    alice:
        log "</script><script>alert(1)</script>"
        soft check 1 == 2, "<b>one</b> & two"
        expect trade of entry within 5s

scenario "the table's row decides":
    where:
        | volume |
        | 1      |
    alice: buy open volume rb2705 at lower_limit as resting
    alice: expect order of resting where OrderStatus == NoTradeQueueing
    alice: cancel resting
    alice: expect order of resting where OrderStatus == Canceled

scenario "is <i>blocked</i>":
    block "not today"

scenario "is skipped":
    skip "never"

scenario "errs":
    let empty = []
    log "{empty[1]}"
'''


def run_suite(text: str = SUITE, seed: int = 0) -> Sequence[Done]:
    """All of it, in order."""
    program = checked(text, "suite.scn").program
    assert program is not None
    return list(run_items(list(items_of(program, Selected("suite.scn"))), Order(seed)))


def write_suite(folder: Path, text: str = SUITE) -> Path:
    path = folder / "suite.scn"
    path.write_text(text, encoding="utf-8")
    return path


__all__ = ["SUITE", "run_suite", "write_suite"]
