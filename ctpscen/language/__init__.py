"""The .scn language: text to tree to checked tree, and diagnostics. Knows nothing of sessions, time or terminals."""

from pathlib import Path


def grammar_path() -> Path:
    """`scn.lark`: inside an installed package, beside the package in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "grammar" / "scn.lark"
    return inside if inside.exists() else package.parent / "grammar" / "scn.lark"


def words_path() -> Path:
    """`words.csv`, the table of the words, beside the grammar."""
    return grammar_path().with_name("words.csv")
