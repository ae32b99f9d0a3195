"""What a run for relevance minimises: every comment's own article above its rivals, graded pairs at their grade."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from training.batches import Batch
from training.losses import soft_cross_entropy
from training.relevance import Relevance, Topics

OFF_TOPIC = 0.04  # a random other article; of 1,152 graded random pairs 5 % have a grade of 6 or more
TOGETHER = 16  # articles that are padded to one length


class RelevanceLosses(nn.Module):
    """Weighted sum of the losses for one batch; `weights` may name `random_article` and `rivals`."""

    def __init__(self, relevance: Relevance, weights: Mapping[str, float]) -> None:
        super().__init__()
        self.relevance = relevance
        self._weights = {"random_article": 0.5, "rivals": 0.5, **weights}

    def forward(self, batch: Batch) -> Tensor:
        """Return the loss (scalar) of a batch in which some comment has an article.

        Own and near articles count by their labels; every other article of the batch is off topic, and a rival of the
        own one (InfoNCE, van den Oord et al. 2018).
        """
        below, place = batch.pairs[:, 0].unique(return_inverse=True)
        table = self._table(batch, below)
        paired = soft_cross_entropy(table[place, batch.pairs[:, 1]], batch.relevance).mean()
        stranger = torch.ones_like(table, dtype=torch.bool)
        stranger[place, batch.pairs[:, 1]] = False
        stranger &= ~batch.kin[below]
        apart = soft_cross_entropy(table, torch.full_like(table, OFF_TOPIC))[stranger]
        rivals = _rivalry(table, stranger, place, batch)
        far = apart.mean() if len(apart) else 0.0
        return paired + self._weights["random_article"] * far + self._weights["rivals"] * rivals

    def _table(self, batch: Batch, below: Tensor) -> Tensor:
        """Logits (comments below an article, A); articles of like length together, since padding costs most."""
        comments = self._read(batch.ids[below], batch.mask[below])
        order = batch.article_mask.sum(1).argsort(stable=True)
        parts = []
        for chosen in order.split(TOGETHER):
            articles = self._read(batch.article_ids[chosen], batch.article_mask[chosen])
            with torch.autocast(batch.ids.device.type, enabled=False):
                parts.append(self.relevance.compare(articles, comments))
        return torch.cat(parts, 1)[:, order.argsort()]

    def _read(self, ids: Tensor, mask: Tensor) -> Topics:
        """Topics in float32 of texts padded no further than the longest."""
        width = int(mask.sum(1).max())
        found = self.relevance(ids[:, :width], mask[:, :width])
        return Topics(found.vector.float(), found.words.float(), found.weights.float())


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
