"""The page of a campaign: a map of faults and states, whose cells lead to the runs that they speak of."""

import json
import re
from pathlib import Path

from support import command
from support.exploring import RETRY


def test_cells_and_findings_lead_to_runs_under_their_plans(tmp_path: Path) -> None:
    path, page = tmp_path / "retry.scn", tmp_path / "page.html"
    path.write_text(RETRY)
    results = str(tmp_path / "kept")
    code, _, err = command("explore", str(path), "--faults", "stall,cut", "--results", results, "--html", str(page))
    assert (code, err) == (1, "")
    text = page.read_text()
    scenarios = json.loads(re.findall(r'id="page">(.*?)</script>', text)[0])["scenarios"]
    rows, verdicts = [each[3] for each in scenarios], [each[5] for each in scenarios]

    cells = re.findall(
        r'<td class="(held|broke)" style="[^"]*"><a data-run="(\d+)" title="([^"]*)">([^<]*)</a></td>', text
    )
    assert {kind for kind, *_ in cells} == {"held", "broke"}
    for kind, run, told, number in cells:
        assert rows[int(run)] == f"under {told.rpartition('; see ')[2]}"
        assert verdicts[int(run)] == ("failed" if kind == "broke" else "passed")
        assert (" of " in number) == (kind == "broke")
    (finding, *_) = re.findall(r'<li><a data-run="(\d+)">([^<]*)</a>', text)
    assert verdicts[int(finding[0])] == "failed"
    assert finding[1].endswith("again if nothing is heard: at most one lot")
    assert "Never reached: 3 queueing" in text

    code, _, _ = command("explore", "--merge", results, "--html", str(page))
    assert code == 1
    assert re.search(r'<td class="broke" [^>]*><span title="stall while ready', page.read_text())
    (tmp_path / "notes.html").write_text("mine")
    assert command("explore", str(path), "--html", str(tmp_path / "notes.html"))[0] == 2
    assert (tmp_path / "notes.html").read_text() == "mine"
