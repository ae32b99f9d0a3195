"""The wide part beside the deep one: linear models over character n-grams, added to the network's logits.

A small encoder sees meaning and blurs spelling; a linear model over the very letters sees what it blurs, and the two
err on different comments (wide and deep: Cheng et al. 2016; hashed n-grams: Joulin et al. 2016, fastText). What is
rude in a newspaper's comments is not what is rude in a chat, so each domain has its own, and how much each counts for
a text is told from the same n-grams (a mixture of experts: Jacobs et al. 1991). It is read off the token ids that the
network reads, so normalised and cut in the same way, and counts in whole numbers: no score depends on the batch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from model.scores import ATTRIBUTES, ModelDamaged

BITS = 18  # 262,144 buckets; the 130 million n-grams of the training texts fall into nearly all of them
CHARS = (3, 4, 5)  # letters of the n-grams, spaces between words among them
PIECES = (1, 2)  # word pieces of the n-grams
EVERYWHERE = -1  # in the place of a domain
CLOSING = "[SEP]"  # the marker that every text ends with
_PRIME, _SPREAD, _STEP = np.uint64(0x100000001B3), np.uint64(0x9E3779B97F4A7C15), np.uint64(1)
_SHIFT = np.uint64(64 - BITS)
Numbers = NDArray[np.int64]


class Grams(NamedTuple):
    """The different n-grams of N texts: `buckets` (G,), text after text, of which each has `counts` (N,)."""

    buckets: Numbers
    counts: Numbers


class Letters:
    """Finds the n-grams of texts from their token ids."""

    def __init__(self, tokenizer: Path) -> None:
        """Read the spelling of every word piece from `tokenizer.json`."""
        vocabulary: dict[str, int] = json.loads(tokenizer.read_text(encoding="utf-8"))["model"]["vocab"]
        spelt = [_spelling(piece) for piece in sorted(vocabulary, key=vocabulary.__getitem__)]
        self._letters = np.frombuffer(b"".join(spelt), np.uint8)
        self._lengths = np.array([*map(len, spelt)], np.int64)
        self._starts = np.cumsum(self._lengths) - self._lengths

    def grams(self, texts: Sequence[Sequence[int]]) -> Grams:
        """Return the n-grams of texts, given as token ids with their markers."""
        counts = np.array([len(ids) for ids in texts], np.int64)
        ids = np.concatenate([np.asarray(ids, np.int64) for ids in texts])
        owners = np.repeat(np.arange(len(texts)), counts)
        letters, theirs = self._spelt(ids, owners)
        found = [_hashed(letters, theirs, size) for size in CHARS] + [_hashed(ids, owners, size) for size in PIECES]
        keys = np.unique(np.concatenate(found))
        return Grams(keys & ((1 << BITS) - 1), np.bincount(keys >> BITS, minlength=len(texts)))

    def _spelt(self, ids: Numbers, owners: Numbers) -> tuple[Numbers, Numbers]:
        """Return the letters of all texts, and whose each one is."""
        lengths = self._lengths[ids]
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        letters = self._letters[np.repeat(self._starts[ids], lengths) + within]
        return letters.astype(np.int64), np.repeat(owners, lengths)


class Wide:
    """The linear models: first those that tell domains apart, then those that add to an attribute in a domain."""

    def __init__(self, letters: Letters, held: Mapping[str, NDArray[np.generic]]) -> None:
        """Take `table` (2^18, D + K) int8, its `scales` and `offsets` (D + K,), and `places` (K, 2) of attribute and
        domain, which is `EVERYWHERE` for what counts in all of them.
        """
        self._letters = letters
        self._table = held["table"].astype(np.int8)
        self._scales, self._offsets = held["scales"].astype(np.float64), held["offsets"].astype(np.float64)
        self._places: list[list[int]] = held["places"].tolist()
        self._domains = self._table.shape[1] - len(self._places)

    @classmethod
    def load(cls, file: Path, tokenizer: Path) -> Wide:
        """Read the arrays from an npz file; raises `ModelDamaged`."""
        try:
            with np.load(file, allow_pickle=False) as held:
                return cls(Letters(tokenizer), dict(held))
        except (KeyError, ValueError, OSError, EOFError, BadZipFile) as error:
            raise ModelDamaged(f"{file.name} in {file.parent} cannot be read: {error}.") from None

    def logits(self, texts: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Return what is to be added to the logits (N, 7) of texts, given as token ids with their markers."""
        buckets, counts = self._letters.grams(texts)
        sums = np.add.reduceat(self._table[buckets], np.cumsum(counts) - counts, axis=0, dtype=np.int32)
        values = sums / np.sqrt(counts)[:, None] * self._scales + self._offsets
        shares = _shares(values[:, : self._domains])
        added = np.zeros((len(texts), len(ATTRIBUTES) - 1), np.float32)
        for place, (attribute, domain) in enumerate(self._places):
            value = values[:, self._domains + place]
            added[:, attribute] += value if domain == EVERYWHERE else value * shares[:, domain]
        return added


def _shares(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Softmax over the columns (N, D), summed one by one so that no row depends on the others."""
    raised = np.exp(values - values.max(1, keepdims=True))
    total = sum(raised[:, place] for place in range(raised.shape[1]))
    shares: NDArray[np.float64] = raised / np.reshape(total, (-1, 1))
    return shares


def _spelling(piece: str) -> bytes:
    """Return the letters of a word piece: a space before what begins a word and where the text ends."""
    if piece.startswith("##"):
        return piece[2:].encode()
    if piece.startswith("[") and piece.endswith("]") and len(piece) > 2:  # a marker
        return b" " if piece == CLOSING else b""
    return b" " + piece.encode()


def _hashed(symbols: Numbers, owners: Numbers, size: int) -> Numbers:
    """Return a key of text and bucket for all n-grams of a size that lie within one text."""
    count = len(symbols) - size + 1
    if count <= 0:
        return np.zeros(0, np.int64)
    hashes = np.full(count, size, np.uint64)
    for place in range(size):
        hashes = hashes * _PRIME + symbols[place : place + count].astype(np.uint64) + _STEP
    inside = owners[:count] == owners[size - 1 :]
    buckets = (hashes[inside] * _SPREAD >> _SHIFT).astype(np.int64)
    keys: Numbers = (owners[:count][inside] << BITS) | buckets
    return keys
