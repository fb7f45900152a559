"""Shrinking: the fewest faults, the simplest of them, in few trials, with what is known already for nothing."""

from hypothesis import given
from hypothesis import strategies as st

from ctpscen.ctp.commands.plan import FAULTS, Boundary, Plan, PlannedFault, fits, plan_text, read_plan
from ctpscen.explore.shrinking import shrink

CUT, STALL = "a/OnRtnTrade/1:cut", "a/OnRtnOrder/1:stall25s"


def shrunk(text: str, broken_by: set[str], known: dict[str, bool] | None = None) -> tuple[str, list[str]]:
    tried: list[str] = []

    def breaks(plan: Plan) -> bool:
        tried.append(plan_text(plan))
        return any(set(each.split()) <= set(plan_text(plan).split()) for each in broken_by)

    return plan_text(shrink(read_plan(text), breaks, known or {})), tried


def test_a_fault_that_is_not_needed_goes() -> None:
    assert shrunk(f"{CUT} {STALL}", {STALL, "a/OnRtnOrder/1:stall"})[0] == "a/OnRtnOrder/1:stall"
    assert shrunk(f"{CUT} {STALL}", {f"{CUT} {STALL}"})[0] == f"{CUT} {STALL}"


def test_what_is_known_costs_no_trial() -> None:
    known = {CUT: False, STALL: False}
    found, tried = shrunk(f"{CUT} {STALL}", {f"{CUT} {STALL}"}, known)
    assert found == f"{CUT} {STALL}"
    assert not {CUT, STALL} & set(tried)
    assert len(tried) <= 10
    assert shrunk(f"{CUT} {STALL}", set(), {CUT: True}) == (CUT, [])


plans = st.lists(
    st.tuples(st.sampled_from(["OnRtnTrade", "ReqOrderInsert"]), st.integers(1, 3), st.sampled_from(FAULTS)),
    min_size=1,
    max_size=4,
    unique_by=lambda each: each[:2],
).map(lambda found: tuple(PlannedFault(Boundary("a", name, n), fault) for name, n, fault in found if fits(fault, name)))


@given(plans.filter(len))
def test_what_is_left_breaks_still_and_is_no_larger(plan: Plan) -> None:
    needed = set(plan[:1])

    def breaks(candidate: Plan) -> bool:
        return needed <= set(candidate)

    found = shrink(plan, breaks, {}, most=1000)
    assert found == plan[:1]
