"""What a name means: a variable, a field of the report, a constant of CTP's."""

import pytest
from support import checked, codes

ENTRY = "buy open 1 rb2705 at ask as entry\n"


def test_a_name_in_a_text_is_read() -> None:
    assert codes('let a = 1\nlog "{a}"\n') == []


def test_a_variable_that_a_field_hides_is_warned_of() -> None:
    text = "let price = 3\nexpect trade where price == 3\nlog price\n"
    assert codes(text) == ["W504"]
    assert codes(text.replace("price", "wanted_price")) == []


def test_a_field_compared_with_itself_is_refused() -> None:
    assert codes("expect trade where Volume == volume\n") == ["E305"]
    assert codes("expect trade where volume == price\n") == []


@pytest.mark.parametrize("spelling", ["volume_traded", "VolumeTraded", "volumetraded", "VOLUME_TRADED"])
def test_case_and_underscores_do_not_matter_in_fields(spelling: str) -> None:
    assert codes(ENTRY + f"check entry.{spelling} == 1\n") == []


@pytest.mark.parametrize("spelling", ["all_traded", "AllTraded", "alltraded", "ALL_TRADED"])
def test_case_and_underscores_do_not_matter_in_constants(spelling: str) -> None:
    assert codes(ENTRY + f"check entry is {spelling}\ncheck entry.order_status == {spelling}\n") == []


def test_a_constant_takes_its_meaning_from_the_field_beside_it() -> None:
    assert codes("expect order where OrderStatus == unknown\n") == []
    assert codes("expect order where unknown == OrderStatus\n") == []
    assert codes("expect order where OrderStatus in [unknown, canceled]\n") == []
    assert codes("buy open 1 rb2705 with (TimeCondition = GFD)\n") == []
    assert codes("log unknown\n") == ["E205"]
    assert codes("expect order where OrderStatus == accepted\n") == ["E204"]


def test_a_constant_of_the_wrong_type_lists_those_that_there_are() -> None:
    (located,) = checked("expect trade where direction == bought\n").diagnostics
    assert located.diagnostic.message == "Direction is never `bought`"
    assert list(located.diagnostic.notes) == ["it may be `buy`, `sell`"]
