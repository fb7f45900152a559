"""Which entries of `data/versions.json` hold in a version of CTP.

The file has the declarations of all versions merged into one: a text of entries, each with the versions that have it
behind an `@`, nothing where all have it.

    BrokerID InstrumentID:OldInstrumentID@-6.5.1 InstrumentID@6.6.1 InvestUnitID@6.3.19-6.7.10

`@6.6.1` is from that version on, `@-6.5.1` up to it, `@6.3.19-6.7.10` between the two, both included. The order of
the entries is that of every version. The file is text, not something packed, so that what a new version of CTP changes
is a difference that people can read.
"""

import re
from collections.abc import Iterator
from functools import cache

Number = tuple[int, ...]
"""A version as it is compared: 6.7.11 is (6, 7, 11)."""

_NEWEST: Number = (999,)
_VERSION = re.compile(r"\d+\.\d+\.\d+")


def number_of(version: str) -> Number | None:
    """The number in a version's text, `6.7.11` or `v6.7.11_20250617 16:22:00.10369`; None where there is none."""
    found = _VERSION.search(version)
    return None if found is None else tuple(map(int, found[0].split(".")))


@cache
def _ends(span: str) -> tuple[Number, Number]:
    """The first and the last version of a span."""
    first, dash, last = span.partition("-")
    return number_of(first) or (), (number_of(last) or _NEWEST) if dash else _NEWEST


def holds(span: str, version: Number) -> bool:
    """Whether a span such as `6.6.1` or `-6.5.1` has a version in it."""
    first, last = _ends(span)
    return first <= version <= last


def entries(text: str, version: Number) -> Iterator[str]:
    """The entries of a text that a version has, without their spans. A span before all of them is the text's own."""
    for entry in text.split():
        content, has_span, span = entry.partition("@")
        if has_span and not holds(span, version):
            if not content:
                return
        elif content:
            yield content
