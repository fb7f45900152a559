"""A few of the inputs that tools/fuzz.py makes: none is blamed on ctpscen, raises, or takes long."""

import subprocess
import sys

import pytest
from support import ROOT


@pytest.mark.parametrize("kind", ["texts", "values", "files", "journals", "profiles", "control"])
def test_nothing_is_found(kind: str) -> None:
    ran = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "fuzz.py"), kind, "-n", "40", "--longest", "300"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == f"{kind}: 40 inputs, 0 findings\n"
