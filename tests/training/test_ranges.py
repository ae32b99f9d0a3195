"""Int8 is fitted to our own texts of every kind, and to none that measures."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="fitting int8 needs the extra `train`")

from data.sources.registry import discussion_examples, feeling_examples, twin_examples
from model.manifest import TOKENIZER, WEIGHTS
from training.export import serving_tokeniser
from training.ranges import range_texts, tone_texts

PHRASE = 12  # tokens: "Says it all really." is anybody's, and below some article of either kind


def test_no_text_that_measures_is_among_them_and_every_kind_is() -> None:
    tokeniser = serving_tokeniser(WEIGHTS / "permissive" / TOKENIZER)
    read = {tuple(ids) for ids in tone_texts(tokeniser)}
    assert {tuple(ids) for ids in range_texts(tokeniser)} <= read
    found: dict[str, int] = {}
    for kind in (discussion_examples(), twin_examples(), feeling_examples()):
        examples = list(kind)
        for example, tokens in zip(examples, tokeniser.comments([one.text for one in examples]), strict=True):
            told = len(tokens.ids) > PHRASE and tuple(tokens.ids) in read
            found[example.source] = found.get(example.source, 0) + told
    assert all(count > 300 for source, count in found.items() if not source.endswith("_test"))
    assert not any(count for source, count in found.items() if source.endswith("_test"))
