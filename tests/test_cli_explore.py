"""`ctpscen explore` from the command line: what it shows, how it ends, and that its lines replay."""

import re
import shlex
from pathlib import Path

import pytest
from support import command
from support.exploring import RETRY


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "retry.scn").write_text(RETRY)
    return tmp_path / "retry.scn"


def test_a_finding_is_shown_with_the_line_that_replays_it(path: Path) -> None:
    code, out, err = command("explore", str(path))
    assert (code, err) == (1, "")
    assert re.search(r"again if nothing is heard: \d+ boundaries, \d+ runs, 2 findings", out)
    assert "position(rb2705).long 2, wanted <= 1" in out
    assert "faults done, by the newest own order and the connection" in out
    assert "never reached:" in out
    lines = [line.strip() for line in out.splitlines() if line.strip().startswith("ctpscen run")]
    assert len(lines) == 2
    for line in lines:
        code, out, _ = command(*shlex.split(line)[1:])
        assert (code, "the invariant does not hold: at most one lot" in out) == (1, True)


def test_what_holds_under_every_fault_ends_with_0(tmp_path: Path) -> None:
    (tmp_path / "a.scn").write_text("buy open 1 rb2705 at ask as entry\nwait 1s\ncheck entry.is_final\n")
    code, out, _ = command("explore", str(tmp_path / "a.scn"), "--seeds", "2")
    assert code == 0
    assert out.count("nothing found") == 3
    assert "seed 1" in out


@pytest.mark.parametrize(
    ("text", "code"),
    [("check 1 == 2\n", 1), ('block "no"\n', 4), ('skip "no"\n', 0), ("expekt\n", 2), ("log [1][2]\n", 3)],
)
def test_the_verdict_without_faults_counts(tmp_path: Path, text: str, code: int) -> None:
    (tmp_path / "a.scn").write_text(text)
    assert command("explore", str(tmp_path / "a.scn"))[0] == code


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name a scenario file, or --merge DIR"),
        (["none.scn"], "none.scn: there is no such file"),
        (["a.scn", "--faults", "cutt"], "there is no fault `cutt`; did you mean `cut`?"),
        (["a.scn", "--shard", "3/2"], "K/N is wanted"),
        (["a.scn", "--depth", "3"], "invalid choice"),
        (["--merge", "."], "holds no results of `ctpscen explore`"),
    ],
)
def test_bad_usage_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.scn").write_text("log 1\n")
    code, _, err = command("explore", *arguments)
    assert code == 2
    assert said in err


def test_a_title_that_is_not_there_selects_nothing(path: Path) -> None:
    assert command("explore", str(path), "--name", "other")[0] == 5


def test_shards_are_merged_and_shown_as_one(path: Path, tmp_path: Path) -> None:
    found = str(tmp_path / "found")
    for part in ("1/2", "2/2"):
        command("explore", str(path), "--shard", part, "--results", found)
    code, out, _ = command("explore", "--merge", found)
    assert code == 1
    assert "1 scenario explored" in out
    assert "2 findings" in out


def test_values_are_given_again_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "a.scn").write_text("param pause = 30s\n" + RETRY.replace("wait 1s\n    if", "wait pause\n    if"))
    code, out, _ = command("explore", str(tmp_path / "a.scn"), "--set", "pause=1s", "--faults", "stall")
    assert code == 1
    assert "--set pause=1s --plan" in out
