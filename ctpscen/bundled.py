"""What travels with the package besides its code: scenarios, examples and documentation pages.

In a checkout they stand at its top; a wheel has them in `ctpscen/bundled`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_DOCSTRING = re.compile(r'\s*(?:#[^\n]*\n\s*)*"""(.*?)"""', re.DOTALL)
_SENTENCE = re.compile(r".*?[.:?](?=\s|$)", re.DOTALL)

LIBRARY = ("scenarios", "examples")
"""The folders of scenarios: the library, and what teaches."""


def folder(name: str) -> Path:
    """`scenarios`, `examples` or `docs`."""
    inside = _PACKAGE / "bundled" / name
    return inside if inside.exists() else _PACKAGE.parent / name


def scenario_files() -> Iterator[tuple[str, str]]:
    """The scenario files by their paths from where the folders stand, each with the first sentence of its docstring."""
    for name in LIBRARY:
        root = folder(name)
        for path in sorted(root.rglob("*.scn")):
            yield (Path(name) / path.relative_to(root)).as_posix(), _summary(path.read_text(encoding="utf-8"))


def pages() -> dict[str, Path]:
    """The documentation pages by their names: `live`, and `zh/live` in Chinese. Entries to the site are none."""
    root = folder("docs")
    found = {path.relative_to(root).with_suffix("").as_posix(): path for path in sorted(root.glob("**/*.md"))}
    return {name: path for name, path in found.items() if path.stem != "index"}


def templates() -> dict[str, tuple[str, str]]:
    """The templates of first scenarios: by name, what each proves, and its text with TITLE for its title."""
    found = {}
    for path in sorted((_PACKAGE / "templates").glob("*.scn")):
        text = path.read_text(encoding="utf-8")
        found[path.stem] = _summary(text), text
    return found


def _summary(text: str) -> str:
    found = _DOCSTRING.match(text)
    if found is None:
        return ""
    docstring = " ".join(found[1].split())
    sentence = _SENTENCE.match(docstring)
    return (sentence[0] if sentence else docstring).rstrip(".:")
