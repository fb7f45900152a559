"""Trials: how little is asked of one changes nothing of how it goes."""

import pytest
from support.exploring import RETRY, targets

from ctpscen.ctp.commands.plan import read_plan
from ctpscen.engine.unit import Wanted
from ctpscen.explore.trials import run_target, try_plan

PLANS = ("", "trader/OnRtnOrder/1:stall", "trader/OnRtnTrade/1:duplicate", "trader/ReqOrderInsert/1:cut")
DROPPED = "venue: drop next trade\nbuy open 1 rb2705 at ask\nwait 1s\n"


@pytest.mark.parametrize("wanted", ["boundaries", "verdict"])
@pytest.mark.parametrize("text", [RETRY, DROPPED], ids=["breaks", "is robbed of a report"])
def test_a_run_that_tells_less_comes_to_the_same(text: str, wanted: Wanted) -> None:
    target = targets(text)[0]
    for plan in PLANS:
        whole, less = (run_target(target, read_plan(plan), each) for each in ("journal", wanted))
        assert whole.explored is not None
        assert less.explored is not None
        assert (less.verdict, less.reason, less.elapsed) == (whole.verdict, whole.reason, whole.elapsed)
        assert less.explored.broken == whole.explored.broken
        assert less.explored.struck == whole.explored.struck
        assert less.explored.reached == (whole.explored.reached if wanted == "boundaries" else ())
        assert {event["event"] for event in less.journal} <= {"fault"}
        assert not plan or less.journal


def test_two_trials_that_go_alike_have_the_same_trace() -> None:
    target = targets(RETRY)[0]
    tried = [try_plan(target, plan).trace for plan in (*PLANS, PLANS[0])]
    assert tried[0] == tried[-1]
    assert len(set(tried)) > 2
    assert try_plan(target, "", "verdict").trace == ""
