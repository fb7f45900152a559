"""The record of the test's process: cover, system, and a table for each group of points with the evidence of each."""

from pathlib import Path

from docx.document import Document as Doc
from docx.shared import Cm, Pt
from docx.table import _Cell

from ctpscen.certify.documents.contents import REHEARSAL, SYSTEM, Contents, shortened
from ctpscen.certify.documents.word import (
    add_row,
    fill,
    heading,
    label,
    new_document,
    picture,
    set_widths,
    table,
    title,
    write,
)
from ctpscen.certify.points import Group, Point, groups

TITLE = "程序化交易系统功能测试过程记录"
MOST = 16
"""Pieces of evidence that the record shows of a point; all of them stand in the folder of its evidence."""

_SIDES = (3.2, 13.8)
_EVIDENCE = (3.5, 1.1, 2.0, 6.8)


def write_record(contents: Contents, path: Path) -> None:
    """Writes the record. Raises OSError."""
    document = new_document(TITLE, live=contents.live)
    title(document, TITLE)
    _cover(document, contents)
    heading(document, "一、被测系统")
    rows = table(document, len(SYSTEM), _SIDES).rows
    for row, (name, key) in zip(rows, SYSTEM, strict=True):
        label(row.cells[0], name)
        fill(row.cells[1], contents.about_system(key))
    heading(document, "二、测试过程")
    for group in groups():
        _group(document, contents, group)
    heading(document, "三、证据来源")
    made = table(document, 0, _SIDES)
    for name, value in contents.provenance():
        cells = add_row(made)
        label(cells[0], name)
        fill(cells[1], value, size=9)
    set_widths(made, _SIDES)
    _signatures(document)
    document.save(str(path))


def _cover(document: Doc, contents: Contents) -> None:
    rows = (
        ("机构名称", contents.system.institution),
        ("被测系统", f"{contents.system.name} {contents.system.version}".strip()),
        ("测试日期", contents.days),
        ("测试方式", "真实测试" if contents.live else f"{REHEARSAL}（不作为正式功能测试的记录）"),
        ("总体结论", contents.whole),
    )
    made = table(document, len(rows), _SIDES)
    for row, (name, value) in zip(made.rows, rows, strict=True):
        label(row.cells[0], name)
        fill(row.cells[1], value)


def _group(document: Doc, contents: Contents, group: Group) -> None:
    heading(document, f"{group.section} {group.title}（{group.area}）")
    rows = table(document, 5, _SIDES).rows
    for row, name in zip(rows, ("测试目的", "测试要求", "测试过程", "测试结论", "意见建议"), strict=True):
        label(row.cells[0], name)
    fill(rows[0].cells[1], group.aim)
    fill(rows[1].cells[1], group.requirement)
    for point in group.points:
        _point(rows[2].cells[1], contents, point)
    fill(rows[3].cells[1], contents.verdict(group), bold=True)
    reasons = [f"{each.id}：{contents.reason(each.id)}" for each in group.points if contents.reason(each.id)]
    fill(rows[4].cells[1], "；".join(reasons) or "无")


def _point(cell: _Cell, contents: Contents, point: Point) -> None:
    """What was done for a point, and what shows it."""
    first = cell.paragraphs[0]
    paragraph = first if not first.text else cell.add_paragraph()
    paragraph.paragraph_format.space_before = Pt(4)
    paragraph.paragraph_format.keep_with_next = True
    mark = "（选测）" if point.optional else ""
    write(paragraph, f"{contents.number(point)} {point.point}{mark}　[{point.id}]　", bold=True)
    word = contents.word(point.id)
    write(paragraph, word, bold=True, red=word not in ("通过", "不适用"))
    outcome = contents.outcomes.get(point.id)
    if outcome is None or point.id in contents.settings.left_out:
        return
    account = f"　账号：{outcome.account}" if outcome.account else ""
    write(cell.add_paragraph(), f"测试时间：{outcome.began}{account}　要求的证据：{point.evidence}", size=9)
    if reason := contents.reason(point.id):
        write(cell.add_paragraph(), f"原因：{reason}", size=9, red=True)
    if outcome.evidence:
        made = cell.add_table(1, len(_EVIDENCE))
        made.style = "Table Grid"
        made.autofit = False
        for each, name in zip(made.rows[0].cells, ("时间", "连接", "类别", "内容"), strict=True):
            fill(each, name, bold=True, size=8).paragraph_format.keep_with_next = True
        for piece in shortened(outcome.evidence, MOST):
            texts = (
                ("…", "", "", f"共 {len(outcome.evidence)} 条，其余见 evidence/{point.id}/")
                if piece is None
                else (piece.at, str(piece.connection), piece.source, piece.text)
            )
            for each, text in zip(add_row(made), texts, strict=True):
                fill(each, text, size=8)
        set_widths(made, _EVIDENCE)
    for image in contents.images.get(point.id, ()):
        picture(cell, image, 13)
    if point.image and not contents.images.get(point.id):
        write(cell.add_paragraph(), f"（正式测试须附含时钟的全屏截图：evidence/{point.id}/）", size=9)


def _signatures(document: Doc) -> None:
    heading(document, "四、签字确认")
    made = table(document, 2, (3.0, 7.0, 2.5, 4.5))
    for row, names in zip(made.rows, (("测试人员", "日期"), ("复核人员", "日期")), strict=True):
        row.height = Cm(1.4)
        for at, name in zip((0, 2), names, strict=True):
            label(row.cells[at], name)
            row.cells[at].paragraphs[0].paragraph_format.keep_with_next = True
