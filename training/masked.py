"""Masked-language adaptation: before a run for tone the encoder learns to fill in words of the comments that it is to
judge, whether they have labels or not ("Don't stop pretraining", Gururangan et al. 2020).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from training.batches import Batch
from training.network import Reader

CHOSEN = 0.15  # of the words, to be told from the others; eight in ten of these are hidden and one is another word
HIDDEN, OTHER = 0.8, 0.1  # (Devlin et al. 2019)
MASK = 103  # the base encoder's [MASK]


class MaskedLosses(nn.Module):
    """Cross-entropy of the words that were chosen, by a head of its own; the heads of `reader` stay as they are."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.reader = reader
        vocabulary, size = reader.encoder.embeddings.word_embeddings.weight.shape
        self.inner = nn.Linear(size, size)
        self.norm = nn.LayerNorm(size)
        self.bias = nn.Parameter(torch.zeros(vocabulary))

    def forward(self, batch: Batch) -> Tensor:
        """Return the loss (scalar); other words are chosen every time, and none of a text's two markers."""
        chosen = (torch.rand(batch.ids.shape, device=batch.ids.device) < CHOSEN) & inside(batch.mask)
        ids = torch.where(chosen, self._gaps(batch.ids), batch.ids)
        states = self.reader.encoder(input_ids=ids, attention_mask=batch.mask).last_hidden_state[chosen]
        features = self.norm(nn.functional.gelu(self.inner(states)))
        logits = features @ self.reader.encoder.embeddings.word_embeddings.weight.T + self.bias
        wrong = nn.functional.cross_entropy(logits.float(), batch.ids[chosen], reduction="sum")
        return wrong / chosen.sum().clamp_min(1)

    def _gaps(self, ids: Tensor) -> Tensor:
        draw = torch.rand(ids.shape, device=ids.device)
        others = torch.randint_like(ids, len(self.bias))
        return torch.where(draw < HIDDEN, MASK, torch.where(draw < HIDDEN + OTHER, others, ids))


def inside(mask: Tensor) -> Tensor:
    """Where the texts' words are (B, T), by the mask of a padded batch: neither markers nor padding."""
    places = torch.arange(mask.shape[1], device=mask.device)
    return (places > 0) & (places < mask.sum(1, keepdim=True) - 1)
