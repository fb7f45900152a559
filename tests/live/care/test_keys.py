"""The keys of sent orders on disk: written before, read after whatever happened, forgotten when the orders are over."""

import os
from pathlib import Path

import pytest

from ctpscen.live.care.keys import KeyFile, SentOrder, read_keys

ORDER = SentOrder("second", (1, -624024875, "17"), "rb2705", "SHFE", "20261123")
OTHER = SentOrder("", (2, 5, "          18"), "IF2612", "CFFEX")


def made(folder: Path, *orders: SentOrder) -> KeyFile:
    keys = KeyFile(folder / "orders" / "x.jsonl")
    for order in orders:
        keys.add(order)
    return keys


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    keys = made(tmp_path, ORDER, OTHER)
    assert keys.orders == [ORDER, OTHER]
    assert list(read_keys(keys.path)) == [ORDER, OTHER]


def test_half_a_line_as_a_killed_run_may_leave_it_is_passed_over(tmp_path: Path) -> None:
    keys = made(tmp_path, ORDER)
    with keys.path.open("a") as stream:
        stream.write('{"account": "", "front": 1, "ses')
    assert list(read_keys(keys.path)) == [ORDER]


@pytest.mark.parametrize("line", ["[]", "1", "{}", '{"account": "", "front": "x", "session": 1, "ref": ""}', ""])
def test_what_is_no_key_is_passed_over(tmp_path: Path, line: str) -> None:
    keys = made(tmp_path, ORDER)
    text = keys.path.read_text()
    keys.path.write_text(f"{line}\n{text}")
    assert list(read_keys(keys.path)) == [ORDER]


@pytest.mark.skipif(os.name != "posix", reason="modes are a matter of POSIX")
def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        keys = made(tmp_path, ORDER, OTHER)
        keys.path.chmod(0o666)  # as an earlier version left it
        keys.add(ORDER)
        written = keys.path.stat().st_mode
        keys.keep([OTHER])
    finally:
        os.umask(before)
    assert [mode & 0o777 for mode in (written, keys.path.stat().st_mode, keys.path.parent.stat().st_mode)] == [
        *(0o600, 0o600, 0o700)
    ]


def test_only_what_is_left_is_kept(tmp_path: Path) -> None:
    keys = made(tmp_path, ORDER, OTHER)
    keys.keep([OTHER])
    assert keys.orders == [OTHER]
    assert list(read_keys(keys.path)) == [OTHER]
    assert [path.name for path in keys.path.parent.iterdir()] == ["x.jsonl"]


def test_the_file_goes_with_the_last_order(tmp_path: Path) -> None:
    keys = made(tmp_path, ORDER)
    keys.keep([])
    assert (keys.orders, keys.path.exists()) == ([], False)
    keys.keep([])  # there is nothing to forget


def test_what_another_run_left_is_taken_over_with_its_file(tmp_path: Path) -> None:
    left = made(tmp_path / "earlier", ORDER)
    keys = made(tmp_path, OTHER)
    keys.adopt(left.path)
    assert list(read_keys(keys.path)) == [OTHER, ORDER]
    assert not left.path.exists()
