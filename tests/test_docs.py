"""Every example in the documentation at work, every link in it, and whether the language page speaks of it all."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest
from support import ROOT, command, messages, timeless
from support.doc_blocks import Block, blocks

from ctpscen.ctp.reports import ANSWER_WORDS, KINDS, REPORT_WORDS
from ctpscen.language.meaning.functions import FUNCTIONS, PRICE_WORDS
from ctpscen.language.meaning.queries import QUERIES
from ctpscen.language.meaning.scope import walk
from ctpscen.language.meaning.types import ORDER, POSITION, REQUEST, words_of
from ctpscen.language.meaning.verbs import spoken_verb
from ctpscen.language.syntax.grammar import RESERVED
from ctpscen.language.syntax.parser import parse, tables
from ctpscen.language.text.source import Source

ENGLISH = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CHINESE = [ROOT / "README.zh-CN.md", *sorted((ROOT / "docs" / "zh").glob("*.md"))]
PAGES = [ROOT / "CONTRIBUTING.md", *ENGLISH, *CHINESE]
PAGE = ROOT / "docs" / "language.md"

# How a block that is a whole file ends: its exit code, and the word of the summary.
ENDINGS = {
    "scn": (0, "passed"),
    "scn fail": (1, "failed"),
    "scn blocked": (4, "blocked"),
    "scn skipped": (0, "skipped"),
    "scn check_error": (2, ""),
}
PART = "scn part"


def of_kinds(*kinds: str) -> list[Block]:
    return [block for path in PAGES for block in blocks(path) if block.kind in kinds]


@pytest.mark.parametrize("block", of_kinds(*ENDINGS), ids=lambda block: block.place)
def test_an_example_ends_as_the_page_says(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for each in blocks(block.path):
        if each.file_name:
            (tmp_path / each.file_name).write_text(each.text, encoding="utf-8")
    (tmp_path / "example.scn").write_text(block.text, encoding="utf-8")
    code, out, err = command("run", "example.scn")
    wanted, word = ENDINGS[block.kind]
    assert code == wanted, err + out
    if word:
        assert re.fullmatch(rf"\d+ {word}  .*", out.splitlines()[-1]), out
    if block.output is None:
        assert err == "" or code == 2  # an example raises no warning, unless it is about one
    else:
        assert contains((err + timeless(out)).splitlines(), block.output.splitlines()), err + out


def contains(lines: Sequence[str], part: Sequence[str]) -> bool:
    """Whether some lines, without the blanks at their ends, stand among others one after the other.

    The numbers that chance gives to logins and orders do not count.
    """
    lines, part = [chanceless(line) for line in lines], [chanceless(line) for line in part]
    return any(lines[start : start + len(part)] == part for start in range(len(lines) - len(part) + 1))


def chanceless(line: str) -> str:
    return re.sub(r"(sys|SessionID) +-?\d+", r"\1 N", line).rstrip()


@pytest.mark.parametrize("block", of_kinds(PART), ids=lambda block: block.place)
def test_a_fragment_can_be_read(block: Block) -> None:
    found = parse(Source("part.scn", block.text)).diagnostics.located
    assert not found, messages(found)


@pytest.mark.parametrize("block", of_kinds("python"), ids=lambda block: block.place)
def test_python_in_the_docs_runs(block: Block) -> None:
    exec(compile(block.text, block.place, "exec"), {"__name__": "example"})


PIPES = [
    pytest.param(text, id=f"{block.place}: {text}")
    for block in of_kinds("sh")
    for text in re.findall(r"echo '([^']*)' \| \S*ctpscen run -", block.text)
]


@pytest.mark.parametrize("text", PIPES)
def test_a_scenario_from_a_pipe_runs(text: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "ctpscen", "run", "-"], input=text, capture_output=True, encoding="utf-8", check=False
    )
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout


def test_every_block_is_of_a_kind_that_is_looked_at() -> None:
    known = {*ENDINGS, PART, "python", "sh", "mermaid", ""}
    known |= {"console", "toml"}  # tests/live/test_docs.py
    known |= {"{toctree}"}  # tests/test_site.py
    known |= {"diff"}  # tests/test_contributing.py
    assert [(block.place, block.kind) for block in of_all() if block.kind not in known and not block.file_name] == []
    assert PIPES


def of_all() -> list[Block]:
    return [block for path in PAGES for block in blocks(path)]


# -------------------------------------------------------------------------------------------------------- links


def prose(path: Path) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"(?ms)^```.*?^```$", "", path.read_text(encoding="utf-8"))


def anchors(path: Path) -> set[str]:
    """The anchors that a page's headings have on the web."""
    found: set[str] = set()
    for heading in re.findall(r"(?m)^#+ +(.*?) *$", prose(path)):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        number = 0
        while (anchor := f"{slug}-{number}" if number else slug) in found:
            number += 1
        found.add(anchor)
    return found


