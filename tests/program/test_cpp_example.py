"""The example in C++: its Makefile builds it, and a scenario of the library passes with it."""

import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT
from support.ctp_header import header, library_source

import ctpscen

EXAMPLE = ROOT / "examples" / "programs" / "cpp"

# What the headers of CTP define, of what the example uses.
CONSTANTS = {
    "D_Buy": "0",
    "OF_Open": "0",
    "HF_Speculation": "1",
    "OPT_LimitPrice": "2",
    "TC_GFD": "3",
    "VC_AV": "1",
    "CC_Immediately": "1",
    "FCC_NotForceClose": "0",
    "OST_AllTraded": "0",
    "OST_Canceled": "5",
    "AF_Delete": "0",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's folder, built against a stand-in of CTP's own files."""
    folder = tmp_path_factory.mktemp("cpp")
    ctp = folder / "ctp"
    ctp.mkdir()
    defined = "".join(f"#define THOST_FTDC_{name} '{value}'\n" for name, value in CONSTANTS.items())
    own = header("6.7.11").replace(
        "CreateFtdcTraderApi(const char *flow, bool option0)",
        "CreateFtdcTraderApi(const char *flow, bool option0 = true)",
    )
    (ctp / "ThostFtdcTraderApi.h").write_text(own + defined, encoding="utf-8")
    (ctp / "ctp.h").write_text(header("6.7.11"), encoding="utf-8")
    (ctp / "library.cpp").write_text(library_source("6.7.11"), encoding="utf-8")
    library = ["-o", str(ctp / "libthosttraderapi_se.so"), str(ctp / "library.cpp")]
    subprocess.run(["g++", "-std=c++17", "-shared", "-fPIC", f"-I{ctp}", *library], check=True, stderr=sys.stderr)
    for name in ("Makefile", "robot.cpp"):
        (folder / name).write_bytes((EXAMPLE / name).read_bytes())
    subprocess.run(["make", "-s", "-C", str(folder), f"CTP={ctp}"], check=True, stderr=sys.stderr)
    return folder


@pytest.mark.parametrize(
    ("file", "title"),
    [
        ("breaks", "no second order after a break"),
        ("replays", "what traded in a break is counted once"),
        ("ending", "it cancels what it has left"),
        ("ending", "it does nothing that the CTP library punishes"),
    ],
)
def test_a_scenario_for_any_program_passes(built: Path, file: str, title: str) -> None:
    values = {"command": str(built / "robot"), "folder": str(built)}
    result = ctpscen.run(ROOT / "scenarios" / "program" / f"{file}.scn", title=title, values=values)
    assert (result.verdict, result.reason) == ("passed", "")


def test_its_mistake_is_found(built: Path) -> None:
    values = {"command": str(built / "robot"), "folder": str(built)}
    title = "refused at noon by 8, it tries again"
    result = ctpscen.run(ROOT / "scenarios" / "program" / "logins.scn", title=title, values=values)
    assert result.verdict == "failed"
