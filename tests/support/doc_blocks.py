"""The fenced blocks of the documentation's pages."""

import re
from functools import cache
from pathlib import Path

from attrs import evolve, frozen

from support import ROOT


@frozen
class Block:
    """A fenced block. `line` is the first one inside the fence; `output` is the `text` block that comes next."""

    path: Path
    line: int
    kind: str
    text: str
    output: str | None = None

    @property
    def place(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}"

    @property
    def file_name(self) -> str:
        """The file that a block is for others of its page: `# desk.scn` in its first line, or named by its fence."""
        found = re.match(r"# (\w+\.scn)\n", self.text) or re.fullmatch(r"(?:csv|json|toml) (\w+\.\w+)", self.kind)
        return found.group(1) if found else ""


@cache
def blocks(path: Path) -> tuple[Block, ...]:
    """The fenced blocks of a page, each with the `text` block after it."""
    found: list[Block] = []
    opened: tuple[int, str] | None = None
    lines: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.startswith("```"):
            lines.append(line)
        elif opened is None:
            opened, lines = (number + 1, line[3:].strip()), []
        else:
            first, kind = opened
            opened, text = None, "".join(f"{each}\n" for each in lines)
            if kind == "text" and found and found[-1].kind.startswith("scn") and found[-1].output is None:
                found[-1] = evolve(found[-1], output=text)
            else:
                found.append(Block(path, first, kind, text))
    assert opened is None, f"{path}:{opened} is never closed"
    return tuple(found)
