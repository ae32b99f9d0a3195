"""One-to-one matching of found comments with gold ones by token F1, and the counts that follow from it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

ENOUGH = 0.8  # token F1 from which a found comment is the gold one
_WORD = re.compile(r"\w+")
_TAG = re.compile(r"<[^<>]{1,500}>")


def tokens(text: str) -> Counter[str]:
    """Count the words of a text; tags that some gold texts hold are no words."""
    return Counter(_WORD.findall(_TAG.sub(" ", text).casefold()))


def token_f1(left: Counter[str], right: Counter[str]) -> float:
    """Return the F1 of two bags of words."""
    shared = sum((left & right).values())
    return 2 * shared / (left.total() + right.total()) if shared else 0.0


def shingles(texts: Iterable[str], size: int = 4) -> Counter[tuple[str, ...]]:
    """Count the word 4-grams of some texts; single short texts count as one gram."""
    grams: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        words = _WORD.findall(text.casefold())
        grams.update(tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1)) if words)
    return grams


@dataclass(slots=True)
class Counts:
    """Sums over pages; ratios are micro averages."""

    found: int = 0
    gold: int = 0
    right: int = 0
    pages: int = 0
    whole: int = 0  # pages with every comment right and none false

    def add(self, found: int, gold: int, right: int) -> None:
        self.found, self.gold, self.right = self.found + found, self.gold + gold, self.right + right
        self.pages += 1
        self.whole += found == gold == right

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.found + self.gold) if self.found + self.gold else 0.0


def match(found: Sequence[str], gold: Sequence[str], enough: float = ENOUGH) -> dict[int, int]:
    """Map indices of found texts to those of gold texts: the best pairs first, each text once, order breaking ties."""
    left, right = [tokens(text) for text in found], [tokens(text) for text in gold]
    pairs = []
    for i, mine in enumerate(left):
        for j, theirs in enumerate(right):
            sizes = sorted((mine.total(), theirs.total()))
            if sizes[0] * 2 < enough * sum(sizes):
                continue  # even if the smaller one lay wholly in the larger
            score = token_f1(mine, theirs)
            if score >= enough:
                pairs.append((-score, abs(i - j), i, j))
    matched: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, i, j in sorted(pairs):
        if i not in matched and j not in taken:
            matched[i] = j
            taken.add(j)
    return matched
