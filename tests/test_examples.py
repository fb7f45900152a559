"""Every example runs, and does what it is there to show."""

import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT, command

EXAMPLES = ROOT / "examples"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.scn")), ids=lambda path: path.stem)
def test_a_scenario_passes(path: Path) -> None:
    code, _, err = command("run", str(path))
    assert (code, err) == (0, "")


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_a_program_runs(path: Path) -> None:
    ran = subprocess.run([sys.executable, str(path)], capture_output=True, encoding="utf-8", check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout
