"""What `ctpscen explain` says of each code: that none is missing, and that every example behaves as its page says."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from attrs.exceptions import FrozenInstanceError
from support import ROOT, checked, codes, command, messages, run

from ctpscen.language.text.explanations import Explanation, explanations, find

FILE = ROOT / "ctpscen" / "language" / "text" / "explanations.md"

# The one code that no short file shows.
WITHOUT_EXAMPLE = {"E109"}

# The other file of the example of E406.
DESK = "session desk\n"


def examples(page: Explanation) -> list[tuple[str, str]]:
    """The kind and the text of each fenced block."""
    return re.findall(r"(?ms)^```(.*?)\n(.*?)^```$", page.text)


def prose(page: Explanation) -> list[str]:
    """The lines of a page outside its examples, without empty ones."""
    return [line for line in re.sub(r"(?ms)^```.*?^```$", "", page.text).splitlines() if line]


def of_kind(kind: str, families: str) -> Sequence[object]:
    """The examples of a kind, on the pages of some families of codes."""
    return [
        pytest.param(page.code, text, id=page.code)
        for page in explanations().values()
        if page.code[0] in families
        for found, text in examples(page)
        if found == kind
    ]


# -------------------------------------------------------------------------------------------------------- pages


def test_every_code_of_the_source_has_a_page_and_every_page_a_code_of_the_source() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "ctpscen").rglob("*.py"))
    raised = set(re.findall(r'"([EWR]\d{3})"', source))
    assert {"E100", "W501", "R600"} <= raised
    assert set(explanations()) == raised


def test_the_pages_stand_in_the_order_of_their_codes_and_none_twice() -> None:
    headings = re.findall(r"(?m)^## (\S+)", FILE.read_text(encoding="utf-8"))
    by_code = sorted(set(headings), key=lambda code: ("EWR".index(code[0]), code))
    assert headings == by_code == list(explanations())


def test_a_page_is_short_and_has_a_wrong_and_a_right_example() -> None:
    for page in explanations().values():
        assert page.title, page
        assert 2 <= len(prose(page)) <= 8, page
        assert [line for line in prose(page) if len(line) > 80] == [], page
        kinds = [kind for kind, _ in examples(page)]
        assert kinds == ([] if page.code in WITHOUT_EXAMPLE else ["scn wrong", "scn"]), page


def test_a_page_without_an_example_says_why() -> None:
    for code in WITHOUT_EXAMPLE:
        assert "There is no example here, as " in " ".join(prose(explanations()[code]))


def test_no_two_pages_have_one_title() -> None:
    titles = [page.title for page in explanations().values()]
    assert len(set(titles)) == len(titles)


# ----------------------------------------------------------------------------------------------------- examples


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the file that an example uses."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "desk.scn").write_text(DESK, encoding="utf-8")
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("code", "text"), of_kind("scn wrong", "EW"))
def test_a_wrong_file_gives_the_code_of_its_page_and_no_other(code: str, text: str) -> None:
    found = checked(text)
    assert [each.diagnostic.code for each in found.diagnostics] == [code], messages(found.diagnostics)
    assert (found.program is None) == code.startswith("E")


@pytest.mark.parametrize(("code", "text"), of_kind("scn wrong", "R"))
def test_a_wrong_run_ends_with_the_code_of_its_page(code: str, text: str) -> None:
    assert codes(text) == []
    result = run(text)
    assert [each.diagnostic.code for each in result.diagnostics] == [code], messages(result.diagnostics)
    assert not result.passed


@pytest.mark.parametrize(("code", "text"), of_kind("scn", "EWR"))
def test_a_right_file_raises_no_complaint_and_passes(code: str, text: str, folder: Path) -> None:
    assert codes(text) == []
    (folder / f"{code}.scn").write_text(text, encoding="utf-8")
    ended, out, err = command("run", f"{code}.scn")
    assert (ended, err) == (0, ""), out
    assert re.search(r"(?m)^\d+ passed  ", out), out  # and none was skipped


def test_reading_stops_at_a_hundred_errors_as_the_page_says() -> None:
    assert "After 100 errors of syntax" in find("E109").text  # type: ignore[union-attr]
    assert codes("?\n" * 99) == ["E100"] * 99
    assert codes("?\n" * 150) == [*["E100"] * 100, "E109"]


# ----------------------------------------------------------------------------------------------------- the lookup


@pytest.mark.parametrize("written", ["E104", "e104"])
def test_a_code_is_found_in_any_case(written: str) -> None:
    page = find(written)
    assert page is not None
    assert (page.code, page.title) == ("E104", "unknown report kind")
    assert page.text.startswith("After `expect`")
    assert page.text.endswith("expect trade of entry\n```")


@pytest.mark.parametrize("written", ["E999", "E10", "104", "", "E104 ", "unknown report kind"])
def test_what_is_no_code_is_not_found(written: str) -> None:
    assert find(written) is None


def test_nobody_can_change_the_pages() -> None:
    pages = explanations()
    with pytest.raises(TypeError, match="assignment"):
        pages["E104"] = pages["E105"]  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        pages["E104"].title = "other"  # type: ignore[misc]
