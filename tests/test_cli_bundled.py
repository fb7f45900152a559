"""What comes with the package: explanations of CTP's words, scenarios to copy, pages to read, templates."""

import re
from pathlib import Path

import pytest
from support import GOLDEN, ROOT, command, compare

from ctpscen.bundled import pages, templates
from ctpscen.language.text.explanations import explanations

EXPLAINED = ("51", "50", "OnRtnOrder", "all_traded", "InputOrder", "ReqQryTrade", "offset_flag", "unknown", "rejection")


@pytest.mark.parametrize("word", EXPLAINED)
def test_a_word_of_ctp_is_explained(word: str, request: pytest.FixtureRequest) -> None:
    code, out, err = command("explain", word)
    assert (code, err) == (0, "")
    compare(GOLDEN / "explain" / f"{word}.txt", out, request)


def test_explain_alone_lists_what_there_is(request: pytest.FixtureRequest) -> None:
    code, out, err = command("explain")
    assert (code, err) == (0, "")
    own, heading, words = out.partition("words of CTP\n")
    assert own.splitlines()[0] == "codes of ctpscen"
    assert [line.split()[0] for line in own.splitlines()[1:-1]] == list(explanations())
    compare(GOLDEN / "explain" / "all.txt", heading + words, request)
    for name in re.findall(r"ctpscen explain (\w+)", out):
        assert command("explain", name)[0] == 0


def test_what_is_no_word_gets_the_nearest() -> None:
    assert command("explain", "OnRtnOder") == (
        2,
        "",
        "neither ctpscen nor CTP has `OnRtnOder`; did you mean `OnRtnOrder`? (`ctpscen explain` lists what there is)\n",
    )


def test_every_scenario_that_came_along_is_listed_with_what_it_proves() -> None:
    code, out, _ = command("scenarios")
    assert code == 0
    listed = {path: summary.strip() for path, _, summary in (line.partition(" ") for line in out.splitlines())}
    there = {
        path.relative_to(ROOT).as_posix() for name in ("scenarios", "examples") for path in (ROOT / name).rglob("*.scn")
    }
    assert set(listed) == there
    assert {path for path, summary in listed.items() if not summary} == {"examples/one_line.scn"}
    assert listed["scenarios/reconnect.scn"] == "An order whose reports are lost with the connection is not lost itself"


def test_the_scenarios_are_copied_and_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert command("scenarios", "--copy", "mine") == (
        0,
        "wrote mine/scenarios and mine/examples; run them: ctpscen run mine/scenarios\n",
        "",
    )
    assert command("run", "mine/scenarios/reconnect.scn", "mine/examples")[0] == 0
    assert command("check", "mine")[0] == 0


def test_nothing_is_copied_over_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "examples").mkdir()
    code, out, err = command("scenarios", "--copy", str(tmp_path))
    assert (code, out, err) == (2, "", f"{tmp_path}/examples: is there already; nothing was copied\n")
    assert [path.name for path in tmp_path.iterdir()] == ["examples"]


def test_what_cannot_be_copied_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, out, err = command("scenarios", "--copy", str(tmp_path / "file"))
    assert (code, out) == (2, "")
    assert str(tmp_path / "file") in err
    assert "None" not in err


def test_the_language_page_is_shown_and_the_others_are_listed() -> None:
    assert command("docs") == (0, (ROOT / "docs" / "language.md").read_text(encoding="utf-8"), "")
    assert command("docs", "live")[1] == (ROOT / "docs" / "live.md").read_text(encoding="utf-8")
    names = [line.split()[0] for line in command("docs", "--list")[1].splitlines()]
    assert names == sorted(names) == list(pages())
    assert {"first-steps", "live", "zh/first-steps", "zh/live"} <= set(names)
    code, out, err = command("docs", "lve")
    assert (code, out) == (2, "")
    assert err.startswith("there is no page `lve`; did you mean `live`?; there are ")


def test_templates_are_listed(request: pytest.FixtureRequest) -> None:
    code, out, err = command("new", "--list")
    assert (code, err) == (0, "")
    compare(GOLDEN / "explain" / "templates.txt", out, request)


@pytest.mark.parametrize("name", sorted(templates()))
def test_every_template_checks_passes_and_is_laid_out(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command("new", f"my_{name}", "--template", name)[0] == 0
    assert f'scenario "my {name}"' in (tmp_path / f"my_{name}.scn").read_text(encoding="utf-8")
    assert command("check", f"my_{name}.scn")[1] == "1 file: no errors, no warnings\n"
    assert command("fmt", "--check", f"my_{name}.scn")[0] == 0
    robot = ["--set", "command={python} robot.py --market", "--set", f"folder={ROOT / 'examples' / 'programs'}"]
    code, out, err = command("run", f"my_{name}.scn", *(robot if name == "program" else ()))
    assert code == 0, out + err


def test_a_name_is_wanted() -> None:
    assert command("new") == (2, "", "what is the scenario to be called? `ctpscen new NAME` writes NAME.scn\n")


def test_words_of_the_language_and_texts_of_errors_are_explained() -> None:
    code, out, _ = command("explain", "断开")
    assert (code, out.splitlines()[0]) == (0, "`断开` is a word of the language, also written `disconnect`, `断线`")
    assert "constant AllTraded: `ctpscen explain all_traded`" in command("explain", "全部成交")[1]
    assert "ErrorID 31  CTP:资金不足: `ctpscen explain 31`" in command("explain", "资金不足")[1]
    assert command("explain", "天气")[0] == 2
