"""The JSON report: every result with its whole journal, in one document whose form is published.

See docs/schemas/report.schema.json.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ctpscen.engine.state.journal import diagnostic_event
from ctpscen.report.journal import environment
from ctpscen.report.runs import Done

REPORT_SCHEMA = 1


def json_text(done: Sequence[Done], wall: float, seed: int) -> str:
    """The report; `wall` is the whole run's wall time in seconds."""
    counts: dict[str, int] = {}
    for each in done:
        counts[each.result.verdict] = counts.get(each.result.verdict, 0) + 1
    report = {
        "schema": REPORT_SCHEMA,
        "environment": {name: value for name, value in environment().items() if name not in ("event", "schema")},
        "seed": seed,
        "wall": round(wall, 6),
        "counts": counts,
        "scenarios": [_scenario(each) for each in done],
    }
    return json.dumps(report, ensure_ascii=False, indent=1) + "\n"


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
