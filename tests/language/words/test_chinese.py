"""The Chinese spellings: every construct is read as its English twin, runs as it does, and one turns into the other."""

from pathlib import Path
from typing import Any

import pytest
from support import GOLDEN, ROOT, checked, command, messages, run, said
from support.chinese_forms import FILES, PAIRS
from support.forms import FILES as ENGLISH_FILES
from support.forms import PRELUDE

from ctpscen.language.syntax.format import format_source
from ctpscen.language.syntax.parser import parse
from ctpscen.language.text.diagnostics import render
from ctpscen.language.text.source import Source
from ctpscen.language.words.table import Spelling, constants, rows

RUNS = [
    *sorted((GOLDEN / "pass").glob("*.scn")),
    *sorted((GOLDEN / "fail").glob("*.scn"))[::5],
    *sorted((ROOT / "scenarios").glob("*.scn"))[::4],
]


def respelled(text: str, spelling: Spelling) -> str:
    found = format_source(Source("a.scn", text), spelling)
    assert found.text is not None, messages(found.diagnostics)
    return found.text


def meaning(text: str) -> Any:
    """What a text is once checked, and what is wrong with it; without its places."""
    found = checked(text)
    scenarios = found.program.scenarios if found.program else ()
    return [(each.title, each.body) for each in scenarios], [each.diagnostic.code for each in found.diagnostics]


@pytest.mark.parametrize(("english", "chinese"), PAIRS, ids=[english for english, _ in PAIRS])
def test_a_statement_in_chinese_is_its_english_twin(english: str, chinese: str) -> None:
    assert parse(Source("x", PRELUDE + f"    {chinese}\n")).diagnostics.found == []
    assert meaning(PRELUDE + f"    {chinese}\n") == meaning(PRELUDE + f"    {english}\n")


@pytest.mark.parametrize(("english", "chinese"), PAIRS, ids=[english for english, _ in PAIRS])
def test_a_statement_is_respelled_both_ways(english: str, chinese: str) -> None:
    ascii_signs = chinese.translate(str.maketrans("：，（）＝＞“”", ':,()=>""'))
    plain = respelled(ascii_signs, "zh")
    assert plain == respelled(english, "zh")
    assert "".join(plain.split()) == "".join(ascii_signs.split())
    assert parse(Source("x", respelled(chinese, "en"))).tree.steps == parse(Source("x", english)).tree.steps
    assert respelled(chinese, "en").isascii()


@pytest.mark.parametrize("name", FILES)
def test_a_file_in_chinese_is_its_english_twin(name: str) -> None:
    assert meaning(FILES[name]) == meaning(ENGLISH_FILES[name])
    assert (
        parse(Source("x", respelled(FILES[name], "en"))).tree.steps
        == parse(Source("x", ENGLISH_FILES[name])).tree.steps
    )
    assert respelled(ENGLISH_FILES[name], "zh") == FILES[name]


def test_every_file_has_a_twin() -> None:
    assert FILES.keys() == ENGLISH_FILES.keys()


