"""What a run for tone minimises: cross-entropy with soft labels per head, each over the labels that are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from training.batches import Batch
from training.network import Reader, Reading
from training.notions import NOTIONS

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
    """Weighted sum of the heads' losses for one batch; `weights` are by notion, of `spans`, `consistency`, `lesson`.

    With a weight for consistency every text is read twice, with other dropout, and what the two readings disagree in is
    added (R-Drop, Liang et al. 2021): against learning labels by heart, at twice the time.
    """

    class_weights: Tensor

    def __init__(
        self,
        reader: Reader,
        offsets: Sequence[float],
        weights: Mapping[str, float],
    ) -> None:
        super().__init__()
        self.reader = reader
        self.scales = SourceScales(offsets)
        self._weights = dict(weights)
        by_notion = torch.tensor([weights.get(name, 1.0) for name in NOTIONS])
        self.register_buffer("class_weights", by_notion, persistent=False)  # this run's, not an earlier one's

    def forward(self, batch: Batch) -> Tensor:
        """Return the loss (scalar)."""
        reading = self.reader(batch.ids, batch.mask)
        loss = self._of_labels(reading, batch)
        if not (weight := self._weights.get("consistency", 0.0)):
            return loss
        again = self.reader(batch.ids, batch.mask)
        apart = disagreement(reading.notions.float(), again.notions.float())
        return (loss + self._of_labels(again, batch)) / 2 + weight * apart

    def _of_labels(self, reading: Reading, batch: Batch) -> Tensor:
        logits = self.scales(reading.notions.float(), batch.sources)
        labels = (soft_cross_entropy(logits, batch.labels) * batch.known * self.class_weights).sum() / len(batch.ids)
        labels = labels + self._weights.get("lesson", 0.0) * self._of_lessons(reading.notions.float(), batch.lessons)
        marked = _mean(soft_cross_entropy(reading.tokens.float(), batch.tokens), batch.token_known)
        return labels + self._weights.get("spans", 1.0) * marked

    def _of_lessons(self, logits: Tensor, lessons: Tensor) -> Tensor:
        """Cross-entropy with what the teachers say, of the notions themselves and not as a source would put them."""
        known = ~lessons.isnan()
        apart = soft_cross_entropy(logits, torch.sigmoid(lessons.nan_to_num()))
        return (apart * known * self.class_weights).sum() / len(logits)


def disagreement(first: Tensor, second: Tensor) -> Tensor:
    """Mean over texts of the divergences of two readings' logits (B, N), half of either direction, summed over N."""
    apart: Tensor = (torch.sigmoid(first) - torch.sigmoid(second)) * (first - second)
    return apart.sum(-1).mean() / 2


def soft_cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of each logit with its label, hard or soft, in the shape of both."""
    return nn.functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    return (values * weights).sum() / weights.sum().clamp_min(1.0)
