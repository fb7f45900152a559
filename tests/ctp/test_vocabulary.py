"""CTP's words as pages: every word has one, and what a page says is so."""

from ctpscen.ctp.reports import calls
from ctpscen.ctp.schema.records import record, record_names
from ctpscen.ctp.vocabulary import LISTS, pages, words


def titles(word: str) -> list[str]:
    return [page.title for page in pages(word)]


def test_every_word_that_is_listed_has_a_page() -> None:
    assert [word for word in words() if not pages(word)] == []


def test_every_record_field_and_request_has_a_page() -> None:
    fields = {name for each in record_names() for name in record(each).fields}
    assert [word for word in [*record_names(), *fields, *calls()] if word.startswith("Req") and not pages(word)] == []
    assert [field for field in sorted(fields) if not any(title.startswith("field") for title in titles(field))] == []


def test_a_number_is_looked_up_in_both_code_spaces() -> None:
    assert titles("50") == ["ErrorID 50  OVER_CLOSETODAY_POSITION", "exchange 50"]
    assert titles("40045") == ["exchange 40045"]
    assert titles("51") == ["ErrorID 51  OVER_CLOSEYESTERDAY_POSITION"]


def test_case_and_underscores_do_not_matter() -> None:
    assert titles("over_closetoday_position") == titles("OverCloseTodayPosition") != []
    assert titles("CThostFtdcInputOrderField") == titles("input_order") == titles("InputOrder") == ["record InputOrder"]
    assert titles("all_traded") == ["constant AllTraded"]


def test_a_word_of_several_meanings_has_all_of_them() -> None:
    assert titles("order") == ["report kind order", "record Order", "constant Order"]
    assert titles("OrderStatus") == ["field OrderStatus"]
    (unknown,) = pages("unknown")
    assert len([line for line in unknown.lines if line.startswith("  ")]) > 2


def test_what_is_no_word_of_ctp_has_no_page() -> None:
    assert pages("nonsense") == []
    assert pages("-1") == pages("") == pages("1_0") == []


def test_lists_name_each_word_once() -> None:
    for name, listed in LISTS.items():
        rows = [word for word, _ in listed()]
        assert len(rows) == len(set(rows)), name
