"""What a campaign found, kept as it goes: one line of JSON a finding, at once, and one a target that is done.

Where a campaign was ended early, another with the same file goes on behind the targets that are done; that which was
under way is begun anew. Shards write a file each;
together they are what one campaign would have written.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from attrs import asdict, define, field

from ctpscen.explore.campaign import Report
from ctpscen.explore.coverage import Coverage
from ctpscen.explore.findings import Finding

SCHEMA = 2
HEAD = "ctpscen explore"
_OF_REPORT = "place title row seed verdict reason unexplored breaks_by_default boundaries runs".split()


class NoResults(ValueError):
    """A file or folder that holds no results; the text says which and why."""


def file_of(folder: Path, shard: tuple[int, int]) -> Path:
    return folder / f"explored-{shard[0]}-of-{shard[1]}.jsonl"


@define
class ResultsFile:
    """The file of one shard. `done` are the targets that it has already, by their identities."""

    path: Path
    done: dict[str, Report] = field(factory=dict)
    _stream: TextIO | None = None

    def open(self) -> None:
        """Reads what is there, and goes on behind it. Raises NoResults for what is something else, and OSError."""
        if self.path.exists():
            self.done = dict(read(self.path))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = self.path.open("w", encoding="utf-8")
        self._write({"event": HEAD, "schema": SCHEMA})
        for identity, report in self.done.items():  # what a kill left half done is not kept
            for finding in report.findings:
                self.found(identity, finding)
            self.done_with(identity, report)

    def found(self, identity: str, finding: Finding) -> None:
        """Keeps a finding of a target that is under way."""
        self._write({"event": "finding", "target": identity, **asdict(finding)})

    def done_with(self, identity: str, report: Report) -> None:
        """Keeps what exploring a target came to, behind its findings."""
        row = {name: getattr(report, name) for name in _OF_REPORT}
        self._write({"event": "target", "target": identity, **row, "coverage": report.coverage.plain()})

    def _write(self, event: dict[str, Any]) -> None:
        assert self._stream is not None
        self._stream.write(json.dumps(event, ensure_ascii=False) + "\n")
        self._stream.flush()

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()


def read(path: Path) -> Iterator[tuple[str, Report]]:
    """The targets of a file that are done. A last line that was cut off is passed over. Raises NoResults."""
    lines = path.read_text(encoding="utf-8").splitlines()
    events = [event for line in lines if (event := _event(line)) is not None]
    if lines and (not events or events[0].get("event") != HEAD):
        raise NoResults(f"{path} holds no results of `ctpscen explore`")
    if events and events[0].get("schema") != SCHEMA:
        raise NoResults(f"{path} was written by another version of ctpscen; explore anew, into another folder")
    findings: dict[str, list[Finding]] = {}
    for event in events[1:]:
        kind, identity = event.pop("event"), event.pop("target")
        if kind == "finding":
            findings.setdefault(identity, []).append(Finding(**event))
        else:
            coverage = Coverage.read(event.pop("coverage"))
            yield identity, Report(**event, findings=findings.get(identity, []), coverage=coverage)


def _event(line: str) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


def merged(folder: Path) -> list[Report]:
    """The results of all shards in a folder, as of one campaign. Raises NoResults."""
    paths = sorted(folder.glob("explored-*-of-*.jsonl"))
    if not paths:
        raise NoResults(f"{folder} holds no results of `ctpscen explore`")
    of = {path.stem.rpartition("-of-")[2] for path in paths}
    if len(of) > 1 or len(paths) != int(next(iter(of))):
        there = ", ".join(path.name for path in paths)
        raise NoResults(f"{folder} does not hold the results of all shards of one campaign: {there}")
    found: dict[str, Report] = {}
    for path in paths:
        for identity, report in read(path):
            if identity in found:
                _join(found[identity], report)
            else:
                found[identity] = report
    return list(found.values())


def _join(report: Report, other: Report) -> None:
    report.runs += other.runs
    report.findings += other.findings
    report.coverage.add(other.coverage)


def all_findings(reports: Iterable[Report]) -> Sequence[Finding]:
    return [finding for report in reports for finding in report.findings]
