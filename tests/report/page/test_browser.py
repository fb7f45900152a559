"""The HTML report in a browser: a headless Chromium opens the page, filters, opens scenarios, zooms and points."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import ActionChains, Chrome, ChromeOptions, ChromeService, Keys
from selenium.webdriver.common.actions.wheel_input import ScrollOrigin
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait
from support.every_verdict import run_suite

from ctpscen.client.books.orders import PROGRESS
from ctpscen.client.books.positions import Position
from ctpscen.client.connection import EVENTS_BY_CALLBACK, EVENTS_BY_REQUEST, TRANSITIONS
from ctpscen.report.page.html import html_text

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("there is no chromium or chromedriver here (Debian: chromium, chromium-driver)")
    folder = tmp_path_factory.mktemp("browser")
    options = ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}", "--window-size=1500,900"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    os.environ["SE_OFFLINE"] = "true"  # selenium is to look for nothing on the network
    browser = Chrome(options=options, service=ChromeService(executable_path=DRIVER))
    (folder / "page.html").write_text(html_text(run_suite(), 1.5, 0), encoding="utf-8")
    try:
        browser.get((folder / "page.html").as_uri())
        yield browser
        assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]
    finally:
        browser.quit()


def some(browser: Chrome, css: str) -> list[WebElement]:
    """The elements that a selector finds, as soon as there are any."""
    found: list[WebElement] = WebDriverWait(browser, 20).until(lambda each: each.find_elements(By.CSS_SELECTOR, css))
    return found


def one(browser: Chrome, css: str) -> WebElement:
    (found,) = some(browser, css)
    return found


def shown(browser: Chrome) -> list[str]:
    """The titles that the list shows."""
    return [each.text for each in browser.find_elements(By.CSS_SELECTOR, "#list b") if each.is_displayed()]


def open_scenario(browser: Chrome, index: int) -> None:
    one(browser, f'a[data-index="{index}"]').click()
    title = one(browser, f'a[data-index="{index}"] b').text
    WebDriverWait(browser, 20).until(lambda each: each.find_element(By.TAG_NAME, "h2").text == title)
    one(browser, '[data-tab="sequence"]').click()
    some(browser, "svg.sequence")


def await_scenario(browser: Chrome, address: str, title: str) -> None:
    """Waits until a scenario is open."""
    wait = WebDriverWait(browser, 20, ignored_exceptions=[StaleElementReferenceException])  # it is being replaced
    wait.until(lambda each: each.current_url == address and each.find_element(By.TAG_NAME, "h2").text in title)


def width(browser: Chrome) -> float:
    return float(one(browser, "svg.sequence").get_attribute("width") or 0)


def test_filters_by_verdict_tag_and_text_narrow_the_list(browser: Chrome) -> None:
    assert len(shown(browser)) == 6
    one(browser, 'button[data-verdict="failed"]').click()
    assert shown(browser) == ["a trade is dropped"]
    one(browser, 'button[data-verdict="error"]').click()
    assert shown(browser) == ["a trade is dropped", "errs"]
    for verdict in ("failed", "error"):
        one(browser, f'button[data-verdict="{verdict}"]').click()
    one(browser, '#tag option[value="reconnect"]').click()
    assert shown(browser) == ["an order survives a cut"]
    one(browser, '#tag option[value=""]').click()
    one(browser, "#search").send_keys("row volume")
    assert shown(browser) == ["the table's row decides row 1: volume 1"]
    one(browser, "#search").send_keys(*[Keys.BACKSPACE] * 10)
    assert len(shown(browser)) == 6


def test_what_did_not_pass_is_open_at_first_and_markup_stays_text(browser: Chrome) -> None:
    browser.get(browser.current_url.partition("#")[0])
    assert one(browser, "h2").text == "a trade is dropped"
    assert "error[R615]: <b>one</b> & two" in one(browser, "pre.why").text
    one(browser, '[data-tab="report"]').click()
    report = one(browser, "pre.report").text
    assert "</script><script>alert(1)</script>" in report
    assert "⚡ OnRtnTrade to alice is dropped" in report
    one(browser, '[data-tab="source"]').click()
    wrong = [each.text.split(maxsplit=1)[1] for each in some(browser, ".source .wrong")]
    assert wrong == ['soft check 1 == 2, "<b>one</b> & two"', "expect trade of entry within 5s"]
    open_scenario(browser, 3)
    assert one(browser, "h2").text == "is <i>blocked</i>"


def test_a_reconnect_is_drawn_with_its_break_and_its_replay(browser: Chrome) -> None:
    open_scenario(browser, 0)
    assert [each.text for each in some(browser, "text.head")] == ["alice", "bob", "front", "exchange"]
    canvas = one(browser, ".canvas")
    seen: dict[str, str] = {}
    for _ in range(50):
        for kind in ("requested", "replayed", "reported", "fault", "broke"):
            for each in canvas.find_elements(By.CSS_SELECTOR, f".event.{kind} .words"):
                seen.setdefault(each.text, kind)
        before = canvas.get_property("scrollTop")
        browser.execute_script("arguments[0].scrollBy(0, 400)", canvas)
        if canvas.get_property("scrollTop") == before:
            break
        browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
        if some(browser, "rect.bar.up") and canvas.find_elements(By.CSS_SELECTOR, "rect.bar.down"):
            assert canvas.find_elements(By.CSS_SELECTOR, "path.break")
            seen["broken"] = "bar"
    assert seen["ReqOrderInsert #2 rb2705 buy 2 at 3151"] == "requested"
    assert seen["⚡ the path of alice is cut"] == "fault"
    assert seen["OnFrontDisconnected reason 0x1001"] == "broke"
    assert seen["↻ OnRtnTrade #2 rb2705 buy 2 at 3151  (replayed)"] == "replayed"
    assert seen["OnFrontConnected"] == "reported"
    assert "broken" in seen


def test_the_diagram_zooms_and_tells_all_fields_where_it_is_pointed_at(browser: Chrome) -> None:
    open_scenario(browser, 2)
    natural = width(browser)
    one(browser, '[aria-label="zoom in"]').click()
    assert width(browser) == pytest.approx(natural * 1.25)
    one(browser, '[aria-label="zoom out"]').click()
    assert width(browser) == pytest.approx(natural)
    canvas = one(browser, ".canvas")
    turn = ActionChains(browser).key_down(Keys.CONTROL)
    turn.scroll_from_origin(ScrollOrigin.from_element(canvas), 0, -120).key_up(Keys.CONTROL).perform()
    WebDriverWait(browser, 20).until(lambda _: width(browser) > natural)
    one(browser, '[aria-label="fit the width"]').click()
    assert width(browser) <= float(str(canvas.get_property("clientWidth")))
    tip = browser.find_element(By.ID, "tip")
    assert not tip.is_displayed()
    arrow = next(each for each in some(browser, ".event.requested .words") if each.text.startswith("ReqUserLogin"))
    ActionChains(browser).move_to_element(arrow).perform()
    WebDriverWait(browser, 20).until(lambda _: tip.is_displayed())
    assert "ReqUserLogin 用户登录请求" in tip.text
    assert "密码" in tip.text
    assert "•••" in tip.text
    arrow.click()
    ActionChains(browser).move_to_element(one(browser, "h2")).perform()
    assert tip.is_displayed()  # it was asked to stay
    ActionChains(browser).send_keys(Keys.ESCAPE).perform()
    assert not tip.is_displayed()


def test_failures_stand_first_below_their_file(browser: Chrome) -> None:
    rows = some(browser, "#list li")
    verdicts = [row.find_element(By.TAG_NAME, "a").get_attribute("class") for row in rows[1:]]
    assert rows[0].get_attribute("class") == "file"
    sound = [str(verdict).split()[1] in ("passed", "skipped", "flaky") for verdict in verdicts]
    assert sound == sorted(sound)
    assert True in sound
    assert False in sound


def test_keys_move_from_scenario_to_scenario_and_links_stay(browser: Chrome) -> None:
    titles = shown(browser)
    links = [str(each.get_attribute("href")) for each in some(browser, "#list a")]
    browser.get(links[1])
    browser.refresh()
    assert one(browser, "h2").text.split("\n")[0] in titles[1]
    assert links[1].rpartition(":")[2].isdecimal()
    assert "#" in links[1]
    for key, index in (("j", 2), (Keys.ARROW_DOWN, 3), ("k", 2), (Keys.ARROW_UP, 1)):
        one(browser, "body").send_keys(key)
        await_scenario(browser, links[index], titles[index])
    one(browser, "#search").send_keys("jk")
    assert browser.current_url == links[1]
    one(browser, "#search").send_keys(Keys.BACKSPACE, Keys.BACKSPACE)


def test_a_step_leads_to_its_source_line_and_back(browser: Chrome) -> None:
    open_scenario(browser, 0)
    step = next(each for each in some(browser, ".event.step .words") if "buy open" in each.text)
    step.click()
    one(browser, "#tip .to-source").click()
    sought = one(browser, ".source .sought")
    assert "buy open" in sought.text
    assert [each.text for each in sought.find_elements(By.CSS_SELECTOR, ".code-word")][:2] == ["buy", "open"]
    sought.find_element(By.CSS_SELECTOR, "a.number").click()
    some(browser, "svg.sequence")
    assert "buy open" in one(browser, "#tip.pinned").text
    assert any("buy open" in each.text for each in some(browser, ".event.step .words"))
    ActionChains(browser).send_keys(Keys.ESCAPE).perform()


def state_of(browser: Chrome, session: str) -> str:
    return one(browser, f'.state [data-session="{session}"]').text


ALL_THE_WAY_DOWN = """
    const seen = [], text = (css) => document.querySelector(css).innerText;
    do {
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "j", bubbles: true }));
        seen.push([text(".report .chosen"), text('.state [data-session="alice"]')]);
    } while (!seen.at(-1)[0].includes("passed"));
    return seen;
