"""The tool that merges the declarations of all versions into one text."""

import generate_ctp_versions as tool
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctpscen.ctp.schema.spans import entries, number_of

VERSIONS = ["6.3.15", "6.5.1", "6.6.7", "6.7.0", "6.7.11"]


def read(text: str, version: str) -> list[str]:
    return list(entries(text, number_of(version) or ()))


sequences = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8)


@given(st.lists(sequences, min_size=len(VERSIONS), max_size=len(VERSIONS)))
def test_each_version_is_read_as_it_was_merged(found: list[list[str]]) -> None:
    """In whatever order entries come, go, move, and come again."""
    originals = dict(zip(VERSIONS, found, strict=True))
    text = " ".join(tool.merge(originals, VERSIONS).spanned())
    assert {version: read(text, version) for version in VERSIONS} == originals


@given(st.integers(0, 4), st.integers(0, 4), st.lists(sequences.filter(bool), min_size=5, max_size=5))
def test_a_record_of_some_versions_is_read_in_those_alone(a: int, b: int, found: list[list[str]]) -> None:
    having = VERSIONS[min(a, b) : max(a, b) + 1]
    text = tool.merge_record(dict(zip(having, found, strict=False)), VERSIONS)
    for version in VERSIONS:
        wanted = found[having.index(version)] if version in having else []
        assert read(text, version) == wanted


def test_what_all_versions_have_needs_no_span() -> None:
    merged = tool.merge({version: ["a", "b"] for version in VERSIONS}, VERSIONS)
    assert merged.spanned() == ["a", "b"]


def test_a_span_names_the_first_and_the_last_version_where_it_must() -> None:
    found = {"6.3.15": "ab", "6.5.1": "abcd", "6.6.7": "bcde", "6.7.0": "bce", "6.7.11": "bef"}
    merged = tool.merge({version: list(sequence) for version, sequence in found.items()}, VERSIONS)
    assert " ".join(merged.spanned()) == "a@-6.5.1 b c@6.5.1-6.7.0 d@6.5.1-6.6.7 e@6.6.7 f@6.7.11"


def test_a_record_that_comes_and_goes_is_not_written() -> None:
    with pytest.raises(ValueError, match="comes and goes"):
        tool.merge_record({"6.3.15": ["a"], "6.6.7": ["a"]}, VERSIONS)
