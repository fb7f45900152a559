"""What a broker's dump says, in the shapes in which programs write it, and what is said of a bad one."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ctpscen.broker.dump import BadDump, read_rows
from ctpscen.broker.gathering import Gathered, gather

DBL_MAX = 1.7976931348623157e308
RECORD = {"InstrumentID": "rb2705", "PriceTick": 1.0, "VolumeMultiple": 10, "LongMarginRatio": DBL_MAX, "IsTrading": 1}
TERMS = {"tick": 1.0, "multiplier": 10}


def gathered(tmp_path: Path, text: str, name: str = "dump.json") -> Gathered:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return gather(read_rows(path))


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param([RECORD], id="a list"),
        pytest.param({"rsp_code": 0, "rsp_message": "succeed", "data": [RECORD]}, id="openctp's dictionary"),
        pytest.param({"rb2705": {k: v for k, v in RECORD.items() if k != "InstrumentID"}}, id="by instrument"),
        pytest.param({"MsgType": "OnRspQryInstrument", "RspInfo": None, "Instrument": RECORD}, id="webctp's message"),
        pytest.param([{**RECORD, "extra": {"gateway": "CTP"}}], id="more in it"),
        pytest.param({"instruments": [RECORD], "accounts": [{"AccountID": "1", "Balance": 1.0}]}, id="beside others"),
    ],
)
def test_json_of_any_shape_is_read(tmp_path: Path, shape: object) -> None:
    assert gathered(tmp_path, json.dumps(shape)).by_name == {"rb": TERMS}


def test_records_may_stand_one_a_line(tmp_path: Path) -> None:
    lines = [json.dumps(RECORD), json.dumps({**RECORD, "InstrumentID": "m2705"}), ""]
    assert gathered(tmp_path, "\n".join(lines), "dump.jsonl").by_name == {"rb": TERMS, "m": TERMS}


@pytest.mark.parametrize(
    ("contract", "terms"),
    [
        # vnpy's ContractData, and ctpbee's
        ({"symbol": "rb2705", "exchange": "SHFE", "size": 10, "pricetick": 1.0, "min_volume": 1}, {"size"}),
        ({"local_symbol": "rb2705.SHFE", "product": "期货", "size": 10.0, "price_tick": "1"}, set()),
    ],
)
def test_contracts_of_vnpy_and_ctpbee_are_read(tmp_path: Path, contract: Mapping[str, Any], terms: set[str]) -> None:
    wanted = {**TERMS, **({"least_opening_volume": 1} if terms else {})}
    assert gathered(tmp_path, json.dumps([contract])).by_name == {"rb": wanted}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_with_any_separator_and_encoding(tmp_path: Path, separator: str, encoding: str) -> None:
    lines = ["InstrumentID,InstrumentName,PriceTick,VolumeMultiple", "rb2705,螺纹钢2705,1,10", ",,,"]
    path = tmp_path / "dump.csv"
    path.write_bytes("\r\n".join(lines).replace(",", separator).encode(encoding))
    assert gather(read_rows(path)).by_name == {"rb": TERMS}


def test_rates_of_several_answers_are_put_together(tmp_path: Path) -> None:
    margin = {"InstrumentID": "rb2705", "LongMarginRatioByMoney": 0.2, "ShortMarginRatioByMoney": 0.21}
    rows = [
        {"InstrumentID": "rb2705", "PriceTick": 1, "LongMarginRatio": 0.16, "ShortMarginRatio": 0.16},
        {**margin, "HedgeFlag": "1", "InvestorRange": "3", "LongMarginRatioByVolume": 5},
        {**margin, "HedgeFlag": "3", "LongMarginRatioByMoney": 0.1},  # of hedging
        {**margin, "InvestorRange": "1", "LongMarginRatioByMoney": 0.15},  # of all investors
        {"InstrumentID": "rb", "OpenRatioByMoney": 0.000105, "OpenRatioByVolume": 0.01},
    ]
    assert gathered(tmp_path, json.dumps(rows)).by_name == {
        "rb": {
            "tick": 1.0,
            "long_by_money": 0.2,
            "long_by_volume": 5.0,
            "short_by_money": 0.21,
            "open_by_money": 0.000105,
            "open_by_volume": 0.01,
        }
    }


def test_a_product_has_what_most_contracts_have_and_the_others_differ(tmp_path: Path) -> None:
    rows = [{"symbol": f"rb27{n:02}", "LongMarginRatioByMoney": 0.3 if n == 1 else 0.2} for n in range(1, 6)]
    found = gathered(tmp_path, json.dumps(rows)).by_name
    assert found == {"rb": {"long_by_money": 0.2}, "rb2701": {"long_by_money": 0.3}}


def test_what_is_not_taken_over_is_told(tmp_path: Path) -> None:
    rows = [
        {"symbol": "zz2705", "size": 5},
        {"symbol": "STD SR705C5600&SR705P5600", "size": 5},
        {"InstrumentID": "rb2705", "LongMarginRatioByMoney": 0.02, "IsRelative": 1},
    ]
    assert gathered(tmp_path, json.dumps(rows)).notes == [
        "not taken over: 2 rows of what ctpscen has no months for: STD SR705C5600&SR705P, zz",
        "not taken over: margins of 1 rows with IsRelative 1, which are on top of the exchange's",
    ]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("d.csv", "InstrumentID,PriceTick\nrb2705,1\nrb2709,much\n", "line 3 (rb2709), PriceTick: `much` is no number"),
        ("d.csv", "InstrumentID,PriceTick\nrb2705,0\n", "line 2 (rb2705), PriceTick: `0` is not above 0"),
        ("d.csv", "InstrumentID,PriceTick\nrb2705\n", "line 2: 1 columns, where the heading has 2"),
        ("d.csv", "symbol,size\nrb2705,2.5\n", "line 2 (rb2705), size: `2.5` is no whole number from 0"),
        (
            "d.csv",
            "InstrumentID,LongMarginRatioByMoney\nrb2705,16\n",
            "line 2 (rb2705), LongMarginRatioByMoney: `16` is no fraction from 0 to 1, as 0.12 for 12 %",
        ),
        (
            "d.csv",
            "InstrumentID,PositionDateType\nrb2705,3\n",
            "line 2 (rb2705), PositionDateType: `3` is neither 1 nor 2",
        ),
        ("d.csv", "a,b\n1,2\n", "no row names a contract and a term of it"),
        ("d.csv", "", "no row names a contract and a term of it"),
        ("d.json", '[{"symbol": "rb2705", "size": NaN}]', "[0] (rb2705), size: `nan` is no number"),
        (
            "d.json",
            '{"data": [{"symbol": "rb2705", "open_by_volume": -1}]}',
            "data[0] (rb2705), open_by_volume: `-1` is below",
        ),
        ("d.json", "[{", "line 1: Expecting property name"),
        ("d.json", '{"symbol": "rb2705"}\n{"symbol"\n', "line 2: Expecting ':' delimiter"),
        ("d.json", "[" * 100_000, "it is nested too deep"),
    ],
)
def test_a_bad_file_is_told_with_row_and_column(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadDump) as raised:
        read_rows(path)
    assert str(raised.value).startswith(f"{path}: {message}")


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_bytes(b"\xff\xff\xff")
    for path, message in ((tmp_path / "d.csv", "neither UTF-8 nor GB18030"), (tmp_path / "none", "No such file")):
        with pytest.raises(BadDump, match=message):
            read_rows(path)
