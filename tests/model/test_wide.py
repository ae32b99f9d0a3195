"""The wide part: n-grams of texts from their token ids, and what they add to the network's logits."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from model.manifest import TOKENIZER, WIDE, weights_folder
from model.onnx import CLASSES, load_scorer
from model.scores import ModelDamaged
from model.wide import BITS, EVERYWHERE, Letters, Wide

PIECES = ["[PAD]", "[CLS]", "[SEP]", "ab", "##c", "d", "##ab"]
CLS, SEP, AB, C, D = 1, 2, 3, 4, 5
TEXTS = [[CLS, AB, C, D, SEP], [CLS, SEP], [CLS, D, D, D, SEP], [CLS, AB, C, AB, C, AB, SEP]]


@pytest.fixture
def tokenizer(tmp_path: Path) -> Path:
    file = tmp_path / TOKENIZER
    file.write_text(json.dumps({"model": {"vocab": {piece: number for number, piece in enumerate(PIECES)}}}))
    return file


def buckets(letters: Letters, text: list[int]) -> set[int]:
    return set(letters.grams([text]).buckets.tolist())


def model(tokenizer: Path, places: list[tuple[int, int]], domains: int = 2) -> Wide:
    chance = np.random.default_rng(3)
    columns = domains + len(places)
    return Wide(
        Letters(tokenizer),
        {
            "table": chance.integers(-127, 128, (1 << BITS, columns)).astype(np.int8),
            "scales": np.full(columns, 0.02, np.float32),
            "offsets": np.zeros(columns, np.float32),
            "places": np.array(places, np.int8),
        },
    )


def test_grams_are_the_letters_of_words_and_the_pieces(tokenizer: Path) -> None:
    """` abc d ` has 5 + 4 + 3 letter n-grams, five pieces and four pairs of them."""
    grams = Letters(tokenizer).grams([TEXTS[0]])
    assert grams.counts.tolist() == [5 + 4 + 3 + 5 + 4] == [len(set(grams.buckets.tolist()))]


def test_a_word_split_otherwise_has_the_same_letters(tokenizer: Path) -> None:
    letters = Letters(tokenizer)
    shared = buckets(letters, [CLS, AB, C, D, SEP]) & buckets(letters, [CLS, D, AB, C, SEP])
    assert len(shared) >= 3 + 2 + 1  # " ab", "abc", "bc ", " abc", "abc ", " abc "


def test_what_is_said_twice_counts_once(tokenizer: Path) -> None:
    grams = Letters(tokenizer).grams([[CLS, *[D] * 50, SEP]])
    assert grams.counts[0] < 20


def test_no_gram_lies_across_two_texts(tokenizer: Path) -> None:
    letters = Letters(tokenizer)
    together = letters.grams(TEXTS)
    parts = np.split(together.buckets, np.cumsum(together.counts)[:-1])
    assert [set(part.tolist()) for part in parts] == [buckets(letters, text) for text in TEXTS]


def test_what_is_added_does_not_depend_on_the_batch(tokenizer: Path) -> None:
    wide = model(tokenizer, [(0, EVERYWHERE), (0, 1), (6, 0)])
    together = wide.logits(TEXTS * 9)
    alone = np.concatenate([wide.logits([text]) for text in TEXTS * 9])
    assert together.shape == (36, len(CLASSES))
    assert np.array_equal(together, alone)


def test_a_domain_counts_by_its_share_and_everywhere_in_full(tokenizer: Path) -> None:
    places = [(0, 0), (0, 1), (3, EVERYWHERE)]
    found = model(tokenizer, places).logits(TEXTS)
    table = model(tokenizer, places)
    table._table[:, 3] = table._table[:, 2]  # both domains say the same: their shares add up to one
    table._table[:, 4] = table._table[:, 2]
    same = table.logits(TEXTS)
    assert np.allclose(same[:, 0], same[:, 3], atol=1e-6)
    assert not np.allclose(found[:, 0], found[:, 3], atol=1e-3)
    assert not found[:, [1, 2, 4, 5, 6]].any()


@pytest.mark.parametrize("content", [b"", b"PK no archive", None])
def test_a_damaged_file_is_one_sentence(tmp_path: Path, tokenizer: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / WIDE).write_bytes(content)
    with pytest.raises(ModelDamaged, match=r"wide\.npz .* cannot be read"):
        Wide.load(tmp_path / WIDE, tokenizer)


def test_the_shipped_scorer_adds_it_to_what_the_graph_says() -> None:
    folder = weights_folder()
    scorer = load_scorer(folder)
    ids = [tokens.ids for tokens in scorer.tokeniser.comments(["You are an idiot.", "Lovely, thanks."])]
    graph = [scorer._reader.run(["logits"], {"ids": np.array([text])})[0][0] for text in ids]
    added = Wide.load(folder / WIDE, folder / TOKENIZER).logits(ids)
    assert np.allclose([reading.logits for reading in scorer.read(ids)], np.array(graph) + added, atol=1e-6)
    assert added[0, CLASSES.index("insult")] > added[1, CLASSES.index("insult")]
