"""The folder of a test: what `init` writes into it."""

from importlib.resources import files
from pathlib import Path

from ctpscen.certify.scenarios import DRIVER
from ctpscen.certify.settings import FILE
from ctpscen.report.files import Unwritable, prepare_folder

HOW = "README.md"
_WRITTEN = (FILE, DRIVER, HOW)


def init_folder(folder: Path) -> list[Path]:
    """Writes what a test begins with; nothing is written where one of it is there. Raises Unwritable."""
    there = [folder / name for name in _WRITTEN if (folder / name).exists()]
    if there:
        raise Unwritable(f"{there[0]}: is there already; nothing was written")
    prepare_folder(str(folder))
    for name in _WRITTEN:
        try:
            (folder / name).write_text(_template(name), encoding="utf-8")
        except OSError as reason:
            raise Unwritable.because(str(folder / name), reason) from None
    return [folder / name for name in _WRITTEN]


def _template(name: str) -> str:
    return files("ctpscen.certify").joinpath("templates", name).read_text(encoding="utf-8")