@pytest.mark.parametrize("path", RUNS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_file_in_chinese_gives_the_same_journal(path: Path) -> None:
    english = respelled(path.read_text(encoding="utf-8"), "en")
    chinese = respelled(english, "zh")
    assert chinese != english
    found = checked(english)
    if found.program is None or len(found.program.scenarios) > 1 or found.program.scenarios[0].table is not None:
        assert meaning(chinese) == meaning(english)
        return
    assert journal(chinese) == journal(english)


def journal(text: str) -> list[dict[str, Any]]:
    """A run's journal without the words of the file that it quotes, and without their columns."""
    quoted = {"text", "column", "diagnostics", "reason"}
    found = [({key: value for key, value in event.items() if key not in quoted}, event) for event in run(text).journal]
    codes = [[each["code"] for each in event.get("diagnostics", ())] for _, event in found]
    return [{**rest, "codes": each} for (rest, _), each in zip(found, codes, strict=True)]


# --------------------------------------------------------------------------------------------------- what is read


def test_signs_of_a_chinese_keyboard_are_read_as_their_twins_and_keep_their_places() -> None:
    text = "令 甲 ＝ 【1，2】；日志 （甲［0］）\n".replace("［", "【").replace("］", "】")
    steps = parse(Source("x", text)).tree.steps
    assert [text[slice(*step.span)] for step in steps] == ["令 甲 ＝ 【1，2】", "日志 （甲【0】）"]
    assert steps == parse(Source("x", "let 甲 = [1, 2]; log (甲[0])\n")).tree.steps


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("等待 10 秒", "wait 10s"),
        ("等待 1小时30分", "wait 1h30m"),
        ("等待 5分钟", "wait 5m"),
        ("等待 1.5毫秒", "wait 1.5ms"),
        ("等待 20微秒", "wait 20us"),
        ("等待 直到 20：55", "wait until 20:55"),
        ("买 开 2手 rb2705", "buy open 2 rb2705"),
        ("买 开 2 手 rb2705", "buy open 2 rb2705"),
        ("买　开　2　rb2705", "buy open 2 rb2705"),
        ("重复 3次：日志 1", "repeat 3 times: log 1"),
        ("买 开 1 价 3000 + 2跳", "buy open 1 at 3000 + 2 ticks"),
        ("日志 1 ！＝ 2 或 1 ＜＝ 2 且 非 假", "log 1 != 2 or 1 <= 2 and not false"),
        ("日志 5％ ＊ 2 ／ 3 － 1 ＋ 4", "log 5% * 2 / 3 - 1 + 4"),
        ('日志 “他说"好"”', 'log "他说\\"好\\""'),
        ("expect 成交 of x 限时 3s", "expect trade of x within 3s"),
    ],
)
def test_a_text_means_the_same_in_both(chinese: str, english: str) -> None:
    found = parse(Source("x", chinese + "\n"))
    assert found.diagnostics.found == []
    assert found.tree.steps == parse(Source("x", english + "\n")).tree.steps


@pytest.mark.parametrize("name", ["开仓", "数量", "手数", "ñandú", "цена", "次数", "成交", "秒", "_值"])
def test_a_name_may_be_in_any_script_and_be_a_word_that_is_not_reserved(name: str) -> None:
    assert said(f"令 {name} = 1\n日志 ({name} + 1)\n") == []


def test_a_name_of_ones_own_hides_a_price_and_is_not_respelled() -> None:
    assert said("令 最新价 = 3\n日志 最新价\n") == []
    assert respelled("令 最新价 = 3\n日志 (最新价)\n", "en") == "let 最新价 = 3\nlog (最新价)\n"
    assert respelled("let ask = 3\nlog (ask)\n", "zh") == "令 ask = 3\n日志 (ask)\n"
    assert respelled('use "a.scn"\nlog (ask)\n', "zh") == '引用 "a.scn"\n日志 (ask)\n'


@pytest.mark.parametrize("name", ["拒单", "场内", "持仓", "卖一", "买"])
def test_a_session_may_not_be_called_like_a_word_in_any_spelling(name: str) -> None:
    assert any("cannot be called" in message for message in said(f"会话 {name}\n连接\n"))


def test_the_formatter_keeps_the_spelling_and_the_signs_of_the_author() -> None:
    text = "场景 “甲”：\n    expect 成交 限时 30 秒\n    买 开 2 手 价 卖一，\n".replace("，", "")
    assert format_source(Source("x", text)).text == text.replace("30 秒", "30秒").replace("2 手", "2手")


def test_an_ideographic_space_is_no_indentation() -> None:
    (found, *_) = parse(Source("x", "场景 “甲”：\n　　日志 1\n")).diagnostics.found
    assert "a character that is not a space in the indentation" in found.message


# ------------------------------------------------------------------------------------------------------- messages


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("期待 成交", "unknown step `期待`; did you mean `期望`?"),
        ("期望 拒单们", "`拒单们` is not defined"),
        ("日志 买二", "`买二` is not defined; did you mean `买一`?"),
        ("expct 成交", "unknown step `expct`; did you mean `expect`?"),
        ("买 开 1 价", "a price must follow `价`"),
        (
            "等待 10天",
            "`天` is no unit; behind a number may stand `跳`, `次`, `微秒`, `毫秒`",
        ),
        ("买 开 1个 rb2705", "`个` is no unit"),
    ],
)
def test_a_slip_is_answered_in_the_spelling_that_it_was_made_in(text: str, wanted: str) -> None:
    assert any(wanted in message for message in said(text + "\n")), said(text + "\n")


