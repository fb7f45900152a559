"""Tokens to tree: every form of every statement, the shape of expressions, contested words, and recovery."""

from typing import Any

import pytest
from support import checked, messages
from support.forms import FILES, FORMS, PRELUDE

from ctpscen.language.syntax.parser import ERROR_LIMIT, openers, parse, parse_expression, tables
from ctpscen.language.syntax.tree import (
    Call,
    Chain,
    Expression,
    FieldOf,
    IndexOf,
    ListOf,
    LiteralValue,
    Name,
    Pattern,
    Prefix,
    Step,
    Ticks,
)
from ctpscen.language.text.source import Source


def _errors(text: str) -> list[str]:
    """What is wrong with a text, but for steps that the grammar knows and the venue does not do yet."""
    found = checked(text).diagnostics
    return messages([each for each in found if each.diagnostic.severity == "error" and each.diagnostic.code != "E409"])


@pytest.mark.parametrize(("statement", "verb"), FORMS, ids=[statement for statement, _ in FORMS])
def test_every_form_of_a_statement_is_read_and_checks(statement: str, verb: str) -> None:
    text = f"{PRELUDE}    {statement}\n"
    parsed = parse(Source("x", text))
    assert parsed.diagnostics.found == []
    step = (parsed.tree.steps[-1].body or ())[-1]
    if step.verb == "actor":
        (step,) = step.body or ()
    assert step.verb == verb
    assert _errors(text) == []


def test_the_table_has_every_verb_of_the_grammar() -> None:
    items = {
        "invariant",
        "docstring",
        "use",
        "param",
        "session",
        "program",
        "scenario",
        "table",
        "define",
        "before",
        "after",
        "actor",
        "return",
    }
    other = {"if_inline", "unread", "unread_block"}
    assert {verb for _, verb in FORMS} == tables()[0].rules - items - other


@pytest.mark.parametrize("text", FILES.values(), ids=list(FILES))
def test_every_form_of_an_item_is_read_and_checks(text: str) -> None:
    assert _errors(text) == []


# ------------------------------------------------------------------------------------------------- expressions


def shape(text: str) -> Any:
    """An expression as nested lists: operators first."""
    found = parse_expression(Source("x", text))
    assert found is not None, text
    return _shape(found)


def _shape(node: Expression) -> Any:
    match node:
        case Chain():
            operators: Any = node.operators[0] if len(set(node.operators)) == 1 else list(node.operators)
            return [operators, *map(_shape, node.operands)]
        case Prefix():
            return [node.operator, _shape(node.operand)]
        case Ticks():
            return ["ticks", _shape(node.count)]
        case FieldOf():
            return [".", _shape(node.base), node.name.text]
        case IndexOf():
            return ["[]", _shape(node.base), _shape(node.index)]
        case Call():
            return ["call", node.name.text, *map(_shape, node.arguments)]
        case ListOf():
            return ["list", *map(_shape, node.items)]
        case LiteralValue():
            return node.value
        case Name():
            return node.name
    raise AssertionError(node)


SHAPES = [
    ("a or b and c", ["or", "a", ["and", "b", "c"]]),
    ("a and b or c and d", ["or", ["and", "a", "b"], ["and", "c", "d"]]),
    ("a or b or c", ["or", "a", "b", "c"]),
    ("not a and b", ["and", ["not", "a"], "b"]),
    ("not a == b", ["not", ["==", "a", "b"]]),
    ("not not a", ["not", ["not", "a"]]),
    ("0 < x <= 5", [["<", "<="], 0, "x", 5]),
    ("a == b == c", ["==", "a", "b", "c"]),
    ("a is not b", ["is not", "a", "b"]),
    ("a is none", ["is", "a", None]),
    ("a not in [1, 2]", ["not in", "a", ["list", 1, 2]]),
    ("a in b and c not  in d", ["and", ["in", "a", "b"], ["not in", "c", "d"]]),
    ("1 + 2 * 3", ["+", 1, ["*", 2, 3]]),
    ("(1 + 2) * 3", ["*", ["+", 1, 2], 3]),
    ("1 - 2 + 3", [["-", "+"], 1, 2, 3]),
    ("8 / 4 % 3 * 2", [["/", "%", "*"], 8, 4, 3, 2]),
    ("-a + b", ["+", ["-", "a"], "b"]),
    ("a - -b", ["-", "a", ["-", "b"]]),
    ("-a.b[0]", ["-", ["[]", [".", "a", "b"], 0]]),
    ("a * -2", ["*", "a", ["-", 2]]),
    ("a < b + 1", ["<", "a", ["+", "b", 1]]),
    ("ask + 2 ticks", ["+", "ask", ["ticks", 2]]),
    ("ask + delta ticks - 1 tick", [["+", "-"], "ask", ["ticks", "delta"], ["ticks", 1]]),
    ("-2 ticks", ["ticks", ["-", 2]]),
    ("(a + b) ticks", ["ticks", ["+", "a", "b"]]),
    ("f(1, g(), [a],)[0].b", [".", ["[]", ["call", "f", 1, ["call", "g"], ["list", "a"]], 0], "b"]),
    ("[]", ["list"]),
    ("a.order.status", [".", [".", "a", "order"], "status"]),
    ("not (a or b)", ["not", ["or", "a", "b"]]),
]


