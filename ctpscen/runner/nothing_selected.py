"""Why nothing was selected: which tag, title or line there is not, and what comes near it."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from ctpscen.language.meaning.program import Program
from ctpscen.language.text.suggestions import did_you_mean
from ctpscen.runner.selection import Item
from ctpscen.runner.tags import tags_in

_MOST_LISTED = 8


def why_none(items: Sequence[Item], tags: str | None, names: Sequence[str], *, last_failed: bool) -> list[str]:
    """What the filters ask for that none of the items has, a line each."""
    if not items:
        return []
    reasons = [*_unknown_tags(items, tags), *_unknown_titles(items, names)]
    if last_failed and not reasons:
        reasons.append("none of these failed when they were last run from here")
    return reasons


def no_scenario_at(program: Program, line: int) -> str:
    """That no scenario stands at a line, and where some do."""
    starts = [str(scenario.line) for scenario in program.scenarios]
    listed = ", ".join(starts[:_MOST_LISTED]) + (" …" if len(starts) > _MOST_LISTED else "")
    where = f"they begin at lines {listed}" if len(starts) > 1 else f"there is one, at line {listed}"
    return f"{program.source.shown_name}: no scenario stands at line {line}; {where}"


def _unknown_tags(items: Sequence[Item], tags: str | None) -> Iterator[str]:
    known = sorted({tag for item in items for tag in item.scenario.tags})
    for tag in dict.fromkeys(tags_in(tags) if tags else ()):
        if tag not in known:
            yield f"no scenario has the tag `{tag}`{did_you_mean(tag, known) or _there_are(known)}"


def _unknown_titles(items: Sequence[Item], names: Sequence[str]) -> Iterator[str]:
    titles = list(dict.fromkeys(item.scenario.title for item in items))
    for name in names:
        if not any(fnmatchcase(title, name) for title in titles):
            inside = next((title for title in titles if name.lower() in title.lower()), None)
            hint = f"; `--name '*{name}*'` matches `{inside}`" if inside else did_you_mean(name, titles)
            yield f"no title matches `{name}`{hint}"


def _there_are(known: Sequence[str]) -> str:
    if not known:
        return "; none has any"
    return "; there are " + ", ".join(known[:_MOST_LISTED]) + (" …" if len(known) > _MOST_LISTED else "")
