"""Files that cannot be written: what is known before the run is said then, and what is not costs nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest
from support import command

PASSES = 'log "once"\n'
FULL = Path("/dev/full")

needs_full = pytest.mark.skipif(not FULL.exists(), reason="there is no device that is always full")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.scn").write_text(PASSES)
    Path("file").write_text("")
    Path("folder").mkdir()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--junit", "folder"), "folder: cannot be written: this is a folder"),
        (("--html", "file/all.html"), "file: this is a file, where a folder is needed"),
        (("--json", "file/deeper/all.json"), "file/deeper: this folder cannot be made: Not a directory"),
        (("--journal", "file"), "file: this is a file, where a folder is needed"),
    ],
)
def test_a_place_that_will_not_do_is_refused_before_anything_runs(arguments: tuple[str, ...], said: str) -> None:
    assert command("run", "a.scn", *arguments) == (2, "", f"{said}\n")


@needs_full
def test_a_report_on_a_full_disk_does_not_cost_the_others() -> None:
    code, out, err = command("run", "a.scn", "--junit", str(FULL), "--json", "all.json")
    assert (code, err) == (3, "/dev/full: cannot be written: No space left on device\n")
    assert out.splitlines()[-1].startswith("1 passed")
    assert Path("all.json").exists()


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_journal_that_has_no_room_ends_the_run_with_its_result(processes: str) -> None:
    Path("a.scn").write_text('log "once"\n' * 100)
    Path("b.scn").write_text(PASSES)
    limits = "ulimit -f 8 && export PYTHONDONTWRITEBYTECODE=1"  # 4 kB a file
    limited = limits + ' && exec "$0" -m ctpscen run a.scn b.scn --journal journals -j "$1"'
    ran = subprocess.run(
        ["sh", "-c", limited, sys.executable, processes], capture_output=True, encoding="utf-8", check=False
    )
    assert (ran.returncode, ran.stderr) == (3, "journals/a.scn-1.jsonl: cannot be written: File too large\n")
    assert "once" in ran.stdout
    assert ran.stdout.splitlines()[-2:-1] == ["stopped; 1 were not run"]
    assert ran.stdout.splitlines()[-1].startswith("1 passed")


def test_what_the_system_refuses_is_not_called_a_mistake_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device", "somewhere")

    monkeypatch.setattr("ctpscen.commands.explain.find", refuse)
    assert command("explain", "E104") == (3, "", "somewhere: No space left on device\n")
