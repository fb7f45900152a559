"""The house: no folder too full, no module too long, and a map of both in CONTRIBUTING that tells the truth."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import ROOT

PACKAGE = ROOT / "ctpscen"
A_DOZEN = 12
LONGEST = 450

# One module a command.
MAY_BE_FULL = {"commands"}

MODULES = [path.relative_to(PACKAGE) for path in sorted(PACKAGE.rglob("*.py"))]
FOLDERS = sorted({module.parent for module in MODULES} - {Path()})


def test_a_folder_holds_a_dozen_modules_at_most() -> None:
    for folder in FOLDERS:
        held = [module.name for module in MODULES if module.parent == folder and module.name != "__init__.py"]
        assert len(held) <= A_DOZEN or str(folder) in MAY_BE_FULL, held


def test_no_module_is_longer_than_one_idea_needs() -> None:
    lines = {module.as_posix(): len((PACKAGE / module).read_text(encoding="utf-8").splitlines()) for module in MODULES}
    assert {module for module, count in lines.items() if count > LONGEST} == set()


# ---------------------------------------------------------------------------------------------------------- the map


def rows() -> Iterator[tuple[str, str]]:
    """The packages of CONTRIBUTING's table, each with all that its row says."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for line in text.splitlines():
        if found := re.match(r"\| `ctpscen/(\w+)/` \|", line):
            yield found[1], line


def test_the_map_has_every_package_and_none_that_is_gone() -> None:
    assert {package for package, _ in rows()} == {folder.parts[0] for folder in FOLDERS}


def test_the_map_has_every_folder_of_a_package_and_none_that_is_gone() -> None:
    for package, row in rows():
        told = set(re.findall(r"`([\w/]+)/`", row)) - {f"ctpscen/{package}"}
        there = {folder.relative_to(package).as_posix() for folder in FOLDERS if folder.parts[0] == package}
        assert told == there - {"."}, package


PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_module_that_a_page_names_is_there(page: Path) -> None:
    named = set(re.findall(r"`((?:[\w.]+/)+[\w.]+\.(?:py|csv|lark))(?:::\w+)?`", page.read_text(encoding="utf-8")))
    assert {name for name in named if not any((root / name).exists() for root in (ROOT, PACKAGE))} == set()


def test_every_folder_says_what_it_holds() -> None:
    for folder in FOLDERS:
        assert (PACKAGE / folder / "__init__.py").read_text(encoding="utf-8").startswith('"""'), folder
