"""The settlement statement comes in pieces that are cut wherever their field ends (BEHAVIOUR 14.4)."""

import pytest
from support import callbacks, passes

from ctpscen.ctp.schema.packing import pack
from ctpscen.ctp.schema.records import record
from ctpscen.ctp.schema.texts import Fragment
from ctpscen.simulator.counter.statement import CHUNK, chunks


def test_a_piece_is_cut_inside_a_character() -> None:
    text = "x" + "结算单" * 200
    pieces = list(chunks(text))
    contents = [piece.content for piece in pieces if isinstance(piece, Fragment)]
    assert [len(content) for content in contents[:-1]] == [CHUNK] * (len(pieces) - 1)
    assert b"".join(contents).decode("gb18030") == text
    assert pieces[0].endswith("\ufffd")


def test_a_program_gets_the_very_bytes() -> None:
    first = next(chunks("x" + "结算单" * 200))
    shape = record("SettlementInfo")
    assert isinstance(first, Fragment)
    assert first.content in pack(shape, {"Content": first})
    assert first.content + b"\0" in pack(shape, {"Content": first})


@pytest.mark.parametrize("longer", [9, 10])
def test_a_session_sees_the_halves_as_no_characters(longer: int) -> None:
    """Lines of a longer name move the first cut to where the next line says what was bought."""
    trade = "    buy open 1 {} at ask as entry\n    expect trade of entry\n"
    result = passes(
        "venue: clock 2026-11-23 14:50\n"
        f"repeat {longer} times:\n{trade.format('rb2705')}"
        f"repeat 15 times:\n{trade.format('m2705')}"
        "venue: settle\nreconnect\nquery settlement as statements\n"
    )
    first, second = (row["fields"]["Content"] for row in callbacks(result, "OnRspQrySettlementInfo"))
    assert first.startswith("结算单")
    assert first.endswith("\ufffd") == (longer == 9)
    assert ("买开" not in second[:4]) == (longer == 9), "the other half is read as something else"
