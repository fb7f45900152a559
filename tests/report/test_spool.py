"""Text that is put aside while a run goes on."""

from collections.abc import Iterator

import pytest

from ctpscen.report import spool
from ctpscen.report.spool import Spool


def test_pieces_come_again_in_their_order() -> None:
    kept = Spool()
    for piece in ("a\n", "b\r\n", "中"):
        kept.add(piece)
    assert "".join(kept.pieces()) == "a\nb\r\n中"


def test_more_than_fits_in_memory_comes_again_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY", 10)
    monkeypatch.setattr(spool, "_PIECE", 7)
    kept = Spool()
    for number in range(1000):
        kept.add(f"{number}\n")
    assert "".join(kept.pieces()) == "".join(f"{number}\n" for number in range(1000))


def test_nothing_is_no_piece() -> None:
    found: Iterator[str] = Spool().pieces()
    assert list(found) == []
