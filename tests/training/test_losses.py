"""What a run for tone minimises: known labels alone, and with a weight for it that two readings agree."""

from __future__ import annotations

import random

import pytest
import torch
from transformers import BertModel

from data.sources.examples import Example
from model.tokens import Tokeniser
from training.batches import Batch, Batcher
from training.losses import Losses, disagreement
from training.network import Reader


@pytest.fixture
def batch(tokeniser: Tokeniser) -> Batch:
    rows = [Example("you fool", "trial", {"toxicity": 0.9}), Example("so true", "trial", {"sarcasm": 0.1})]
    batcher = Batcher(tokeniser, ["trial"], batch_size=2, augment=0.0)
    return batcher.batch(rows, tokeniser.comments([row.text for row in rows]), random.Random(1))


def test_equal_readings_agree_and_the_further_apart_the_more_they_differ() -> None:
    logits = torch.tensor([[-2.0, 0.5], [1.0, 3.0]])
    assert disagreement(logits, logits) == 0
    near, far = (float(disagreement(logits, logits + step)) for step in (0.5, 2.0))
    assert 0 < near < far
    assert float(disagreement(logits + 2.0, logits)) == pytest.approx(far)


def test_it_is_the_mean_of_both_divergences() -> None:
    first, second = torch.tensor([[0.4]]), torch.tensor([[-1.1]])
    shares = torch.sigmoid(first), torch.sigmoid(second)
    both = [
        sum(torch.nn.functional.kl_div(one.log(), other, reduction="sum") for one, other in ((p, q), (1 - p, 1 - q)))
        for p, q in (shares, shares[::-1])
    ]
    assert float(disagreement(first, second)) == pytest.approx(float(sum(both)) / 2, abs=1e-6)


def test_readings_that_dropout_sets_apart_cost_more_where_they_are_to_agree(encoder: BertModel, batch: Batch) -> None:
    def loss(dropout: float, weight: float) -> float:
        torch.manual_seed(3)
        losses = Losses(Reader(encoder, dropout), [0.0], {"consistency": weight}).train()
        with torch.no_grad():
            losses.reader.outputs.fill_(1.0)  # heads that begin near zero say the same of everything
        return float(losses(batch).detach())

    assert loss(0.0, 9.0) == pytest.approx(loss(0.0, 0.0), rel=1e-5)
    assert loss(0.5, 9.0) > loss(0.5, 1e-6) + 0.01
