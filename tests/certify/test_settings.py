"""`system.toml`: what is wrong in it is told with what would fit."""

from pathlib import Path

import pytest
from support import ROOT

from ctpscen.certify.scenarios import scenarios_of
from ctpscen.certify.settings import BadSettings, CertifySettings, read_settings

PARAMS = scenarios_of(ROOT / "examples" / "certified", live=False).params


def settings(folder: Path, text: str) -> CertifySettings:
    (folder / "system.toml").write_text(text, encoding="utf-8")
    return read_settings(folder, PARAMS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[sytem]\n", "there is no table [sytem]; did you mean `system`?"),
        ("[system]\nnme = 'x'\n", "[system] has no `nme`; did you mean `name`?"),
        ("[system]\nname = 3\n", "[system] name: a text is wanted, in quotation marks"),
        ("[run]\npatience = 'soon'\n", "[run] patience:"),
        ("[run]\npace = 0\n", '[run] pace: "jump" or a number up to 1000 is wanted, not 0'),
        ("[run]\nleft_out = ['C01']\n", "[run] left_out: C01 is no optional point"),
        ("[run]\nleft_out = 'O01'\n", "[run] left_out: a list of points is wanted"),
        ("[shows]\norders = '报单'\n", "[shows] orders: write {count} where the number stands"),
        ("[shows]\norder_alerts = '报单'\n", "[shows] has no `order_alerts`; did you mean `order_alert`?"),
        ("[shows]\nconnected = '('\n", "[shows] connected: this is no regular expression"),
        ("system = 1\n", "[system] is a table"),
        ("[", "cannot be read"),
    ],
)
def test_a_mistake_is_told(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as found:
        settings(tmp_path, text)
    assert message in str(found.value)
    assert str(found.value).startswith(str(tmp_path / "system.toml"))


def test_a_folder_without_settings_is_told_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="ctpscen certify init"):
        read_settings(tmp_path, PARAMS)


def test_a_count_stands_where_the_pattern_says(tmp_path: Path) -> None:
    text = "[system]\napp_id = 'a_1.0'\n[run]\npatience = '90s'\n[shows]\norders = '报单{count}笔'\n"
    found = settings(tmp_path, text)
    values = found.values(PARAMS)
    assert (values["shows_orders"], values["shows_orders_end"]) == ("报单", "笔")
    assert (values["tested_app"], values["patience"].total_seconds()) == ("a_1.0", 90)
    assert found.missing(["orders", "cancels"]) == ["cancels"]
