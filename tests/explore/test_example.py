"""The example of a strategy that sends twice: its mistake is found, made small, and shown again by one line."""

from support import ROOT

import ctpscen
from ctpscen.ctp.commands.plan import Plan, read_plan
from ctpscen.explore.shrinking import shrink

PATH = ROOT / "examples" / "double_send.scn"


def test_a_planted_double_send_is_found_shrunk_and_replayed() -> None:
    assert len(PATH.read_text(encoding="utf-8").splitlines()) <= 40
    scenarios = ctpscen.compile(PATH)
    assert scenarios.run().passed
    (report,) = scenarios.explore(faults=["stall"])
    assert {finding.broken for finding in report.findings} == {"no more lots than are wanted"}
    assert all(len(read_plan(finding.plan)) == 1 for finding in report.findings)

    def breaks(plan: Plan) -> bool:
        result = scenarios.run(plan=" ".join(map(str, plan)))
        return "no more lots than are wanted" in result.reason

    larger = read_plan("trader/ReqUserLogin/1:refuse trader/OnRtnTrade/2:duplicate trader/OnRtnOrder/1:stall25s")
    assert breaks(larger)
    small = shrink(larger, breaks, {})
    assert " ".join(map(str, small)) == "trader/OnRtnOrder/1:stall"
    assert not scenarios.run(plan="trader/OnRtnOrder/1:stall").passed
    assert not scenarios.run(plan="trader/OnRtnOrder/1:stall").passed, "again and again"
