"""Build the documentation's site, a folder a language, in which a warning is an error.

python tools/build_site.py OUT            OUT/en, OUT/zh, and OUT/index.html, which leads to one of them
"""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"

LANGUAGES = {"en": ("en", DOCS), "zh": ("zh_CN", DOCS / "zh")}
"""By the folder of the site: the language as Sphinx calls it, and the folder of the pages."""

ENTRY = """\
<!doctype html>
<meta charset="utf-8">
<title>ctpscen</title>
<script>location.replace((navigator.language.startsWith("zh") ? "zh" : "en") + "/index.html" + location.hash);</script>
<p><a href="en/index.html">English</a> · <a href="zh/index.html">中文</a></p>
"""


def build(out: Path) -> int:
    """Builds each language into its folder of `out`. Returns the first exit code that is not 0, or 0."""
    from sphinx.cmd.build import main as sphinx

    out.mkdir(parents=True, exist_ok=True)
    for folder, (language, pages) in LANGUAGES.items():
        settings = ["-c", str(DOCS / "site"), "-D", f"language={language}", "-d", str(out / ".doctrees" / folder)]
        code = sphinx(["-q", "-W", "--keep-going", "-b", "html", *settings, str(pages), str(out / folder)])
        if code:
            return code
    shutil.rmtree(out / ".doctrees")
    (out / "index.html").write_text(ENTRY, encoding="utf-8")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    return build(parser.parse_args(arguments).out)


if __name__ == "__main__":
    sys.exit(main())
