"""The first branch of the network: MiniLM fine-tuned for tone, with a small head per question.

- notions (the attributes and what single families of sources mean by them): each has its own attention over the tokens
  (Yang et al. 2016, hierarchical attention's word level), joined with the mean of all tokens, then one hidden layer
  that they share. The attributes' logits are sums of notions' logits, by the matrix `blend`.
- spans: one number per token.

The lowest layers stay the base encoder's, because relevance (training/relevance.py) is read above them too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import BertModel

from model.onnx import CLASSES
from training.larger import Larger
from training.notions import NOTIONS


@dataclass(frozen=True, slots=True)
class Reading:
    """What one pass yields: `notions` (B, N) in the order of `NOTIONS`, `tokens` (B, T)."""

    notions: Tensor
    tokens: Tensor


class Reader(nn.Module):
    """Encoder and heads; `forward` reads token ids (B, T) with their mask (B, T)."""

    blend: Tensor

    def __init__(self, encoder: BertModel | Larger, dropout: float) -> None:
        super().__init__()
        hidden = encoder.config.hidden_size
        self.encoder = encoder
        self.attention = nn.Linear(hidden, len(NOTIONS))
        self.trunk = nn.Linear(2 * hidden, hidden)
        self.outputs = nn.Parameter(torch.zeros(len(NOTIONS), hidden))
        self.bias = nn.Parameter(torch.full((len(NOTIONS),), -1.5))
        self.token_head = nn.Linear(hidden, 1)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("blend", torch.eye(len(NOTIONS))[:, : len(CLASSES)].contiguous())
        nn.init.normal_(self.outputs, std=0.02)

    def forward(self, ids: Tensor, mask: Tensor) -> Reading:
        """Return the reading of a padded batch; padding takes part in nothing."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state  # (B, T, H)
        return Reading(self.judge(states, mask), self.token_head(states).squeeze(-1))

    def attributes(self, notions: Tensor) -> Tensor:
        """Logits (B, 7) of the attributes, in the order of `CLASSES`, from those of the notions (B, N)."""
        return notions @ self.blend

    def judge(self, states: Tensor, mask: Tensor) -> Tensor:
        """Logits (B, N) of the notions."""
        vector = token_mean(states, mask)
        scores = self.attention(states).masked_fill(mask.unsqueeze(-1) == 0, -1e4)  # (B, T, N)
        seen = torch.softmax(scores, 1).transpose(1, 2) @ states  # (B, N, H)
        joined = torch.cat((seen, vector.unsqueeze(1).expand_as(seen)), -1)
        features = self.dropout(nn.functional.gelu(self.trunk(self.dropout(joined))))
        return (features * self.outputs).sum(-1) + self.bias


def blend_matrix(weights: Mapping[str, Mapping[str, float]]) -> Tensor:
    """Return the matrix (N, 7) that adds notions up to attributes; an attribute that is not named is itself."""
    matrix = torch.zeros(len(NOTIONS), len(CLASSES))
    for column, attribute in enumerate(CLASSES):
        for notion, weight in weights.get(attribute, {attribute: 1.0}).items():
            matrix[NOTIONS.index(notion), column] = weight
    return matrix


def token_mean(states: Tensor, mask: Tensor) -> Tensor:
    """Mean of the tokens' states (B, T, H) -> (B, H)."""
    weights = mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(1) / weights.sum(1)
