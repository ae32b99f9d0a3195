"""Headlines from beyond the batch are rivals of an article unless they are on its subject."""

from __future__ import annotations

import random

import pytest

pytest.importorskip("torch", reason="needs the extra `train`")

import torch
from transformers import BertModel

from data.sources.examples import Example, Pairing
from model.tokens import Tokeniser
from training.batches import Batch, Batcher
from training.near import rivals_of
from training.relevance import Relevance
from training.relevance_losses import RelevanceLosses
from training.rivals import NO_RIVALS, Rivals

TRAM, RAIN = Pairing("tram late", "", 0.9), Pairing("rain", "", 0.9)
ROWS = [Example("tram late tram", "one", pairings=(TRAM,)), Example("rain rain", "one", pairings=(RAIN,))]


def rivals(*titles: str) -> Rivals:
    """Each title on a subject of its own, but for those that share their first word."""
    firsts = sorted({title.split()[0] for title in titles})
    vectors = torch.stack([torch.eye(len(firsts))[firsts.index(title.split()[0])] for title in titles])
    return Rivals(titles, vectors, {title: place for place, title in enumerate(titles)}, len(titles))


def batch_of(tokeniser: Tokeniser, known: Rivals) -> Batch:
    batcher = Batcher(tokeniser, ["one"], batch_size=8, augment=0.0, rivals=known)
    return batcher.batch(ROWS, tokeniser.comments([row.text for row in ROWS]), random.Random(3))


def test_headlines_on_an_articles_subject_are_no_rivals_of_it() -> None:
    known = rivals("tram late", "tram strike", "rain", "bees")
    assert known.apart(["tram late", "rain"], [0, 1, 2, 3]).tolist() == [
        [False, False, True, True],
        [True, True, False, True],
    ]
    assert known.apart(["unknown", ""], [0, 3]).tolist() == [[False, False], [False, False]]


def test_no_headline_is_drawn_twice() -> None:
    known = rivals("tram late", "tram strike", "rain", "bees")
    assert sorted(known.drawn(random.Random(1))) == [0, 1, 2, 3]


def test_a_batch_brings_its_rivals(tokeniser: Tokeniser) -> None:
    batch = batch_of(tokeniser, rivals("tram late", "rain", "bees"))
    assert len(batch.rival_ids) == len(batch.rival_mask) == 3
    assert batch.apart.shape == (2, 3)
    assert batch.apart.sum(1).tolist() == [2, 2]
    assert len(batch_of(tokeniser, NO_RIVALS).rival_ids) == 0


def test_all_headlines_of_the_examples_may_be_rivals(encoder: BertModel, tokeniser: Tokeniser) -> None:
    untitled = Example("of a text", "one", pairings=(Pairing("", "A text.", 0.9),))
    known = rivals_of([*ROWS, untitled], 5, tokeniser, encoder)
    assert known.titles == ["rain", "tram late"]
    torch.testing.assert_close(known.vectors.norm(dim=1), torch.ones(2))


def test_rivals_count(encoder: BertModel, tokeniser: Tokeniser) -> None:
    torch.manual_seed(0)
    losses = RelevanceLosses(Relevance(encoder, 0.0).eval(), {})
    without, beside = batch_of(tokeniser, NO_RIVALS), batch_of(tokeniser, rivals("tram late", "rain", "bees"))
    assert float(losses(beside).detach()) > float(losses(without).detach())
