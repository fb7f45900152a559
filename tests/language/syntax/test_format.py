"""The formatter: one layout, the same tree, the same comments, and twice is once."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import GOLDEN, ROOT, command, compare
from support.forms import FILES, FORMS

from ctpscen.language.syntax.format import format_source
from ctpscen.language.syntax.parser import parse, parse_tokens
from ctpscen.language.syntax.tree import SyntaxTree
from ctpscen.language.text.source import Source

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
        ("define  f (a,b=- 1) :return a", "define f(a, b = -1): return a\n"),
        ("request ReqQryNotice (BrokerID=x)as r", "request ReqQryNotice(BrokerID = x) as r\n"),
        ("log - (a) - - f (1)", "log -(a) - -f(1)\n"),
        ("venue: fill entry( n )", "venue: fill entry (n)\n"),
        ("venue: balance alice -1", "venue: balance alice -1\n"),
        ("buy open n(cu)at ask", "buy open n (cu) at ask\n"),
        ("log 5%(a) + 5% * 2", "log 5 % (a) + 5% * 2\n"),
        ('log "abc" [0]', 'log "abc"[0]\n'),
        ("log 10s .x", "log 10s .x\n"),
        ("log cu2612 .SHFE", "log cu2612 .SHFE\n"),
        ("subscribe 2026-11-23\t21:00", "subscribe 2026-11-23 21:00\n"),
        ("check a not\tin b", "check a not in b\n"),
        ("check (a is\t not b)", "check (a is not b)\n"),
        ("cancel  Orders;  expect   trade ;log 1 ;", "cancel Orders; expect trade; log 1;\n"),
        ('scenario "a"@x   @y :wait 1s', 'scenario "a" @x @y: wait 1s\n'),
    ],
)
def test_blanks_stand_where_they_help(text: str, wanted: str | None) -> None:
    assert format_source(Source("a.scn", text)).text == wanted


def test_the_lines_end_alike_in_a_docstring_too() -> None:
    assert formatted('"""a\r\n  b  \r\n"""\r\n\r\nwait 1s\r\n') == '"""a\n  b  \n"""\n\nwait 1s\n'


def test_a_text_that_does_not_parse_is_refused_with_all_that_is_wrong() -> None:
    found = format_source(Source("a.scn", "\ufeffexpct trade\r\nwait 1s\r\nlog (\r\n"))
    assert found.text is None
    places = [located.source.place(located.diagnostic.span[0]) for located in found.diagnostics]
    assert [(place.line, place.column) for place in places] == [(1, 1), (3, 5)]


# --------------------------------------------------------------------------------------------------- properties

PARSED = [
    *(form for form, _ in FORMS),
    *FILES.values(),
    *(text for path in EVERY if not parse(Source("a.scn", text := path.read_text("utf-8"))).diagnostics.found),
]
SIMPLE = sorted({form for form, _ in FORMS if "\n" not in form})
HEADERS = ["if x == 1:", "repeat 3 times:", "alice:", "venue:", "for x in [1, 2]:", "while (a or b) at most 3 times:"]
RANDOMS = st.integers(0, 2**32).map(Random)
SETTINGS = settings(max_examples=150, deadline=None, derandomize=True, database=None)


def _pieces(text: str) -> list[tuple[int, int, int]]:
    """The tokens and comments of a text in order: start, end, and how many brackets are open behind each."""
    parsed, lines = parse_tokens(Source("a.scn", text))
    tokens = [token for line in lines for token in line if token]
    change = {token.span[0]: (token in ("(", "[")) - (token in (")", "]")) for token in tokens}
    spans = sorted([*((token.span[0] or 0, token.span[1] or 0) for token in tokens), *parsed.tree.comments])
    brackets, pieces = 0, []
    for start, end in spans:
        brackets += change.get(start, 0)
        pieces.append((start, end, brackets))
    return pieces


def spoiled(text: str, random: Random, *, rewritten: bool = False) -> str:
    """A text laid out worse: other blanks, widths of indentation, line ends, and more blank lines.

    `rewritten` also puts in comments and breaks lines in brackets, and takes the blank lines away or adds some.
    """
    width, line_end = random.randint(1, 8), random.choice(["\n", "\r\n"])
    made, position, brackets = random.choice(["", "\ufeff", line_end]), 0, 0
    for start, end, open_brackets in _pieces(text):
        gap = text[position:start]
        others = gap.split("\n")[1:]
        if not others and rewritten and brackets and random.random() < 0.3:
            comment = random.choice(["", "  # why", "# (", f"{line_end}# own line"])
            made += comment + line_end + " " * random.randrange(9)
        elif not others and position:
            made += random.choice([" ", "   ", "\t", *([] if gap and text[start] != "#" else [""])])
        elif others:
            made += random.choice(["", "  "])
            if rewritten and not brackets and random.random() < 0.2:
                made += line_end + " " * random.randrange(20) + "# own line"
            blank_lines = random.randrange(3) if rewritten else random.randint(1, 3) if others[1:] else 0
            made += line_end + (random.choice(["", "   "]) + line_end) * blank_lines
            made += " " * (len(others[-1]) * width // 4)
        else:
            made += gap
        made += text[start:end]
        position, brackets = end, open_brackets
    return made + random.choice(["", "  ", line_end, line_end * 3])


def test_spoiling_a_text_spoils_it() -> None:
    text = 'scenario "a":\n    log f(1, 2)  # c\n\n    log 2\n'
    found = {spoiled(text, Random(seed)) for seed in range(50)}
    assert len(found) > 40
    assert any("\r\n" in each for each in found)
    assert any("# own line" in spoiled(text, Random(seed), rewritten=True) for seed in range(50))


@SETTINGS
@given(st.sampled_from(PARSED), RANDOMS)
def test_however_a_text_was_laid_out_it_comes_out_the_same(text: str, random: Random) -> None:
    assert formatted(spoiled(formatted(text), random)) == formatted(text)


@SETTINGS
@given(st.sampled_from(PARSED), RANDOMS)
def test_any_comment_anywhere_and_any_break_in_brackets_is_kept(text: str, random: Random) -> None:
    worse = spoiled(formatted(text), random, rewritten=True)
    assert tree(worse).steps == tree(text.replace("\r\n", "\n")).steps
    holds(worse.replace("\r\n", "\n"))
    assert formatted(worse) == formatted(worse.replace("\r\n", "\n"))


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Items and scenarios of the language's own statements, in blocks to any depth, badly laid out."""
    lines: list[str] = []

    def steps(depth: int) -> None:
        for _ in range(draw(st.integers(1, 4))):
            if depth < 4 and draw(st.integers(0, 3)) == 0:
                header = draw(st.sampled_from(HEADERS))
                lines.append("    " * depth + header)
                steps(depth + 1)
                if header.startswith("if") and draw(st.booleans()):
                    lines.append("    " * depth + draw(st.sampled_from(["else:", "elif y:"])))
                    steps(depth + 1)
            else:
                lines.append("    " * depth + draw(st.sampled_from(SIMPLE)))

    for number in range(draw(st.integers(1, 4))):
        head = draw(st.sampled_from(["param p = -2", "before:", "after:", "define f(a, b = -1):", "scenario"]))
        lines.append(f'scenario "s {number}" @a @b timeout 5m:' if head == "scenario" else head)
        if head == "scenario" and draw(st.booleans()):
            cells = st.sampled_from(["a", "-1", '"中文"', "[1, 2]", "rb2705", "f(1)"])
            lines.append("    where:")
            lines.extend(f"        | {draw(cells)} | {draw(cells)} |" for _ in range(draw(st.integers(1, 3))))
        if head.endswith(":") or head == "scenario":
            steps(1)
    return spoiled("\n".join(lines) + "\n", draw(RANDOMS), rewritten=True)


@SETTINGS
@given(programs())
def test_any_program_keeps_its_tree_and_its_comments(text: str) -> None:
    holds(text)
    apart_by_one_blank_line(formatted(text).splitlines())


def apart_by_one_blank_line(lines: Sequence[str]) -> None:
    """No two blank lines, none where a block begins; one around each block at the top that stands apart."""
    in_block = False
    for before, line in zip(["", *lines], lines, strict=False):
        assert line or before
        assert line or not before.endswith(":")
        top = bool(line) and not line.startswith((" ", ")", "]"))
        apart = top and line.startswith(("scenario", "define", "before", "after"))
        if top and in_block:
            assert not before, line
        if apart:
            assert not before or before.startswith("#"), line
        in_block = apart if top else in_block


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
