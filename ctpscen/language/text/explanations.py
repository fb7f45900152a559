"""What each diagnostic code means, as people read it.

The pages stand in `explanations.md`, a section a code: `## E104 unknown report kind`, then the text. An example that
gives the code is fenced as `scn wrong`, its correction as `scn`.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from attrs import frozen

_HEADING = re.compile(r"(?m)^## ([EWR]\d{3}) (.+)\n")


@frozen
class Explanation:
    """One page. `text` is what stands below its heading, examples included."""

    code: str
    title: str
    text: str


@cache
def explanations() -> Mapping[str, Explanation]:
    """Every page by its code, in the order of the codes."""
    text = files("ctpscen.language.text").joinpath("explanations.md").read_text(encoding="utf-8")
    _, *pieces = _HEADING.split(text)
    pages = zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True)
    return MappingProxyType({code: Explanation(code, title, page.strip()) for code, title, page in pages})


def find(code: str) -> Explanation | None:
    """The page of a code, in whatever case it is written; None for a code that there is not."""
    return explanations().get(code.upper())
