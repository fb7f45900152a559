"""Writing the documents of a test into its folder."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ctpscen.certify.documents.contents import Contents
from ctpscen.certify.documents.page import page
from ctpscen.certify.documents.template import Template, fill_form, read_template
from ctpscen.certify.points import points
from ctpscen.certify.results import Outcome, Results
from ctpscen.certify.settings import BadSettings, CertifySettings
from ctpscen.report.files import Unwritable, prepare_folder, write_pieces

PAGE, RECORD, ASSESSMENT = "report.html", "record.docx", "self-assessment.docx"
NEEDED = "the forms need python-docx: pip install 'ctpscen[certify]'"


def read_map(path: str) -> Template:
    """The map to a form of a broker's own; one that changes nothing where none is named. Raises BadSettings."""
    return read_template(Path(path)) if path else Template(Path())


def write_documents(
    results: Results, outcomes: Mapping[str, Outcome], settings: CertifySettings, template: Template
) -> Iterator[str]:
    """Writes them, and says of each that it did, or what it lacks. Raises Unwritable and BadSettings."""
    images = {each.id: results.images(each) for each in points().values()}
    contents = Contents(settings, results.live, outcomes, images, template.numbers)
    prepare_folder(str(results.folder))
    write_pieces(str(results.folder / PAGE), page(contents))
    yield f"wrote {results.folder / PAGE}"
    try:
        from ctpscen.certify.documents.assessment import write_assessment
        from ctpscen.certify.documents.record import write_record
    except ModuleNotFoundError as lacking:
        if lacking.name != "docx":
            raise
        yield NEEDED
        return
    for name, write in ((RECORD, write_record), (ASSESSMENT, write_assessment)):
        yield _written(results.folder / name, lambda path, write=write: write(contents, path))  # type: ignore[misc]
    if template.form is not None:
        path = results.folder / template.form.name
        if path.resolve() == template.form.resolve():
            raise BadSettings(f"{template.form}: the form itself would be written over; keep it in another folder")
        lacking_there: list[str] = []
        yield _written(path, lambda path: lacking_there.extend(fill_form(template, contents, path)))
        if lacking_there:
            yield f"{template.form}: it has no cell that says {', '.join(lacking_there)}"


def _written(path: Path, write: Callable[[Path], None]) -> str:
    try:
        write(path)
    except OSError as reason:
        raise Unwritable.because(str(path), reason) from None
    return f"wrote {path}"