def links(path: Path) -> Iterator[str]:
    without_code = re.sub(r"`[^`\n]*`", "``", prose(path))
    yield from re.findall(r"\]\(([^)\s]+)\)", without_code)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    lost = []
    for link in links(path):
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert lost == []


# ------------------------------------------------------------------------------------------------ the whole language


@cache
def inline_code() -> str:
    """All that stands between backquotes in the prose of the language page."""
    return "\n".join(re.findall(r"`([^`\n]+)`", prose(PAGE))).replace("\\|", "|")


@cache
def examples() -> str:
    return "\n".join(block.text for block in blocks(PAGE) if block.kind.startswith("scn"))


def missing(words: Sequence[str], text: str) -> list[str]:
    return [word for word in words if not re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)]


# Rules that are not a statement of their own, or are spoken otherwise.
_SPOKEN = {"docstring": '"""', "table": "where", "if_inline": "if", "call_step": "define", "actor": "venue"}


def rules() -> list[str]:
    """The rules of the grammar that make a statement, as far as people can write them."""
    grammar, _ = tables()
    return sorted(grammar.rules - {"unread", "unread_block"})


def test_the_page_names_every_statement() -> None:
    text = inline_code() + examples()
    assert missing([_SPOKEN.get(rule) or spoken_verb(rule) for rule in rules() if rule != "docstring"], text) == []
    assert '"""' in text


def test_every_statement_that_works_has_an_example() -> None:
    shown = {
        step.verb
        for block in blocks(PAGE)
        if block.kind.startswith("scn")
        for step in walk(parse(Source("example.scn", block.text)).tree.steps)
    }
    one_line = {"if_inline"}  # an `if` in the tree
    assert sorted(set(rules()) - shown - one_line) == []


def test_the_page_has_every_word_of_the_language() -> None:
    grammar, _ = tables()
    text = inline_code() + examples()
    assert [forms for forms in grammar.spellings.values() if missing(forms, text) == list(forms)] == []
    reserved = [grammar.spellings[name][0] for name in sorted(RESERVED)]
    line = next(line for line in prose(PAGE).splitlines() if line.startswith("- Reserved are `"))
    assert missing(reserved, line) == []


def test_the_page_lists_every_kind_of_report_with_an_example() -> None:
    assert missing(list(KINDS), inline_code()) == []
    assert missing([*REPORT_WORDS, *ANSWER_WORDS], inline_code()) == []
    patterns = "\n".join(re.findall(r"(?m)^.*(?:expect|never|    \w+).*$", examples()))
    assert [kind for kind in KINDS if not re.search(rf"\b{kind}s?\b", patterns)] == []


def test_the_page_lists_every_query_with_an_example() -> None:
    grammar, _ = tables()
    asked = {name: "|".join(grammar.spellings[name.upper()]) for name in QUERIES}
    lost = [name for name, forms in asked.items() if not re.search(rf"\bquery (?:{forms})\b", examples())]
    assert lost == []
    assert [name for name, forms in asked.items() if not re.search(rf"(?<!\w)(?:{forms})(?!\w)", inline_code())] == []


def test_the_page_lists_every_function_and_price_with_an_example() -> None:
    assert [name for name in FUNCTIONS if f"{name}(" not in inline_code()] == []
    assert [name for name in FUNCTIONS if f"{name}(" not in examples()] == []
    assert missing(list(PRICE_WORDS), examples()) == []


def test_the_page_lists_the_fields_that_the_language_adds_to_a_name() -> None:
    words = [word for kind in (ORDER, REQUEST, POSITION) for word in words_of(kind)]
    assert [word for word in words if f".{word}" not in inline_code()] == []


def test_the_commands_that_the_docs_name_exist() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in PAGES)
    for name in sorted(set(re.findall(r"`(?:\S*/)?ctpscen ([a-z]+)", text))):
        assert command(name, "--help")[0] == 0, name
    assert shutil.which("ctpscen") or (Path(sys.executable).parent / "ctpscen").exists()
