"""`ctpscen run --plan`: faults done to the messages of a scenario, from the command line and from Python."""

from pathlib import Path

import pytest
from support import command

import ctpscen

TEXT = """\
invariant "at most one lot": eventually position(rb2705).long <= 1

scenario "again if nothing is heard":
    buy open 1 rb2705 at ask as first
    wait 1s
    if first.status is none:
        buy open 1 rb2705 at ask as second
    wait 1s

scenario "another":
    log 1
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    (tmp_path / "retry.scn").write_text(TEXT)
    return str(tmp_path / "retry.scn")


def test_a_planned_fault_breaks_the_invariant_and_the_line_says_how_to_run_it_again(path: str) -> None:
    code, out, _ = command("run", f"{path}:3", "--plan", "trader/OnRtnOrder/1:stall")
    assert code == 1
    assert "the invariant does not hold: at most one lot" in out
    assert f"ctpscen run {path}:3 --seed 0 --plan trader/OnRtnOrder/1:stall" in out
    assert "plan: stall at trader/OnRtnOrder/1" in out
    assert command("run", f"{path}:3")[0] == 0


def test_a_fault_that_is_not_reached_is_an_error(path: str) -> None:
    code, out, _ = command("run", f"{path}:3", "--plan", "trader/OnRtnOrder/77:cut")
    assert (code, "the plan's trader/OnRtnOrder/77:cut was not reached" in out) == (3, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--plan", "cut"], "--plan: `cut` is no part of a plan"),
        (["--plan", "trader/OnRtnOrder/1:cut"], "--plan is of one scenario, and 2 are chosen"),
        (["--plan", "", "--live", "desk"], "--plan is for simulated runs"),
    ],
)
def test_what_cannot_be_done_is_told(path: str, arguments: list[str], said: str) -> None:
    code, _, err = command("run", path, *arguments)
    assert (code, said in err) == (2, True), err


def test_python_takes_the_same_text(path: str) -> None:
    result = ctpscen.run(path, title="again if nothing is heard", plan="trader/OnRtnOrder/1:stall")
    assert result.verdict == "failed"
    assert result.explored is not None
    assert result.explored.broken == "at most one lot"
    with pytest.raises(ValueError, match="is no part of a plan"):
        ctpscen.compile(path).run(title="another", plan="cut")
