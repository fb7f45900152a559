"""A form of a broker's own, filled in by a map: which number there is which point, and what goes where.

form = "broker.docx"              # beside the map
[numbers]                         # of our points there
C01 = "1.1"
[columns]                         # by their headings: verdict, reason, evidence, began
"测试结果" = "verdict"
[labels]                          # what stands left of a blank, and what of [system] goes into it
"系统名称" = "name"
[words]                           # for the verdicts
PASS = "通过"
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import field, fields, frozen

from ctpscen.certify.documents.contents import WORDS, Contents
from ctpscen.certify.points import points
from ctpscen.certify.settings import BadSettings, System, read_toml
from ctpscen.language.text.suggestions import did_you_mean
from ctpscen.report.terminal.visible import visible

_VERDICTS = tuple(WORDS)
_LABELS = (*(each.name for each in fields(System)), "app_ids", "whole", "days")


@frozen
class Template:
    """A map. `form` is None where it only numbers the points otherwise."""

    path: Path
    form: Path | None = None
    numbers: Mapping[str, str] = field(factory=dict)
    columns: Mapping[str, str] = field(factory=dict)
    labels: Mapping[str, str] = field(factory=dict)
    words: Mapping[str, str] = field(factory=dict)


def _verdict(contents: Contents, id: str, words: Mapping[str, str]) -> str:  # noqa: A002
    outcome = contents.outcomes.get(id)
    if outcome is None or id in contents.settings.left_out:
        return contents.word(id)
    return words.get(outcome.verdict, contents.word(id))


def _evidence(contents: Contents, id: str, _: Mapping[str, str]) -> str:  # noqa: A002
    outcome = contents.outcomes.get(id)
    pieces = outcome.evidence if outcome is not None else ()
    return "\n".join(f"{each.at} {each.source} {each.text}" for each in pieces)


def _began(contents: Contents, id: str, _: Mapping[str, str]) -> str:  # noqa: A002
    return contents.outcomes[id].began if id in contents.outcomes else ""


_COLUMNS: Mapping[str, Callable[[Contents, str, Mapping[str, str]], str]] = {
    "verdict": _verdict,
    "reason": lambda contents, each, _: contents.reason(each),
    "evidence": _evidence,
    "began": _began,
}


def read_template(path: Path) -> Template:
    """Reads a map. Raises BadSettings."""
    content = read_toml(path)
    known: Mapping[str, Sequence[str]] = {"numbers": list(points()), "columns": (), "labels": (), "words": _VERDICTS}
    for name in content:
        if name != "form" and name not in known:
            raise BadSettings(f"{path}: there is no `{name}` in a map{did_you_mean(name, ['form', *known])}")
    tables = {name: _texts(path, name, content.get(name, {}), keys) for name, keys in known.items()}
    _known(path, "columns", tables["columns"].values(), list(_COLUMNS))
    _known(path, "labels", tables["labels"].values(), _LABELS)
    form = content.get("form")
    if form is not None and not isinstance(form, str):
        raise BadSettings(f"{path}: form: the name of a file is wanted, in quotation marks")
    if form is not None and not (path.parent / form).is_file():
        raise BadSettings(f"{path}: form: there is no file {path.parent / form}")
    return Template(path, None if form is None else path.parent / form, **tables)


def _texts(path: Path, name: str, found: Any, keys: Sequence[str]) -> Mapping[str, str]:
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        raise BadSettings(f"{path}: [{name}] is a table of texts")
    if keys:
        _known(path, name, found, keys)
    return found


def _known(path: Path, name: str, words: Any, known: Sequence[str]) -> None:
    for each in words:
        if each not in known:
            raise BadSettings(f"{path}: [{name}] knows no `{each}`{did_you_mean(each, known)} ({', '.join(known)})")


def fill_form(template: Template, contents: Contents, path: Path) -> Sequence[str]:
    """Fills in the form of a map; gives what of the map was not found in it. Raises OSError and BadSettings."""
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError

    from ctpscen.certify.documents.word import mark_as_rehearsal

    assert template.form is not None
    try:
        document = Document(str(template.form))
    except (PackageNotFoundError, KeyError, ValueError) as reason:
        raise BadSettings(f"{template.form}: this is no Word document (.docx): {reason}") from None
    if not contents.live:
        mark_as_rehearsal(document)
    ids = {number: each for each, number in template.numbers.items()}
    found: set[str] = set()
    for table in document.tables:
        heads: dict[int, str] = {}
        for row in table.rows:
            texts = [cell.text.strip() for cell in row.cells]
            found |= _fill_labels(row.cells, texts, template, contents)
            if any(text in template.columns for text in texts):
                heads = {at: template.columns[text] for at, text in enumerate(texts) if text in template.columns}
                found |= {text for text in texts if text in template.columns}
                continue
            number = next((text for text in texts if text in ids), None)
            if number is not None:
                found.add(number)
                for at, what in heads.items():
                    if at < len(row.cells):
                        _put(row.cells[at], _COLUMNS[what](contents, ids[number], template.words))
    document.save(str(path))
    return [each for each in (*ids, *template.columns, *template.labels) if each not in found]


def _fill_labels(cells: Sequence[Any], texts: Sequence[str], template: Template, contents: Contents) -> set[str]:
    """Writes what stands in [system] behind the labels of a row."""
    found = set()
    for at, text in enumerate(texts[:-1]):
        name = text.rstrip("：: ")
        if name in template.labels:
            found.add(name)
            behind = next((cell for cell in cells[at + 1 :] if cell._tc is not cells[at]._tc), None)
            if behind is not None:
                _put(behind, _about(template.labels[name], contents))
    return found


def _about(name: str, contents: Contents) -> str:
    of_test = {"whole": contents.whole, "days": contents.days}
    return of_test[name] if name in of_test else contents.about_system(name)


def _put(cell: Any, text: str) -> None:
    """Writes into a cell, in the way that its first paragraph is laid out."""
    first, *more = visible(text).split("\n") if text else [""]
    cell.paragraphs[0].add_run(first)
    for each in more:
        cell.add_paragraph(each)
