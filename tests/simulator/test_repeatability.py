"""The same seed gives the same journal to the byte, in this process and in any other."""

import hashlib
import json
import os
import subprocess
import sys

from support import ROOT, run

TEXT = """
session alice private restart
session bob account second

scenario "much of everything":
    network: latency 20ms jitter 30ms
    venue: latency 5ms jitter 3ms
    alice: buy open 2 rb2705 at ask as entry
    bob: sell open 3 rb2705 at bid - 1 tick as other
    alice: buy open 1 m2705 at bid - 5 ticks as resting
    alice: expect trades of entry total 2 within 5s
    alice: disconnect
    venue: fill resting 1
    wait 3s
    alice: reconnect
    alice: expect trade of resting
    alice: sell close_today 2 rb2705 at bid as exit
    alice: expect trades of exit total 2 within 5s
    bob: query positions as rows
    alice: expect reconciled
"""

CHILD = """
import sys
from simulator.test_repeatability import journal
sys.stdout.write(journal(seed=5))
"""


def journal(seed: int) -> str:
    result = run(TEXT, seed=seed)
    assert result.verdict == "passed", result.reason
    return json.dumps(result.journal, ensure_ascii=False)


def test_the_same_seed_gives_the_same_journal() -> None:
    assert journal(3) == journal(3)


def test_another_seed_gives_another_journal_of_the_same_course() -> None:
    one, other = json.loads(journal(3)), json.loads(journal(4))
    assert one != other
    steps = [[event["text"] for event in each if event["event"] == "step"] for each in (one, other)]
    assert steps[0] == steps[1] != []


def test_the_journal_does_not_depend_on_how_python_hashes() -> None:
    found = set()
    for hash_seed in ("0", "4242"):
        variables = {**os.environ, "PYTHONHASHSEED": hash_seed}
        variables["PYTHONPATH"] = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
        command = [sys.executable, "-c", CHILD]
        ran = subprocess.run(command, env=variables, capture_output=True, check=False)
        assert ran.returncode == 0, ran.stderr.decode()
        found.add(hashlib.sha256(ran.stdout).hexdigest())
    assert found == {hashlib.sha256(journal(seed=5).encode()).hexdigest()}
