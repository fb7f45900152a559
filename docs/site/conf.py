"""How Sphinx makes the site: one build a language, which `tools/build_site.py` starts with `-D language=en|zh_CN`."""

from pathlib import Path

import ctpscen

PAGES = Path(__file__).resolve().parent.parent

project = "ctpscen"
release = version = ctpscen.__version__
extensions = ["myst_parser", "sphinxcontrib.mermaid"]
source_suffix = {".md": "markdown"}
myst_heading_anchors = 4
myst_fence_as_directive = ["mermaid"]
exclude_patterns = ["site", "zh"]
suppress_warnings = [
    "myst.xref_missing",  # tests/test_docs.py follows every link, also those to files beside the pages
    "misc.highlighting_failure",  # an excerpt need not be a whole document
]

html_theme = "furo"
html_title = f"ctpscen {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
templates_path = ["_templates"]
html_show_copyright = False
html_show_sourcelink = False
html_copy_source = False
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/language.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
# The pages that there are in both languages: the others lead to the first page of the other one.
html_context = {"in_both": sorted(path.stem for path in PAGES.glob("*.md") if (PAGES / "zh" / path.name).exists())}
