"""The declarations, constants and Chinese names that stand in the repository are the installed binding's."""

import importlib.util
import json
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import ctp_library
import pytest
from support import ROOT
from support.declared import declared

from ctpscen.ctp.schema.versions import DEFAULT, tables

DATA = ROOT / "ctpscen" / "ctp" / "data"
HAS_BINDING = sys.platform == "win32" or (sys.platform == "linux" and platform.machine() == "x86_64")

needs_readelf = pytest.mark.skipif(
    sys.platform != "linux" or not HAS_BINDING or shutil.which("readelf") is None,
    reason="it takes the library for Linux and readelf (Debian: binutils)",
)


def installed() -> list[Path]:
    """The shared objects of the installed binding, which must not be imported here."""
    spec = importlib.util.find_spec("openctp_ctp")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    return [*folder.glob("*.so"), *folder.with_name("openctp_ctp.libs").glob("*.so")]


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


def test_the_tables_are_what_the_binding_declares(read: dict[str, Any]) -> None:
    wanted = declared(tables(DEFAULT))
    if sys.platform == "win32":  # where names are mangled otherwise, and not read
        for api in ("trader", "market"):
            wanted[api]["symbols"] = []
    assert wanted == read["tables"], "run tools/generate_ctp_versions.py"


@pytest.mark.parametrize("name", ["constants", "prefixes", "descriptions"])
def test_the_data_equals_what_the_binding_declares(read: dict[str, Any], name: str) -> None:
    """To the letter: comparing objects would forget the order of their keys, which the files keep."""
    text = (DATA / f"{name}.json").read_text(encoding="utf-8")
    assert text == json.dumps(read[name], ensure_ascii=False, indent=1) + "\n", "run tools/generate_ctp_data.py"


@needs_readelf
def test_the_slots_are_those_of_the_library_s_virtual_tables() -> None:
    assert not ctp_library.wrong_slots(installed(), declared(tables(DEFAULT)))


@needs_readelf
def test_a_slot_too_early_or_with_another_record_is_seen() -> None:
    shifted = declared(tables(DEFAULT))
    functions = shifted["trader"]["functions"]
    functions.remove("void GetFrontInfo(FrontInfo)")
    wrong = ctp_library.wrong_slots(installed(), shifted)
    assert len(wrong) == len(functions) - 4
    assert "not int ReqOrderInsert(InputOrder, int nRequestID)" in wrong[25 - 4]

    mistaken = declared(tables(DEFAULT))
    mistaken["market"]["callbacks"][-2] = "void OnRtnDepthMarketData(MarketData)"
    (only,) = ctp_library.wrong_slots(installed(), mistaken)
    assert "slot 11" in only
    assert "CThostFtdcDepthMarketDataField" in only
