"""Megabytes by which a run of 10,000 scenarios grows after the first thousand."""

import contextlib
import os
import sys
import tempfile
from pathlib import Path

from ctpscen import cli
from ctpscen.engine import run as engine

SCENARIO = """\
scenario "{title}":
    buy open 1 rb2705 at ask as entry
    expect trade of entry
    check entry.volume_traded == 1

"""
PAGE = os.sysconf("SC_PAGE_SIZE")
sizes: list[float] = []
run_one = engine.run_one


def noting(*arguments: object, **named: object) -> object:
    sizes.append(int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE / 1e6)
    return run_one(*arguments, **named)  # type: ignore[arg-type]


engine.run_one = noting  # type: ignore[assignment]
with tempfile.TemporaryDirectory() as folder:
    for file in range(100):
        text = "".join(SCENARIO.replace("{title}", f"{file} {number}") for number in range(100))
        (Path(folder) / f"many_{file}.scn").write_text(text, encoding="utf-8")
    with contextlib.redirect_stdout(sys.stderr):
        assert cli.main(["run", folder, "-q"]) == 0
print(sizes[-1] - sizes[1_000])
