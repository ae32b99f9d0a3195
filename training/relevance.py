"""The second branch of the network: relevance of a comment to an article, over the base encoder as it came.

Training an encoder for tone costs it its sense of topics, so this branch keeps the base encoder's layers frozen and
learns only how to compare what they say (training/LOG.md has the figures):

- every word of the comment looks for its best match among the article's words and the other way round, each word with a
  learnt weight (late interaction: Khattab & Zaharia 2020, ColBERT), which finds the names and things of an article;
- the texts as wholes are compared by their vectors' product and difference (InferSent: Conneau et al. 2017);
- the comment's own vector says what is off topic below any article: advertising, "first!".

An article is read once for all of its comments.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import BertModel

from model.network import vector_layers, word_layers
from model.topics import LENGTH_SCALE
from training.network import token_mean

WORD = 64  # numbers in the vector of a word
FEATURES = 4  # likenesses of comment to article and back, and the logarithms of the two lengths


@dataclass(frozen=True, slots=True)
class Topics:
    """What texts are about: `vector` (B, H); `words` (B, T, D) of unit length; `weights` (B, T), 0 for padding."""

    vector: Tensor
    words: Tensor
    weights: Tensor


class Relevance(nn.Module):
    """Reads texts into topics and compares them; the encoder is frozen and none of its parameters."""

    def __init__(self, encoder: BertModel, dropout: float) -> None:
        super().__init__()
        depth, hidden = encoder.config.num_hidden_layers, encoder.config.hidden_size
        self._encoder = (encoder.eval().requires_grad_(False),)  # in a tuple, so that its parameters are nobody's
        self._word_layers, self._vector_layers = word_layers(depth), vector_layers(depth)
        self.norms = nn.ModuleList([nn.LayerNorm(hidden) for _ in self._word_layers])
        self.words = nn.Linear(len(self._word_layers) * hidden, WORD)
        self.weigh = nn.Linear(len(self._word_layers) * hidden, 1)
        self.gather = nn.Linear(len(self._vector_layers) * hidden, hidden)
        self.comparer = Comparer(hidden, dropout)
        self._begin(hidden)

    def forward(self, ids: Tensor, mask: Tensor) -> Topics:
        """Read token ids (B, T) with their mask (B, T); padding takes part in nothing."""
        with torch.no_grad():
            states = self._encoder[0](input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
        states = [layer.float() for layer in states]
        joined = torch.cat(
            [norm(states[layer]) for norm, layer in zip(self.norms, self._word_layers, strict=True)], -1
        )  # (B, T, 3H)
        means = torch.cat([token_mean(states[layer], mask) for layer in self._vector_layers], -1)
        weights = nn.functional.softplus(self.weigh(joined).squeeze(-1)) * mask
        return Topics(self.gather(means), nn.functional.normalize(self.words(joined), dim=-1), weights)

    def compare(self, articles: Topics, comments: Topics) -> Tensor:
        """Logits (C, A) of every comment's relevance to every article."""
        return self.comparer(articles.vector[None], comments.vector[:, None], likeness(articles, comments))

    def _begin(self, hidden: int) -> None:
        """Before training the vector is what the base encoder was trained to give, and all words weigh the same."""
        with torch.no_grad():
            self.gather.weight.mul_(0.1)
            self.gather.weight[:, -hidden:] = torch.eye(hidden)
            self.gather.bias.zero_()
            nn.init.orthogonal_(self.words.weight)
            nn.init.zeros_(self.weigh.weight)


class Comparer(nn.Module):
    """Relevance from vectors (..., H) of article and comment, which may be broadcast, and their likeness (..., 4)."""

    def __init__(self, hidden: int, dropout: float) -> None:
        super().__init__()
        self.project = nn.Linear(hidden, hidden)  # to where likeness means topic; begins as it finds the vectors
        self.inner = nn.Linear(3 * hidden + FEATURES, 128)
        self.outer = nn.Linear(128, 1)
        self.slopes = nn.Parameter(torch.tensor([4.0, 4.0, 4.0]))  # of the cosine and the two likenesses
        self.dropout = nn.Dropout(dropout)
        nn.init.eye_(self.project.weight)
        nn.init.zeros_(self.project.bias)
        nn.init.constant_(self.outer.bias, -5.0)

    def forward(self, article: Tensor, comment: Tensor, likeness: Tensor) -> Tensor:
        """Return logits (...)."""
        first, second = (nn.functional.normalize(self.project(part), dim=-1) for part in (article, comment))
        product = first * second
        features = torch.cat((product, (first - second).abs(), second.expand_as(product)), -1) * first.shape[-1] ** 0.5
        inner = self.inner(torch.cat((self.dropout(features), likeness), -1))
        straight = self.slopes * torch.cat((product.sum(-1, keepdim=True), likeness[..., :2]), -1)
        return self.outer(self.dropout(nn.functional.gelu(inner))).squeeze(-1) + straight.sum(-1)


def likeness(articles: Topics, comments: Topics) -> Tensor:
    """Features (C, A, 4): how well each comment's words are found in each article, the other way round, and lengths."""
    count, length, size = comments.words.shape
    found = comments.words.reshape(-1, size) @ articles.words.reshape(-1, size).T
    found = found.reshape(count, length, *articles.words.shape[:2])  # (C, T, A, S)
    found = found.masked_fill((comments.weights == 0)[:, :, None, None] | (articles.weights == 0)[None, None], -1.0)
    there = (found.amax(3) * comments.weights[:, :, None]).sum(1) / comments.weights.sum(1)[:, None]
    back = (found.amax(1) * articles.weights[None]).sum(2) / articles.weights.sum(1)[None]
    return torch.stack((there, back, *torch.broadcast_tensors(_length(comments)[:, None], _length(articles)[None])), -1)


def _length(topics: Topics) -> Tensor:
    return (topics.weights > 0).sum(1).float().log() / LENGTH_SCALE