"""
"""Goes from row to row to the last one; gives the text of each, and what is known there."""


def test_the_state_beside_the_diagram_follows_the_chosen_row(browser: Chrome) -> None:
    open_scenario(browser, 1)
    open_scenario(browser, 0)
    assert "In the end" in one(browser, ".state").text
    assert "rb2705 long 2 long 2" in state_of(browser, "alice")
    one(browser, '[data-tab="report"]').click()
    ActionChains(browser).send_keys("j").perform()
    assert "no API object" in state_of(browser, "alice")
    ActionChains(browser).send_keys(Keys.ARROW_DOWN).perform()
    assert "OnFrontConnected" in one(browser, ".report .chosen").text
    seen = browser.execute_script(ALL_THE_WAY_DOWN)
    by_row = {row[12:].strip(): state for row, state in seen}
    sent = by_row["alice   → ReqOrderInsert #2 rb2705 buy 2 at 3151"]
    assert "ready, connection 1" in sent
    assert "#2 rb2705 buy open 0/2 at 3,151 no report yet" in sent
    assert "nothing held" in sent
    broken = by_row["alice 1 ← OnFrontDisconnected reason 0x1001"]
    assert "connecting, connection 1" in broken
    healed = by_row["alice 2 ← OnRtnTrade #2 rb2705 buy 2 at 3151  replayed"]
    assert "logged in, connection 2" in healed
    assert "no working order" in healed
    assert "19,999,993.7" in seen[-1][1]
    assert "no working order" in state_of(browser, "bob")
    ActionChains(browser).key_down(Keys.SHIFT).send_keys("k").key_up(Keys.SHIFT).perform()
    assert "expect trades of entry total 2" in one(browser, ".report .chosen").text
    one(browser, ".state .to-source").click()
    assert "expect trades of entry" in one(browser, ".source .sought").text


def test_the_state_knows_connections_and_lots_as_the_client_does(browser: Chrome) -> None:
    moves = browser.execute_script("return State.MOVES")
    assert {(state, event): to for state, row in moves.items() for event, to in row.items()} == TRANSITIONS
    assert browser.execute_script("return State.CALLS") == EVENTS_BY_REQUEST
    assert browser.execute_script("return State.CALLBACKS") == EVENTS_BY_CALLBACK
    assert browser.execute_script("return State.PROGRESS") == PROGRESS
    lots = [
        [exchange, instrument, side, offset]
        for exchange, instrument in (("SHFE", "rb2705"), ("DCE", "m2705"))
        for side in "01"
        for offset in "0134"
    ]
    for exchange, instrument, side, offset in lots:
        trade = {
            "ExchangeID": exchange,
            "InstrumentID": instrument,
            "Direction": side,
            "OffsetFlag": offset,
            "Volume": 3,
        }
        known = Position(5, 2, 4, 1)
        known.trade(trade)
        expected = [known.long_today, known.long_yesterday, known.short_today, known.short_yesterday]
        assert browser.execute_script("return State.counted([5, 2, 4, 1], arguments[0])", trade) == expected


def test_zooming_keeps_the_chosen_row_in_view(browser: Chrome) -> None:
    open_scenario(browser, 0)
    one(browser, '[data-tab="source"]').click()
    numbers = some(browser, ".source .own a.number")
    browser.execute_script("arguments[0].click()", numbers[-1])
    index = one(browser, "#tip.pinned").get_attribute("data-event")
    for _ in range(6):
        browser.execute_script("document.querySelector('[aria-label=\"zoom in\"]').click()")
    box, row = one(browser, ".canvas").rect, one(browser, f'.event[data-event="{index}"] .words').rect
    assert box["y"] <= row["y"] <= box["y"] + box["height"]
    ActionChains(browser).send_keys(Keys.ESCAPE).perform()


def test_the_page_is_dark_where_the_reader_wants_it_dark(browser: Chrome) -> None:
    def ground(scheme: str) -> list[int]:
        features = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", features)
        colour = one(browser, "body").value_of_css_property("background-color")
        return [int(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]

    assert min(ground("light")) > 200
    assert max(ground("dark")) < 60


def test_a_picture_of_the_page_shows_more_than_its_ground(browser: Chrome, tmp_path: Path) -> None:
    open_scenario(browser, 0)
    whole, blank = tmp_path / "whole.png", tmp_path / "blank.png"
    browser.save_screenshot(str(whole))
    browser.execute_script("document.body.style.visibility = 'hidden'")
    browser.save_screenshot(str(blank))
    browser.execute_script("document.body.style.visibility = ''")
    assert whole.stat().st_size > 4 * blank.stat().st_size
