"""The second branch of the network: relevance of a comment to an article, with upper layers of its own.

Training an encoder for tone costs it its sense of topics, so this branch shares only the lowest layers, which stay the
base encoder's; the layers above learn slowly, the heads how to compare what they say (training/LOG.md has the figures):

- every word of the comment looks for its best match among the article's words and the other way round, each word with a
  learnt weight (late interaction: Khattab & Zaharia 2020, ColBERT), which finds the names and things of an article;
- the texts as wholes are compared by their vectors' product and difference (InferSent: Conneau et al. 2017);
- the comment's own vector says what is off topic below any article: advertising, "first!".

An article is read once for all of its comments.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import BertModel

from model.network import shared_layers, vector_layers, word_layers
from model.topics import BEST_FLOOR, LENGTH_SCALE, SUM_FLOOR, SURE
from training.network import token_mean

WORD = 128  # numbers in the vector of a word; half of them cost .01 on near articles
UNSEEN = 1e4  # taken from the score of padding
FEATURES = 8  # what `likeness` yields of a pair


@dataclass(frozen=True, slots=True)
class Topics:
    """What texts are about: `vector` (B, H); `words` (B, T, D) of unit length; `weights` (B, T), 0 for padding."""

    vector: Tensor
    words: Tensor
    weights: Tensor


class Relevance(nn.Module):
    """Reads texts into topics and compares them; the shared lowest layers are frozen and none of its parameters."""

    def __init__(self, encoder: BertModel, dropout: float) -> None:
        super().__init__()
        depth, hidden = encoder.config.num_hidden_layers, encoder.config.hidden_size
        layers, self.shared = encoder.encoder.layer, shared_layers(depth)
        self.upper = nn.ModuleList(copy.deepcopy(layer) for layer in layers[self.shared :])
        self._embeddings = (encoder.embeddings.eval().requires_grad_(False),)  # in tuples: nobody's parameters
        self._lower = tuple(layer.eval().requires_grad_(False) for layer in layers[: self.shared])
        self._word_layers, self._vector_layers = word_layers(depth), vector_layers(depth)
        self.norms = nn.ModuleList([nn.LayerNorm(hidden) for _ in self._word_layers])
        self.words = nn.Linear(len(self._word_layers) * hidden, WORD)
        self.weigh = nn.Linear(len(self._word_layers) * hidden, 1)
        self.gather = nn.Linear(len(self._vector_layers) * hidden, hidden)
        self.comparer = Comparer(hidden, dropout)
        self._begin(hidden)

    @property
    def device(self) -> torch.device:
        """Where its numbers lie."""
        return self.gather.weight.device

    def forward(self, ids: Tensor, mask: Tensor) -> Topics:
        """Read token ids (B, T) with their mask (B, T); padding takes part in nothing."""
        states = [layer.float() for layer in self._states(ids, mask)]
        joined = torch.cat(
            [norm(states[layer]) for norm, layer in zip(self.norms, self._word_layers, strict=True)], -1
        )  # (B, T, 3H)
        means = torch.cat([token_mean(states[layer], mask) for layer in self._vector_layers], -1)
        weights = nn.functional.softplus(self.weigh(joined).squeeze(-1)) * mask
        return Topics(self.gather(means), nn.functional.normalize(self.words(joined), dim=-1), weights)

    def _states(self, ids: Tensor, mask: Tensor) -> list[Tensor]:
        """States (B, T, H) of the embeddings and after each layer."""
        seen = (mask[:, None, None, :] - 1.0) * UNSEEN  # added: every way of attending takes that
        with torch.no_grad():
            states = [self._embeddings[0](input_ids=ids)]
            for layer in self._lower:
                states.append(layer(states[-1], seen))
        for layer in self.upper:
            states.append(layer(states[-1], seen))
        return states

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
    """Relevance from vectors (..., H) of article and comment, which may be broadcast, and their likeness (..., 8)."""

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
    """Features (C, A, 8) of every pair: `found` for the comment's words among the article's, the other way round, the
    lengths, and what of either is found for certain, in sum and at best (logarithms, `model.topics.likeness`).
    """
    count, length, size = comments.words.shape
    found = comments.words.reshape(-1, size) @ articles.words.reshape(-1, size).T
    found = found.reshape(count, length, *articles.words.shape[:2])  # (C, T, A, S)
    found = found.masked_fill((comments.weights == 0)[:, :, None, None] | (articles.weights == 0)[None, None], -1.0)
    # `max` and not `amax`: the latter's backward pass shares gradients among ties and takes twice the time
    there = _matched(found.max(3).values, comments.weights[:, :, None], 1)
    back = _matched(found.max(1).values, articles.weights[None], 2)
    lengths = torch.broadcast_tensors(_length(comments)[:, None], _length(articles)[None])
    return torch.stack((there[0], back[0], *lengths, there[1], back[1], there[2], back[2]), -1)


def _matched(best: Tensor, weights: Tensor, words: int) -> tuple[Tensor, Tensor, Tensor]:
    """Mean of the words' best matches, and logarithms of the sum and the best of those above `SURE`."""
    sure = nn.functional.relu(best - SURE) * weights
    mean = (best * weights).sum(words) / weights.sum(words)
    return mean, (sure.sum(words) + SUM_FLOOR).log(), (sure.amax(words) + BEST_FLOOR).log()


def _length(topics: Topics) -> Tensor:
    return (topics.weights > 0).sum(1).float().log() / LENGTH_SCALE
