"""The JSON report: every result with its whole journal, in one document whose form is published.

See docs/schemas/report.schema.json.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field

from ctpscen.engine.state.journal import diagnostic_event
from ctpscen.report.journal import environment
from ctpscen.report.runs import Done
from ctpscen.report.spool import Spool

REPORT_SCHEMA = 1


@define(eq=False, repr=False)
class JsonReport:
    """The document of a run: each scenario is added as it ends, and the whole is put together at the end of all."""

    _scenarios: Spool = field(factory=Spool)
    _count: int = 0

    def add(self, each: Done) -> None:
        """Takes a result with its events. Raises OSError."""
        text = json.dumps(_scenario(each), ensure_ascii=False, indent=1).replace("\n", "\n  ")
        self._scenarios.add(f"{',' if self._count else ''}\n  {text}")
        self._count += 1

    def pieces(self, done: Sequence[Done], wall: float, seed: int) -> Iterator[str]:
        """The text of the document; `wall` is the whole run's wall time in seconds."""
        counts: dict[str, int] = {}
        for each in done:
            counts[each.result.verdict] = counts.get(each.result.verdict, 0) + 1
        report = {
            "schema": REPORT_SCHEMA,
            "environment": {name: value for name, value in environment().items() if name not in ("event", "schema")},
            "seed": seed,
            "wall": round(wall, 6),
            "counts": counts,
            "scenarios": [],
        }
        head, _, tail = json.dumps(report, ensure_ascii=False, indent=1).rpartition("]")
        yield head
        yield from self._scenarios.pieces()
        yield ("\n " if self._count else "") + f"]{tail}\n"


def _scenario(each: Done) -> Mapping[str, Any]:
    result = each.result
    head = result.journal[0]
    return {
        "file": result.name,
        "line": result.line,
        "title": result.title,
        "row": result.row,
        "tags": head["tags"],
        "seed": head["seed"],
        "verdict": result.verdict,
        "reason": result.reason,
        "elapsed": result.elapsed,
        "wall": round(each.wall, 6),
        "diagnostics": [diagnostic_event(located) for located in result.diagnostics],
        "errors": list(result.errors),
        "journal": list(result.journal),
    }
