"""The keys of sent orders on disk: written before, read after whatever happened, forgotten when the orders are over."""

import os
from collections.abc import Callable
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
    assert read_keys(keys.path)[0] == [ORDER, OTHER]


def test_half_a_line_as_a_killed_run_may_leave_it_is_passed_over(tmp_path: Path) -> None:
    keys = made(tmp_path, ORDER)
    with keys.path.open("a") as stream:
        stream.write('{"account": "", "front": 1, "ses')
    assert read_keys(keys.path)[0] == [ORDER]


DAMAGE = [
    *(b"[]", b"1", b"{}", b"\xff\xfe", b"[" * 100_000, b"null", b'"text"'),
    *(
        b'{"account": "", "front": %s, "session": 1, "ref": "", "instrument": "", "exchange": ""}' % each
        for each in (b'"x"', b"1e999", b"9" * 5_000, b"3000000000", b"true", b"null")
    ),
    b'{"account": 1, "front": 1, "session": 1, "ref": "", "instrument": "", "exchange": ""}',
    b'{"account": "", "front": 1, "session": 1, "ref": 7, "instrument": "", "exchange": ""}',
]


@pytest.mark.parametrize("line", DAMAGE)
def test_what_is_no_key_hides_no_other_and_stays_for_whoever_can_read_it(tmp_path: Path, line: bytes) -> None:
    left, keys = made(tmp_path / "earlier", ORDER), made(tmp_path)
    text = left.path.read_bytes()
    left.path.write_bytes(line + b"\n" + text)
    assert read_keys(left.path) == ([ORDER], True)
    keys.adopt(left.path)
    aside = left.path.with_suffix(".damaged")
    assert (keys.orders, keys.unread, left.path.exists()) == ([ORDER], [aside], False)
    assert aside.read_bytes() == line + b"\n" + text


@pytest.mark.skipif(os.name != "posix", reason="only there can a file be such a thing")
@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_file_is_told_of(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "odd.jsonl")
    keys = made(tmp_path)
    keys.adopt(tmp_path / "odd.jsonl")
    assert (keys.orders, keys.unread) == ([], [tmp_path / "odd.jsonl"])


def test_an_order_whose_end_was_seen_is_one_less(tmp_path: Path) -> None:
    keys = made(tmp_path, ORDER, OTHER, ORDER)
    keys.ended(ORDER)
    assert keys.orders == [OTHER, ORDER]
    keys.ended(ORDER)
    keys.ended(ORDER)
    assert keys.orders == [OTHER]


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
    assert read_keys(keys.path)[0] == [OTHER]
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
    assert read_keys(keys.path)[0] == [OTHER, ORDER]
    assert not left.path.exists()
