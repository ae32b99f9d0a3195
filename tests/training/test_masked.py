"""The encoder learns to fill in words: none of the markers, all that is hidden, and nothing of tone's heads."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor
from transformers import BertModel

from data.sources.examples import Example
from model.tokens import Tokeniser
from training import masked
from training.batches import Batch, Batcher
from training.branches import losses_of
from training.config import TrainConfig
from training.masked import MASK, MaskedLosses, inside
from training.network import Reader
from training.train import Run

CONFIG = TrainConfig(
    name="trial", version="0", permissive=True, branch="masked", epochs=3, batch_size=25, average=0.5, augment=0.0,
    learning_rate=1e-3, head_learning_rate=5e-3, take={"authored": 200},
)  # fmt: skip


@pytest.fixture
def batch(tokeniser: Tokeniser) -> Batch:
    rows = [Example(text, "trial", {}) for text in ("a fine day", "so true, all of it", "no")]
    batcher = Batcher(tokeniser, ["trial"], batch_size=3, augment=0.0)
    return batcher.batch(rows, tokeniser.comments([row.text for row in rows]), random.Random(1))


def test_markers_and_padding_are_never_among_the_words() -> None:
    mask = torch.tensor([[1, 1, 1, 1, 0], [1, 1, 0, 0, 0], [1, 1, 1, 1, 1]])
    assert inside(mask).int().tolist() == [[0, 1, 1, 0, 0], [0, 0, 0, 0, 0], [0, 1, 1, 1, 0]]


def test_what_is_chosen_is_mostly_hidden_and_the_rest_stays(
    encoder: BertModel, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Tensor] = []
    monkeypatch.setattr(masked, "CHOSEN", 1.0)
    encoder.register_forward_pre_hook(lambda _, __, known: read.append(known["input_ids"]), with_kwargs=True)
    torch.manual_seed(1)
    for _ in range(40):
        MaskedLosses(Reader(encoder, 0.0))(batch)
    seen, words = torch.stack(read), inside(batch.mask)
    assert (seen[:, ~words] == batch.ids[~words]).all()
    hidden = (seen[:, words] == MASK).float().mean()
    kept = (seen[:, words] == batch.ids[words]).float().mean()
    assert 0.75 < hidden < 0.85
    assert 0.06 < kept < 0.15


def test_a_text_without_words_costs_nothing(encoder: BertModel, batch: Batch) -> None:
    empty = replace(batch, ids=batch.ids[:, :2], mask=torch.ones_like(batch.mask[:, :2]))
    assert float(MaskedLosses(Reader(encoder, 0.0))(empty).detach()) == 0.0


def test_words_are_learnt_and_the_heads_of_tone_are_not(
    encoder: BertModel, tokeniser: Tokeniser, examples: list[Example], tmp_path: Path
) -> None:
    torch.manual_seed(1)
    losses = losses_of(CONFIG, encoder, [0.0])
    heads = {name: value.clone() for name, value in losses.state_dict().items() if name.startswith("reader.")}
    batcher = Batcher(tokeniser, ["authored"], batch_size=25, augment=0.0)
    trial = Run(CONFIG, losses, batcher, examples, torch.device("cpu"), tmp_path, save_every=99)
    batch = next(batcher.epoch(examples, 9))

    def loss() -> float:
        torch.manual_seed(5)
        with torch.inference_mode():
            return float(losses.eval()(batch))

    before = loss()
    trial.go(0)
    assert loss() < 0.96 * before
    after = losses.state_dict()
    learnt = {name for name, value in heads.items() if not torch.equal(value, after[name])}
    assert learnt
    assert all(name.startswith("reader.encoder.encoder.layer.") for name in learnt)
