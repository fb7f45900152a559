"""Files that cannot be written: what is known before the run is said then, and what is not costs nothing else."""

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


@needs_full
@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_journal_on_a_full_disk_ends_the_run_with_its_result(processes: str) -> None:
    Path("b.scn").write_text(PASSES)
    Path("journals").mkdir()
    Path("journals/a.scn-1.jsonl").symlink_to(FULL)
    code, out, err = command("run", "a.scn", "b.scn", "--journal", "journals", "-j", processes)
    assert (code, err) == (3, "journals/a.scn-1.jsonl: cannot be written: No space left on device\n")
    assert "once" in out
    assert out.splitlines()[-2:-1] == ["stopped; 1 were not run"]
    assert out.splitlines()[-1].startswith("1 passed")


def test_what_the_system_refuses_is_not_called_a_mistake_of_ours() -> None:
    Path("ctpscen.toml").mkdir()
    Path("desk.json").write_text('{"用户名": "1", "密码": "x", "经纪商代码": "9999", "交易服务器": "1.2.3.4:5"}')
    assert command("profile", "import", "desk.json", "--write") == (3, "", "ctpscen.toml: Is a directory\n")
