"""Worker and relay: no secret gets out by their environment, their memory or their files."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest
from support.loopback import bench, native

from ctpscen.interruption import SIGNALS
from ctpscen.live import children
from ctpscen.live.relay.process import RelayProcess

linux = pytest.mark.skipif(sys.platform != "linux", reason="/proc is a matter of Linux")


@contextmanager
def relay_at(_: Path) -> Iterator[int]:
    process = RelayProcess()
    process.start()
    process.command("status")
    yield process.pid
    process.close()


@contextmanager
def worker_at(folder: Path) -> Iterator[int]:
    with bench(folder, folder / "locales") as made:
        yield made.worker.pid


BOTH = pytest.mark.parametrize("process_at", [relay_at, pytest.param(worker_at, marks=native)])


def test_what_is_not_known_to_be_needed_is_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DESK_PASSWORD", "MY_PATH", "LC_ALL", "PYTHONUTF8", "Path", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"{name}!")
    found = children.environment({"LOCPATH": "here"})
    assert {"LC_ALL", "PYTHONUTF8", "Path", "LOCPATH", "PYTHONPATH"} <= found.keys()
    assert not {"DESK_PASSWORD", "MY_PATH", "HTTPS_PROXY"} & found.keys()


@linux
@BOTH
def test_no_secret_stands_in_its_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, process_at: Callable[[Path], AbstractContextManager[int]]
) -> None:
    monkeypatch.setenv("DESK_PASSWORD", "geheim-17")
    # where it may not be read by anybody but root, that is more
    with process_at(tmp_path) as pid, suppress(PermissionError):
        assert b"geheim-17" not in Path(f"/proc/{pid}/environ").read_bytes()


@linux
@BOTH
def test_it_writes_no_core_and_files_for_its_owner_alone(
    tmp_path: Path, process_at: Callable[[Path], AbstractContextManager[int]]
) -> None:
    with process_at(tmp_path) as pid:
        limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
        status = Path(f"/proc/{pid}/status").read_text().splitlines()
    assert [line.split()[4] for line in limits if line.startswith("Max core file size")] == ["0"]
    assert "Umask:\t0077" in status


TELL = """
import ctypes, os
from ctpscen.live.children import keep_to_itself
keep_to_itself()
PR_GET_DUMPABLE = 3
print(ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), os.path.exists("/proc/self/exe"))
"""


@linux
def test_its_memory_is_handed_to_no_program_that_collects_cores(tmp_path: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", TELL], cwd=tmp_path, capture_output=True, encoding="utf-8", check=True)
    assert ran.stdout == "0 True\n"


@BOTH
def test_what_lies_in_the_working_folder_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, process_at: Callable[[Path], AbstractContextManager[int]]
) -> None:
    for name in ("asyncio", "faulthandler", "ctpscen"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(f'{__name__} of the working folder')\n")
    monkeypatch.chdir(tmp_path)
    with process_at(tmp_path) as pid:
        os.kill(pid, 0)


@linux
@BOTH
def test_signals_are_for_the_run_which_still_needs_it_to_clean_up(
    tmp_path: Path, process_at: Callable[[Path], AbstractContextManager[int]]
) -> None:
    with process_at(tmp_path) as pid:
        assert os.getpgid(pid) == pid  # from the start, when it does not ignore any yet
        status = Path(f"/proc/{pid}/status").read_text().splitlines()
    (ignored,) = (int(line.split()[1], 16) for line in status if line.startswith("SigIgn:"))
    assert all(ignored >> (number - 1) & 1 for number in SIGNALS)
