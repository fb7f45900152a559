"""What was checked before is not checked again, unless something has changed or cannot be trusted."""

import os
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import messages

from ctpscen.cache_folder import cache_folder
from ctpscen.language import cache
from ctpscen.language.checking.file import check
from ctpscen.language.meaning.program import Checked
from ctpscen.language.text.source import Read, Source


class Counting:
    """A check that counts how often it is asked."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, source: Source, read: Read) -> Checked:
        self.times += 1
        return check(source, read)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache folder of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache_folder.cache_clear()
    yield tmp_path / "ctpscen"
    cache_folder.cache_clear()


def reading(files: dict[str, str]) -> Read:
    def read(_: str, path: str) -> tuple[str, str]:
        if path not in files:
            raise FileNotFoundError(2, "no such file", path)
        return path, files[path]

    return read


def test_an_unchanged_file_is_checked_once_and_its_warnings_come_again() -> None:
    counting, source = Counting(), Source("a.scn", "param volume = 1\nplace order\n")
    first = cache.checked(source, reading({}), counting)
    again = cache.checked(source, reading({}), counting)
    assert counting.times == 1
    assert messages(again.diagnostics) == messages(first.diagnostics) == ["the param `volume` is never used"]
    assert again.program == first.program


@pytest.mark.parametrize("other", [Source("a.scn", "place order # changed\n"), Source("b.scn", "place order\n")])
def test_another_text_or_name_is_another_file(other: Source) -> None:
    counting = Counting()
    cache.checked(Source("a.scn", "place order\n"), reading({}), counting)
    cache.checked(other, reading({}), counting)
    assert counting.times == 2


def test_a_change_in_a_used_file_is_noticed() -> None:
    counting, source = Counting(), Source("a.scn", 'use "base.scn"\nlog "{volume}"\n')
    for text in ("param volume = 1\n", "param volume = 1\n", "param volume = 2\n"):
        cache.checked(source, reading({"base.scn": text}), counting)
    assert counting.times == 2


def test_a_file_whose_uses_cannot_be_read_is_looked_at_every_time() -> None:
    counting, source = Counting(), Source("a.scn", 'use "base.scn"\nlog "x"\n')
    assert cache.checked(source, reading({}), counting).program is None
    assert cache.checked(source, reading({"base.scn": "param volume = 1\n"}), counting).program is not None
    assert counting.times == 2


def test_a_damaged_entry_costs_a_check_and_nothing_else(folder: Path) -> None:
    counting, source = Counting(), Source("a.scn", "place order\n")
    cache.checked(source, reading({}), counting)
    (entry,) = folder.glob("checked-*.pickle")
    for damage in (b"", b"not a pickle", pickle.dumps("something else")):
        entry.write_bytes(damage)
        assert cache.checked(source, reading({}), counting).program is not None
    assert counting.times == 4


def test_a_folder_that_others_may_write_is_not_used(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)
    counting, source = Counting(), Source("a.scn", "place order\n")
    for _ in range(2):
        cache.checked(source, reading({}), counting)
    assert counting.times == 2
    assert list(folder.iterdir()) == []


def test_no_half_written_entry_is_left(folder: Path) -> None:
    cache.checked(Source("a.scn", "place order\n"), reading({}), Counting())
    assert [path.suffix for path in folder.iterdir()] == [".pickle"]


def test_what_killed_processes_left_is_cleared_away_in_time(folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o700)
    old, new = folder / "checked-a.pickle.1.part", folder / "checked-b.pickle.2.part"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    cache._clear_old.cache_clear()
    cache.checked(Source("a.scn", "place order\n"), reading({}), Counting())
    assert not old.exists()
    assert new.exists(), "somebody may be writing it"


def test_a_full_disk_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pickle, "dump", full)
    cache.checked(Source("a.scn", "place order\n"), reading({}), Counting())
    assert list(folder.iterdir()) == []
