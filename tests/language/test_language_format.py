"""The formatter: one layout, the same tree, the same comments, and twice is once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import GOLDEN, ROOT, command, compare
from test_language_parser import FORMS

from ctpscen.language.format import format_source
from ctpscen.language.parser import parse
from ctpscen.language.source import Source
from ctpscen.language.tree import SyntaxTree

CASES = sorted((GOLDEN / "format").glob("*.scn"))
OWN = sorted([*(ROOT / "scenarios").rglob("*.scn"), *(ROOT / "examples").glob("*.scn")])
EVERY = [*OWN, *sorted(GOLDEN.rglob("*.scn"))]


def formatted(text: str) -> str:
    found = format_source(Source("a.scn", text))
    assert found.text is not None
    return found.text


def tree(text: str) -> SyntaxTree:
    found = parse(Source("a.scn", text))
    assert not found.diagnostics.found
    return found.tree


def comments(text: str) -> list[str]:
    found = parse(Source("a.scn", text)).tree
    return [text[start:end] for start, end in found.comments]


def holds(text: str) -> None:
    """What is true of every text that parses."""
    once = formatted(text)
    assert tree(once).steps == tree(text).steps
    assert comments(once) == comments(text)
    assert formatted(once) == once
    assert once == "" or (once.endswith("\n") and not once.endswith("\n\n"))
    assert not any(line != line.rstrip() for line in once.splitlines() if '"""' not in once)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_file_is_laid_out_like_this(path: Path, request: pytest.FixtureRequest) -> None:
    text = path.read_text(encoding="utf-8")
    compare(path.with_suffix(".out"), formatted(text), request)
    holds(text)


@pytest.mark.parametrize("path", EVERY, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_here_keeps_its_tree_and_its_comments(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if parse(Source("a.scn", text)).diagnostics.found:
        assert format_source(Source("a.scn", text)).text is None
    else:
        holds(text)


@pytest.mark.parametrize("path", OWN, ids=lambda path: str(path.relative_to(ROOT)))
def test_our_own_scenarios_are_laid_out(path: Path) -> None:
    assert formatted(path.read_text(encoding="utf-8")) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("wait   10s", "wait 10s\n"),
        ("\ufeffwait 10s\r\n", "wait 10s\n"),
        ("log f( 1 ) [ 0 ] . status", "log f(1)[0].status\n"),
        ("check a==- 1 and b -1>0", "check a == -1 and b - 1 > 0\n"),
        ("check (a)-1 == 0", "check (a) - 1 == 0\n"),
        ("check not ( a )", "check not (a)\n"),
        ("for x in [1,2]:log x", "for x in [1, 2]: log x\n"),
        ("check a is   not none", "check a is not none\n"),
        ("buy open ( a+b ) rb2705 at ask- 2 ticks", "buy open (a + b) rb2705 at ask - 2 ticks\n"),
        ("reject: x", None),
        ('log "{ a }  # no comment"', 'log "{ a }  # no comment"\n'),
        ("", ""),
        ("# only", "# only\n"),
        ("\n\n\n", ""),
        ("log (\n1\n+ 2)", "log (\n    1\n    + 2)\n"),
        ('venue: reject next order by counter - 1 , "x"', 'venue: reject next order by counter -1, "x"\n'),
    ],
)
def test_blanks_stand_where_they_help(text: str, wanted: str | None) -> None:
    assert format_source(Source("a.scn", text)).text == wanted


def _statements() -> Iterator[str]:
    for form, verb in FORMS:
        if "\n" not in form and verb not in ("scenario", "define", "before", "after", "docstring", "use"):
            yield form


STATEMENTS = sorted(set(_statements()))
BLANKS = st.sampled_from([" ", "  ", "     "])
TRAILERS = st.sampled_from(["", "", "  # why", "# close", "   "])
BETWEEN = st.sampled_from(["", "", "\n", "\n\n\n", "# own line\n", "\n  # indented\n\n"])


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Scenarios of the language's own statements, badly laid out."""
    width = draw(st.integers(1, 8))
    lines = []
    for number in range(draw(st.integers(1, 3))):
        lines.append(
            f'{draw(BETWEEN)}scenario{draw(BLANKS)}"s {number}"{draw(st.sampled_from([":", " :"]))}{draw(TRAILERS)}\n'
        )
        for _ in range(draw(st.integers(1, 5))):
            statement = draw(st.sampled_from(STATEMENTS))
            parts = statement.split('"')  # blanks inside texts are the text's own
            spaced = '"'.join(
                part.replace(" ", draw(BLANKS)) if not index % 2 else part for index, part in enumerate(parts)
            )
            lines.append(f"{draw(BETWEEN)}{' ' * width}{spaced}{draw(TRAILERS)}\n")
    return "".join(lines)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(programs())
def test_any_program_keeps_its_tree_and_its_comments(text: str) -> None:
    if not parse(Source("a.scn", text)).diagnostics.found:
        holds(text)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text())
def test_any_text_is_formatted_or_refused_with_reasons(text: str) -> None:
    found = format_source(Source("a.scn", text))
    assert (found.text is None) == bool(found.diagnostics)


# ------------------------------------------------------------------------------------------------- the command


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.scn").write_text("wait 10s\n")
    (tmp_path / "loose.scn").write_text("wait   10s\n")
    (tmp_path / "bad.scn").write_text("expct\n")
    (tmp_path / "loose.scn").chmod(0o640)
    return tmp_path


def test_files_are_written_anew_and_bad_ones_left_alone(here: Path) -> None:
    code, out, err = command("fmt", "good.scn", "loose.scn", "bad.scn")
    assert code == 2
    assert out == "formatted loose.scn\n1 file formatted, 1 file unchanged\n"
    assert "unknown step `expct`" in err
    assert (here / "loose.scn").read_text() == "wait 10s\n"
    assert (here / "bad.scn").read_text() == "expct\n"
    assert (here / "loose.scn").stat().st_mode & 0o777 == 0o640
    assert len(list(here.iterdir())) == 3


def test_check_and_diff_write_nothing(here: Path) -> None:
    code, out, _ = command("fmt", "--check", "good.scn", "loose.scn")
    assert code == 1
    assert out == "would format loose.scn\n1 file would be formatted, 1 file unchanged\n"
    code, out, _ = command("fmt", "--diff", "good.scn", "loose.scn")
    assert code == 1
    assert out.splitlines()[2:] == ["@@ -1 +1 @@", "-wait   10s", "+wait 10s"]
    assert command("fmt", "--check", "good.scn")[0] == 0
    assert (here / "loose.scn").read_text() == "wait   10s\n"


def test_standard_input_goes_to_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"wait   10s")))
    assert command("fmt", "-") == (0, "wait 10s\n", "")
