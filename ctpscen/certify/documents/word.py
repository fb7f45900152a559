"""Word documents: A4, in Chinese, with a header on every page, and what python-docx lacks a word for."""

from collections.abc import Sequence
from pathlib import Path

from docx import Document
from docx.document import Document as Doc
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.image.exceptions import UnrecognizedImageError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from ctpscen.certify.documents.contents import LIVE, MARK, REHEARSAL
from ctpscen.report.terminal.visible import visible

BODY, HEADING, LATIN = "宋体", "黑体", "Times New Roman"
"""The fonts of every Chinese Windows; where they are not, a reader puts its own in their places."""

SIZE = 10.5
"""Of what is written, in points, unless something else is said."""

_SHADE = "EDEDED"
_RED = RGBColor(0xC0, 0x00, 0x00)


def new_document(title: str, *, live: bool) -> Doc:
    """An empty document. One of a rehearsal says so in the header of every page and in its properties."""
    document = Document()
    style = document.styles["Normal"]
    assert isinstance(style, ParagraphStyle)
    style.font.name, style.font.size = LATIN, Pt(SIZE)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), BODY)
    style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(2)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin, section.bottom_margin = Cm(2.2), Cm(2)
    document.core_properties.title = title
    document.core_properties.author = document.core_properties.comments = ""
    if live:
        document.core_properties.subject = LIVE
        head = section.header.paragraphs[0]
        head.alignment = WD_ALIGN_PARAGRAPH.CENTER
        write(head, title, size=9)
    else:
        mark_as_rehearsal(document)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _page_number(foot)
    return document


def mark_as_rehearsal(document: Doc) -> None:
    """Says on every page and in the properties that nothing was tested but on the simulator."""
    properties = document.core_properties
    properties.title = f"{properties.title}（{REHEARSAL}）"
    properties.subject = properties.keywords = properties.category = properties.comments = REHEARSAL
    for section in document.sections:
        headers = [section.header]
        headers += [section.first_page_header] if section.different_first_page_header_footer else []
        headers += [section.even_page_header] if document.settings.odd_and_even_pages_header_footer else []
        for header in headers:
            header.is_linked_to_previous = False
            first = header.paragraphs[0]
            paragraph = first.insert_paragraph_before() if first.text else first
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            write(paragraph, MARK, size=9, bold=True, red=True)


def write(
    paragraph: Paragraph, text: str, *, size: float = SIZE, bold: bool = False, font: str = BODY, red: bool = False
) -> None:
    """Adds a text; what no document can hold is shown in its place as an escape."""
    run = paragraph.add_run(visible(text))
    if size != SIZE:
        run.font.size = Pt(size)
    if bold:
        run.font.bold = True
    if font != BODY:
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    if red:
        run.font.color.rgb = _RED


def title(document: Doc, text: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(12), Pt(12)
    write(paragraph, text, size=18, bold=True, font=HEADING)


def heading(document: Doc, text: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(12), Pt(4)
    paragraph.paragraph_format.keep_with_next = True
    write(paragraph, text, size=12, bold=True, font=HEADING)


def table(document: Doc, rows: int, widths: Sequence[float]) -> Table:
    """A table with lines, of columns so wide in centimetres."""
    made: Table = document.add_table(rows, len(widths))
    made.style = "Table Grid"
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    made.autofit = False
    set_widths(made, widths)
    return made


def add_row(made: Table) -> Sequence[_Cell]:
    """The cells of a further row."""
    return tuple(made.add_row().cells)  # type: ignore[no-untyped-call]


def set_widths(made: Table, widths: Sequence[float]) -> None:
    lengths = [Cm(width) for width in widths]
    for column, length in zip(made.columns, lengths, strict=True):
        column.width = length
    for row in made.rows:
        for cell, length in zip(row.cells, lengths, strict=True):
            cell.width = length


def fill(cell: _Cell, text: str, *, bold: bool = False, size: float = SIZE, centred: bool = False) -> Paragraph:
    """Writes into the first paragraph of a cell."""
    paragraph: Paragraph = cell.paragraphs[0]
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    write(paragraph, text, bold=bold, size=size)
    return paragraph


def label(cell: _Cell, text: str) -> None:
    """A cell that says what stands beside or below it."""
    fill(cell, text, bold=True, centred=True)
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", _SHADE)):
        shade.set(qn(f"w:{name}"), value)
    cell._element.get_or_add_tcPr().append(shade)


def repeat_first_row(made: Table) -> None:
    """Has the first row stand at the top of every page that the table runs on to."""
    made.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def picture(cell: _Cell, path: Path, width: float) -> None:
    """An image in a cell; one that cannot be read is named."""
    paragraph = cell.add_paragraph()
    try:
        paragraph.add_run().add_picture(str(path), width=Cm(width))
    except (OSError, UnrecognizedImageError, ZeroDivisionError) as reason:
        write(paragraph, f"图片 {path.name} 无法读取：{reason or type(reason).__name__}", size=9, red=True)
        return
    write(cell.add_paragraph(), path.name, size=8)


def _page_number(paragraph: Paragraph) -> None:
    write(paragraph, "第 ", size=9)
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = text
        run._element.append(part)
    write(paragraph, " 页", size=9)
