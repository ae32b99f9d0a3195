"""Words of a line as places in small tables, for the second network of `tagger`: hashed, so no list of words ships.

Weinberger et al. 2009, "Feature hashing for large scale multitask learning".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from data.plain.features import Floats
from data.plain.lines import SourceLine

BUCKETS = 4_096
WORDS = 40  # of a line that are read
FIRST = 2  # words whose place in the line counts too: "Reply to", "Posted by"
_WORD = re.compile(r"\w+|[^\w\s]")
_DIGITS = re.compile(r"\d+")


class Places(NamedTuple):
    """Places in the table of all words, line after line with where each line's begin, and those of its first words."""

    all: NDArray[np.int64]  # (words of all lines,)
    starts: NDArray[np.int64]  # (lines,)
    first: NDArray[np.int64]  # (lines, FIRST); the last place of the table where a line has no such word


def word_places(lines: Sequence[SourceLine]) -> Places:
    """Return the places of the words of each line; every line has at least one word or sign."""
    every: list[int] = []
    starts: list[int] = []
    first = np.full((len(lines), FIRST), BUCKETS - 1, np.int64)
    for row, line in enumerate(lines):
        starts.append(len(every))
        words = _DIGITS.sub("0", line.text[: 16 * WORDS].casefold())
        found = _WORD.findall(words)[:WORDS] or [""]
        every += [_place(word) for word in found]
        for position, word in enumerate(found[:FIRST]):
            first[row, position] = _place(f"{position} {word}")
    return Places(np.array(every, np.int64), np.array(starts, np.int64), first)


def line_vectors(places: Places, table: Floats, first: Floats) -> Floats:
    """Return the mean vector of each line's words beside the sum of those of its first ones, (lines, 2 D)."""
    if not len(places.starts):
        return np.zeros((0, table.shape[1] + first.shape[1]), np.float32)
    counts = np.diff(np.append(places.starts, len(places.all)))
    means = np.add.reduceat(table[places.all], places.starts) / counts[:, None]
    return np.concatenate([means, first[places.first].sum(axis=1)], axis=1).astype(np.float32)


def _place(word: str) -> int:
    return crc32(word.encode("utf-8", "surrogatepass")) % BUCKETS  # JSON may hold halves of a character
