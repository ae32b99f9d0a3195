"""Relevance learns from the right rivals: an article is no stranger to its own comments, in whatever form."""

from __future__ import annotations

import random

import pytest

pytest.importorskip("torch", reason="needs the extra `train`")

import numpy as np
import torch
from transformers import BertModel

from data.sources.examples import Example, Pairing
from model import topics as served
from model.tokens import Tokeniser
from training import near, relevance_losses
from training.batches import Batch, Batcher
from training.relevance import Relevance, Topics, likeness
from training.relevance_losses import RelevanceLosses

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


def losses_of(encoder: BertModel) -> RelevanceLosses:
    torch.manual_seed(0)
    return RelevanceLosses(Relevance(encoder, 0.0).eval(), {})


def test_relevance_learns_to_tell_own_articles_from_others(encoder: BertModel, tokeniser: Tokeniser) -> None:
    rows = [Example("tram late tram", "one", pairings=(OWN,)), Example("rain rain", "one", pairings=(OTHER,))]
    batch, losses = batch_of(tokeniser, rows), losses_of(encoder)
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    optimiser = torch.optim.AdamW(losses.parameters(), lr=3e-3)
    first = float(losses(batch).detach())
    for _ in range(30):
        optimiser.zero_grad()
        loss = losses(batch)
        loss.backward()
        optimiser.step()
    assert float(losses(batch).detach()) < 0.7 * first
    for name, value in encoder.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)


def test_articles_of_like_length_are_read_together_and_put_back_in_order(
    encoder: BertModel, tokeniser: Tokeniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relevance_losses, "TOGETHER", 2)
    losses = losses_of(encoder)
    ids, mask = torch.zeros(3, 40, dtype=torch.long), torch.zeros(3, 40, dtype=torch.long)
    for row, length in enumerate((40, 5, 36)):
        ids[row, :length] = torch.arange(2, 2 + length)
        mask[row, :length] = 1
    batch = batch_of(tokeniser, [Example("a", "one", pairings=(OWN,))])
    changed = Batch(
        **{**{name: getattr(batch, name) for name in Batch.__slots__}, "article_ids": ids, "article_mask": mask}
    )
    with torch.inference_mode():
        alone = losses.relevance.compare(losses.relevance(ids, mask), losses.relevance(batch.ids, batch.mask))
        torch.testing.assert_close(losses._table(changed, torch.tensor([0])), alone, rtol=1e-4, atol=1e-4)


def test_padding_changes_no_topics(encoder: BertModel) -> None:
    relevance = losses_of(encoder).relevance
    ids, mask = torch.tensor([[2, 9, 8, 3]]), torch.ones(1, 4, dtype=torch.long)
    padded = torch.cat((ids, torch.zeros(1, 5, dtype=torch.long)), 1), torch.tensor([[1] * 4 + [0] * 5])
    with torch.inference_mode():
        alone, longer = relevance(ids, mask), relevance(*padded)
        torch.testing.assert_close(alone.vector, longer.vector, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(likeness(alone, alone), likeness(longer, longer), rtol=1e-4, atol=1e-5)


def test_serving_compares_as_training_does(encoder: BertModel) -> None:
    relevance = losses_of(encoder).relevance
    rows = [[2, 9, 8, 3], [2, 40, 41, 42, 9, 3]]
    with torch.inference_mode():
        article, comment = (relevance(torch.tensor([ids]), torch.ones(1, len(ids), dtype=torch.long)) for ids in rows)
        expected = likeness(article, comment)[0, 0].numpy()
    found = served.likeness(*(served.Topics(*(part[0].numpy() for part in parts(one))) for one in (article, comment)))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def parts(topics: Topics) -> tuple[torch.Tensor, ...]:
    return topics.vector, topics.words, topics.weights


def test_headlines_on_a_like_subject_stand_against_a_comments_own(
    monkeypatch: pytest.MonkeyPatch, encoder: BertModel, tokeniser: Tokeniser
) -> None:
    degrees = {"own": 0, "the same story": 30, "a like subject": 65, "another like": 70, "elsewhere": 120}
    turns = torch.deg2rad(torch.tensor([float(degrees[title]) for title in sorted(degrees)]))
    monkeypatch.setattr(near, "headline_vectors", lambda *_: torch.stack((turns.cos(), turns.sin()), 1))
    rows = [Example(f"below {title}", "headlined", pairings=(Pairing(title, "", 0.9),)) for title in degrees]
    rows.append(Example("below nothing", "cad"))
    found = near.with_like(rows, 2, 1, tokeniser, encoder)
    assert {pairing.title: pairing.relevance for pairing in found[0].pairings} == {
        "own": 0.9,
        "a like subject": near.LIKE_RELEVANCE,
        "another like": near.LIKE_RELEVANCE,
    }
    assert [len(row.pairings) for row in found] == [3, 1, 2, 2, 1, 0]


def test_articles_of_a_source_that_is_compared_whole_get_none_of_these(
    monkeypatch: pytest.MonkeyPatch, encoder: BertModel, tokeniser: Tokeniser
) -> None:
    monkeypatch.setattr(near, "headline_vectors", lambda titles, *_: torch.tensor([[1.0, 0.0]] * len(titles)))
    row = Example("below it", "c3", pairings=(OWN,))
    assert near.with_like([row], 2, 1, tokeniser, encoder) == [row]
