"""The network: one shared MiniLM encoder with a small head per question.

- attributes: each has its own attention over the tokens (Yang et al. 2016, hierarchical attention's word level),
  joined with the mean of all tokens, then one hidden layer that they share.
- relevance: the mean vectors of comment and article, compared by product, difference and cosine (InferSent's
  features, Conneau et al. 2017), so that an article is encoded once for all of its comments.
- spans: one number per token.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import BertModel

from model.scores import ATTRIBUTES

CLASSES = tuple(attribute for attribute in ATTRIBUTES if attribute != "relevance")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one pass yields: `vector` (B, H), `logits` (B, 7) in the order of `CLASSES`, `tokens` (B, T)."""

    vector: Tensor
    logits: Tensor
    tokens: Tensor


class Reader(nn.Module):
    """Encoder and heads; `forward` reads token ids (B, T) with their mask (B, T)."""

    def __init__(self, encoder: BertModel, dropout: float) -> None:
        super().__init__()
        hidden = encoder.config.hidden_size
        self.encoder = encoder
        self.attention = nn.Linear(hidden, len(CLASSES))
        self.trunk = nn.Linear(2 * hidden, hidden)
        self.outputs = nn.Parameter(torch.zeros(len(CLASSES), hidden))
        self.bias = nn.Parameter(torch.full((len(CLASSES),), -1.5))
        self.token_head = nn.Linear(hidden, 1)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.outputs, std=0.02)

    def forward(self, ids: Tensor, mask: Tensor) -> Reading:
        """Return the reading of a padded batch; padding takes part in nothing."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state  # (B, T, H)
        vector = self.mean(states, mask)
        return Reading(vector, self.classify(states, vector, mask), self.token_head(states).squeeze(-1))

    def mean(self, states: Tensor, mask: Tensor) -> Tensor:
        """Mean of the tokens' states (B, T, H) -> (B, H), as the base encoder was trained."""
        weights = mask.unsqueeze(-1).to(states.dtype)
        return (states * weights).sum(1) / weights.sum(1)

    def classify(self, states: Tensor, vector: Tensor, mask: Tensor) -> Tensor:
        """Logits (B, 7)."""
        scores = self.attention(states).masked_fill(mask.unsqueeze(-1) == 0, -1e4)  # (B, T, 7)
        seen = torch.softmax(scores, 1).transpose(1, 2) @ states  # (B, 7, H)
        joined = torch.cat((seen, vector.unsqueeze(1).expand_as(seen)), -1)
        features = self.dropout(nn.functional.gelu(self.trunk(self.dropout(joined))))
        return (features * self.outputs).sum(-1) + self.bias


class Comparer(nn.Module):
    """Relevance of comments to articles from their vectors, (B, H) and (B, H) -> logits (B,)."""

    def __init__(self, hidden: int, dropout: float) -> None:
        super().__init__()
        self.project = nn.Linear(hidden, hidden)  # to where likeness means topic; begins as it finds the vectors
        self.inner = nn.Linear(2 * hidden, 128)
        self.outer = nn.Linear(128, 1)
        self.cosine = nn.Parameter(torch.tensor([8.0, -2.0]))  # slope and offset, near what the base encoder gives
        self.dropout = nn.Dropout(dropout)
        nn.init.eye_(self.project.weight)
        nn.init.zeros_(self.project.bias)

    def forward(self, article: Tensor, comment: Tensor) -> Tensor:
        """Return one logit per row; the vectors need not be of unit length."""
        first, second = (nn.functional.normalize(self.project(part), dim=-1) for part in (article, comment))
        features = torch.cat((first * second, (first - second).abs()), -1) * first.shape[-1] ** 0.5
        hidden = nn.functional.gelu(self.inner(self.dropout(features)))
        cosine = (first * second).sum(-1)
        return self.outer(self.dropout(hidden)).squeeze(-1) + self.cosine[0] * cosine + self.cosine[1]
