"""From published text to token ids, with the way back to its characters. Training and serving share it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tokenizers import Tokenizer

from model.text import Normalised, normalise

Item = TypeVar("Item")
MARKERS = 2  # before and after every text
ARTICLE_CHARS = 2000  # more than the tokens that are read of an article's beginning ever need
COMMENT_CHARS = 20_000  # more than those of a comment need
PASSAGES = 4  # of an article's text that are read at most, each as long as its beginning: some 750 words
PASSAGES_CHARS = PASSAGES * ARTICLE_CHARS


@dataclass(frozen=True, slots=True)
class Tokens:
    """Token ids of one text, markers included; `offsets` are normalised characters, (0, 0) for markers."""

    ids: list[int]
    offsets: list[tuple[int, int]]
    normalised: Normalised

    @property
    def empty(self) -> bool:
        """Whether the text has nothing that the network knows: its two markers are all."""
        return len(self.ids) <= MARKERS

    def original_span(self, position: int) -> tuple[int, int]:
        """Return the code points of the published text that a token stands for."""
        return self.normalised.original_span(*self.offsets[position])


class Tokeniser:
    """Normalises and cuts texts to a number of tokens: of a long comment its beginning and its last quarter."""

    def __init__(self, tokenizer: Tokenizer, *, max_tokens: int, article_tokens: int) -> None:
        self._tokenizer = tokenizer
        self.max_tokens = max_tokens
        self._article_tokens = article_tokens

    @classmethod
    def load(cls, file: Path, *, max_tokens: int, article_tokens: int) -> Tokeniser:
        """Read `tokenizer.json`; its own padding and truncation are switched off."""
        tokenizer = Tokenizer.from_file(str(file))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return cls(tokenizer, max_tokens=max_tokens, article_tokens=article_tokens)

    def comments(self, texts: Sequence[str]) -> list[Tokens]:
        """Return the tokens of each comment, in order; an empty text has its two markers only."""
        readings = [normalise(text, COMMENT_CHARS) for text in texts]
        encodings = self._tokenizer.encode_batch([reading.text for reading in readings])
        return [
            Tokens(_cut(encoding.ids, self.max_tokens), _cut(encoding.offsets, self.max_tokens), reading)
            for encoding, reading in zip(encodings, readings, strict=True)
        ]

    def article(self, title: str, text: str) -> list[int]:
        """Return the token ids of an article: its title, then the beginning of its text; either may be empty."""
        joined = normalise(". ".join(part for part in (title.strip(), text.strip()[:ARTICLE_CHARS]) if part)).text
        ids: list[int] = self._tokenizer.encode(joined).ids
        return ids if len(ids) <= self._article_tokens else [*ids[: self._article_tokens - 1], ids[-1]]

    def passages(self, text: str) -> list[tuple[list[int], float]]:
        """Return the token ids of an article's text, passage by passage, and which share of each is new: the last one
        reaches back to be as long as the others.
        """
        first, *ids, last = self._tokenizer.encode(normalise(text[:PASSAGES_CHARS]).text).ids
        size = self._article_tokens - 2
        starts = range(0, min(len(ids), PASSAGES * size), size)
        cut = [ids[max(0, min(start, len(ids) - size)) :][:size] for start in starts]
        new = [min(size, len(ids) - start) / len(part) for start, part in zip(starts, cut, strict=True)]
        return [([first, *part, last], share) for part, share in zip(cut, new, strict=True)]


def _cut(items: Sequence[Item], limit: int) -> list[Item]:
    """Keep three quarters from the beginning and the rest from the end, both markers included."""
    if len(items) <= limit:
        return list(items)
    tail = limit // 4
    return [*items[: limit - tail], *items[-tail:]]
