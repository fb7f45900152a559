"""A campaign: every boundary with every fault, then pairs, then chance; and that who does the work changes nothing."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from support import simulate
from support.exploring import RETRY, explored, targets

from ctpscen.ctp.commands.plan import read_plan
from ctpscen.explore.campaign import Budget, Options, Report, explore
from ctpscen.explore.findings import folded
from ctpscen.explore.spread import Here, Lent
from ctpscen.explore.trials import carry_out

SOUND = RETRY.replace("    if first", "    reconnect\n    query orders of rb2705 as known\n    if first").replace(
    "is none:", "is none and len(known) == 0:"
)

TWICE = """\
invariant "one order works": len(requests(ReqOrderInsert)) <= 2

scenario "a third order needs two breaks":
    buy open 1 rb2705 at 3000 as first
    wait 1s
    if first.status is none:
        buy open 1 rb2705 at 3000 as second
        wait 1s
        if second.status is none:
            buy open 1 rb2705 at 3000
    wait 1s
"""


def plans(report: Report) -> list[str]:
    return [finding.plan for finding in report.findings]


def test_a_retry_that_takes_silence_for_refusal_is_found() -> None:
    report = explored(RETRY)
    assert "trader/OnRtnOrder/1:stall" in plans(report)
    assert {finding.broken for finding in report.findings} == {"at most one lot"}
    assert "position(rb2705).long 2, wanted <= 1" in report.findings[0].reason
    assert report.runs < 100


def test_every_finding_breaks_again_when_it_is_replayed() -> None:
    target = targets(RETRY)[0]
    for plan in plans(explored(RETRY)):
        result = simulate(target.unit(read_plan(plan)))
        assert result.explored is not None
        assert result.explored.broken == "at most one lot"


def test_the_same_done_right_is_not_found() -> None:
    report = explored(SOUND)
    assert plans(report) == []
    assert report.boundaries > 10


def test_what_needs_two_faults_is_found_by_pairs_alone_and_stays_a_pair() -> None:
    assert plans(explored(TWICE, faults=("lose",))) == []
    report = explored(TWICE, faults=("lose",), depth=2)
    assert plans(report) == ["trader/ReqOrderInsert/1:lose trader/ReqOrderInsert/2:lose"]


def test_a_pair_whose_part_breaks_by_itself_is_not_tried() -> None:
    singles, pairs = explored(RETRY, faults=("stall",)), explored(RETRY, faults=("stall",), depth=2)
    assert all(len(read_plan(plan)) == 1 for plan in plans(singles))
    assert set(plans(pairs)) >= set(plans(singles))
    broken = set(plans(singles))
    assert not [plan for plan in plans(pairs) if len(plan.split()) > 1 and set(plan.split()) & broken]


def test_only_the_faults_that_were_named_are_tried() -> None:
    report = explored(RETRY, faults=("duplicate",))
    assert {fault for _, fault in report.coverage.tried} == {"duplicate"}


def test_a_budget_of_runs_is_kept_and_spent_on_random_plans() -> None:
    assert explored(SOUND, runs=20).runs == 20
    more = explored(SOUND, runs=150)
    assert more.runs == 150
    assert explored(SOUND).runs < 150


def test_what_is_not_explored_costs_its_runs_too() -> None:
    budget = Budget.of(Options(runs=10))
    explore(targets("check 1 == 2\n")[0], Options(), Here(), budget)
    assert budget.spent == 1


def test_the_same_campaign_finds_the_same() -> None:
    one, two = (explored(RETRY, depth=2, runs=200) for _ in range(2))
    assert (one.findings, one.coverage, one.runs) == (two.findings, two.coverage, two.runs)


def test_by_an_executor_it_finds_the_same_in_the_same_order() -> None:
    with ThreadPoolExecutor(1) as executor:
        spread = explored(RETRY, by=Lent(lambda: executor))
    alone = explored(RETRY, by=Here())
    assert (spread.findings, spread.coverage, spread.runs) == (alone.findings, alone.coverage, alone.runs)


def test_shards_together_try_what_one_campaign_tries() -> None:
    whole, parts = explored(RETRY), [explored(RETRY, shard=(part, 3)) for part in (1, 2, 3)]
    assert sorted(plan for part in parts for plan in plans(part)) == sorted(plans(whole))
    tried = sum(cell.times for part in parts for cell in part.coverage.tried.values())
    assert tried == sum(cell.times for cell in whole.coverage.tried.values())


def test_a_seed_is_a_target_of_its_own() -> None:
    found = targets(RETRY, seeds=3)
    assert [each.given_seed for each in found] == [0, 1, 2]
    assert len({each.seed for each in found}) == 3
    assert len({each.identity for each in found}) == 3


@pytest.mark.parametrize(
    ("text", "verdict", "why"),
    [
        ("check 1 == 2\n", "failed", "failed without faults"),
        ('block "no"\n', "blocked", "blocked without faults"),
        ('skip "no"\n', "skipped", "skipped without faults"),
        ('invariant "never so": eventually 1 == 2\nlog 1\n', "failed", "failed without faults"),
        (
            "buy open 1 rb2705 at ask\nwait 1s\nvenue: position trader long 3 rb2705 at 3100\n",
            "passed",
            "breaks without faults what holds by default",
        ),
    ],
)
def test_what_does_not_pass_without_faults_is_not_explored(text: str, verdict: str, why: str) -> None:
    report = explored(text)
    assert (report.verdict, report.unexplored) == (verdict, why)
    assert report.runs <= 2


def test_findings_that_differ_in_the_count_alone_are_folded() -> None:
    text = RETRY.replace('scenario "again', 'scenario "one again')
    report = explored(text, every_boundary=True)
    kinds = folded(report.findings)
    assert len(kinds) < len(report.findings)
    assert sum(each.alike for each in kinds) == len(report.findings)
    assert "trader/OnRtnOrder/1:stall" in [each.plan for each in kinds]


def test_a_trial_is_plain_data() -> None:
    import pickle

    from ctpscen.explore.trials import Piece

    piece = pickle.loads(pickle.dumps(Piece(targets(RETRY)[0], ["", "trader/OnRtnOrder/1:stall"])))
    assert [each.broken for each in pickle.loads(pickle.dumps(carry_out(piece)))] == ["", "at most one lot"]
