"""Draw what the docs show from the program itself: the life cycles, the words, and the picture of a run.

python tools/draw_docs.py            write docs/life-cycles.md, docs/words.md and docs/run.svg
python tools/draw_docs.py --check    say whether the first two are what the tables say (exit 1 if not)
"""

import argparse
import io
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


def life_cycles() -> str:
    """docs/life-cycles.md."""
    from ctpscen.client.books.orders import FINAL, PROGRESS
    from ctpscen.client.connection import STEPS, TRANSITIONS
    from ctpscen.ctp.schema.constants import name_of
    from ctpscen.simulator.terms.rules import RULES

    transitions = [(before, event, after) for (before, event), after in TRANSITIONS.items()]
    orders = sorted(PROGRESS.items(), key=lambda each: (each[1], each[0]))
    lines = [
        "# Life cycles",
        "",
        "Drawn by `tools/draw_docs.py` from the tables that the program runs on.",
        "",
        "## A connection",
        "",
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> absent",
        *(f"    {before} --> {after}: {event}" for before, event, after in transitions),
        "```",
        "",
        *table(("state", "event", "next state"), transitions),
        "",
        "What leads on from a state:",
        "",
        *table(("state", "request", "answer"), ((state, step[0], step[1]) for state, step in STEPS.items())),
        "",
        "## An order",
        "",
        "A report counts if its status is no step back.",
        "",
        *table(
            ("step", "OrderStatus", "name", "final"),
            (
                (str(step), status, name_of("OrderStatus", status) or "", "yes" if status in FINAL else "")
                for status, step in orders
            ),
        ),
        "",
        "## What each exchange reports",
        "",
        "The pushes after the first, which is the same everywhere (status `a`).",
        "",
        *table(
            ("exchange", "accepted when it trades at once", "each trade", "cancel", "FAK or FOK with nothing filled"),
            (
                (
                    rules.id,
                    *(
                        ", ".join(pushes) or "—"
                        for pushes in (
                            rules.sequences.opening,
                            rules.sequences.trade,
                            rules.sequences.cancel,
                            rules.sequences.nothing,
                        )
                    ),
                )
                for rules in RULES.values()
            ),
        ),
        "",
    ]
    return "\n".join(lines)


def words() -> str:
    """docs/words.md."""
    from ctpscen.language.words.table import rows

    lines = ["# The words", "", "Drawn by `tools/draw_docs.py` from `grammar/words.csv`.", ""]
    for kinds, title in _WORDS.items():
        found = [(_coded(row.english), _coded(row.chinese)) for row in rows() if row.kind in kinds]
        lines += [f"## {title}", "", *table(("English", "中文"), found), ""]
    return "\n".join(lines)


_WORDS = {
    ("reserved",): "Reserved words",
    ("word",): "Words of statements",
    ("phrase",): "Several words in one",
    ("unit",): "Behind a number",
    ("price",): "Prices",
    ("function",): "Functions",
    ("field",): "Fields that are the language's own",
    ("constant",): "Constants of OrderStatus",
}


def _coded(spellings: Iterable[str]) -> str:
    return " ".join(f"`{spelling}`" for spelling in spellings) or "—"


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield f"| {' | '.join(row)} |"


def picture() -> str:
    """docs/run.svg: scenarios/reconnect.scn as a terminal shows it."""
    from rich.console import Console

    from ctpscen.engine.run import run_one
    from ctpscen.engine.unit import Unit
    from ctpscen.environments.simulated import SimulatedEnvironment
    from ctpscen.report.terminal.scenarios import scenario_lines
    from ctpscen.report.terminal.writer import StyledWriter

    name = "scenarios/reconnect.scn"
    text = (ROOT / name).read_text(encoding="utf-8")
    title = re.search(r'^scenario "(.*?)"', text, re.MULTILINE)
    assert title is not None
    result = run_one(Unit(name, text, title[1]), SimulatedEnvironment.of)
    console = Console(file=io.StringIO(), record=True, width=110, force_terminal=True, highlight=False)
    writer = StyledWriter(console)
    for line in scenario_lines(result, ""):
        writer.write(line)
    drawn = console.export_svg(title=f"ctpscen run {name}")
    return re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL)  # a picture that asks nothing of the network


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args()
    pages = {DOCS / "life-cycles.md": life_cycles(), DOCS / "words.md": words()}
    if options.check:
        for page, text in pages.items():
            if not page.exists() or page.read_text(encoding="utf-8") != text:
                sys.exit(f"docs/{page.name} is not what the tables say; run tools/draw_docs.py")
        return
    for page, text in pages.items():
        page.write_text(text, encoding="utf-8")
    (DOCS / "run.svg").write_text(picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
