"""The nearest of some words, for "did you mean"."""

from collections.abc import Iterable


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate within an edit distance of 2 (1 for words of up to three letters), the nearest first.

    Two neighbouring letters swapped count as one edit, and case counts for nothing. Of equals wins the one that
    begins alike for longer, then the first in the alphabet: the same slip always gets the same answer.
    """
    limit = 1 if len(word) <= 3 else 2
    found: list[tuple[int, int, str]] = []
    for candidate in set(candidates):
        if abs(len(candidate) - len(word)) > limit or candidate == word:
            continue
        distance = edit_distance(word.lower(), candidate.lower())
        if distance <= limit and distance < len(word):
            found.append((distance, -_alike(word.lower(), candidate.lower()), candidate))
    return min(found)[2] if found else None


def _alike(a: str, b: str) -> int:
    """How many letters two words begin with alike."""
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """The words to add to a message, or nothing."""
    found = nearest(word, candidates)
    return f"; did you mean `{found}`?" if found else ""


def edit_distance(a: str, b: str) -> int:
    """Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        older, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
