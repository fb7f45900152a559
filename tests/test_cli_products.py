"""`ctpscen products`: what is traded on which terms; one's own broker's terms, and what a venue makes of them."""

import json
from pathlib import Path

import pytest
from support import ROOT, command, compare

import ctpscen

DAY = ("--day", "2026-11-23")
RB = {"VolumeMultiple": 10, "PriceTick": 1, "MaxLimitOrderVolume": 50, "MaxMarginSideAlgorithm": "0"}
INSTRUMENTS = [{"InstrumentID": name, **RB} for name in ("rb2701", "rb2705", "rb2709")]
MARGINS = [
    {
        "InstrumentID": name,
        "HedgeFlag": "1",
        "LongMarginRatioByMoney": ratio,
        "LongMarginRatioByVolume": 0,
        "ShortMarginRatioByMoney": 0.2,
        "ShortMarginRatioByVolume": 7.5,
    }
    for name, ratio in (("rb2701", 0.25), ("rb2705", 0.18), ("rb2709", 0.18))
]
FEES = "InstrumentID,OpenRatioByMoney,OpenRatioByVolume,CloseRatioByMoney,CloseRatioByVolume\nrb,0.0002,1,0,3\n"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder in which the terms of a broker are kept as `desk`."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    Path("instruments.json").write_text(json.dumps({"data": INSTRUMENTS}))
    Path("margins.json").write_text(json.dumps(MARGINS))
    Path("fees.csv").write_text(FEES)
    files = ("instruments.json", "margins.json", "fees.csv")
    code, out, err = command("products", "import", *files, "--name", "desk", *DAY)
    assert (code, err) == (0, "")
    assert out.startswith("kept 1 product, and 1 contract that differ as desk: ")
    return tmp_path / "data" / "ctpscen" / "products" / "desk.csv"


def test_products_are_shown_within_100_columns(request: pytest.FixtureRequest) -> None:
    from ctpscen.language.text.diagnostics import display_width

    code, every, _ = command("products", *DAY)
    assert code == 0
    of_two = command("products", "rb", "ec", "--day", "2026-05-08")[1]
    assert all(display_width(line) <= 100 for line in (every + of_two).splitlines())
    compare(ROOT / "tests" / "golden" / "products.out", f"{every}\n{of_two}", request)


def test_terms_of_a_broker_are_kept_with_their_source_and_shown(desk: Path, request: pytest.FixtureRequest) -> None:
    assert desk.read_text().splitlines()[1].startswith("rb,10,1,,50,,,0,0.18,0,0.2,7.5,0.0002,1,0,3,,,")
    assert desk.read_text().splitlines()[1].endswith("instruments.json and 2 more,2026-11-23")
    shown = command("products", "rb", "--products", "desk", *DAY)[1]
    compare(ROOT / "tests" / "golden" / "products_own.out", shown, request)


SCENARIO = """
query margin_rate of rb2701 as near
query margin_rate of rb2705 as far
check near[0].long_margin_ratio_by_money == 0.25 and far[0].long_margin_ratio_by_money == 0.18
check far[0].short_margin_ratio_by_volume == 7.5
query instruments of rb2705 as found
check found[0].max_limit_order_volume == 50
sell open 2 rb2705 at bid as entry
expect trade of entry as traded
query positions of rb2705 as held
check held[0].use_margin == 2 * (traded.price * 10 * 0.2 + 7.5)
query account as money
check money.commission == 2 * (traded.price * 10 * 0.0002 + 1)
check money.curr_margin == held[0].use_margin
"""


def test_a_venue_has_a_broker_s_terms_by_command_and_library(desk: Path) -> None:
    (desk.parent / "of.scn").write_text(SCENARIO)
    code, out, err = command("run", str(desk.parent / "of.scn"), "--products", "desk")
    assert code == 0, out + err
    assert ctpscen.run(SCENARIO, products="desk").passed
    assert not ctpscen.run(SCENARIO).passed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("products", "rv"), "there is no product `rv`"),
        (("products", "rb", "--products", "dask"), "no products are kept as `dask`; did you mean `desk`?"),
        (("run", "x.scn", "--products", "../desk"), "--products: terms of a broker are called by letters, digits"),
        (("explore", "x.scn", "--products", "other"), "--products: no products are kept as `other`"),
        (("try", "--products", "other", "--", "true"), "--products: no products are kept as `other`"),
        (("run", "x.scn", "--live", "simnow", "--products", "desk"), "--products is for simulated runs"),
        (("products", "import"), "which dumps? ctpscen products import FILE"),
        (("products", "import", "fees.csv", "--name", "desk"), "products are kept as `desk` already; --force"),
        (("products", "import", "bad.csv"), "bad.csv: line 2 (rb2705), size: `x` is no number"),
        (("products", "import", "foreign.csv"), "nothing was kept: no row is of a product that ctpscen knows"),
    ],
)
def test_what_cannot_be_done_is_said(desk: Path, arguments: tuple[str, ...], message: str) -> None:
    Path("x.scn").write_text("log 1\n")
    Path("bad.csv").write_text("symbol,size\nrb2705,x\n")
    Path("foreign.csv").write_text("symbol,size\nES2705,50\n")
    before = desk.read_text()
    code, _, err = command(*arguments)
    assert code == 2
    assert message in err
    assert desk.read_text() == before
    with pytest.raises(ValueError, match="no products are kept as `other`"):
        ctpscen.run("log 1", products="other")


def test_a_kept_file_that_somebody_spoilt_is_told(desk: Path) -> None:
    desk.write_text(desk.read_text().replace("0.0002", "much"))
    code, _, err = command("products", "rb", "--products", "desk")
    assert (code, "line 2 (rb), open_by_money: `much` is no number" in err) == (2, True)
    desk.write_text(desk.read_text().replace("much", "0.0002").replace("rb2701", "zz2701"))
    assert "line 3: `zz2701` is neither a product nor a contract of one" in command("products", "--products", "desk")[2]
