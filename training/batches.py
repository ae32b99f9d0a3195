"""From examples to tensors: tokenised once per epoch, sorted by length, missing labels a mask and not a number."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from data.sources.examples import Example, Pairing
from model.text import covering
from model.tokens import Tokeniser, Tokens
from training.augment import misspelt, swapped
from training.notions import NOTIONS
from training.voices import voiced

WITH_KINDRED = 0.75  # share of titles without a text that are read with kindred headlines, as served, and not alone
PASSAGES = 0.5  # share of long texts of which a passage from anywhere is shown, where the run asks for it
PASSAGE, LONG = 70, 90  # words of such a passage, and from how many on a text counts as long
POOL = 50  # batches that are sorted by length together: little padding, and order still random


@dataclass(frozen=True, slots=True)
class Batch:
    """One step's tensors: B comments of T tokens, A articles, P pairs of a comment with an article.

    ids, mask (B, T); labels, known (B, N) in the order of `NOTIONS`; tokens, token_known (B, T); sources (B,) index
    into the list of sources; article_ids, article_mask (A, S); pairs (P, 2) of comment and article; relevance (P,); kin
    (B, A) where the article is, in this or another form, one that the comment may be paired with: no stranger to it;
    lessons (B, N) logits that teachers have for the notions, not a number where they have none.
    """

    ids: Tensor
    mask: Tensor
    labels: Tensor
    known: Tensor
    tokens: Tensor
    token_known: Tensor
    sources: Tensor
    article_ids: Tensor
    article_mask: Tensor
    pairs: Tensor
    relevance: Tensor
    kin: Tensor
    lessons: Tensor

    def to(self, device: torch.device) -> Batch:
        """Return the same batch on another device."""
        return Batch(*(getattr(self, name).to(device) for name in Batch.__slots__))


@dataclass(frozen=True, slots=True)
class Lessons:
    """What teachers say of texts: the place of each in `logits` (K, N)."""

    places: Mapping[str, int]
    logits: Tensor

    def of(self, texts: Sequence[str]) -> Tensor:
        """Return the logits (B, N) of these texts; those of a text that was not read are not numbers."""
        unread = torch.full((1, len(NOTIONS)), torch.nan)
        return torch.cat(
            [self.logits[place][None] if (place := self.places.get(text)) is not None else unread for text in texts]
        )


NO_LESSONS = Lessons({}, torch.zeros(0, len(NOTIONS)))


class Batcher:
    """Makes the batches of an epoch; the same seed gives the same batches on every machine."""

    def __init__(
        self,
        tokeniser: Tokeniser,
        source_names: Sequence[str],
        *,
        batch_size: int,
        augment: float,
        voices: float = 0.0,
        others: int = 1,
        kindred: Mapping[str, str] | None = None,
        passages: bool = False,
        lessons: Lessons = NO_LESSONS,
    ) -> None:
        self._tokeniser = tokeniser
        self._source_index: Mapping[str, int] = {name: index for index, name in enumerate(source_names)}
        self._batch_size = batch_size
        self._augment = augment
        self._voices = voices
        self._others = others
        self._kindred = kindred or {}
        self._passages = passages
        self._lessons = lessons

    def epoch(self, examples: Sequence[Example], seed: int) -> Iterator[Batch]:
        """Yield batches of similar length, in random order, texts augmented afresh."""
        chance = random.Random(seed)
        for start in range(0, len(examples), self._batch_size * POOL):
            yield from self._pool(examples[start : start + self._batch_size * POOL], chance)

    def count(self, examples: Sequence[Example]) -> int:
        """Return how many batches an epoch of these examples has."""
        pool = self._batch_size * POOL
        whole, rest = divmod(len(examples), pool)
        return whole * POOL + -(-rest // self._batch_size)

    def batch(self, examples: Sequence[Example], tokens: Sequence[Tokens], chance: random.Random) -> Batch:
        """Return the tensors of these examples."""
        ids, mask = padded([item.ids for item in tokens])
        labels, known = _labels(examples)
        token_labels, token_known = _token_labels(examples, tokens, ids.shape[1])
        articles, pairs, relevance, kin = self._articles(examples, chance)
        article_ids, article_mask = padded(articles)
        sources = torch.tensor([self._source_index[example.source] for example in examples])
        return Batch(
            ids,
            mask,
            labels,
            known,
            token_labels,
            token_known,
            sources,
            article_ids,
            article_mask,
            pairs,
            relevance,
            kin,
            self._lessons.of([example.text for example in examples]),
        )

    def _pool(self, examples: Sequence[Example], chance: random.Random) -> Iterator[Batch]:
        texts = [self._augmented(example, chance) for example in examples]
        tokens = self._tokeniser.comments(texts)
        order = sorted(range(len(examples)), key=lambda index: len(tokens[index].ids))
        groups = [order[start : start + self._batch_size] for start in range(0, len(order), self._batch_size)]
        chance.shuffle(groups)
        for group in groups:
            yield self.batch([examples[index] for index in group], [tokens[index] for index in group], chance)

    def _augmented(self, example: Example, chance: random.Random) -> str:
        """Texts with marked passages stay as they are, because the marks are offsets into them; cut ones do, too."""
        if example.spans is not None:
            return example.text
        if self._passages:
            return passage(example.text, PASSAGE, chance)
        text = self._disguised(example.text, chance)
        return voiced(text, chance) if self._voices and chance.random() < self._voices else text

    def _disguised(self, text: str, chance: random.Random) -> str:
        if chance.random() < self._augment:
            return misspelt(text, chance)
        return swapped(text, chance) if chance.random() < 0.5 else text

    def _articles(self, examples: Sequence[Example], chance: random.Random) -> _Articles:
        articles: list[list[int]] = []
        place: dict[tuple[str, str], int] = {}
        names: list[str] = []
        pairs: list[tuple[int, int]] = []
        relevance: list[float] = []
        for index, example in enumerate(examples):
            for pairing in _some(example.pairings, self._others, chance):
                shown = self._with_kindred(*self._as_shown(pairing, chance), chance)
                if shown not in place:
                    place[shown] = len(articles)
                    articles.append(self._tokeniser.article(*shown))
                    names.append(_name(pairing))
                pairs.append((index, place[shown]))
                relevance.append(pairing.relevance)
        own = [{_name(pairing) for pairing in example.pairings} for example in examples]
        kin = torch.tensor([[name in known for name in names] for known in own], dtype=torch.bool)
        return articles, torch.tensor(pairs, dtype=torch.long).reshape(-1, 2), torch.tensor(relevance), kin

    def _as_shown(self, pairing: Pairing, chance: random.Random) -> tuple[str, str]:
        title, text = _shown(pairing, chance)
        return title, passage(text, None, chance) if self._passages else text

    def _with_kindred(self, title: str, text: str, chance: random.Random) -> tuple[str, str]:
        """A title alone is read as it is served: with kindred headlines in the place of its text, but not always."""
        if text or title not in self._kindred or chance.random() >= WITH_KINDRED:
            return title, text
        return title, self._kindred[title]


_Articles = tuple[list[list[int]], Tensor, Tensor, Tensor]


def padded(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Pad lists of ids to (N, longest) with their mask; no rows give (0, 1)."""
    width = max((len(row) for row in rows), default=1)
    ids = np.zeros((len(rows), width), dtype=np.int64)
    mask = np.zeros((len(rows), width), dtype=np.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return torch.from_numpy(ids), torch.from_numpy(mask)


def _some(pairings: Sequence[Pairing], others: int, chance: random.Random) -> list[Pairing]:
    """The first article, a comment's own where it has one, and at most `others` of the rest."""
    return [*pairings[:1], *chance.sample(pairings[1:], min(others, len(pairings) - 1))] if pairings else []


def _name(pairing: Pairing) -> str:
    """What an article is known by, in whatever form it is shown."""
    return pairing.title or pairing.text


def passage(text: str, words: int | None, chance: random.Random) -> str:
    """Return half of the long texts from a random word on, at most so many words or all; the others whole."""
    parts = text.split()
    if len(parts) < LONG or chance.random() >= PASSAGES:
        return text
    start = chance.randrange(len(parts) - PASSAGE + 1)
    return " ".join(parts[start:][:words])


def _shown(pairing: Pairing, chance: random.Random) -> tuple[str, str]:
    """Show title, text or both: any of them may be all that a platform sends."""
    if not pairing.text or not pairing.title:
        return pairing.title, pairing.text
    draw = chance.random()
    if draw < 0.35:
        return pairing.title, ""
    return ("", pairing.text) if draw < 0.55 else (pairing.title, pairing.text)


def _labels(examples: Sequence[Example]) -> tuple[Tensor, Tensor]:
    values = np.zeros((len(examples), len(NOTIONS)), dtype=np.float32)
    known = np.zeros_like(values)
    for row, example in enumerate(examples):
        for column, attribute in enumerate(NOTIONS):
            if attribute in example.labels:
                values[row, column] = example.labels[attribute]
                known[row, column] = 1
    return torch.from_numpy(values), torch.from_numpy(known)


def _token_labels(examples: Sequence[Example], tokens: Sequence[Tokens], width: int) -> tuple[Tensor, Tensor]:
    values = np.zeros((len(examples), width), dtype=np.float32)
    known = np.zeros_like(values)
    for row, (example, read) in enumerate(zip(examples, tokens, strict=True)):
        if example.spans is None:
            continue
        spans = [covering(read.normalised, start, end) for start, end in example.spans]
        for column, (start, end) in enumerate(read.offsets):
            if end > start:
                known[row, column] = 1
                values[row, column] = any(start < last and first < end for first, last in spans)
    return torch.from_numpy(values), torch.from_numpy(known)
