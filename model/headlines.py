"""Headlines on the same subject: what an article of which only the title is known is read together with.

A headline like "Justin has a temper tantrum" hardly says what its comments will be about. A bank of a few ten thousand
headlines, all of them our own, holds some on the same subject that do; they are appended to the title as if they were
the beginning of the text (expansion of a document by its neighbours: Tao et al. 2006). A new title costs as much as ten
or more comments, once; its comments cost nothing more but, where the bank has a `weight`, ten comparisons of what was
read, some 25 millionths of a second each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CANDIDATES = 30  # nearest by their vectors, to be compared with the title as comments below it would be
KINDRED = 3  # headlines that a title is read with, at most
AROUND = 10  # candidates most relevant to a title that its comments are compared with as well, where that has a weight
LIKELY = 4.0  # logit from which one is on the subject: from less on, titles that say all themselves lose by it
DIRECTIONS = 128  # of the vectors, in which they differ most
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class HeadlineBank:
    """`headlines` (N) with their `vectors` (N, D) in whole steps; `turn` (H, D) takes a topic's vector there.

    `weight` is that of what a comment has to do with the headlines around its title.
    """

    headlines: tuple[str, ...]
    vectors: NDArray[np.int8]
    turn: Floats
    weight: float = 0.0

    @classmethod
    def load(cls, file: Path) -> HeadlineBank:
        """Read what `save` wrote."""
        with np.load(file, allow_pickle=False) as parts:
            headlines = bytes(parts["headlines"]).decode("utf-8").split("\n")
            weight = float(parts["weight"]) if "weight" in parts else 0.0
            return cls(tuple(headlines), parts["vectors"], parts["turn"], weight)

    def save(self, file: Path) -> None:
        """Write the bank as one compressed file."""
        joined = np.frombuffer("\n".join(self.headlines).encode("utf-8"), np.uint8)
        weight = np.float64(self.weight)
        np.savez_compressed(file, headlines=joined, vectors=self.vectors, turn=self.turn, weight=weight)

    def nearest(self, title: str, vector: Floats, count: int = CANDIDATES) -> list[str]:
        """Return the headlines whose vectors point most nearly where the title's does, the title itself left out."""
        turned = vector @ self.turn
        likeness = self.vectors @ (turned / (np.linalg.norm(turned) or 1.0))
        order = np.argpartition(-likeness, min(count, len(likeness) - 1))[: count + 1]
        found = [self.headlines[at] for at in order[np.argsort(-likeness[order], kind="stable")]]
        return [headline for headline in found if headline.casefold() != title.casefold()][:count]


def kindred(candidates: Sequence[str], logits: Sequence[float]) -> list[str]:
    """Return the `KINDRED` candidates that the network finds most relevant to the title, of those that it finds so."""
    return [headline for logit, headline in _ranked(candidates, logits) if logit > LIKELY][:KINDRED]


def around(candidates: Sequence[str], logits: Sequence[float]) -> list[str]:
    """Return the `AROUND` candidates that the network finds most relevant to the title, however little."""
    return [headline for _, headline in _ranked(candidates, logits)][:AROUND]


def _ranked(candidates: Sequence[str], logits: Sequence[float]) -> list[tuple[float, str]]:
    return sorted(zip(logits, candidates, strict=True), key=lambda pair: -pair[0])


def as_text(headlines: Sequence[str]) -> str:
    """Join headlines to what is read in the place of an article's text."""
    return ". ".join(headlines)


def bank_of(headlines: Sequence[str], vectors: Floats, weight: float = 0.0) -> HeadlineBank:
    """Make a bank from headlines and the vectors (N, H) of their topics: their main directions in int8."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    _, _, main = np.linalg.svd(unit - unit.mean(0), full_matrices=False)
    turn = np.ascontiguousarray(main[:DIRECTIONS].T, np.float32)
    turned = vectors @ turn
    turned /= np.linalg.norm(turned, axis=1, keepdims=True)
    return HeadlineBank(tuple(headlines), np.round(turned * 127).astype(np.int8), turn, weight)
