"""The diff that CONTRIBUTING shows is one of this repository: what it adds stands in the files as it says."""

from support import ROOT
from support.doc_blocks import blocks

PAGE = ROOT / "CONTRIBUTING.md"


def hunks(diff: str) -> list[tuple[str, str]]:
    """What each hunk leaves behind, with the file that it is of."""
    found: list[tuple[str, str]] = []
    name = ""
    for line in diff.splitlines():
        if line.startswith("+++ b/"):
            name = line.removeprefix("+++ b/")
        elif line.startswith("@@"):
            found.append((name, ""))
        elif not line.startswith("-"):
            found[-1] = name, f"{found[-1][1]}{line[1:]}\n"
    return found


def test_what_the_diff_of_a_step_adds_stands_in_the_files() -> None:
    (diff,) = [block.text for block in blocks(PAGE) if block.kind == "diff"]
    shown = hunks(diff)
    assert {name.partition("/")[0] for name, _ in shown} == {"grammar", "ctpscen", "tests"}
    for name, text in shown:
        assert text in (ROOT / name).read_text(encoding="utf-8"), name
