"""What texts are about, and how like one another two texts are: late interaction (Khattab & Zaharia 2020, ColBERT)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import exp, log
from threading import Lock
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

LENGTH_SCALE = 5.0  # of the lengths' logarithms: 148 words are 1
SURE = 0.5  # cosine from which a word counts as found
SUM_FLOOR, BEST_FLOOR = 0.1, 0.03  # where nothing is found, inside the logarithms
Floats = NDArray[np.float32]
Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Topics:
    """One text: its `vector` (H,), its `words` (T, D) of unit length, and what each counts, `weights` (T,)."""

    vector: Floats
    words: Floats
    weights: Floats

    def copied(self) -> Topics:
        """Return the same in memory of its own, to keep it without the run that it came from."""
        return Topics(self.vector.copy(), self.words.copy(), self.weights.copy())


@dataclass(frozen=True, slots=True)
class ArticleTopics:
    """One article: its `whole`, as far as it is read at once, the `passages` of its text where that says more, with the
    `shares` of each that the ones before do not have, and for a title without a text headlines `around` it, which count
    for `weight`.
    """

    whole: Topics
    passages: tuple[Topics, ...] = ()
    shares: tuple[float, ...] = ()
    around: tuple[Topics, ...] = ()
    weight: float = 0.0

    @property
    def readings(self) -> tuple[Topics, ...]:
        """All that a comment is compared with, the whole first."""
        return self.whole, *self.passages, *self.around

    @property
    def size(self) -> int:
        """Words in memory, of `4 D` bytes each."""
        return sum(len(reading.weights) for reading in self.readings)

    def relevance(self, logits: Sequence[float]) -> float:
        """Return one logit from those of the readings, in their order.

        To be on the topic of one passage is enough, and the whole counts as much as all passages. What is on the topic
        of a headline around a title is a little likelier to be on the title's.
        """
        whole, *others = logits
        if self.passages:
            return (whole + _odds(others, self.shares)) / 2
        if not others:
            return whole
        return (whole + self.weight * _odds(others, [1.0] * len(others))) / (1 + self.weight)


def _odds(logits: Sequence[float], shares: Sequence[float]) -> float:
    """Return the logarithm of the sum of odds, each counted by its share."""
    best = max(logits)
    return best + log(sum(share * exp(logit - best) for logit, share in zip(logits, shares, strict=True)))


def likeness(article: Topics, comment: Topics) -> list[float]:
    """What a pair has in common, 8 numbers: how well the comment's words are found in the article, the article's in the
    comment, both lengths, and what of either is found for certain, in sum and at best: one rare name found is a topic,
    however many other words are not.
    """
    found = comment.words @ article.words.T  # (T, S)
    there, back = _matched(found.max(1), comment.weights), _matched(found.max(0), article.weights)
    lengths = [log(len(text.weights)) / LENGTH_SCALE for text in (comment, article)]
    return [there[0], back[0], *lengths, there[1], back[1], there[2], back[2]]


def _matched(best: Floats, weights: Floats) -> tuple[float, float, float]:
    """Mean of the words' best matches, and logarithms of the sum and the best of those above `SURE`."""
    sure = np.maximum(best - SURE, 0) * weights
    mean = float(best @ weights / weights.sum())
    return mean, log(float(sure.sum()) + SUM_FLOOR), log(float(sure.max()) + BEST_FLOOR)


class Kept(Generic[Key, Value]):
    """What was made last, by what it was made from, `most` in all by their `size`; safe between threads."""

    def __init__(self, most: int, size: Callable[[Value], int] = lambda value: 1) -> None:
        self._most, self._size, self._held = most, size, 0
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._lock = Lock()

    def made(self, wanted: Sequence[Key], make: Callable[[Sequence[Key]], Iterable[Value]]) -> dict[Key, Value]:
        """Return the values of what is wanted, made where they are not kept, and keep them as the latest used; beyond
        the limit the longest unused are forgotten.
        """
        found = {key: value for key in wanted if (value := self._values.get(key)) is not None}
        fresh = [key for key in wanted if key not in found]
        found |= dict(zip(fresh, make(fresh), strict=True))
        with self._lock:
            for key, value in found.items():
                self._held += self._size(value) - (self._size(self._values[key]) if key in self._values else 0)
                self._values[key] = value
                self._values.move_to_end(key)
            while self._held > self._most:
                self._held -= self._size(self._values.popitem(last=False)[1])
        return found
