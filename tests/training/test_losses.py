"""Relevance learns from the right rivals: an article is no stranger to its own comments, in whatever form."""

from __future__ import annotations

import random

import pytest

pytest.importorskip("torch", reason="needs the extra `train`")

import torch
from transformers import BertModel

from data.sources.examples import Example, Pairing
from model.tokens import Tokeniser
from training.batches import Batch, Batcher
from training.losses import Losses
from training.network import Comparer, Reader

OWN, OTHER = Pairing("tram late", "The tram is late again.", 0.9), Pairing("rain", "It rains.", 0.9)


def batch_of(tokeniser: Tokeniser, rows: list[Example]) -> Batch:
    batcher = Batcher(tokeniser, ["one"], batch_size=8, augment=0.0)
    return batcher.batch(rows, tokeniser.comments([row.text for row in rows]), random.Random(3))


def test_an_article_is_kin_to_its_comments_in_every_form(tokeniser: Tokeniser) -> None:
    rows = [Example(f"comment {number}", "one", pairings=(OWN,)) for number in range(12)]
    rows.append(Example("wet", "one", pairings=(OTHER,)))
    batch = batch_of(tokeniser, rows)
    assert batch.article_ids.shape[0] >= 3  # title, text or both of one, and a form of the other
    others = batch.pairs[batch.pairs[:, 0] == 12][:, 1].tolist()
    expected = [column not in others for column in range(batch.article_ids.shape[0])]
    assert batch.kin[0].tolist() == expected
    assert batch.kin[12].tolist() == [not own for own in expected]


def test_relevance_learns_to_tell_own_articles_from_others(encoder: BertModel, tokeniser: Tokeniser) -> None:
    torch.manual_seed(0)
    rows = [Example("tram late tram", "one", pairings=(OWN,)), Example("rain rain", "one", pairings=(OTHER,))]
    batch = batch_of(tokeniser, rows)
    losses = Losses(Reader(encoder, 0.0), Comparer(48, 0.0), [0.0], {})
    optimiser = torch.optim.AdamW(losses.parameters(), lr=3e-3)
    first = float(losses(batch).detach())
    for _ in range(30):
        optimiser.zero_grad()
        loss = losses(batch)
        loss.backward()
        optimiser.step()
    assert float(losses(batch).detach()) < 0.7 * first


def test_titles_and_texts_are_read_apart_and_put_back_in_order(encoder: BertModel, tokeniser: Tokeniser) -> None:
    losses = Losses(Reader(encoder, 0.0).eval(), Comparer(48, 0.0), [0.0], {})
    ids, mask = torch.zeros(3, 40, dtype=torch.long), torch.zeros(3, 40, dtype=torch.long)
    for row, length in enumerate((40, 5, 36)):
        ids[row, :length] = torch.arange(2, 2 + length)
        mask[row, :length] = 1
    batch = batch_of(tokeniser, [Example("a", "one", pairings=(OWN,))])
    changed = Batch(
        **{**{name: getattr(batch, name) for name in Batch.__slots__}, "article_ids": ids, "article_mask": mask}
    )
    with torch.inference_mode():
        torch.testing.assert_close(losses._article_vectors(changed), losses.reader.vectors(ids, mask))


def test_vectors_are_held_to_the_likenesses_that_a_teacher_sees(encoder: BertModel, tokeniser: Tokeniser) -> None:
    batch = batch_of(tokeniser, [Example(text, "one") for text in ("tram late", "rain again", "well said")])
    reader = Reader(encoder, 0.0).eval()
    losses = Losses(reader, Comparer(48, 0.0), [0.0], {"base": 1.0}, encoder)
    with torch.inference_mode():
        own = torch.nn.functional.normalize(reader.vectors(batch.ids, batch.mask), dim=-1)
        far = float(losses._drift(-own.flip(0), batch.ids, batch.mask))
        near = float(losses._drift(own, batch.ids, batch.mask))
    assert near < 0.1 * far or near < 1e-3
    with pytest.raises(ValueError, match="teacher"):
        Losses(reader, Comparer(48, 0.0), [0.0], {"base": 1.0})
