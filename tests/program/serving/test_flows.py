"""Which API objects continue which streams, by the files that a program has."""

from pathlib import Path

from ctpscen.program.serving.flows import NAMES, FlowFiles


def test_the_files_are_made_where_the_path_says(tmp_path: Path) -> None:
    (tmp_path / "flow").mkdir()
    files = FlowFiles(tmp_path)
    assert files.open(str(tmp_path), "flow/").key == "flow/"
    assert files.open(str(tmp_path), "flow/a_").key == "flow/a_"
    assert files.open(str(tmp_path / "flow"), "").key == "flow/"
    made = {path.name for path in (tmp_path / "flow").iterdir()}
    assert made == {f"{prefix}{name}.con" for name in NAMES for prefix in ("", "a_")}


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    found = FlowFiles(tmp_path).open(str(tmp_path), "none/")
    assert found.is_missing
    assert found.folder == str(tmp_path / "none")


def test_a_program_that_removes_its_files_begins_anew(tmp_path: Path) -> None:
    files = FlowFiles(tmp_path)
    first = files.open(str(tmp_path), "")
    assert files.open(str(tmp_path), "") == first
    for path in tmp_path.glob("*.con"):
        path.unlink()
    assert files.open(str(tmp_path), "").key != first.key


def test_files_elsewhere_are_left_alone(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    assert FlowFiles(home).open(str(home), f"{elsewhere}/").key == f"{elsewhere}/"
    assert not list(elsewhere.iterdir())
