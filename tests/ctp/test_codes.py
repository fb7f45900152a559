"""The characters of CTP's fields, under names that are CTP's own."""

import pytest

from ctpscen.ctp import codes
from ctpscen.ctp.codes import CONDITIONS, DBL_MAX, STOPS, has_value, is_query
from ctpscen.ctp.errors import NOT_READY, QUERY_LATER, errors
from ctpscen.ctp.schema import api, constants
from ctpscen.ctp.schema.tables import normalise

# CTP has no constants for these, and misspells one of those that it has.
NO_CONSTANTS = {"ResumeType", "Returned", "DisconnectReason"}
MISSPELLED = {"continuous": "continous"}

NAMES = [
    (kind.__name__, name, value)
    for kind in vars(codes).values()
    if isinstance(kind, type) and kind.__module__ == codes.__name__ and kind.__name__ not in NO_CONSTANTS
    for name, value in vars(kind).items()
    if not name.startswith("_")
]


@pytest.mark.parametrize(("kind", "name", "value"), NAMES)
def test_a_name_is_ctp_s_own_for_its_value(kind: str, name: str, value: str) -> None:
    known = {normalise(each): character for each, character in constants.of_type(kind).items()}
    word = normalise(name)
    assert known[MISSPELLED.get(word, word)] == value


def test_a_condition_compares_what_its_name_says() -> None:
    words = {">": "GreaterThan", ">=": "GreaterEqual", "<": "LesserThan", "<=": "LesserEqual"}
    for value, (price, comparison) in CONDITIONS.items():
        name = f"{price.capitalize()}Price{words[comparison]}StopPrice"
        assert constants.name_of("ContingentCondition", value) == name
    others = {codes.ContingentCondition.IMMEDIATELY, codes.ContingentCondition.PARKED_ORDER}
    assert {*CONDITIONS, *STOPS, *others} == set(constants.of_type("ContingentCondition").values())


@pytest.mark.parametrize(
    ("number", "known"), [(0.0, True), (-37.63, True), (3151.0, True), (DBL_MAX, False), (-DBL_MAX, False)]
)
def test_dbl_max_is_no_price(number: float, known: bool) -> None:
    assert has_value(number) is known


def test_one_function_is_called_like_a_query_and_is_none() -> None:
    queries = {name for name in api.requests() if name.startswith("ReqQry")}
    assert {name for name in queries if not is_query(name)} == {"ReqQryMaxOrderVolume"}
    assert not is_query("ReqOrderInsert")


def test_codes_that_mean_later_are_errors_of_ctp_s() -> None:
    assert set(NOT_READY) <= set(errors())
    assert set(NOT_READY) >= QUERY_LATER
