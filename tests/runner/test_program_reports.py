"""What programs under test write, and how they end, in every report."""

import json
import platform
import sys
from pathlib import Path

import pytest
from junitparser import JUnitXml
from support import command
from support.schemas import validator

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="programs run on Linux x86-64"
)

SUITE = """\
program helper "sh -c 'read what; echo it is $what; read what; echo odd >&2; exit 3'"

scenario "talks":
    helper: start
    helper: type "<b>"
    helper: expect line "it is <b>"
    helper: type "more"
    helper: expect exit

scenario "is killed":
    helper: start
    helper: kill
"""

SAID = ["helper < <b>", "helper | it is <b>", "helper < more", "helper ! odd", "helper ended with exit code 3"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which the suite was run with every report."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "suite.scn").write_text(SUITE)
    code, out, _ = command(
        "run", "suite.scn", "--junit", "j.xml", "--json", "r.json", "--html", "p.html", "--journal", "j"
    )
    assert code == 0, out
    return tmp_path


def test_the_journal_keeps_to_its_schema(folder: Path) -> None:
    events = validator("journal")
    seen = set()
    for path in (folder / "j").iterdir():
        for line in path.read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            seen.add(event["event"])
            events.validate(event)
    assert {"line", "exit", "typed"} <= seen


@pytest.mark.usefixtures("folder")
def test_the_terminal_shows_them_with_their_times() -> None:
    _, out, _ = command("show", "j/suite.scn-3.jsonl")
    lines = [line[16:].strip() for line in out.splitlines() if "helper" in line]
    assert lines == SAID
    _, killed, _ = command("show", "j/suite.scn-10.jsonl")
    assert "helper ended: it was killed (SIGKILL)" in killed


@pytest.mark.usefixtures("folder")
def test_the_timeline_shows_them() -> None:
    _, out, _ = command("show", "--timeline", "j/suite.scn-3.jsonl")
    assert [said for said in SAID if said not in out] == []


def test_junit_has_them_as_output(folder: Path) -> None:
    (suite,) = list(JUnitXml.fromfile(str(folder / "j.xml")))
    output = {case.name: case.system_out for case in suite}
    assert [line[13:] for line in output["talks"].splitlines()] == SAID
    assert output["is killed"].endswith("helper ended: it was killed (SIGKILL)")


def test_the_page_holds_them_beside_their_program(folder: Path) -> None:
    page = (folder / "p.html").read_text(encoding="utf-8")
    assert r'"| it is \u003cb>",0,"log"]' in page
    assert '"! odd",0,"warn"]' in page
    assert '"ended with exit code 3",0,"warn"]' in page


HAZARDOUS = """\
program robot "{python} twice.py" in "."

scenario "one":
    robot: start
    robot: expect exit

scenario "two":
    robot: start
    robot: expect exit
"""
TWICE = """\
from openctp_ctp import tdapi
api = tdapi.CThostFtdcTraderApi.CreateFtdcTraderApi("")
api.Init()
api.Init()
api.Init()
"""


@pytest.mark.parametrize("options", [[], ["-q"], ["-j", "2"]], ids=" ".join)
def test_a_run_lists_the_hazards_of_its_programs(
    options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("twice.py").write_text(TWICE)
    Path("suite.scn").write_text(HAZARDOUS)
    code, out, _ = command("run", "suite.scn", *options)
    assert code == 0, out
    listed = [line for line in out.splitlines() if line.startswith("hazard")]
    assert [line.split()[1] for line in listed] == ["suite.scn:3", "suite.scn:7"]
    assert all("2 times" in line for line in listed)
