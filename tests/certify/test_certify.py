"""`ctpscen certify` as its user has it: the good example passes, and nothing passes for nothing."""

import json
import platform
import re
import shutil
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from support import ROOT, command

from ctpscen.certify.points import points
from ctpscen.certify.results import Outcome, Results
from ctpscen.certify.running import with_image
from ctpscen.runner.execution import Order

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="programs run on Linux x86-64"
)

EXAMPLE = ROOT / "examples" / "certified"
ACCOUNT = "60010086"


def copied(to: Path, **changes: str) -> Path:
    """A copy of the example's folder; `changes` are texts of its driver, each with what is put in its place."""
    shutil.copytree(EXAMPLE, to, ignore=shutil.ignore_patterns("rehearsal", "__pycache__"))
    driver = to / "driver.scn"
    text = driver.read_text(encoding="utf-8")
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    driver.write_text(text, encoding="utf-8")
    return to


def verdicts(out: str) -> Mapping[str, str]:
    return {found[2]: found[1] for found in re.finditer(r"^(PASS|FAIL|BLOCKED) +(\w+) ", out, re.MULTILINE)}


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The example, run through all points; and what was shown."""
    folder = copied(tmp_path_factory.mktemp("certify") / "good")
    code, out, err = command("certify", "run", str(folder))
    assert (code, err) == (0, ""), out
    return folder, out


def test_the_example_passes_all_points(rehearsed: tuple[Path, str]) -> None:
    _, out = rehearsed
    assert verdicts(out) == dict.fromkeys(points(), "PASS")
    assert out.splitlines()[-1] == "a rehearsal (仿真演练): 33 PASS; the whole: PASS"


def test_every_point_has_evidence_of_its_own(rehearsed: tuple[Path, str]) -> None:
    folder, _ = rehearsed
    for each, point in points().items():
        kept = json.loads((folder / "rehearsal" / "evidence" / each / "result.json").read_text(encoding="utf-8"))
        assert (kept["id"], kept["verdict"], kept["account"]) == (each, "PASS", "60***86")
        assert kept["evidence"]
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}", piece["at"]) for piece in kept["evidence"])
        assert kept["provenance"]["mode"] == "simulated"
        assert re.fullmatch(r"[0-9a-f]{64}", kept["provenance"]["program"])
        if point.shows:
            assert any(piece["source"].startswith(("界面", "日志")) for piece in kept["evidence"]), each


def test_evidence_says_what_a_reviewer_looks_for(rehearsed: tuple[Path, str]) -> None:
    folder, _ = rehearsed
    page = (folder / "rehearsal" / "report.html").read_text(encoding="utf-8")
    assert "ReqAuthenticate AppID client_trader_1.0" in page
    assert "OnFrontDisconnected 原因 0x1001" in page
    assert re.search(r"OnRspOrderInsert .*错误码 31 CTP:资金不足", page)
    assert "方向 卖　开平 平今" in page


def test_whose_account_it_is_stands_nowhere(rehearsed: tuple[Path, str]) -> None:
    folder, _ = rehearsed
    for path in (folder / "rehearsal").rglob("*"):
        if path.is_file():
            assert ACCOUNT not in content(path), path


def content(path: Path) -> str:
    """The text of a file, or of all parts of a document."""
    if path.suffix != ".docx":
        return path.read_text(encoding="utf-8")
    with zipfile.ZipFile(path) as parts:
        return "".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())


@pytest.mark.parametrize("name", ["record.docx", "self-assessment.docx"])
def test_a_document_of_a_rehearsal_says_so_on_every_page_and_in_its_properties(
    name: str, rehearsed: tuple[Path, str]
) -> None:
    from docx import Document

    document = Document(str(rehearsed[0] / "rehearsal" / name))
    assert all("仿真演练" in section.header.paragraphs[0].text for section in document.sections)
    properties = document.core_properties
    for said in (properties.title, properties.subject, properties.keywords, properties.comments):
        assert "仿真演练" in said


def test_the_record_has_its_tables(rehearsed: tuple[Path, str]) -> None:
    from docx import Document

    cover, system, *tables = Document(str(rehearsed[0] / "rehearsal" / "record.docx")).tables
    assert (len(cover.rows), len(system.rows)) == (5, 8)
    assert [len(each.rows) for each in tables[:11]] == [5] * 11
    assert [each.rows[3].cells[1].text for each in tables[:11]] == ["通过"] * 11
    text = "".join(each.rows[2].cells[1].text for each in tables[:11])
    assert [each for each in points() if f"[{each}]" not in text] == []


def test_the_self_assessment_is_ticked(rehearsed: tuple[Path, str]) -> None:
    from docx import Document

    _, rows, _ = Document(str(rehearsed[0] / "rehearsal" / "self-assessment.docx")).tables
    assert [cell.text for cell in rows.rows[0].cells] == ["序号", "类型", "检查项", "检查内容", "等级", "结果", "备注"]
    assert [row.cells[5].text for row in rows.rows[1:]] == ["是"] * 30


def test_what_has_passed_is_not_run_again(rehearsed: tuple[Path, str]) -> None:
    folder, _ = rehearsed
    code, out, _ = command("certify", "run", str(folder))
    assert (code, verdicts(out)) == (0, {})
    assert out.splitlines()[-1] == "a rehearsal (仿真演练): 33 PASS; the whole: PASS"


def test_a_program_that_has_changed_is_tested_anew(tmp_path: Path) -> None:
    folder = copied(tmp_path / "it")
    assert run_some(folder, ["C01"])[1] == {"C01": "PASS"}
    assert run_some(folder, ["C01"])[1] == {}
    listed = (folder / "rehearsal" / "evidence" / "program-files.sha256").read_text(encoding="utf-8")
    assert [line.split("  ")[1] for line in listed.splitlines()] == ["monitor.py", "trader.py"]
    with (folder / "program" / "trader.py").open("a") as stream:
        stream.write("# newer\n")
    _, found, out = run_some(folder, ["C01"])
    assert found == {"C01": "PASS"}
    assert "the program's files have changed: run again are C01" in out


def test_an_image_that_a_person_puts_there_is_embedded(rehearsed: tuple[Path, str]) -> None:
    folder, _ = rehearsed
    place = folder / "rehearsal" / "evidence" / "EM02"
    (place / "screen.png").write_bytes(PIXEL)
    (place / "broken.png").write_bytes(b"no image")
    try:
        assert command("certify", "report", str(folder))[0] == 0
        with zipfile.ZipFile(folder / "rehearsal" / "record.docx") as parts:
            assert any(parts.read(name) == PIXEL for name in parts.namelist() if name.startswith("word/media/"))
        assert "broken.png 无法读取" in content(folder / "rehearsal" / "record.docx")
        assert "data:image/png;base64," in (folder / "rehearsal" / "report.html").read_text(encoding="utf-8")
    finally:
        (place / "screen.png").unlink()
        (place / "broken.png").unlink()


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)


# --------------------------------------------------------------------------------------------- what does not pass


def run_some(folder: Path, ids: Sequence[str], *options: str) -> tuple[int, Mapping[str, str], str]:
    """Runs points of a folder, and leaves out the forms of a rehearsal: to write them takes longer than to run one."""
    with pytest.MonkeyPatch.context() as patched:
        if "--live" not in options:
            patched.setattr("ctpscen.commands.certify.write_documents", lambda *_: [])
        code, out, err = command("certify", "run", str(folder), *ids, *options)
    assert err == ""
    return code, verdicts(out), out


def test_a_program_that_only_logs_in_passes_two_points(tmp_path: Path) -> None:
    folder = copied(tmp_path / "it", **{"trader.py": "logs_in.py"})
    (folder / "program" / "logs_in.py").write_text(LOGS_IN, encoding="utf-8")
    code, found, _ = run_some(folder, ["C01", "M01", "M02", "T01", "V01", "EM01"])
    assert code == 1
    assert [each for each, verdict in found.items() if verdict == "PASS"] == ["C01", "M01"]
    assert len(found) == 6


LOGS_IN = """
from trader import Trader, signal


