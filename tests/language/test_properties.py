"""Whatever the text: a tree and diagnostics, never an exception, and every diagnostic lies within the text."""

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import ROOT

from ctpscen.language.checking.file import check
from ctpscen.language.meaning.program import Checked
from ctpscen.language.syntax.parser import parse, parse_expression, tables
from ctpscen.language.text.diagnostics import render
from ctpscen.language.text.source import Source
from ctpscen.language.text.suggestions import edit_distance, nearest

SETTINGS = settings(
    deadline=None,
    max_examples=200,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

# What lark calls things, which no user should ever read.
LARK_NAMES = ("__ANON", "UnexpectedToken", "Token(", "$END", "_simple", "_compound", "DEDENT", "NEWLINE")


@cache
def scenarios() -> list[str]:
    files = [path for folder in ("scenarios", "examples", "tests/golden") for path in (ROOT / folder).rglob("*.scn")]
    found = [path.read_text(encoding="utf-8") for path in sorted(files)]
    assert found
    return [text for text in found if len(text) < 1500]


@cache
def pieces() -> list[str]:
    """The language's own words, literals and signs, and some that are none."""
    signs = [*"=<>+-*/%.,:;|()[]@{}\"'#\\?（中\t\r\ufeff\x00", "==", "!=", "<=", ">=", '"""']
    values = '1 2.5 0x1 5% 10s 1h30m 21:00 2026-11-23 "a" "{x}" "{" "\\q" cu2612 SHFE.cu2612 m2701-C-3000 OnRtnOrder'
    names = "entry x volume order_status all_traded ReqQryOrder InstrumentID position( f( [1] trader: venue: network:"
    layout = ["\n", "\n    ", "\n        ", "\n  ", " ", "\n", "\n    "]
    return [*tables()[0].words, *signs, *values.split(), *names.split(), *layout]


def read_nothing(_: str, path: str) -> tuple[str, str]:
    raise FileNotFoundError(2, "No such file or directory", path)


def holds(text: str) -> Checked:
    """Checks a text, and sees to all that holds for any text."""
    source = Source("x.scn", text)
    checked = check(source, read_nothing)
    errors = [each for each in checked.diagnostics if each.diagnostic.severity == "error"]
    assert (checked.program is None) == bool(errors)
    for located in checked.diagnostics:
        diagnostic = located.diagnostic
        for start, end in (diagnostic.span, *(label.span for label in diagnostic.others)):
            assert 0 <= start <= end <= len(text) + 1, diagnostic
        lines = list(render(located))
        assert lines[0].startswith(f"{diagnostic.severity}[{diagnostic.code}]: ")
        assert any("^" in line for line in lines)
        assert all("\n" not in line and len(line) < 1200 for line in lines)
        assert not any(name in lines[0] for name in LARK_NAMES if name not in text), lines[0]
        assert lines[0].count("did you mean") <= 1
    return checked


@SETTINGS
@given(st.text(max_size=200))
def test_any_text_gives_a_tree_and_diagnostics(text: str) -> None:
    holds(text)


@SETTINGS
@given(st.data())
def test_any_run_of_the_languages_own_words_does(data: st.DataObject) -> None:
    words = data.draw(st.lists(st.tuples(st.sampled_from(pieces()), st.sampled_from(["", " ", " ", " "])), max_size=40))
    holds("".join(word + blank for word, blank in words))


@SETTINGS
@given(st.data())
def test_any_lines_that_open_like_a_step_do(data: st.DataObject) -> None:
    lines = data.draw(
        st.lists(
            st.tuples(st.sampled_from([0, 0, 2, 4, 4, 8]), st.lists(st.sampled_from(pieces()), min_size=1, max_size=6)),
            max_size=10,
        )
    )
    holds("\n".join(" " * depth + " ".join(words) for depth, words in lines))


# Lines that open blocks of every kind, lines that go into them, and lines that cannot be read.
LINES = """\
scenario "x":
where:
| a | b |
| 1 |
| a
if true:
else:
elif x:
elif x: log 1
else: log 1
else: and
if true: log 2
expect in order:
expect in any order within 3s:
trade of a
order of a as b
ordr of a
foo bar
foo bar:
log 1
log (1,
2)
log )
alice:
alice: bob: log 1
define f(a):
before:
venue:
repeat 3 times:
let x = 3
expect trade
buy open at
log "{
log "{x}"
and
use "x"
return
""".splitlines()


@SETTINGS
@given(st.lists(st.tuples(st.sampled_from([0, 0, 4, 4, 8, 8, 12]), st.sampled_from(LINES)), max_size=12))
def test_any_lines_at_any_depth_do(lines: list[tuple[int, str]]) -> None:
    holds("\n".join(" " * depth + line for depth, line in lines))


@SETTINGS
@given(st.data())
def test_any_mutation_of_a_real_scenario_does(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(scenarios()))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.sampled_from([0, 0, 1, 1, 2, 5, 20, 60])))
        put = data.draw(st.one_of(st.just(""), st.sampled_from(pieces()), st.text(max_size=2)))
        text = text[:start] + put + text[end:]
    holds(text)


@pytest.mark.parametrize("number", range(3))
def test_a_real_scenario_cut_anywhere_does(number: int) -> None:
    text = sorted(scenarios(), key=len)[-1 - number]
    for end in range(0, len(text), 13):
        holds(text[:end])


@SETTINGS
@given(st.text(max_size=60))
def test_any_text_is_an_expression_or_none(text: str) -> None:
    parse_expression(Source("x", text))


@SETTINGS
@given(st.data())
def test_reading_twice_gives_the_same(data: st.DataObject) -> None:
    words = " ".join(data.draw(st.lists(st.sampled_from(pieces()), max_size=25)))
    first, second = parse(Source("x", words)), parse(Source("x", words))
    assert first.tree == second.tree
    assert first.diagnostics.found == second.diagnostics.found


@SETTINGS
@given(st.data())
def test_a_slip_in_one_scenario_leaves_the_others_whole(data: st.DataObject) -> None:
    """Every scenario stands alone: the steps of the second do not depend on what the first has in its lines."""
    inside = data.draw(st.lists(st.sampled_from([word for word in pieces() if "\n" not in word]), max_size=12))
    line = " ".join(word for word in inside if word not in ("(", "[", '"""', "position(", "f("))
    text = f'scenario "a":\n    log 1\n    {line}\nscenario "b":\n    log 2\n    wait 3s\n'
    last = parse(Source("x", text)).tree.steps[-1]
    assert last.verb == "scenario"
    assert [step.verb for step in last.body or ()] == ["log", "wait"]


WORDS = st.text(alphabet="abcdef_", min_size=0, max_size=8)


@SETTINGS
@given(WORDS, WORDS)
def test_the_edit_distance_is_symmetric_and_bounded(a: str, b: str) -> None:
    distance = edit_distance(a, b)
    assert distance == edit_distance(b, a)
    assert abs(len(a) - len(b)) <= distance <= max(len(a), len(b))
    assert (distance == 0) == (a == b)


@SETTINGS
@given(WORDS, st.lists(WORDS, max_size=6))
def test_a_suggestion_is_near_and_no_candidate_is_nearer(word: str, candidates: list[str]) -> None:
    found = nearest(word, candidates)
    if found is None:
        return
    assert found in candidates
    assert found != word
    assert edit_distance(word, found) <= (1 if len(word) <= 3 else 2)
    assert all(edit_distance(word, found) <= edit_distance(word, other) for other in candidates if other != word)
