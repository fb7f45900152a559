"""Whole runs, held against files: NAME.scn, what `ctpscen run NAME.scn` prints, and its exit code.

A line `# arguments: …` at the head of a scenario gives the command further arguments.
"""

import os
import shlex
from pathlib import Path

import pytest
from support import GOLDEN, command, compare, timeless

EXIT = {"pass": 0, "fail": 1, "check_error": 2, "error": 3, "blocked": 4}
CASES = sorted(path for folder in EXIT for path in (GOLDEN / folder).glob("*.scn") if not path.name.startswith("_"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_run_says_what_it_said(path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    further = shlex.split(first.removeprefix("# arguments:")) if first.startswith("# arguments:") else []
    code, out, err = command("run", path.name, *further)
    assert code == EXIT[path.parent.name]
    assert "Traceback" not in out + err
    compare(path.with_suffix(".out"), timeless(err + out), request)
    compare(path.with_suffix(".exit"), f"{code}\n", request)


def test_every_folder_of_golden_runs_has_cases() -> None:
    assert {path.parent.name for path in CASES} >= {"pass", "fail", "blocked", "check_error"}


def test_no_golden_file_is_left_over() -> None:
    left = [
        path for folder in EXIT for path in (GOLDEN / folder).glob("*.out") if not path.with_suffix(".scn").exists()
    ]
    assert not left, [os.fspath(path) for path in left]
