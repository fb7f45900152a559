"""A broker's own form is filled in by a map, and what the two do not share is told."""

from pathlib import Path

import pytest
from attrs import evolve

from ctpscen.certify.documents.contents import Contents
from ctpscen.certify.documents.template import Template, fill_form, read_template
from ctpscen.certify.evidence import Piece
from ctpscen.certify.results import Outcome
from ctpscen.certify.settings import BadSettings, CertifySettings, System

MAP = """
form = "form.docx"

[numbers]
C01 = "1.1"
M02 = "2.2"
T01 = "9.9"

[columns]
"测试结果" = "verdict"
"说明" = "reason"
"过程" = "evidence"

[labels]
"系统名称" = "name"
"总体" = "whole"

[words]
PASS = "符合"
"""


def form(folder: Path) -> Path:
    """A form as a broker might hand it out."""
    from docx import Document

    document = Document()
    document.sections[0].header.paragraphs[0].text = "某期货公司"
    cover = document.add_table(1, 2)
    cover.rows[0].cells[0].text = "系统名称："
    rows = (("编号", "过程", "测试结果", "说明"), ("1.1", "", "", ""), ("2.2", "", "", ""))
    table = document.add_table(len(rows), 4)
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.save(str(folder / "form.docx"))
    return folder / "form.docx"


def contents(folder: Path, *, live: bool = False) -> Contents:
    shown = Piece("2026-11-25 10:00:00.000", "2026-11-23 09:30:00.000", 1, "界面", "连接成功 \x1b[31m")
    outcomes = {
        "C01": Outcome("C01", "PASS", "", "2026-11-25 10:00:00", "60***86", [shown]),
        "M02": Outcome("M02", "FAIL", "nothing was shown", "2026-11-25 10:01:00", "60***86"),
    }
    return Contents(CertifySettings(folder, System(name="终端"), {}, {}), live, outcomes, {})


def read(folder: Path, text: str = MAP) -> Template:
    (folder / "map.toml").write_text(text, encoding="utf-8")
    return read_template(folder / "map.toml")


def test_a_form_is_filled_in(tmp_path: Path) -> None:
    from docx import Document

    form(tmp_path)
    lacking = fill_form(read(tmp_path), contents(tmp_path), tmp_path / "filled.docx")
    assert lacking == ["9.9", "总体"]
    filled = Document(str(tmp_path / "filled.docx"))
    cover, table = filled.tables
    assert cover.rows[0].cells[1].text == "终端"
    first, second = ([cell.text for cell in row.cells] for row in table.rows[1:])
    assert first == ["1.1", "\n2026-11-25 10:00:00.000 界面 连接成功 \\u{1b}[31m".strip(), "符合", ""]
    assert second == ["2.2", "", "不通过", "未满足要求（nothing was shown）"]
    header = [paragraph.text for paragraph in filled.sections[0].header.paragraphs]
    assert "仿真演练" in header[0]
    assert header[1] == "某期货公司"


def test_a_form_of_a_live_test_is_not_marked(tmp_path: Path) -> None:
    from docx import Document

    form(tmp_path)
    fill_form(read(tmp_path), contents(tmp_path, live=True), tmp_path / "filled.docx")
    (header,) = Document(str(tmp_path / "filled.docx")).sections[0].header.paragraphs
    assert header.text == "某期货公司"


def test_points_are_numbered_as_a_broker_does(tmp_path: Path) -> None:
    from ctpscen.certify.points import points

    numbered = evolve(contents(tmp_path), numbers={"C01": "1.1"})
    assert numbered.number(points()["C01"]) == "1.1"
    assert numbered.number(points()["M02"]) == "2.2.1.2"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[number]\n", "there is no `number` in a map; did you mean `numbers`?"),
        ("[numbers]\nC1 = '1'\n", "[numbers] knows no `C1`; did you mean `C01`?"),
        ("[columns]\n'结果' = 'verdicts'\n", "[columns] knows no `verdicts`; did you mean `verdict`?"),
        ("[labels]\n'名称' = 'nme'\n", "[labels] knows no `nme`; did you mean `name`?"),
        ("[words]\nPASSED = 'x'\n", "[words] knows no `PASSED`"),
        ("form = 'none.docx'\n", "form: there is no file"),
        ("form = 3\n", "form: the name of a file is wanted"),
        ("numbers = 3\n", "[numbers] is a table of texts"),
    ],
)
def test_a_mistake_in_a_map_is_told(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as found:
        read(tmp_path, text)
    assert message in str(found.value)


def test_what_is_no_document_is_told(tmp_path: Path) -> None:
    (tmp_path / "form.docx").write_text("no document")
    with pytest.raises(BadSettings, match="this is no Word document"):
        fill_form(read(tmp_path), contents(tmp_path), tmp_path / "filled.docx")


def test_of_a_test_of_which_no_point_was_run_the_days_stay_blank(tmp_path: Path) -> None:
    from docx import Document

    form(tmp_path)
    nothing = evolve(contents(tmp_path), outcomes={})
    text = 'form = "form.docx"\n[labels]\n"系统名称" = "days"\n'
    assert fill_form(read(tmp_path, text), nothing, tmp_path / "filled.docx") == []
    cover, _ = Document(str(tmp_path / "filled.docx")).tables
    assert cover.rows[0].cells[1].text == ""
