"""The documentation's site: it is built without a warning, and says in both languages the same things."""

import re
from pathlib import Path

import pytest
from support import ROOT
from support.doc_blocks import blocks

from ctpscen.highlighting import ScenarioLexer

DOCS = ROOT / "docs"
IN_BOTH = sorted(path.name for path in (DOCS / "zh").glob("*.md"))
SCENARIOS = sorted((ROOT / "scenarios").rglob("*.scn"))


def headings(path: Path) -> list[str]:
    """The levels of a page's headings, in order."""
    prose = re.sub(r"(?ms)^```.*?^```$", "", path.read_text(encoding="utf-8"))
    return re.findall(r"(?m)^(#+) ", prose)


@pytest.mark.parametrize("name", sorted({*IN_BOTH} - {"index.md"}))
def test_a_page_has_the_same_sections_and_examples_in_both_languages(name: str) -> None:
    english, chinese = DOCS / name, DOCS / "zh" / name
    assert headings(english) == headings(chinese)
    assert [block.kind for block in blocks(english)] == [block.kind for block in blocks(chinese)]


@pytest.mark.parametrize("name", ["live.md"])
def test_what_commands_say_is_the_same_in_both_languages(name: str) -> None:
    # tests/live/test_docs.py holds the English page against the commands themselves.
    english, chinese = blocks(DOCS / name), blocks(DOCS / "zh" / name)
    assert [block.text for block in english] == [block.text for block in chinese]


@pytest.mark.filterwarnings("ignore")
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("furo")
    from build_site import build

    assert build(tmp_path) == 0
    for language, other in (("en", "zh"), ("zh", "en")):
        page = (tmp_path / language / "first-steps.html").read_text(encoding="utf-8")
        assert f'href="./../{other}/first-steps.html"' in page
        assert '<span class="k">' in page  # scenarios have colours
    assert "hreflang" in (tmp_path / "en" / "performance.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", SCENARIOS[:: len(SCENARIOS) // 12], ids=lambda path: path.name)
def test_the_lexer_takes_all_of_a_scenario_and_changes_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tokens = list(ScenarioLexer(stripnl=False, ensurenl=False).get_tokens(text))
    assert "".join(value for _, value in tokens) == text
    assert [value for token, value in tokens if str(token) in ("Token.Text", "Token.Error")] == []


def test_the_lexer_knows_the_words_in_both_spellings() -> None:
    def kinds(text: str) -> list[tuple[str, str]]:
        return [(str(token)[6:], value) for token, value in ScenarioLexer().get_tokens(text) if value.strip()]

    english = kinds("buy open 2 cu2612 at ask as entry  # in")
    chinese = kinds("买 开 2手 cu2612 价 卖一 记为 入场  # in")
    assert [kind for kind, _ in english] == [kind for kind, _ in chinese]
    assert kinds("at least 2")[0] == ("Keyword", "at least")
    assert kinds("限时 1h30m")[1:] == [("Literal.Number", "1h"), ("Literal.Number", "30m")]
