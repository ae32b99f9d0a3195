"""Batches: a missing label is a mask, spans land on their tokens, articles are shown once, seeds repeat."""

from __future__ import annotations

import random

import torch

from data.sources.examples import Example, Pairing
from model.onnx import CLASSES
from model.tokens import Tokeniser
from training.batches import LONG, PASSAGE, Batcher, padded, passage


def batcher(tokeniser: Tokeniser, **options: float) -> Batcher:
    return Batcher(tokeniser, ["authored", "one"], batch_size=16, augment=options.get("augment", 0.0))


def test_a_missing_label_is_masked_and_not_a_zero(tokeniser: Tokeniser) -> None:
    rows = [Example("you fool", "one", {"toxicity": 0.8}), Example("fine", "one", {"sarcasm": 0.0})]
    batch = batcher(tokeniser).batch(rows, tokeniser.comments([row.text for row in rows]), random.Random(1))
    toxicity, sarcasm = CLASSES.index("toxicity"), CLASSES.index("sarcasm")
    assert batch.known[:, toxicity].tolist() == [1, 0]
    assert batch.known[:, sarcasm].tolist() == [0, 1]
    assert batch.known.sum() == 2
    assert abs(float(batch.labels[0, toxicity]) - 0.8) < 1e-6


def test_marked_passages_land_on_their_tokens(tokeniser: Tokeniser) -> None:
    row = Example("ab cd", "one", spans=((3, 5),))
    batch = batcher(tokeniser).batch([row], tokeniser.comments([row.text]), random.Random(1))
    assert batch.token_known[0].tolist() == [0, 1, 1, 1, 1, 0]
    assert batch.tokens[0].tolist() == [0, 0, 0, 1, 1, 0]


def test_two_comments_below_one_article_share_it(tokeniser: Tokeniser) -> None:
    below = (Pairing("tram late", "", 0.9),)
    rows = [Example("a", "one", pairings=below), Example("b", "one", pairings=below), Example("c", "one")]
    batch = batcher(tokeniser).batch(rows, tokeniser.comments(["a", "b", "c"]), random.Random(1))
    assert batch.article_ids.shape[0] == 1
    assert batch.pairs.tolist() == [[0, 0], [1, 0]]


def test_a_comment_brings_its_own_article_and_as_many_others_as_are_asked_for(tokeniser: Tokeniser) -> None:
    below = tuple(Pairing(title, "", 0.9 - number / 5) for number, title in enumerate(("a", "b", "c", "d")))
    for others, expected in ((1, 2), (2, 3), (9, 4)):
        make = Batcher(tokeniser, ["one"], batch_size=16, augment=0.0, others=others)
        batch = make.batch([Example("x", "one", pairings=below)], tokeniser.comments(["x"]), random.Random(1))
        assert len(batch.pairs) == expected
        assert abs(float(batch.relevance[0]) - 0.9) < 1e-6


def test_an_epoch_holds_every_example_once_and_repeats_with_its_seed(
    tokeniser: Tokeniser, examples: list[Example]
) -> None:
    make = batcher(tokeniser, augment=0.5)
    first, again = (list(make.epoch(examples, 5)) for _ in range(2))
    assert sum(len(batch.ids) for batch in first) == len(examples)
    assert len(first) == make.count(examples)
    assert all(torch.equal(one.ids, other.ids) for one, other in zip(first, again, strict=True))


def test_rows_are_padded_to_the_longest() -> None:
    ids, mask = padded([[5, 6, 7], [8]])
    assert ids.tolist() == [[5, 6, 7], [8, 0, 0]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]


def test_of_half_of_the_long_texts_a_passage_is_shown() -> None:
    chance = random.Random(1)
    text = " ".join(str(number) for number in range(LONG))
    found = [passage(text, PASSAGE, chance) for _ in range(400)]
    cut = [words for words in found if words != text]
    assert 150 < len(cut) < 250
    assert all(words in text and len(words.split()) == PASSAGE for words in cut)
    assert len(set(cut)) > LONG - PASSAGE - 5
    assert passage("short", PASSAGE, chance) == "short"


def test_passages_are_shown_of_articles_and_comments_where_the_run_asks_for_them(tokeniser: Tokeniser) -> None:
    long = " ".join(chr(97 + number % 26) for number in range(2 * LONG))
    example = Example(long, "trial", pairings=(Pairing("", long, 0.9),))

    def beginnings(*, passages: bool) -> list[int]:
        batcher = Batcher(tokeniser, ["trial"], batch_size=1, augment=0.0, passages=passages)
        batches = [next(batcher.epoch([example], seed)) for seed in range(20)]
        return [
            len({int(ids[0, 1]) for ids in shown})
            for shown in zip(*((one.ids, one.article_ids) for one in batches), strict=True)
        ]

    assert beginnings(passages=False) == [1, 1]
    assert min(beginnings(passages=True)) > 4