@pytest.mark.parametrize(("text", "wanted"), SHAPES, ids=[text for text, _ in SHAPES])
def test_operators_bind_as_the_definition_lists_them(text: str, wanted: object) -> None:
    assert shape(text) == wanted


@pytest.mark.parametrize("text", ["1 +", "", "a b", "(1", "a..b", "[1,,2]", "f(", "1 2", "a = b", "1 + not a", "a; b"])
def test_what_is_no_expression_is_none(text: str) -> None:
    assert parse_expression(Source("x", text)) is None


def test_spans_are_the_very_words() -> None:
    text = "check -a.b + (c * 2) == f(x)[0]\n"
    (step,) = parse(Source("x", text)).tree.steps
    (comparison,) = step.many("value")
    left, right = comparison.operands
    assert [text[slice(*each.span)] for each in (comparison, left, right)] == [
        "-a.b + (c * 2) == f(x)[0]",
        "-a.b + (c * 2)",
        "f(x)[0]",
    ]
    assert [text[slice(*each.span)] for each in left.operands] == ["-a.b", "(c * 2)"]
    assert text[slice(*step.head)] == "check"
    assert text[slice(*step.span)] == text.strip()


# ----------------------------------------------------------------------------------------------- contested words


def _only(text: str) -> Step:
    parsed = parse(Source("x", text))
    assert parsed.diagnostics.found == []
    return parsed.tree.steps[-1]


def test_where_the_language_expects_its_own_word_that_meaning_wins() -> None:
    parsed = parse(Source("x", "cancel all\n"))
    assert [step.verb for step in parsed.tree.steps] == ["cancel_all"]
    assert [word.text for word in parsed.tree.contested] == ["all"]


def test_in_brackets_a_contested_word_is_the_value() -> None:
    assert _only("cancel (all)\n").verb == "cancel"


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("expect orders.is_final == [true]\n", "expect_condition"),
        ("expect trade == 3\n", "expect_condition"),
        ("expect reconciled == 3\n", "expect_condition"),
        ("expect first is all_traded\n", "expect_condition"),
        ("expect orders\n", "expect"),
        ("expect orders of first\n", "expect"),
        ("orders: connect\n", "actor"),
        ("cancel all.first\n", "cancel"),
    ],
)
def test_the_word_behind_decides_where_only_one_reading_can_go_on(text: str, verb: str) -> None:
    assert _only(text).verb == verb


def test_a_name_like_a_word_is_contested_only_where_a_value_has_that_name() -> None:
    used = 'scenario "x":\n    buy open 1 rb2705 at 1 as all\n    log all.sent\n    cancel all\n'
    other = used.replace("as all", "as mine").replace("all.sent", "mine.sent")
    assert [each.diagnostic.code for each in checked(used).diagnostics] == ["W505"]
    assert checked(other).diagnostics == []


def test_a_volume_may_be_called_like_a_word() -> None:
    step = _only("buy open second first at ask as orders\n")
    assert [amount.name for amount in step.many("amount")] == ["second", "first"]
    assert step.parts["as_name"].text == "orders"


# ------------------------------------------------------------------------------------------------------ recovery


def test_every_error_is_told_once_and_the_good_statements_stay() -> None:
    text = (
        'scenario "one":\n    log 1\n    expct trade\n    log 2; log ); log 3\n    wait\n    log 4\n'
        'scenaro "two":\n    log 5\n    if true\n        log 6\n    log 7\n'
        'scenario "three":\n    log 8\n    buy open at\n'
    )
    source = Source("x", text)
    parsed = parse(source)
    assert [source.place(each.span[0]).line for each in parsed.diagnostics.found] == [3, 4, 5, 7, 9, 14]
    assert [step.verb for step in parsed.tree.steps] == ["scenario", "unread_block", "scenario"]
    one, two, three = parsed.tree.steps
    assert [step.verb for step in one.body or ()] == ["log", "unread", "log", "unread", "log", "unread", "log"]
    assert [step.verb for step in two.body or ()] == ["log", "unread_block", "log"]
    assert [step.verb for step in three.body or ()] == ["log", "unread"]


