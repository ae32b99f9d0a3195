"""What a run minimises: cross-entropy with soft labels per head, each over the labels that are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from training.batches import Batch
from training.network import Comparer, Reader, token_mean
from training.notions import NOTIONS

OFF_TOPIC = 0.04  # a random other article; of 1,152 graded random pairs 5 % have a grade of 6 or more
SCALED = [NOTIONS.index(name) for name in ("toxicity", "sarcasm")]


class SourceScales(nn.Module):
    """Slope and offset of the toxicity and sarcasm logits per source: what half of a balanced collection calls
    sarcastic is rare in a newspaper, so sources may disagree on how much, while one shared logit learns how they rank.
    """

    def __init__(self, offsets: Sequence[float]) -> None:
        """Start from `offsets`, each source's log odds of sarcasm above those of the newspapers' comments."""
        super().__init__()
        self.slope = nn.Parameter(torch.ones(len(offsets), len(SCALED)))
        self.offset = nn.Parameter(torch.tensor([[0.0, offset] for offset in offsets]))

    def forward(self, logits: Tensor, sources: Tensor) -> Tensor:
        """Return logits (B, N) of which the scaled columns are as each row's source (B,) would put them."""
        scaled = logits.clone()
        scaled[:, SCALED] = logits[:, SCALED] * self.slope[sources] + self.offset[sources]
        return scaled


class Losses(nn.Module):
    """Weighted sum of the heads' losses for one batch."""

    class_weights: Tensor

    def __init__(
        self,
        reader: Reader,
        comparer: Comparer,
        offsets: Sequence[float],
        weights: Mapping[str, float],
        teacher: nn.Module | None = None,
    ) -> None:
        """`teacher` is the untrained base encoder, asked only where `weights` names `base`."""
        super().__init__()
        if teacher is None and "base" in weights:
            raise ValueError("The loss `base` needs the base encoder as teacher.")
        self._teacher = (teacher,)  # in a tuple, so that its parameters are nobody's
        self.reader = reader
        self.comparer = comparer
        self.scales = SourceScales(offsets)
        self._weights = dict(weights)
        self.register_buffer("class_weights", torch.tensor([weights.get(name, 1.0) for name in NOTIONS]))

    def forward(self, batch: Batch) -> Tensor:
        """Return the loss (scalar)."""
        reading = self.reader(batch.ids, batch.mask)
        logits = self.scales(reading.notions.float(), batch.sources)
        labels = (_cross_entropy(logits, batch.labels) * batch.known * self.class_weights).sum() / len(batch.ids)
        loss = labels + self._weights.get("spans", 1.0) * _mean(
            _cross_entropy(reading.tokens.float(), batch.tokens), batch.token_known
        )
        if "base" in self._weights:
            loss = loss + self._weights["base"] * self._drift(reading.vector.float(), batch.ids, batch.mask)
        return loss + self._relevance(reading.vector.float(), batch) if len(batch.pairs) else loss

    def _drift(self, vectors: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
        """How far the vectors' likenesses (B, B) have moved from the base encoder's, which knows more topics than the
        few articles at hand can teach (relational distillation, Park et al. 2019).
        """
        teacher: Any = self._teacher[0]
        with torch.inference_mode():
            states = teacher(input_ids=ids, attention_mask=mask).last_hidden_state.float()
            known = nn.functional.normalize(token_mean(states, mask), dim=-1)
            expected = known @ known.T
        found = nn.functional.normalize(vectors, dim=-1)
        return ((found @ found.T - expected.clone()) ** 2).mean()

    def _relevance(self, vectors: Tensor, batch: Batch) -> Tensor:
        """Own and near articles by their labels; every other article of the batch as off topic, and as a rival of the
        own one (InfoNCE, van den Oord et al. 2018, over the comparer's logits).
        """
        articles = self._article_vectors(batch).float()
        below, place = batch.pairs[:, 0].unique(return_inverse=True)
        table = self.comparer(articles.unsqueeze(0), vectors[below].unsqueeze(1))  # (comments below an article, A)
        paired = table[place, batch.pairs[:, 1]]
        loss = _cross_entropy(paired, batch.relevance).mean()
        stranger = torch.ones_like(table, dtype=torch.bool)
        stranger[place, batch.pairs[:, 1]] = False
        stranger &= ~batch.kin[below]
        apart = _cross_entropy(table, torch.full_like(table, OFF_TOPIC))[stranger]
        rivals = _rivalry(table, stranger, place, batch)
        weights = self._weights
        loss = loss + weights.get("random_article", 0.5) * (apart.mean() if len(apart) else 0.0)
        return weights.get("relevance", 1.0) * (loss + weights.get("rivals", 0.3) * rivals)

    def _article_vectors(self, batch: Batch) -> Tensor:
        """Vectors (A, H); titles and long texts are read apart, since padding a title to a text's length costs most."""
        lengths = batch.article_mask.sum(1)
        parts, order = [], []
        for chosen in (lengths <= 32, lengths > 32):
            if chosen.any():
                width = int(lengths[chosen].max())
                parts.append(self.reader.vectors(batch.article_ids[chosen, :width], batch.article_mask[chosen, :width]))
                order.append(chosen.nonzero().squeeze(1))
        return torch.cat(parts)[torch.cat(order).argsort()]


def _rivalry(table: Tensor, stranger: Tensor, place: Tensor, batch: Batch) -> Tensor:
    """Cross-entropy of choosing a comment's own article among it, its near ones and the strangers."""
    own = batch.relevance > 0.5
    near = torch.zeros_like(stranger)
    near[place[~own], batch.pairs[~own, 1]] = True
    rows, columns = place[own], batch.pairs[own, 1]
    if not len(rows):
        return table.sum() * 0.0
    chosen = stranger[rows] | near[rows]
    chosen[torch.arange(len(rows)), columns] = True
    return nn.functional.cross_entropy(table[rows].masked_fill(~chosen, -1e4), columns)


def _cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    return nn.functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    return (values * weights).sum() / weights.sum().clamp_min(1.0)
