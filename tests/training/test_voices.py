"""A voice changes how a text is written and not what it says; texts with marked passages have none lent to them."""

from __future__ import annotations

import random

from data.sources.examples import Example
from model.tokens import Tokeniser
from training.batches import Batcher
from training.voices import voiced

TEXT = "You can't know how scary it was. I'm glad, because people cared, and they are safe now."


def test_the_same_seed_speaks_in_the_same_voice() -> None:
    first, again = ([voiced(TEXT, chance) for _ in range(20)] for chance in (random.Random(3), random.Random(3)))
    assert first == again
    assert len(set(first)) > 10


def test_words_that_carry_the_meaning_stay() -> None:
    chance = random.Random(5)
    for _ in range(200):
        said = voiced(TEXT, chance).lower()
        assert all(word in said for word in ("know how scary", "glad", "cared", "safe now"))


def test_words_are_shortened_as_on_a_phone_and_drawn_out() -> None:
    chance = random.Random(7)
    said = [voiced("Are you so sure about that? Thanks.", chance) for _ in range(200)]
    assert any(" u so" in text for text in said)
    assert any("sooo" in text for text in said)
    assert any(text.startswith("omg guys") for text in said)


def test_a_letter_that_is_another_without_its_case_is_left_alone() -> None:
    chance = random.Random(9)
    assert all("w\u0131th" in voiced("w\u0131th", chance) for _ in range(40))


def test_a_text_with_marked_passages_keeps_its_voice(tokeniser: Tokeniser) -> None:
    rows = [Example("you fool", "one", spans=((4, 8),)) for _ in range(16)]
    plain = tokeniser.comments(["you fool"])[0].ids
    batch = next(Batcher(tokeniser, ["one"], batch_size=16, augment=0.0, voices=1.0).epoch(rows, 1))
    assert all(ids == plain for ids in batch.ids.tolist())


def test_as_many_texts_as_asked_for_are_read_in_another_voice(tokeniser: Tokeniser) -> None:
    rows = [Example("ab cd.", "one") for _ in range(400)]
    plain = tokeniser.comments(["ab cd."])[0].ids
    batch = next(Batcher(tokeniser, ["one"], batch_size=400, augment=0.0, voices=0.5).epoch(rows, 1))
    same = sum(ids[: len(plain)] == plain and not any(ids[len(plain) :]) for ids in batch.ids.tolist())
    assert 180 < same < 250  # half of them, and some voices leave so short a text as it is