def test_a_slip_in_a_list_of_patterns_costs_that_pattern_only() -> None:
    parsed = parse(Source("x", "expect in order:\n    ordr of a\n    trade of a\nlog 1\n"))
    assert [each.code for each in parsed.diagnostics.found] == ["E104"]
    assert [step.verb for step in parsed.tree.steps] == ["expect_in_order", "log"]
    ((pattern, _),) = parsed.tree.steps[0].many("listed")
    assert isinstance(pattern, Pattern)
    assert pattern.kind.text == "trade"


def test_a_slip_in_a_table_costs_that_row_only() -> None:
    parsed = parse(Source("x", 'scenario "x":\n    where:\n        | a |\n        | 1\n        | 2 |\n    log a\n'))
    assert len(parsed.diagnostics.found) == 1
    table = (parsed.tree.steps[0].body or ())[0]
    assert len(table.many("row")) == 2


@pytest.mark.parametrize(
    "text",
    [
        "expect in order:\n    ordr of a:\n        trade\n    trade of b\nlog 1\n",
        'scenario "x":\n    where:\n        | a\n            | b\n        | 1 |\n    log 2\n',
        "if x:\n    log 1\nelse: and\n    log 2\nlog 3\n",
        "if x:\n    log 1\nelif y: log 2; foo bar\n    log 3\nlog 4\n",
        "log 1; foo bar:\n    log 2\nlog 3\n",
    ],
)
def test_a_line_that_cannot_be_read_may_have_a_block_below_it_anywhere(text: str) -> None:
    parsed = parse(Source("x", text))
    assert parsed.diagnostics.found[0].code in ("E101", "E102", "E104")
    assert parsed.tree.steps[-1].verb in ("log", "scenario")


def test_a_header_that_cannot_be_read_keeps_its_block() -> None:
    parsed = parse(Source("x", "reapeat 3 times:\n    log 1\n    log 2\nlog 3\n"))
    assert [each.code for each in parsed.diagnostics.found] == ["E102"]
    assert [step.verb for step in parsed.tree.steps] == ["unread_block", "log"]
    assert len(parsed.tree.steps[0].body or ()) == 2


@pytest.mark.parametrize(
    "text", ['scenario "x":\n', "if true:\nlog 1\n", "define a():", "where:\n", "expect in order:\n"]
)
def test_a_colon_without_a_block_is_told(text: str) -> None:
    assert [each.code for each in parse(Source("x", text)).diagnostics.found] == ["E105"]


def test_reading_stops_after_a_hundred_errors_and_says_so() -> None:
    found = parse(Source("x", "foo 1\n" * (ERROR_LIMIT + 50))).diagnostics.found
    assert [each.code for each in found] == ["E102"] * ERROR_LIMIT + ["E109"]


def test_a_file_with_fewer_errors_than_that_is_read_to_its_end() -> None:
    found = parse(Source("x", "foo 1\n" * (ERROR_LIMIT - 1) + "log 1\n")).diagnostics.found
    assert [each.code for each in found] == ["E102"] * (ERROR_LIMIT - 1)


def test_the_clauses_of_an_if_that_cannot_be_read_are_no_further_error() -> None:
    text = "if true\n    log 1\nelif x:\n    log 2\nelse:\n    log 3\nlog 4\nelse: log 5\n"
    source = Source("x", text)
    found = parse(source).diagnostics.found
    assert [source.place(each.span[0]).line for each in found] == [1, 8]
    assert found[1].message == "this `else` belongs to no `if`"


def test_an_if_on_one_line_has_no_else() -> None:
    (found,) = parse(Source("x", "if true: log 1\nelse: log 2\n")).diagnostics.found
    assert found.message == "this `else` belongs to no `if`"
    assert list(found.notes) == ["an `if` on one line has no `else`"]


def test_too_many_fields_signs_or_brackets_are_each_told_once() -> None:
    text = "log a" + ".b" * 150 + "\nlog " + "-" * 150 + "1\nlog c" + "[0]" * 150 + "\n"
    found = parse(Source("x", text)).diagnostics.found
    assert [(each.code, each.message) for each in found] == [
        ("E107", "more than 100 fields and indices of one value"),
        ("E107", "more than 100 signs before one value"),
    ]


def test_no_word_that_opens_a_step_can_be_the_name_of_a_session() -> None:
    compiled, _ = tables()
    opening = [word for terminal in openers() for word in compiled.spellings.get(terminal, ())]
    for word in opening:
        assert checked(f"session {word}\nlog 1\n").program is None, word
