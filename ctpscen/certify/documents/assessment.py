"""The self-assessment that is handed in beside the record: a row an item, each with its result."""

from pathlib import Path

from docx.document import Document as Doc
from docx.shared import Cm

from ctpscen.certify.documents.contents import LEFT_OUT, Contents
from ctpscen.certify.documents.word import (
    fill,
    label,
    new_document,
    repeat_first_row,
    set_widths,
    table,
    title,
    write,
)
from ctpscen.certify.points import Assessed, self_assessment

TITLE = "程序化交易系统功能自评表"

_COLUMNS = (
    ("序号", 1.3),
    ("类型", 2.1),
    ("检查项", 3.0),
    ("检查内容", 5.6),
    ("等级", 1.3),
    ("结果", 1.7),
    ("备注", 2.6),
)
_WIDTHS = tuple(width for _, width in _COLUMNS)
_BLANK = "□是 □否"


def write_assessment(contents: Contents, path: Path) -> None:
    """Writes the self-assessment. Raises OSError."""
    document = new_document(TITLE, live=contents.live)
    title(document, TITLE)
    _whose(document, contents)
    document.add_paragraph()
    rows = self_assessment()
    made = table(document, len(rows) + 1, _WIDTHS)
    for cell, (name, _) in zip(made.rows[0].cells, _COLUMNS, strict=True):
        label(cell, name)
    repeat_first_row(made)
    for index, each in enumerate(rows, 1):
        is_first = rows[index - 2].item != each.item or index == 1
        texts = (each.item if is_first else "", each.kind, each.name, each.content, each.grade)
        cells = made.rows[index].cells
        for at, text in enumerate((*texts, result(contents, each), remark(contents, each))):
            fill(cells[at], text, size=9, centred=at in (0, 4, 5))
    _merge(made.columns[0].cells, [each.item for each in rows])
    set_widths(made, _WIDTHS)
    note = "注：等级为“严重”的项目必须满足；“建议”的项目可不适用；第 20 项的三项至少满足其一。"
    write(document.add_paragraph(), note, size=9)
    signed = table(document, 1, (3.2, 5.4, 3.2, 5.4))
    signed.rows[0].height = Cm(1.8)
    for at, name in ((0, "机构（盖章）"), (2, "填表人 / 日期")):
        label(signed.rows[0].cells[at], name)
    document.save(str(path))


def _whose(document: Doc, contents: Contents) -> None:
    system = contents.system
    rows = (
        (("机构名称", system.institution), ("交易终端", system.name)),
        (("版本号", system.version), ("操作系统", system.operating_system)),
    )
    made = table(document, len(rows), (2.6, 6.0, 2.6, 6.0))
    for row, pairs in zip(made.rows, rows, strict=True):
        for at, (name, value) in zip((0, 2), pairs, strict=True):
            label(row.cells[at], name)
            fill(row.cells[at + 1], value)


def _merge(cells: object, items: list[str]) -> None:
    """Makes one cell of those of an item that has several rows."""
    assert isinstance(cells, list | tuple)
    start = 1
    for index in range(1, len(items) + 1):
        if index == len(items) or items[index] != items[start - 1]:
            if index > start:
                cells[start].merge(cells[index])
            start = index + 1


def result(contents: Contents, row: Assessed) -> str:
    """`是` where all points of a row passed, `否` where one failed, blanks to tick where it is not known."""
    words = [contents.word(each) for each in row.points]
    if LEFT_OUT in words:
        return LEFT_OUT
    if "不通过" in words:
        return "否"
    return "是" if set(words) == {"通过"} else _BLANK


def remark(contents: Contents, row: Assessed) -> str:
    """What there is to say beside the result: which points it rests on, and what became of those that did not pass."""
    not_passed = [f"{each} {contents.word(each)}" for each in row.points if contents.word(each) != "通过"]
    parts = not_passed or [" ".join(row.points)]
    if row.any and not_passed and any(contents.word(each) == "通过" for each in row.any):
        parts.append("三项中已有一项满足")
    return "；".join(parts)
