"""The network: one shared MiniLM encoder with a small head per question.

- notions (the attributes and what single families of sources mean by them): each has its own attention over the tokens
  (Yang et al. 2016, hierarchical attention's word level), joined with the mean of all tokens, then one hidden layer
  that they share. The attributes' logits are sums of notions' logits, by the matrix `blend`.
- relevance: a vector of each text from the means of its tokens after several layers (the lower ones keep names and
  topics that the upper ones give up for tone), compared by product, difference and cosine (InferSent's features,
  Conneau et al. 2017), so that an article is encoded once for all of its comments.
- spans: one number per token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import BertModel

from model.network import vector_layers
from training.notions import CLASSES, NOTIONS


@dataclass(frozen=True, slots=True)
class Reading:
    """What one pass yields: `vector` (B, H), `notions` (B, N) in the order of `NOTIONS`, `tokens` (B, T)."""

    vector: Tensor
    notions: Tensor
    tokens: Tensor


class Reader(nn.Module):
    """Encoder and heads; `forward` reads token ids (B, T) with their mask (B, T)."""

    blend: Tensor

    def __init__(self, encoder: BertModel, dropout: float) -> None:
        super().__init__()
        hidden = encoder.config.hidden_size
        self.encoder = encoder
        self.attention = nn.Linear(hidden, len(NOTIONS))
        self.trunk = nn.Linear(2 * hidden, hidden)
        self.outputs = nn.Parameter(torch.zeros(len(NOTIONS), hidden))
        self.bias = nn.Parameter(torch.full((len(NOTIONS),), -1.5))
        self.token_head = nn.Linear(hidden, 1)
        self.layers = vector_layers(encoder.config.num_hidden_layers)
        self.gather = nn.Linear(len(self.layers) * hidden, hidden)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("blend", torch.eye(len(NOTIONS))[:, : len(CLASSES)].contiguous())
        nn.init.normal_(self.outputs, std=0.02)
        self._begin_with_the_last_layer(hidden)

    def forward(self, ids: Tensor, mask: Tensor) -> Reading:
        """Return the reading of a padded batch; padding takes part in nothing."""
        layers = self._layers(ids, mask)
        states = layers[-1]  # (B, T, H)
        return Reading(self._vector(layers, mask), self.judge(states, mask), self.token_head(states).squeeze(-1))

    def vectors(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Vectors (B, H) alone, for articles."""
        return self._vector(self._layers(ids, mask), mask)

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

    def _layers(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, ...]:
        """States (B, T, H) after the layers that the vector is made of."""
        found = self.encoder(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
        return tuple(found[layer] for layer in self.layers)

    def _vector(self, layers: tuple[Tensor, ...], mask: Tensor) -> Tensor:
        return self.gather(torch.cat([token_mean(states, mask) for states in layers], -1))  # (B, 3H) -> (B, H)

    def _begin_with_the_last_layer(self, hidden: int) -> None:
        """Before training the vector is what the base encoder was trained to give: the mean of the last states."""
        with torch.no_grad():
            self.gather.weight.mul_(0.1)
            self.gather.weight[:, -hidden:] = torch.eye(hidden)
            self.gather.bias.zero_()


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
        """Return one logit per row; the vectors need not be of unit length, and rows may be broadcast."""
        first, second = (nn.functional.normalize(self.project(part), dim=-1) for part in (article, comment))
        features = torch.cat((first * second, (first - second).abs()), -1) * first.shape[-1] ** 0.5
        hidden = nn.functional.gelu(self.inner(self.dropout(features)))
        cosine = (first * second).sum(-1)
        return self.outer(self.dropout(hidden)).squeeze(-1) + self.cosine[0] * cosine + self.cosine[1]


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
