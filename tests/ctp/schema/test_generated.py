"""The records, constants, functions and Chinese names that stand in the repository are the installed binding's."""

import json
import platform
import subprocess
import sys
from typing import Any

import pytest
from support import ROOT

NAMES = ["records", "constants", "descriptions", "api"]
HAS_BINDING = sys.platform == "win32" or (sys.platform == "linux" and platform.machine() == "x86_64")


@pytest.fixture(scope="module")
def read() -> dict[str, Any]:
    """What the tool reads off the binding, in a child process with a locale of its own."""
    if not HAS_BINDING:
        pytest.skip("openctp-ctp has no wheel for this platform")
    command = [sys.executable, str(ROOT / "tools" / "generate_ctp_data.py"), "--print"]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_data_equals_what_the_binding_declares(read: dict[str, Any], name: str) -> None:
    path = ROOT / "ctpscen" / "ctp" / "data" / f"{name}.json"
    assert set(read) == set(NAMES)
    assert json.loads(path.read_text(encoding="utf-8")) == read[name], "run tools/generate_ctp_data.py"


def test_the_order_of_the_fields_and_constants_is_the_binding_s(read: dict[str, Any]) -> None:
    """Comparing objects forgets the order of their keys; the files keep it."""
    for name in NAMES:
        path = ROOT / "ctpscen" / "ctp" / "data" / f"{name}.json"
        assert path.read_text(encoding="utf-8") == json.dumps(read[name], ensure_ascii=False, indent=1) + "\n"