class LogsIn(Trader):
    def show(self, text):
        if text in ("连接成功", "就绪"):
            super().show(text)

    def log(self, kind, text):
        pass

    def on_command(self, words):
        pass


trader = LogsIn([])
signal.signal(signal.SIGTERM, lambda *_: trader.events.put(("end",)))
raise SystemExit(trader.run())
"""


def test_another_refusal_than_the_one_that_is_asked_for_is_blocked(tmp_path: Path) -> None:
    folder = copied(tmp_path / "it", **{"raw close sell {contract} 1 low": "raw close sell rb9913 1 3000"})
    code, found, out = run_some(folder, ["E02"])
    assert (code, found) == (4, {"E02": "BLOCKED"})
    assert "refused by 16 " in out


def test_an_order_that_is_accepted_where_a_refusal_is_wanted_is_cancelled_and_blocked(tmp_path: Path) -> None:
    folder = copied(tmp_path / "it", **{"raw close sell {contract} 1 low": "raw open buy {contract} 1 low"})
    code, found, out = run_some(folder, ["E02"])
    assert (code, found) == (4, {"E02": "BLOCKED"})
    assert "the order was accepted, so that there is no refusal to show" in out
    journal = (folder / "rehearsal" / "evidence" / "E02" / "journal.jsonl").read_text(encoding="utf-8")
    assert "ReqOrderAction" in journal


def test_what_a_prompt_asks_for_is_blocked_where_nobody_is(tmp_path: Path) -> None:
    folder = copied(tmp_path / "it", **{'type "cancel-all"': 'prompt "cancel all"'})
    code, found, out = run_some(folder, ["B02"])
    assert (code, found) == (4, {"B02": "BLOCKED"})
    assert "nobody is there: cancel all" in out
    assert out.splitlines()[-1] == "a rehearsal (仿真演练): 1 BLOCKED, 32 not run; the whole: BLOCKED"


def test_a_point_without_a_pattern_is_blocked(tmp_path: Path) -> None:
    folder = copied(tmp_path / "it")
    settings = folder / "system.toml"
    settings.write_text(re.sub("^reconnected = .*$", "", settings.read_text(encoding="utf-8"), flags=re.MULTILINE))
    code, found, out = run_some(folder, ["M03"])
    assert (code, found) == (4, {"M03": "BLOCKED"})
    assert "by which words the program's line is known: reconnected" in out


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example's folder, where there is a profile `desk`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DESK_PASSWORD", "secret-of-the-desk")
    (tmp_path / "ctpscen.toml").write_text(PROFILE)
    (tmp_path / "ctpscen.toml").chmod(0o600)
    return copied(tmp_path / "it")


def test_a_live_test_outside_the_hours_of_trading_is_blocked(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctpscen.certify.running.why_closed", lambda contract, _: f"{contract} is not traded at 03:00")
    code, found, out = run_some(desk, ["C01", "EM02"], "--live", "desk")
    assert (code, found) == (4, {"C01": "BLOCKED", "EM02": "BLOCKED"})
    assert "rb2705 is not traded at 03:00" in out
    assert (desk / "live" / "record.docx").exists()
    assert "仿真演练" not in content(desk / "live" / "record.docx")
    assert not (desk / "rehearsal").exists()


def test_the_points_of_a_live_test_share_its_caps(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is one live run for all of them. The simulator stands in for it here, and knows no account of that name."""
    allowed = []

    def live_run(order: Order) -> None:
        allowed.append(order.live)

    monkeypatch.setattr("ctpscen.runner.execution._live_run", live_run)
    monkeypatch.setattr("ctpscen.certify.running.why_closed", lambda *_: "")
    code, found, _ = run_some(desk, ["B01", "B02"], "--live", "desk", "--allow-orders", "--unattended")
    assert (code, found) == (4, {"B01": "BLOCKED", "B02": "BLOCKED"})
    assert [live.allow_orders for live in allowed if live is not None] == [True]


