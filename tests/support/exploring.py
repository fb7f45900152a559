"""Targets to explore, out of short texts."""

from ctpscen.engine.settings import Settings
from ctpscen.explore.campaign import Budget, Options, Report, explore
from ctpscen.explore.spread import Here, Spread
from ctpscen.explore.trials import Target, targets_of
from ctpscen.loading import Selected
from ctpscen.runner.selection import items_of
from support import checked, messages

RETRY = """\
invariant "at most one lot": eventually position(rb2705).long <= 1

scenario "again if nothing is heard":
    buy open 1 rb2705 at ask as first
    wait 1s
    if first.status is none:
        buy open 1 rb2705 at ask
    wait 1s
"""
"""A strategy that takes silence for refusal."""


def targets(text: str, *, seeds: int = 1) -> list[Target]:
    found = checked(text, "a.scn")
    assert found.program is not None, messages(found.diagnostics)
    return list(targets_of(items_of(found.program, Selected("a.scn")), Settings(), seeds=seeds))


def explored(text: str, *, by: Spread | None = None, **options: object) -> Report:
    """Explores the first scenario of a text."""
    given = Options(**options)  # type: ignore[arg-type]
    return explore(targets(text)[0], given, by or Here(), Budget.of(given))
