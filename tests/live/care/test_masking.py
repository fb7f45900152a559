"""What must not be shown is dots, wherever it stands."""

from itertools import permutations

import pytest

from ctpscen.live.care.masking import Masker


@pytest.mark.parametrize("secret", ["geheim-17", "55310077", "17", "7", "a.b", "(", "•"])
def test_a_secret_is_hidden_wherever_it_stands(secret: str) -> None:
    masker = Masker()
    masker.add(secret)
    for before, after in (("", ""), ("q", "x"), ("1", "2"), ("(", ".")):
        if secret not in before + after:
            assert masker.text(f"{before}{secret}{after}") == f"{before}•••{after}"
    assert masker.source(f"b{secret}{secret}b") == f"b{'•' * 2 * len(secret)}b"


def test_a_user_is_hidden_as_a_word() -> None:
    masker = Masker()
    masker.add_ids("100001")
    assert masker.text("id 100001, sys 1000012, (100001)") == "id •••, sys 1000012, (•••)"


def test_one_whose_name_is_short_is_hidden_where_it_is_a_user_and_no_address_is() -> None:
    masker = Masker()
    masker.add_ids("1")
    assert masker.text("tcp://10.0.0.1:1 is down") == "tcp://10.0.0.1:1 is down"
    fields = {"UserID": "1", "InvestorID": "1", "AccountID": "1", "Direction": "1", "OrderRef": "1"}
    hidden = {"UserID": "•••", "InvestorID": "•••", "AccountID": "•••"}
    assert masker.mask({"fields": fields}) == {"fields": {**fields, **hidden}}


def test_the_words_of_an_event_stay() -> None:
    masker = Masker()
    masker.add("pass")
    event = {"event": "verdict", "verdict": "passed", "reason": "passed by"}
    assert masker.mask(event) == {**event, "reason": "•••ed by"}


def test_masking_reaches_into_fields_and_leaves_what_is_no_text() -> None:
    masker = Masker()
    masker.add_ids("100001")
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
