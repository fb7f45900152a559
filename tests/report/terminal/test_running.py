"""What is shown of a scenario while it runs."""

import subprocess
import sys
from io import StringIO
from pathlib import Path

from support.counter import USER, Counter, counter

# Says what was loaded when the first line was let out.
CHILD = """
import sys
from ctpscen.cli import main
flush = sys.stdout.flush
def let_out():
    flush()
    print("simulator" if "ctpscen.simulator" in sys.modules else "no simulator", file=sys.stderr)
sys.stdout.flush = let_out
main(["run", "a.scn"])
"""


def test_the_heading_is_there_before_the_simulator_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "a.scn").write_text('scenario "first":\n    buy open 1 rb2705 at ask\n')
    ran = subprocess.run([sys.executable, "-c", CHILD], cwd=tmp_path, capture_output=True, encoding="utf-8", check=True)
    assert ran.stderr.splitlines()[0] == "no simulator", ran.stdout + ran.stderr
    assert ran.stdout.startswith("a.scn:1  first\n")


def test_a_live_step_is_shown_before_it_is_over(counter: Counter) -> None:
    shown: list[str] = []

    def look(_: object) -> None:
        assert isinstance(sys.stdout, StringIO)
        shown.append(sys.stdout.getvalue())

    counter.meanwhile[20] = look
    _, out, _ = counter.run("connect\nwait 30s\nlog 1\n")
    (early,) = shown
    assert early.startswith("test.scn:1  test\n")
    assert early.endswith("wait 30s\n")
    assert out.startswith(early)


def test_every_attempt_is_shown_with_its_end(counter: Counter) -> None:
    _, out, _ = counter.run("connect\ncheck 1 == 2\n", "--retry", "1")
    shown = [line.split()[0] for line in out.splitlines() if line.startswith(("test.scn:1", "  failed"))]
    assert shown == ["test.scn:1", "failed", "test.scn:1", "failed"]


def test_an_account_in_a_row_is_hidden_in_the_heading_too(counter: Counter) -> None:
    table = f'    where:\n        | user |\n        | "{USER}" |\n'
    _, out, err = counter.run(f'scenario "rows":\n{table}    check user != ""\n')
    assert "[row 1: user" in out
    assert USER not in out + err


__all__ = ["counter"]
