"""What is said of a selection: why nothing fits, which warnings count, and which repetition a result is of."""

from pathlib import Path

import pytest
from support import GOLDEN, command, compare, timeless

SUITE = """\
param lots = 1

scenario "one is cancelled" @cancel:
    buy open lots rb2705 at bid - 5 ticks as resting
    cancel resting

scenario "two trades" @order @slow:
    buy open lots rb2705 as unused
"""

NOTHING = {
    "tag": ("suite.scn", "--tag", "canel"),
    "no_such_tag": ("suite.scn", "--tag", "smoke and not slow"),
    "title": ("suite.scn", "--name", "two trade"),
    "part_of_a_title": ("suite.scn", "--name", "cancelled"),
    "line": ("suite.scn:1",),
    "none_failed": ("suite.scn", "--last-failed"),
}


@pytest.fixture(autouse=True)
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "suite.scn").write_text(SUITE)


def test_a_selection_that_finds_nothing_says_why(request: pytest.FixtureRequest) -> None:
    said = []
    for arguments in NOTHING.values():
        code, out, err = command("run", *arguments)
        assert (code, out) == (5, "")
        said.append(f"$ ctpscen run {' '.join(arguments)}\n{err}")
    compare(GOLDEN / "selection" / "nothing.txt", "\n".join(said), request)


def test_warnings_of_scenarios_that_are_not_selected_stay_away() -> None:
    assert "W501" in command("run", "suite.scn")[2]
    assert command("run", "suite.scn", "--tag", "cancel")[2] == ""
    assert "W501" in command("run", "suite.scn:7")[2]
    assert "W501" in command("check", "suite.scn")[1]


def test_warnings_outside_of_scenarios_always_count() -> None:
    Path("suite.scn").write_text("param never_read = 1\n" + SUITE)
    assert "never_read" in command("run", "suite.scn", "--tag", "cancel")[2]


def test_repetitions_are_numbered(request: pytest.FixtureRequest) -> None:
    code, out, _ = command("run", "suite.scn:3", "--repeat", "2", "--junit", "junit.xml")
    assert code == 0
    headings = "".join(line + "\n" for line in timeless(out).splitlines() if line.startswith("suite.scn"))
    compare(GOLDEN / "selection" / "repeated.txt", headings, request)
    written = Path("junit.xml").read_text(encoding="utf-8")
    assert 'name="one is cancelled [run 1 of 2]"' in written
    assert 'name="one is cancelled [run 2 of 2]"' in written
    assert "run 1 of" not in command("run", "suite.scn:3")[1]
    many = command("run", "suite.scn", "--repeat", "3", "-j", "2")[1]
    assert "two trades [run 3 of 3]" in many
