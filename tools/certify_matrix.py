"""Runs the example of `ctpscen certify` with each of its flaws through all points: each fails its own and no other.

python tools/certify_matrix.py [FLAW …]        the table of what did not go as it should; exit 1 where there is any

A quarter of an hour on two cores for all of them.
"""

import ast
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import ctpscen
from ctpscen.loading import load

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "scenarios" / "certification"
EXAMPLE = ROOT / "examples" / "certified" / "program" / "trader.py"

# What reviewers sent back: how each kind of evidence that was no evidence is made, and the points that it was for.
REJECTIONS = {
    "R1": ["M02"],
    "R2": ["M03"],
    "R3": ["M04", "M05"],
    "R4": ["O01", "O02", "O03"],
    "R5": ["TH04"],
    "R6": ["E01", "E02", "E03"],
    "R7": ["L01"],
    "R8": ["L04"],
}

BLOCKED = {"R6": ["L04"]}
"""Points that cannot come to their question then: no error comes from the counter that could be logged."""


def flaws() -> list[str]:
    """The flaws that the example can be asked for."""
    for node in ast.parse(EXAMPLE.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "FLAWS":
            return list(ast.literal_eval(node.value))
    raise ValueError(f"{EXAMPLE} has no FLAWS")


@cache
def scenarios() -> dict[str, tuple[Path, str]]:
    """File and title of every point's scenario, by its id."""
    return {
        scenario.tags[0]: (path, scenario.title)
        for path in sorted(FOLDER.glob("*.scn"))
        if (program := load(str(path))[1].program) is not None
        for scenario in program.scenarios
    }


def run(point: str, flaw: str) -> ctpscen.Result:
    """A point, with the example as a flaw makes it; '' for none."""
    path, title = scenarios()[point]
    command = "{python} trader.py" + (f" --flaw {flaw}" if flaw else "")
    return ctpscen.run(path, title=title, values={"command": command})


def odd_ones(flaw: str) -> list[str]:
    """What a flaw does to the points that it should not; nothing where all is well."""
    own = REJECTIONS.get(flaw, [flaw])
    found = []
    for point in scenarios():
        result = run(point, flaw)
        wanted = "failed" if point in own else "blocked" if point in BLOCKED.get(flaw, ()) else "passed"
        if result.verdict != wanted:
            found.append(f"{point} {result.verdict}: {result.reason}")
    return found


def main() -> int:
    wanted = sys.argv[1:] or ["", *flaws()]
    bad = 0
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for flaw, found in zip(wanted, pool.map(odd_ones, wanted), strict=True):
            print(f"{flaw or 'no flaw':8}{'as it should be' if not found else '; '.join(found)}", flush=True)
            bad += bool(found)
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
