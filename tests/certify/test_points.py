"""The tables of the functional test: how many points there are, and that all that rests on them speaks of the same."""

from pathlib import Path

from support import ROOT

from ctpscen.certify.points import groups, points, self_assessment
from ctpscen.certify.scenarios import scenarios_of
from ctpscen.certify.settings import read_settings

EXAMPLE = ROOT / "examples" / "certified"
TEMPLATES = ROOT / "ctpscen" / "certify" / "templates"


def test_there_are_33_points_in_eleven_tables() -> None:
    assert len(points()) == 33
    assert [len(group.points) for group in groups()] == [1, 3, 3, 2, 3, 6, 3, 3, 3, 2, 4]
    assert [point.section for point in points().values()] == [
        f"{group.section}.{index}" for group in groups() for index in range(1, len(group.points) + 1)
    ]
    assert {each for each, point in points().items() if point.optional} == set("O01 O02 O03 TH05 TH06 B01 B02".split())
    assert {each for each, point in points().items() if point.image} == {"EM02", "EM03"}


def test_the_self_assessment_has_23_numbers_in_30_rows_and_leaves_no_point_out() -> None:
    rows = self_assessment()
    assert len(rows) == 30
    assert len({row.item for row in rows}) == 23
    assert {point for row in rows for point in (*row.points, *row.any)} == points().keys()
    assert {row.grade for row in rows} == {"严重", "建议"}
    for row in rows:
        assert row.is_required != all(points()[each].optional for each in row.points)


def test_what_a_test_begins_with_says_all_that_the_points_ask_for() -> None:
    params = scenarios_of(EXAMPLE, live=False).params
    shown = {name.removeprefix("shows_") for name in params if name.startswith("shows_") and not name.endswith("_end")}
    for folder in (EXAMPLE, TEMPLATES):
        assert read_settings(folder, params).shows.keys() == shown
    assert {name for point in points().values() for name in point.shows} <= shown


def test_a_driver_asks_a_person_for_all_that_the_points_call(tmp_path: Path) -> None:
    (tmp_path / "driver.scn").write_bytes((TEMPLATES / "driver.scn").read_bytes())
    for live in (False, True):
        assert scenarios_of(tmp_path, live=live).items.keys() == points().keys()