def test_a_live_point_that_wants_an_image_is_blocked_without_one(tmp_path: Path) -> None:
    for live, wanted in ((True, "BLOCKED"), (False, "PASS")):
        results = Results.of(tmp_path, live=live)
        outcome = Outcome("EM02", "PASS", "", "2026-11-25 10:00:00", "60***86")
        assert with_image(outcome, results).verdict == wanted
        results.place("EM02").mkdir(parents=True)
        (results.place("EM02") / "screen.PNG").write_bytes(PIXEL)
        assert with_image(outcome, results).verdict == "PASS"


PROFILE = """
[profile.desk]
broker = "9999"
user = "100001"
password = { env = "DESK_PASSWORD" }
app_id = "simnow_client_test"
auth_code = "0000000000000000"
trading_fronts = ["tcp://127.0.0.1:1"]
market_fronts = ["tcp://127.0.0.1:2"]
"""


# ------------------------------------------------------------------------------------------------------ bad usage


def test_a_folder_begins_with_what_is_to_be_filled_in(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert command("certify", "init", str(folder))[0] == 0
    assert {path.name for path in folder.iterdir()} == {"system.toml", "driver.scn", "README.md"}
    code, out, err = command("certify", "init", str(folder))
    assert (code, out, err) == (2, "", f"{folder}/system.toml: is there already; nothing was written\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "{it}", "C1"], "there is no point C1; did you mean `C01`?"),
        (["run", "{it}", "--allow-orders"], "--allow-orders: only with --live PROFILE"),
        (["run", "nowhere"], "nowhere/driver.scn: there is no such file; `ctpscen certify init nowhere` writes one"),
        (["report", "{it}"], "nothing has been run yet"),
        (["run", "{it}", "--template", "none.toml"], "none.toml: there is no such file"),
    ],
)
def test_what_cannot_be_done_is_told(arguments: Sequence[str], message: str, tmp_path: Path) -> None:
    folder = copied(tmp_path / "it")
    code, _, err = command("certify", *[each.replace("{it}", str(folder)) for each in arguments])
    assert code == 2
    assert message in err


def test_a_driver_that_lacks_a_step_is_told_with_its_place(tmp_path: Path) -> None:
    folder = copied(tmp_path / "it", **{"define cancel_batch():": "define cancel_all_orders():"})
    code, _, err = command("certify", "run", str(folder))
    assert code == 2
    assert "cancel_batch" in err
