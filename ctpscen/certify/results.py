"""What became of each point, kept in a folder of its own, so that a test can be taken up again where it was left."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
from attrs import asdict, field, frozen

from ctpscen.certify.evidence import Piece
from ctpscen.certify.points import Point, points
from ctpscen.engine.state.outcomes import Verdict as ScenarioVerdict
from ctpscen.report.files import Unwritable, prepare_folder, write_text
from ctpscen.report.journal import environment

Verdict = Literal["PASS", "FAIL", "BLOCKED"]

VERDICTS: Mapping[ScenarioVerdict, Verdict] = {
    "passed": "PASS",
    "flaky": "BLOCKED",
    "failed": "FAIL",
    "error": "BLOCKED",
    "blocked": "BLOCKED",
    "skipped": "BLOCKED",
    "interrupted": "BLOCKED",
}
"""What the verdict of its scenario is for a point."""

_IMAGES = (".png", ".jpg", ".jpeg")
_RESULT, _JOURNAL, _OUTPUT = "result.json", "journal.jsonl", "output.txt"
_FILES = "program-files.sha256"


@frozen
class Outcome:
    """What became of one point. `provenance` says what was tested with what, `timeline` draws it."""

    id: str
    verdict: Verdict
    reason: str
    began: str
    account: str
    evidence: Sequence[Piece] = ()
    timeline: Sequence[str] = ()
    provenance: Mapping[str, str] = field(factory=dict)


@frozen
class Results:
    """The results of a rehearsal, or of a test on a broker's front, in a folder that is either's alone."""

    folder: Path
    live: bool

    @classmethod
    def of(cls, folder: Path, *, live: bool) -> "Results":
        return cls(folder / ("live" if live else "rehearsal"), live)

    def place(self, id: str) -> Path:  # noqa: A002 - as the points call it
        """The folder of a point's evidence."""
        return self.folder / "evidence" / id

    def images(self, point: Point) -> Sequence[Path]:
        """What a person has put there to be shown."""
        place = self.place(point.id)
        return sorted(each for each in place.glob("*") if each.suffix.lower() in _IMAGES) if place.is_dir() else []

    def write(self, outcome: Outcome, journal: Sequence[Mapping[str, Any]]) -> None:
        """Keeps what became of a point, with its journal and what the program wrote. Raises Unwritable."""
        place = self.place(outcome.id)
        lines = [event for event in journal if event["event"] == "line"]
        output = "".join(f"{each['stream']}: {each['text']}\n" for each in lines)
        try:
            place.mkdir(parents=True, exist_ok=True)
            (place / _JOURNAL).write_bytes(msgspec.json.Encoder().encode_lines([environment(), *journal]))
            (place / _OUTPUT).write_text(output, encoding="utf-8")
            # last, and at once: a point whose result is there has all of its evidence
            new = place / f"{_RESULT}.new"
            new.write_bytes(msgspec.json.format(msgspec.json.encode(asdict(outcome)), indent=1))
            os.replace(new, place / _RESULT)
        except OSError as reason:
            raise Unwritable.because(str(place), reason) from None

    def write_files(self, listed: str) -> None:
        """Keeps the list of the program's files. Raises Unwritable."""
        prepare_folder(str(self.folder / "evidence"))
        write_text(str(self.folder / "evidence" / _FILES), listed)

    def read(self) -> dict[str, Outcome]:
        """What there is so far, by the points' ids. What cannot be read is not there."""
        found = {}
        for each in points():
            try:
                kept = msgspec.json.decode((self.place(each) / _RESULT).read_bytes())
                pieces = [Piece(**piece) for piece in kept.pop("evidence")]
                found[each] = Outcome(**kept, evidence=pieces)
            except (OSError, ValueError, TypeError, KeyError):
                continue
        return found


def overall(outcomes: Mapping[str, Outcome], left_out: Sequence[str] = ()) -> Verdict:
    """The verdict of the whole, which optional points do not change."""
    needed = [
        outcomes[each].verdict if each in outcomes else "BLOCKED"
        for each, point in points().items()
        if not point.optional and each not in left_out
    ]
    return "FAIL" if "FAIL" in needed else "BLOCKED" if "BLOCKED" in needed else "PASS"
