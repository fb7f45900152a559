"""One page with all points at a glance, and of each its evidence, its diagram and its images; it needs nothing else."""

import base64
from collections.abc import Iterator
from html import escape
from pathlib import Path

from ctpscen.certify.documents.contents import MARK, REHEARSAL, SYSTEM, Contents
from ctpscen.certify.points import Point, groups
from ctpscen.report.terminal.visible import visible

_CLASSES = {"通过": "pass", "不通过": "fail", "阻塞": "blocked"}
_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --pass: #18794e; --fail: #c62828; --blocked: #9a6700; }
body { font: 15px/1.5 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; max-width: 72rem;
  margin: 0 auto; padding: 1rem; }
.mark { position: sticky; top: 0; background: #c62828; color: #fff; text-align: center; padding: .3rem;
  font-weight: 600; z-index: 1; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; }
td, th { border: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top; }
th { white-space: nowrap; }
.about th { width: 1%; }
td.text { overflow-wrap: anywhere; }
.glance { display: grid; grid-template-columns: 16rem repeat(6, 5.5rem); gap: .4rem; margin-bottom: .4rem;
  align-items: center; }
.glance b { font-weight: normal; }
@media (max-width: 50rem) { .glance { grid-template-columns: repeat(auto-fill, 5.5rem); }
  .glance b { grid-column: 1 / -1; } }
.glance a { border: 1px solid var(--line); border-left: .4rem solid #8888; border-radius: .3rem; padding: .2rem .5rem;
  text-decoration: none; color: inherit; }
.glance small { display: block; }
.pass { --c: var(--pass); } .fail { --c: var(--fail); } .blocked { --c: var(--blocked); }
.glance .pass, .glance .fail, .glance .blocked { border-left-color: var(--c); }
b.pass, b.fail, b.blocked { color: var(--c); }
section { border-top: 1px solid var(--line); margin-top: 1.2rem; scroll-margin-top: 2.5rem; }
pre { overflow-x: auto; font: 12px/1.35 ui-monospace, "Noto Sans Mono CJK SC", monospace; }
img { max-width: 100%; }
.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
@media print { .mark { position: fixed; left: 0; right: 0; } }
"""


def page(contents: Contents) -> Iterator[str]:
    """The text of the page, piece by piece."""
    name = f"{contents.system.name} {contents.system.version}".strip() or "程序化交易系统"
    title = f"功能测试：{name}" + ("" if contents.live else f"（{REHEARSAL}）")
    yield f'<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
    yield '<meta name="viewport" content="width=device-width"><meta name="generator" content="ctpscen">'
    yield f"<style>{_STYLE}</style></head><body>\n"
    if not contents.live:
        yield f'<div class="mark">{MARK}</div>\n'
    yield f"<h1>{escape(title)}</h1>\n<p>总体结论：{_word(contents.whole)}　测试日期：{escape(contents.days)}</p>\n"
    yield '<table class="about">'
    for label, key in (("机构名称", "institution"), *SYSTEM, ("操作系统", "operating_system")):
        yield f"<tr><th>{label}</th><td>{escape(contents.about_system(key))}</td></tr>"
    yield "</table>\n"
    for group in groups():
        yield f'<nav class="glance"><b>{group.section} {group.title}</b>'
        for point in group.points:
            word = contents.word(point.id)
            kind = _CLASSES.get(word, "")
            yield f'<a class="{kind}" href="#{point.id}" title="{escape(point.point)}">'
            yield f"{point.id}<small>{word}</small></a>"
        yield "</nav>\n"
    for group in groups():
        yield f"<h2>{group.section} {group.title}</h2>\n"
        for point in group.points:
            yield from _point(contents, point)
    yield '<h2>证据来源</h2><table class="about">'
    for label, value in contents.provenance():
        yield f'<tr><th>{escape(label)}</th><td class="text">{escape(value)}</td></tr>'
    yield "</table>\n</body></html>\n"


def _word(word: str) -> str:
    return f'<b class="{_CLASSES.get(word, "")}">{word}</b>'


def _point(contents: Contents, point: Point) -> Iterator[str]:
    mark = "（选测）" if point.optional else ""
    yield f'<section id="{point.id}"><h3>{contents.number(point)} {escape(point.point)}{mark} [{point.id}] '
    yield f"{_word(contents.word(point.id))}</h3>\n"
    outcome = contents.outcomes.get(point.id)
    if outcome is not None:
        if reason := contents.reason(point.id):
            yield f"<p>原因：{escape(visible(reason))}</p>\n"
        account = f"　账号：{escape(outcome.account)}" if outcome.account else ""
        yield f"<p>测试时间：{outcome.began}{account}　要求的证据：{escape(point.evidence)}</p>\n"
        if outcome.evidence:
            yield "<table><tr><th>时间</th><th>交易时间</th><th>连接</th><th>类别</th><th>内容</th></tr>"
            for each in outcome.evidence:
                yield f'<tr><td class="time">{each.at}</td><td class="time">{each.trading_time}</td>'
                yield f"<td>{each.connection}</td><td>{escape(each.source)}</td>"
                yield f'<td class="text">{escape(visible(each.text))}</td></tr>'
            yield "</table>\n"
        if outcome.timeline:
            drawn = escape("\n".join(map(visible, outcome.timeline)))
            yield f"<details><summary>时序图</summary><pre>{drawn}</pre></details>\n"
        for image in contents.images.get(point.id, ()):
            yield _image(image)
    yield "</section>\n"


def _image(path: Path) -> str:
    try:
        data = base64.b64encode(path.read_bytes()).decode()
    except OSError as reason:
        return f"<p>图片 {escape(path.name)} 无法读取：{escape(str(reason.strerror))}</p>\n"
    kind = _TYPES[path.suffix.lower()]
    return f'<figure><img alt="{escape(path.name)}" src="data:{kind};base64,{data}"></figure>\n'
