"""The networks of `data.plain.tagger` in torch, and how they learn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from data.plain.features import Floats
from data.plain.tagger import LAYERS, WIDTH, Context, Label, Window
from data.plain.words import BUCKETS, Places

HIDDEN, RATE, SMOOTHING = 64, 1e-3, 0.02
WINDOW_EPOCHS, WINDOW_BATCH, WINDOW_DECAY, WINDOW_DROPOUT = 8, 1_024, 1e-4, 0.2
EPOCHS, BATCH, DECAY = 8, 4, 1e-3  # a network with words takes whole stretches of dumps
WORD_SIZE, WORD_DROPOUT, DROPOUT = 8, 0.3, 0.2


class Stretch(NamedTuple):
    """Lines of one dump that stand together: features (L, F), words, labels (L,)."""

    rows: Floats
    places: Places
    labels: NDArray[np.int64]


def fit_window(rows: Floats, labels: NDArray[np.int64]) -> Window:
    """Return the first network for single lines (N, F) and their labels (N,)."""
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-3
    model = nn.Sequential(
        nn.Linear(rows.shape[1], HIDDEN), nn.ReLU(), nn.Dropout(WINDOW_DROPOUT), nn.Linear(HIDDEN, len(Label))
    )
    known, truths = torch.from_numpy((rows - mean) / scale), torch.from_numpy(labels)
    optimiser = torch.optim.AdamW(model.parameters(), RATE, weight_decay=WINDOW_DECAY)
    steps = WINDOW_EPOCHS * (len(rows) // WINDOW_BATCH + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3 * RATE, steps)
    for _ in range(WINDOW_EPOCHS):
        for chosen in torch.randperm(len(rows)).split(WINDOW_BATCH):
            _step(optimiser, schedule, _loss(model(known[chosen]), truths[chosen]))
    weights = [parameter.detach().numpy() for parameter in model.parameters()]
    return Window(mean, scale, weights[0].T, weights[1], weights[2].T, weights[3])


class ContextModel(nn.Module):
    """A network with words: lines with their features and words, each read together with its neighbours."""

    def __init__(self, mean: Floats, scale: Floats) -> None:
        super().__init__()
        self.mean, self.scale = torch.from_numpy(mean), torch.from_numpy(scale)
        self.words = nn.EmbeddingBag(BUCKETS, WORD_SIZE, mode="mean")
        self.first_words = nn.EmbeddingBag(BUCKETS, WORD_SIZE, mode="sum")
        self.first = nn.Linear(len(mean) + 2 * WORD_SIZE, HIDDEN)
        self.layers = nn.ModuleList(
            nn.Conv1d(HIDDEN, HIDDEN, WIDTH, dilation=2**depth, padding=WIDTH // 2 * 2**depth)
            for depth in range(LAYERS)
        )
        self.last = nn.Linear(HIDDEN, len(Label))
        self.word_dropout, self.dropout = nn.Dropout(WORD_DROPOUT), nn.Dropout(DROPOUT)
        for table in (self.words, self.first_words):
            nn.init.normal_(table.weight, std=0.1)

    def forward(self, stretches: Sequence[Stretch]) -> Tensor:
        """Return the logits of the lines of all stretches, (lines, labels)."""
        known = [self._known(stretch) for stretch in stretches]
        hidden = nn.utils.rnn.pad_sequence([self.dropout(self.first(one).relu()) for one in known], batch_first=True)
        there = nn.utils.rnn.pad_sequence([torch.ones(len(one), 1) for one in known], batch_first=True)
        for layer in self.layers:
            added = layer(hidden.transpose(1, 2)).transpose(1, 2).relu()
            hidden = (hidden + self.dropout(added)) * there
        logits: Tensor = self.last(hidden)[there[..., 0] > 0]
        return logits

    def context(self) -> Context:
        """Return what `data.plain.tagger` runs."""
        layers = [layer.weight.permute(2, 1, 0) for layer in self.layers]  # (WIDTH, in, out)
        biases = [layer.bias for layer in self.layers]
        parts = (
            self.mean, self.scale, self.words.weight, self.first_words.weight, self.first.weight.T, self.first.bias,
            torch.stack(layers), torch.stack(biases), self.last.weight.T, self.last.bias,
        )  # fmt: skip
        return Context(*(part.detach().numpy() for part in parts))

    def _known(self, stretch: Stretch) -> Tensor:
        every, starts, first = (torch.from_numpy(part) for part in stretch.places)
        words = torch.cat([self.words(every, starts), self.first_words(first)], 1)
        return torch.cat([(torch.from_numpy(stretch.rows) - self.mean) / self.scale, self.word_dropout(words)], 1)


def fit_context(stretches: Sequence[Stretch], seed: int) -> Context:
    """Return a network with words; `seed` decides what it begins with and in which order it learns."""
    torch.manual_seed(seed)
    rows = np.concatenate([stretch.rows for stretch in stretches])
    model = ContextModel(rows.mean(axis=0), rows.std(axis=0) + 1e-3)
    optimiser = torch.optim.AdamW(model.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3 * RATE, EPOCHS * (len(stretches) // BATCH + 1))
    for batch in _batches(stretches, np.random.default_rng(seed)):
        labels = torch.from_numpy(np.concatenate([stretch.labels for stretch in batch]))
        _step(optimiser, schedule, _loss(model(batch), labels))
    return model.context()


def _batches(stretches: Sequence[Stretch], chance: np.random.Generator) -> Iterator[list[Stretch]]:
    for _ in range(EPOCHS):
        order = chance.permutation(len(stretches))
        for start in range(0, len(order), BATCH):
            yield [stretches[place] for place in order[start : start + BATCH]]


def _loss(logits: Tensor, labels: Tensor) -> Tensor:
    return nn.functional.cross_entropy(logits, labels, label_smoothing=SMOOTHING)


def _step(optimiser: torch.optim.Optimizer, schedule: torch.optim.lr_scheduler.LRScheduler, loss: Tensor) -> None:
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(optimiser.param_groups[0]["params"], 1.0)
    optimiser.step()
    schedule.step()
