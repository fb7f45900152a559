"""What all documents say alike: verdicts in Chinese, whose evidence it is, and what a rehearsal is marked with."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import field, frozen

from ctpscen.certify.evidence import Piece
from ctpscen.certify.points import Group, Point, points
from ctpscen.certify.results import Outcome, Verdict, overall
from ctpscen.certify.settings import CertifySettings, System

WORDS: Mapping[Verdict, str] = {"PASS": "通过", "FAIL": "不通过", "BLOCKED": "阻塞"}
_WHY: Mapping[Verdict, str] = {"FAIL": "未满足要求", "BLOCKED": "未能测试"}
LEFT_OUT = "不适用"
NOT_RUN = "未测试"

REHEARSAL = "仿真演练"
MARK = f"{REHEARSAL}：在仿真环境中生成，不作为正式功能测试的记录"
LIVE = "真实测试"

SYSTEM: Sequence[tuple[str, str]] = (
    ("系统名称", "name"),
    ("版本号", "version"),
    ("安装包大小", "package_size"),
    ("开发商", "vendor"),
    ("AppID / RelayAppID", "app_ids"),
    ("接入方式", "connection"),
    ("柜台系统", "counter"),
    ("测试环境", "environment"),
)
"""The rows of the table about the system: what each is called, and what stands in it."""


@frozen
class Contents:
    """All that goes into the documents of one test. `numbers` are a broker's own for the points."""

    settings: CertifySettings
    live: bool
    outcomes: Mapping[str, Outcome]
    images: Mapping[str, Sequence[Path]]
    numbers: Mapping[str, str] = field(factory=dict)

    @property
    def system(self) -> System:
        return self.settings.system

    def about_system(self, name: str) -> str:
        """One of SYSTEM as it is printed."""
        if name == "app_ids":
            return " / ".join(each for each in (self.system.app_id, self.system.relay_app_id) if each)
        if name == "environment" and not self.live:
            return f"{self.system.environment}（{REHEARSAL}）"
        return str(getattr(self.system, name))

    def number(self, point: Point) -> str:
        return self.numbers.get(point.id, point.section)

    def word(self, id: str) -> str:  # noqa: A002 - as the points call it
        """The verdict of a point in Chinese."""
        if id in self.settings.left_out:
            return LEFT_OUT
        return WORDS[self.outcomes[id].verdict] if id in self.outcomes else NOT_RUN

    def reason(self, id: str) -> str:  # noqa: A002
        """Why a point did not pass, in its scenario's words; '' where it did, or was not run."""
        outcome = self.outcomes.get(id)
        if outcome is None or outcome.verdict == "PASS" or id in self.settings.left_out:
            return ""
        first = outcome.reason.splitlines()[0] if outcome.reason else ""
        return f"{_WHY[outcome.verdict]}（{first}）" if first else _WHY[outcome.verdict]

    def verdict(self, group: Group) -> str:
        """The verdict of a table of the record: that of what in it is not optional, if there is such."""
        ids = [each.id for each in group.points if each.id not in self.settings.left_out]
        needed = [each for each in ids if not points()[each].optional] or ids
        words = [self.word(each) for each in needed]
        if not words:
            return LEFT_OUT
        return next((each for each in ("不通过", "阻塞", NOT_RUN) if each in words), "通过")

    @property
    def whole(self) -> str:
        return WORDS[overall(self.outcomes, self.settings.left_out)]

    @property
    def days(self) -> str:
        """From when to when it was tested."""
        days = sorted({each.began[:10] for each in self.outcomes.values()})
        return " 至 ".join(dict.fromkeys((days[0], days[-1]))) if days else ""

    def provenance(self) -> Sequence[tuple[str, str]]:
        """What the evidence was made with, each once."""
        found: dict[tuple[str, str], None] = {}
        for outcome in self.outcomes.values():
            for name, value in outcome.provenance.items():
                found[(PROVENANCE.get(name, name), value)] = None
        return list(found)


PROVENANCE = {
    "mode": "方式",
    "program": "程序文件 SHA-256",
    "seed": "随机种子",
    "system": "运行系统",
    "ctpscen": "ctpscen 版本",
    "python": "Python 版本",
    "platform": "平台",
}


def shortened(pieces: Sequence[Piece], most: int) -> Sequence[Piece | None]:
    """The first and the last of some pieces, None for what is left out between them."""
    if len(pieces) <= most:
        return pieces
    half = most // 2
    return [*pieces[:half], None, *pieces[-half:]]
