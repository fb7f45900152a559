"""Random live runs on a simulated front, with random deaths of workers, relays and runs.

python tools/torture_live.py 300
python tools/torture_live.py 1 --seed 17 --show

After each, no order may work that was not named in what the run said. Prints what is wrong, with its seed, and exits
with 1 if anything is.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.torture import Torture  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=int, help="how many scenarios")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--show", action="store_true", help="show what each run came to")
    options = parser.parse_args()
    began, wrong, kinds = time.monotonic(), 0, dict[str, int]()
    for seed in range(options.seed, options.seed + options.runs):
        with tempfile.TemporaryDirectory() as folder:
            torture = Torture(seed, Path(folder))
            found = torture.run()
        kinds[torture.ended] = kinds.get(torture.ended, 0) + 1
        wrong += bool(found)
        for line in [*found, *([f"seed {seed}: {torture.ended}"] if options.show else [])]:
            print(line)
    ends = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    print(f"{options.runs} scenarios ({ends}), {wrong} wrong, in {time.monotonic() - began:.1f} s")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
