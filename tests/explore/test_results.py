"""What a campaign keeps: findings as they are found, resumed after a kill, and shards merged."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from support.exploring import RETRY, targets

from ctpscen.engine.unit import Wanted
from ctpscen.explore.campaign import Options, Report
from ctpscen.explore.exploring import explore_all
from ctpscen.explore.results import NoResults, ResultsFile, all_findings, file_of, merged, read
from ctpscen.explore.spread import Here
from ctpscen.explore.trials import Target, Tried

OPTIONS = Options(faults=("stall", "cut"))


def campaign(folder: Path, seeds: int = 2, shard: tuple[int, int] = (1, 1)) -> list[Report]:
    options = Options(OPTIONS.faults, shard=shard)
    return list(explore_all(targets(RETRY, seeds=seeds), options, Here(), ResultsFile(file_of(folder, shard))))


def kept(report: Report) -> tuple[object, ...]:
    return report.place, report.seed, report.runs, report.boundaries, report.findings, report.coverage


def test_what_was_found_is_read_again_as_it_was(tmp_path: Path) -> None:
    reports = campaign(tmp_path)
    again = [report for _, report in read(file_of(tmp_path, (1, 1)))]
    assert list(map(kept, again)) == list(map(kept, reports))
    assert all_findings(again)


def test_a_campaign_that_was_killed_goes_on_behind_what_is_done(tmp_path: Path) -> None:
    whole = campaign(tmp_path / "whole")
    path = file_of(tmp_path, (1, 1))
    campaign(tmp_path, seeds=1)
    path.write_text(path.read_text() + '{"event": "finding", "targ')
    file = ResultsFile(path)
    reports = list(explore_all(targets(RETRY, seeds=2), OPTIONS, Here(), file))
    assert len(file.done) == 1
    assert list(map(kept, reports)) == list(map(kept, whole))
    assert path.read_text() == file_of(tmp_path / "whole", (1, 1)).read_text()


def test_a_finding_is_kept_at_once_and_not_twice_when_its_target_is_begun_anew(tmp_path: Path) -> None:
    class Killed(Here):
        """Who is killed while a target is under way, just behind its first finding."""

        def trials(self, target: Target, plans: Sequence[str], wanted: Wanted = "boundaries") -> Iterator[Tried]:
            for tried in super().trials(target, plans, wanted):
                yield tried
                if tried.broken:
                    raise KeyboardInterrupt

    path = file_of(tmp_path, (1, 1))
    with pytest.raises(KeyboardInterrupt):
        list(explore_all(targets(RETRY), OPTIONS, Killed(), ResultsFile(path)))
    events = [json.loads(line)["event"] for line in path.read_text().splitlines()]
    assert events == ["ctpscen explore", "finding"]
    campaign(tmp_path, seeds=1)
    campaign(tmp_path / "whole", seeds=1)
    assert path.read_text() == file_of(tmp_path / "whole", (1, 1)).read_text()


def test_shards_merge_to_what_one_campaign_finds(tmp_path: Path) -> None:
    for part in (1, 2):
        campaign(tmp_path / "parts", shard=(part, 2))
    whole, parts = campaign(tmp_path / "whole"), merged(tmp_path / "parts")
    assert {f.plan for f in all_findings(parts)} == {f.plan for f in all_findings(whole)}
    assert [each.coverage for each in parts] == [each.coverage for each in whole]


def test_what_holds_no_results_is_told_and_left_alone(tmp_path: Path) -> None:
    with pytest.raises(NoResults, match="holds no results"):
        merged(tmp_path)
    campaign(tmp_path, seeds=1, shard=(1, 2))
    with pytest.raises(NoResults, match="not hold the results of all shards"):
        merged(tmp_path)
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "explored-1-of-1.jsonl").write_text('{"event": "ctpscen explore", "schema": 1}\n')
    with pytest.raises(NoResults, match="another version"):
        merged(tmp_path / "old")
    other = tmp_path / "explored-1-of-1.jsonl"
    other.write_text("my notes\n")
    with pytest.raises(NoResults):
        ResultsFile(other).open()
    assert other.read_text() == "my notes\n"
