"""The HTML report as text: well formed, complete, reading nothing from elsewhere, and nothing of a scenario as HTML."""

import json
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from support import command
from support.every_verdict import SUITE, run_suite, write_suite

from ctpscen.engine.state.journal import Event
from ctpscen.report.page.html import html_text

VERDICTS = ["passed", "failed", "blocked", "skipped", "error"]
VOID = {"meta", "link", "input"}


class Page(HTMLParser):
    """A page, read strictly: every element that is opened is closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: dict[str, str] = {}
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts[self.elements[-1][1].get("id") or ""] = data
        elif self.open and self.open[-1] != "style":
            self.texts.append(data)

    def block(self, name: str) -> Any:
        return json.loads(self.scripts[name])


@pytest.fixture(scope="module")
def text() -> str:
    return html_text(run_suite(), 1.5, 7)


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_the_page_is_well_formed(text: str, page: Page) -> None:
    assert text.startswith("<!DOCTYPE html>\n")
    assert "<!--" not in text.removeprefix("<!DOCTYPE html>")
    tags = [tag for tag, _ in page.elements]
    assert tags.count("script") == 6 + 3  # a block a scenario; the page, the sources, the program


def test_the_page_reads_nothing_from_anywhere(text: str, page: Page) -> None:
    assert set(re.findall(r"https?://[^\s\"'`)]+", text)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"@import|url\((?!#)|\bfetch\(|XMLHttpRequest|WebSocket|import\(", text)
    for _, attributes in page.elements:
        assert "src" not in attributes
        assert attributes.get("href", "data:,") == "data:,"
    (policy,) = (each["content"] for _, each in page.elements if "http-equiv" in each)
    assert policy is not None
    assert "default-src 'none'" in policy


def test_the_summary_counts_every_verdict(page: Page) -> None:
    buttons = [each["data-verdict"] for _, each in page.elements if "data-verdict" in each]
    assert buttons == VERDICTS
    shown = "".join(page.texts)
    assert "2 passed, 1 failed, 1 blocked, 1 skipped, 1 error" in shown
    assert "seed 7" in shown
    assert "in 1.50 s" in shown
    assert "ctpscen 0." in shown


def test_the_list_tells_what_each_scenario_is(page: Page) -> None:
    entries = page.block("page")["scenarios"]
    assert [entry[5] for entry in entries] == ["passed", "failed", "passed", "blocked", "skipped", "error"]
    assert entries[0][:5] == ["suite.scn", 6, "an order survives a cut", "", ["reconnect", "smoke"]]
    assert entries[2][3] == "row 1: volume 1"
    assert entries[4][6] == "never"


def test_what_went_wrong_is_shown_as_on_the_terminal(page: Page) -> None:
    lines = ["".join(text for _, text in line) for line in page.block("s1")["why"]]
    assert "error[R615]: <b>one</b> & two" in lines
    assert any(line.endswith("|         expect trade of entry within 5s") for line in lines)
    assert page.block("s1")["wrong"] == [["suite.scn", 21], ["suite.scn", 22]]
    assert page.block("s0")["why"] == []


def test_nothing_of_a_scenario_is_read_as_html(text: str, page: Page) -> None:
    assert "<script>alert" not in text
    assert "<b>one" not in text
    assert "<i>blocked" not in text
    assert page.block("page")["scenarios"][3][2] == "is <i>blocked</i>"
    logged = [event[2] for event in page.block("s1")["events"] if event[0] == "l"]
    assert logged == ["</script><script>alert(1)</script>"]
    assert page.block("sources") == {"suite.scn": SUITE}


def decoded(page: Page, block: str) -> list[dict[str, Any]]:
    """The calls and callbacks of a scenario with their fields, worked out as the page's script does."""
    top = page.block("page")
    names, bases = top["names"], top["bases"]
    found: list[dict[str, Any]] = []
    fields: dict[int, dict[str, Any]] = {}
    for event in page.block(block)["events"]:
        if event[0] not in "qr":
            continue
        name, delta = event[4], event[5]
        if delta is not None:
            if name not in fields:
                fields[name] = {}
                apply(names, fields[name], bases[str(name)])
            apply(names, fields[name], delta)
        found.append({"name": names[name], "fields": None if delta is None else dict(fields[name])})
    return found


def apply(names: Sequence[str], fields: dict[str, Any], flat: Sequence[Any]) -> None:
    rest = iter(flat)
    for number in rest:
        if number < 0:
            del fields[names[-1 - number]]
        else:
            fields[names[number]] = next(rest)


def test_every_field_of_every_event_can_be_worked_out(page: Page) -> None:
    for index, each in enumerate(run_suite()):
        wanted = [
            {"name": event["name"], "fields": event["fields"]}
            for event in each.result.journal
            if event["event"] in ("call", "callback")
        ]
        assert decoded(page, f"s{index}") == wanted


def test_fields_are_named_in_chinese_and_constants_by_their_names(page: Page) -> None:
    top = page.block("page")
    chinese, rows = top["records"]["OnRtnOrder"]
    assert chinese == "报单通知"
    by_name = {top["names"][number]: (text, kind) for number, text, kind in rows}
    assert by_name["OrderStatus"] == ("报单状态", "OrderStatus")
    assert by_name["OrderRef"] == ("报单引用", "")
    assert top["constants"]["OrderStatus"]["0"] == "AllTraded"
    assert top["records"]["OnFrontDisconnected"][1][0][1] == "错误原因"
    assert top["records"]["ReqOrderInsert"][0] == "报单录入请求"


def test_the_same_run_gives_the_same_page() -> None:
    def timeless(done: Sequence[Any]) -> str:
        return html_text([evolve(each, wall=0.0) for each in done], 0.0, 7)

    assert timeless(run_suite()) == timeless(run_suite())
    assert timeless(run_suite()) != timeless(run_suite(seed=1))


def test_no_scenarios_make_a_page_too() -> None:
    page = Page(html_text([], 0.0, 0))
    assert "nothing ran" in "".join(page.texts)
    assert page.block("page")["scenarios"] == []


def test_the_command_writes_the_page_whatever_the_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_suite(tmp_path)
    pages = []
    for processes in ("1", "2"):
        code, _, _ = command("run", "suite.scn", "-q", "--html", f"out/{processes}.html", "-j", processes)
        assert code == 3
        pages.append(Page((tmp_path / "out" / f"{processes}.html").read_text(encoding="utf-8")))
    assert [pages[0].block(f"s{index}") for index in range(6)] == [pages[1].block(f"s{index}") for index in range(6)]
    (again,) = (line for line in pages[0].block("s1")["why"] if "run just this again" in line[0][1])
    assert again[0][1].endswith("ctpscen run suite.scn:14 --seed 0")


def test_the_page_shows_no_secret(text: str) -> None:
    assert "Password" in text
    assert "123456" not in text.replace("1234567", "")
    assert "0000000000000000" not in text


def test_json_has_the_events_of_what_passed_in_another_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.scn").write_text("place order as entry\nexpect trade of entry\n")
    command("run", "a.scn", "--repeat", "8", "-j", "2", "--json", "report.json")
    scenarios = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["scenarios"]
    journals: list[list[Event]] = [scenario["journal"] for scenario in scenarios]
    assert [journal[-1]["event"] for journal in journals] == ["verdict"] * 8