def test_what_would_fit_is_listed_in_the_authors_spelling() -> None:
    (chinese,) = parse(Source("x", "买 开 1 价 卖一 期限\n")).diagnostics.found
    (english,) = parse(Source("x", "buy open 1 at ask until\n")).diagnostics.found
    assert "`记为`" in chinese.notes[0]
    assert "`as`" not in chinese.notes[0]
    assert "`as`" in english.notes[0]
    assert english.notes[0].isascii() or "记为" not in english.notes[0]


def test_a_wrong_status_is_answered_with_those_that_there_are() -> None:
    found = checked("买 开 记为 甲\n期望 甲 是 全成交\n").diagnostics
    lines = list(render(found[0]))
    assert "did you mean `全部成交`?" in lines[0]
    assert lines[4].index("^") == len("  | 期望 甲 是 ") + 4  # a Chinese character is two columns wide


# ------------------------------------------------------------------------------------------------------ the table


def test_every_word_has_a_chinese_spelling_or_is_of_a_phrase_that_has() -> None:
    phrases = {word for row in rows() if row.kind == "phrase" for word in row.english[0].split()}
    assert [row.english for row in rows() if not row.chinese and row.english[0] not in phrases] == []


def test_no_spelling_stands_twice_in_a_kind_of_rows() -> None:
    for kind in ("price", "function", "constant", "unit", "phrase"):
        spellings = [each for row in rows() if row.kind == kind for each in (*row.english, *row.chinese)]
        assert len(spellings) == len(set(spellings))


def test_the_constants_are_those_of_order_status() -> None:
    for word in constants():
        assert said(f"买 开 记为 甲\n检查 甲.order_status != {word}\n") == []


# ------------------------------------------------------------------------------------------------------ the command


def test_fmt_writes_the_words_in_the_spelling_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.scn"
    path.write_text("buy open 2 rb2705 at ask as x\nexpect trades of x total 2\n", encoding="utf-8")
    assert command("fmt", "--words", "zh", str(path))[0] == 0
    assert path.read_text(encoding="utf-8") == "买 开 2 rb2705 价 卖一 记为 x\n期望 成交 属于 x 合计 2\n"
    assert command("fmt", "--words", "zh", "--check", str(path))[0] == 0
    assert command("fmt", "--words", "en", "--check", str(path))[0] == 1


def test_the_page_of_the_words_is_what_the_table_says() -> None:
    import draw_docs

    assert (ROOT / "docs" / "words.md").read_text(encoding="utf-8") == draw_docs.words()


def test_the_language_s_own_fields_have_chinese_spellings() -> None:
    text = (
        "买 开 2手 rb2705 价 卖一 记为 入场\n期望 成交 属于 入场 合计 2 限时 5秒\n"
        "检查 入场.状态 是 全部成交 且 入场.已结束 且 非 入场.有效 且 入场.均价 > 0\n"
        "检查 账本（rb2705）.多头今仓 == 2 且 持仓（rb2705）.净持仓 == 2\n"
        "买 开 1手 rb2705 价 涨停价 + 1跳 记为 太高\n期望 拒单 属于 太高 其中 代码 > 0 且 非 重传 记为 拒绝单\n"
        "检查 拒绝单.信息 != “” 且 拒绝单.连接序号 == 1\n"
    )
    assert run(text).passed
    english = respelled(text, "en")
    assert "入场.status is all_traded and 入场.is_final" in english
    assert "where code > 0 and not replayed as" in english
    assert meaning(respelled(english, "zh")) == meaning(english) == meaning(text)


def test_a_field_is_suggested_in_the_authors_spelling() -> None:
    (found,) = messages(checked("买 开 1手 rb2705 记为 入场\n检查 入场.已结速\n").diagnostics)
    assert "an order has no field `已结速`; did you mean `已结束`?" in found
