"""Which faults are tried, and at which boundaries."""

from ctpscen.ctp.commands.plan import FAULTS, Boundary
from ctpscen.engine.unit import Reached
from ctpscen.explore.choice import after, apart, faults_at, faults_named


def reached(name: str, count: int = 1, statuses: str = "", connection: str = "ready") -> Reached:
    return Reached(Boundary("robot", name, count), connection, statuses, "none")


def test_of_boundaries_alike_the_first_is_tried() -> None:
    first, alike, other = reached("OnRtnTrade", 1, "3"), reached("OnRtnTrade", 2, "3"), reached("OnRtnTrade", 3, "0")
    again = reached("OnRtnTrade", 4, "3", "logged_in")
    assert apart([first, alike, other, again]) == [first, other, again]
    assert apart([first, alike], all_of_them=True) == [first, alike]


def test_a_second_fault_comes_after_the_first() -> None:
    found = [reached("OnRtnOrder", 1), reached("OnRtnOrder", 2), reached("OnRtnTrade", 1)]
    assert after(found, Boundary("robot", "OnRtnOrder", 2)) == [found[2]]
    assert after(found, Boundary("robot", "OnRtnOrder", 9)) == []


def test_a_word_names_a_fault_in_all_its_lengths() -> None:
    assert faults_named(()) == list(FAULTS)
    assert faults_named(("stall", "cut")) == ["cut", "stall", "stall25s"]


def tried(name: str, *, programs: tuple[str, ...] = (), lose_reports: bool = False) -> list[str]:
    found = faults_at([reached(name)], FAULTS, programs, lose_reports=lose_reports)
    return [fault.fault for _, fault in found]


def test_a_report_that_is_kept_is_lost_only_where_that_is_asked_for() -> None:
    assert tried("OnRtnTrade") == ["cut", "stall", "stall25s", "duplicate", "swap"]
    assert "lose" in tried("OnRtnTrade", lose_reports=True)
    assert "lose" in tried("ReqOrderInsert")


def test_only_a_program_is_killed() -> None:
    assert "kill" in tried("OnRtnTrade", programs=("robot",))
    assert "kill" not in tried("OnRtnTrade", programs=("another",))
