"""What the tap costs a live program: `tap.py`.

Prints how many microseconds of its thread a call and a callback take more than on the library alone, a double of it in
C++, and how many of 100,000 callbacks were lost. A loss is an error of the benchmark.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.stage import compile_robot  # noqa: E402
from support.tapped import tap_stage  # noqa: E402

CALLBACKS = 100_000


def figures(lines: list[str]) -> tuple[float, float]:
    """Microseconds of a call and of a callback, as the program says them."""
    found = dict(line.split(" ") for line in lines if line.startswith(("call ", "callback ")))
    return float(found["call"]), float(found["callback"])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        robot = str(compile_robot(Path(folder), options=("-O2",), double=True))
        alone = subprocess.run([robot, "speed"], capture_output=True, text=True, check=True, cwd=folder)
        before = figures(alone.stdout.splitlines())
        with tap_stage(Path(folder, "home")) as stage:
            stage.start(robot, "speed")
            assert stage.to_end(120).code == 0, stage.lines
            with_tap = figures(stage.lines)
            lost = stage.tap.lost + CALLBACKS - stage.callbacks.count("OnRspQryOrder")
    assert lost == 0, f"{lost} callbacks were lost"
    print(*(f"{after - alone:.2f}" for after, alone in zip(with_tap, before, strict=True)), lost)


if __name__ == "__main__":
    main()
