"""What must not be shown is dots, wherever it stands."""

from itertools import permutations

import pytest

from ctpscen.live.care.masking import Masker


def test_a_short_text_is_hidden_where_it_is_a_word() -> None:
    masker = Masker()
    masker.add("17", "geheim-17", "100001")
    assert masker.text("17 of 1700, geheim-17x, id 100001, sys 1000012") == "••• of 1700, •••x, id •••, sys 1000012"


def test_masking_reaches_into_fields_and_leaves_what_is_no_text() -> None:
    masker = Masker()
    masker.add("100001")
    fields = {"InvestorID": "100001", "ClientID": "0412345", "Volume": 2, "list": ["100001"], "none": None}
    hidden = {"InvestorID": "•••", "ClientID": "•••", "Volume": 2, "list": ["•••"], "none": None}
    assert masker.mask(fields) == hidden


def test_what_is_not_personal_is_not_hidden_by_its_name() -> None:
    assert Masker(personal=False).mask({"ClientID": "0412345"}) == {"ClientID": "0412345"}


@pytest.mark.parametrize("order", [*permutations(["geheim", "geheim-17", "geheim-17-lang"])])
def test_of_secrets_that_extend_another_no_tail_is_left(order: tuple[str, ...]) -> None:
    masker = Masker()
    for secret in order:  # in whatever order a run comes by them
        masker.add(secret)
    assert masker.text("geheim-17-lang, geheim-17 and geheim") == "•••, ••• and •••"


def test_a_secret_that_is_added_later_is_hidden_too() -> None:
    masker = Masker()
    masker.add("longer-than-the-next")
    masker.add("short")
    assert masker.text("short") == "•••"
    assert masker.mask({"a": "short"}) == {"a": "•••"}


def test_nothing_is_hidden_by_an_empty_text() -> None:
    masker = Masker()
    masker.add("", " ")
    assert masker.text("as it is") == "as it is"


def test_what_needs_no_masking_is_given_back_itself() -> None:
    masker = Masker()
    masker.add("geheim")
    for value in ({"a": "b", "c": {"d": "e"}}, "text", 1, None, 2.5):
        assert masker.mask(value) is value


def test_masking_reaches_into_what_is_nested() -> None:
    masker = Masker()
    masker.add("geheim")
    value = {"fields": {"Text": "so geheim"}, "list": [{"Text": "geheim"}, ["geheim"]], "empty": ""}
    assert masker.mask(value) == {"fields": {"Text": "so •••"}, "list": [{"Text": "•••"}, ["•••"]], "empty": ""}


def test_an_empty_personal_field_stays_empty() -> None:
    assert Masker().mask({"ClientID": ""}) == {"ClientID": ""}
