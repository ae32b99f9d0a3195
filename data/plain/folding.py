"""Near-duplicate folding: dumps often hold the body twice, once as printed and once as rewritten or re-rendered.

Shingles as in Broder, "On the resemblance and containment of documents" (1997), on words instead of bytes.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

SHINGLE = 3  # words
CONTAINED = 0.8  # share of the later text's shingles that an earlier one must hold
MIN_WORDS = 6  # shorter texts are duplicates only when equal
MAX_HOLDERS = 50  # a shingle in more texts than this says nothing and would make the search quadratic

_WORD = re.compile(r"\w+")


def duplicates(texts: Sequence[str]) -> dict[int, int]:
    """Map the index of each repeated text to the index of the first that says the same."""
    holders: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    found: dict[int, int] = {}
    for index, text in enumerate(texts):
        shingles = _shingles(text)
        original = _original(shingles, holders)
        if original is not None:
            found[index] = original
            continue
        for shingle in shingles:
            if len(holders[shingle]) < MAX_HOLDERS:
                holders[shingle].append(index)
    return found


def _original(shingles: set[tuple[str, ...]], holders: defaultdict[tuple[str, ...], list[int]]) -> int | None:
    """Return the earliest text that holds nearly all of these shingles."""
    if not shingles:
        return None
    shared = Counter(index for shingle in shingles for index in holders.get(shingle, ()))
    enough = [index for index, count in shared.items() if count >= CONTAINED * len(shingles)]
    return min(enough) if enough else None


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    if len(words) < MIN_WORDS:
        return {tuple(words)} if words else set()
    return {tuple(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1)}
