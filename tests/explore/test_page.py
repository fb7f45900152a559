"""The page on exploring: what it says is found is found, as it says."""

from pathlib import Path

import pytest
from support import ROOT, command
from support.doc_blocks import blocks

from ctpscen.ctp.commands.plan import FAULTS

PAGE = ROOT / "docs" / "exploring.md"


def test_the_first_finding_is_as_the_page_shows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    strategy, shown = next(block for block in blocks(PAGE) if block.file_name), blocks(PAGE)[1]
    Path(strategy.file_name).write_text(strategy.text)
    code, out, _ = command("explore", "retry.scn")
    assert code == 1
    lines = out.splitlines()
    for line in shown.text.splitlines():
        assert line in lines


def test_every_fault_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [fault for fault in FAULTS if f"`{fault}`" not in text] == []
