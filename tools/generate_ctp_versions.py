"""Writes `ctpscen/ctp/data/versions.json`: what every known version of CTP declares, merged into one.

    python tools/generate_ctp_versions.py           # fetches every version from PyPI, some 14 × 10 MB
    python tools/generate_ctp_versions.py FOLDER    # keeps in FOLDER what was fetched, and looks there first

`ctpscen/ctp/schema/spans.py` says how the file is written. For a newer version add its package below.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from typing import Any

import ctp_binding
import ctp_headers
import ctp_library
import ctp_packages

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "ctpscen" / "ctp" / "data" / "versions.json"

BINDING = "openctp-ctp"
BINDINGS = (
    "6.3.15.7 6.3.19.8 6.5.1.7 6.6.1.7 6.6.7.9 6.6.9.9 6.7.0.9 "
    "6.7.1.7 6.7.2.8 6.7.7.1 6.7.8.0 6.7.9.0 6.7.10.0 6.7.11.0"
).split()

HEADERS = {"6.7.13": ("ctpwrapper==6.7.13", "ctp")}
"""Versions that have no binding: a package whose source archive has their headers, and the folder in it."""

Tables = dict[str, Any]


def read_all(folder: Path) -> dict[str, Tables]:
    """The tables of each version, oldest first."""
    found: dict[str, Tables] = {}
    for release in BINDINGS:
        place = folder / release
        if not place.exists():
            ctp_packages.install_binding(f"{BINDING}=={release}", place)
        found[release.rpartition(".")[0]] = checked(ctp_binding.read(place)["tables"], place)
    for version, (requirement, inside) in HEADERS.items():
        place = folder / version
        if not place.exists():
            ctp_packages.unpack_headers(requirement, place)
        found[version] = checked(ctp_headers.read(place / inside), place / inside)
    return found


def checked(tables: Tables, folder: Path) -> Tables:
    """The same tables, if they are those of the libraries in the folder."""
    if wrong := ctp_library.wrong_slots(sorted(folder.rglob("*.so")), tables):
        raise ValueError(f"the libraries in {folder} have other tables: {'; '.join(wrong)}")
    return tables


class Merging:
    """Sequences of several versions, merged into one that has them all in their order."""

    def __init__(self, versions: Sequence[str]) -> None:
        self.versions = versions
        self.entries: list[tuple[str, list[str]]] = []

    def add(self, version: str, sequence: Sequence[str]) -> None:
        known = [entry for entry, _ in self.entries]
        merged: list[tuple[str, list[str]]] = []
        for _, a, b, c, d in SequenceMatcher(None, known, sequence, autojunk=False).get_opcodes():
            same = known[a:b] == sequence[c:d]
            merged += ((entry, [*had, version] if same else had) for entry, had in self.entries[a:b])
            merged += [] if same else ((entry, [version]) for entry in sequence[c:d])
        self.entries = merged

    def spanned(self, whole: Sequence[str] | None = None, separator: str = "@") -> list[str]:
        """The entries with their spans, which say nothing of an entry that all of `whole` have."""
        return [
            f"{entry}{separator}{span}" if span else entry
            for entry, had in self.entries
            for span in self.spans(had, self.versions if whole is None else whole)
        ]

    def spans(self, had: Sequence[str], whole: Sequence[str]) -> list[str]:
        """The runs of versions that are written for these."""
        if list(had) == list(whole):
            return [""]
        places = [self.versions.index(version) for version in had]
        starts = [places[0], *(b for a, b in pairwise(places) if b != a + 1)]
        ends = [*(a for a, b in pairwise(places) if b != a + 1), places[-1]]
        return [self.span(first, last) for first, last in zip(starts, ends, strict=True)]

    def span(self, first: int, last: int) -> str:
        since = self.versions[first] if first else ""
        return since if last == len(self.versions) - 1 else f"{since}-{self.versions[last]}"


def merge(sequences: Mapping[str, Sequence[str]], versions: Sequence[str]) -> Merging:
    merging = Merging(versions)
    for version, sequence in sequences.items():
        merging.add(version, sequence)
    return merging


def merge_record(sequences: Mapping[str, Sequence[str]], versions: Sequence[str]) -> str:
    """A record's fields; the span of a record that not all versions have stands before them."""
    merging = merge(sequences, versions)
    having = [version for version in versions if version in sequences]
    spans = [f"@{span}" for span in merging.spans(having, versions) if span]
    if len(spans) > 1:
        raise ValueError(f"a record comes and goes: {spans}")
    return " ".join([*spans, *merging.spanned(having)])


def merge_all(found: Mapping[str, Tables]) -> Tables:
    """The content of the file."""
    versions = list(found)

    def names(part: str) -> list[str]:
        return [entry for entry, _ in merge({v: list(found[v][part]) for v in versions}, versions).entries]

    def having(part: str, name: str) -> dict[str, Any]:
        return {version: found[version][part][name] for version in versions if name in found[version][part]}

    def interface(api: str) -> dict[str, list[str]]:
        parts = {part: {v: found[v][api][part] for v in versions} for part in ("symbols", "functions", "callbacks")}
        return {part: merge(sequences, versions).spanned() for part, sequences in parts.items()}

    return {
        "versions": {version: found[version]["version"] for version in versions},
        "types": {name: one_type(having("types", name), versions) for name in sorted(set(names("types")))},
        "records": {name: merge_record(having("records", name), versions) for name in dict.fromkeys(names("records"))},
        "trader": interface("trader"),
        "market": interface("market"),
    }


def one_type(stored: Mapping[str, str], versions: Sequence[str]) -> str:
    """How a type is stored in each version; a type that only some versions have needs no span for that."""
    return " ".join(merge({version: [kind] for version, kind in stored.items()}, versions).spanned(list(stored)))


def written(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def main(arguments: Iterable[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="where fetched packages are kept")
    options = parser.parse_args(list(arguments))
    try:
        with tempfile.TemporaryDirectory() as scratch:
            found = read_all(options.folder or Path(scratch))
    except ctp_packages.CannotFetch as error:
        sys.exit(str(error))
    FILE.write_text(written(merge_all(found)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
