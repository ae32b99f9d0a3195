"""What a run minimises: cross-entropy with soft labels per head, each over the labels that are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from training.batches import Batch
from training.network import CLASSES, Comparer, Reader

OFF_TOPIC = 0.04  # a random other article; of 1,152 graded random pairs 5 % have a grade of 6 or more
SARCASM = CLASSES.index("sarcasm")


class SourceScales(nn.Module):
    """Slope and offset of the sarcasm logit per source: what half of a balanced collection calls sarcastic is rare in a
    newspaper, so sources may disagree on how much, while one shared logit learns how they rank.
    """

    def __init__(self, offsets: Sequence[float]) -> None:
        """Start from `offsets`, each source's log odds of sarcasm above those of the newspapers' comments."""
        super().__init__()
        self.slope = nn.Parameter(torch.ones(len(offsets)))
        self.offset = nn.Parameter(torch.tensor(offsets))

    def forward(self, logits: Tensor, sources: Tensor) -> Tensor:
        """Return logits (B, 7) with the sarcasm column as each row's source (B,) would put it."""
        scaled = logits[:, SARCASM] * self.slope[sources] + self.offset[sources]
        return torch.cat((logits[:, :SARCASM], scaled.unsqueeze(1), logits[:, SARCASM + 1 :]), 1)


class Losses(nn.Module):
    """Weighted sum of the heads' losses for one batch."""

    def __init__(
        self, reader: Reader, comparer: Comparer, offsets: Sequence[float], weights: Mapping[str, float]
    ) -> None:
        super().__init__()
        self.reader = reader
        self.comparer = comparer
        self.scales = SourceScales(offsets)
        self._weights = dict(weights)
        self.register_buffer("class_weights", torch.tensor([weights.get(name, 1.0) for name in CLASSES]))

    def forward(self, batch: Batch) -> Tensor:
        """Return the loss (scalar)."""
        reading = self.reader(batch.ids, batch.mask)
        logits = self.scales(reading.logits.float(), batch.sources)
        weights = batch.known * self.class_weights
        loss = _mean(_cross_entropy(logits, batch.labels), weights) * len(CLASSES)
        loss = loss + self._weights.get("spans", 1.0) * _mean(
            _cross_entropy(reading.tokens.float(), batch.tokens), batch.token_known
        )
        return loss + self._relevance(reading.vector, batch) if len(batch.pairs) else loss

    def _relevance(self, vectors: Tensor, batch: Batch) -> Tensor:
        """Own and near articles by their labels, every other article of the batch as off topic."""
        articles = self.reader.mean(
            self.reader.encoder(input_ids=batch.article_ids, attention_mask=batch.article_mask).last_hidden_state,
            batch.article_mask,
        )
        comments, places = batch.pairs[:, 0], batch.pairs[:, 1]
        logits = self.comparer(articles[places].float(), vectors[comments].float())
        paired = _cross_entropy(logits, batch.relevance).mean()
        strangers = _strangers(batch.pairs, len(vectors), len(articles))
        others = self.comparer(articles[strangers[:, 1]].float(), vectors[strangers[:, 0]].float())
        apart = _cross_entropy(others, torch.full_like(others, OFF_TOPIC)).mean() if len(others) else 0.0
        weight = self._weights.get("relevance", 1.0)
        return weight * (paired + self._weights.get("random_article", 0.5) * apart)


def _strangers(pairs: Tensor, comments: int, articles: int) -> Tensor:
    """Pairs (N, 2) of every comment below an article with every article of the batch that it is not paired with."""
    free = torch.zeros(comments, articles, dtype=torch.bool, device=pairs.device)
    free[pairs[:, 0]] = True
    free[pairs[:, 0], pairs[:, 1]] = False
    return free.nonzero()


def _cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    return nn.functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    return (values * weights).sum() / weights.sum().clamp_min(1.0)
