"""Files that are their owner's alone, whatever the umask, and whatever was there before."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctpscen.private_files import make_private_folder, open_private, write_private

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are a matter of POSIX")


@pytest.fixture(autouse=True)
def _no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_folders_are_made_with_those_above_them(tmp_path: Path) -> None:
    make_private_folder(tmp_path / "a" / "b")
    assert (mode(tmp_path / "a"), mode(tmp_path / "a" / "b")) == (0o700, 0o700)


def test_a_folder_that_is_open_is_closed_and_what_is_above_it_is_left(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    make_private_folder(tmp_path / "a" / "b")
    assert (mode(tmp_path / "a"), mode(tmp_path / "a" / "b")) == (0o777, 0o700)


def test_a_file_is_made_and_one_that_is_open_is_closed(tmp_path: Path) -> None:
    (tmp_path / "open").write_text("long before")
    for name in ("new", "open"):
        write_private(tmp_path / name, "text")
        assert ((tmp_path / name).read_text(), mode(tmp_path / name)) == ("text", 0o600)


def test_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "victim")
    with pytest.raises(OSError, match="symbolic link"):
        open_private(tmp_path / "link", os.O_WRONLY)
    assert not (tmp_path / "victim").exists()
