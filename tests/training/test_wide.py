"""The wide part is fitted to the sources that a recipe takes from, and counts where its domain is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from data.sources.examples import Example
from model.onnx import CLASSES
from model.tokens import Tokeniser
from model.wide import BITS, EVERYWHERE, Letters, Wide
from training.config import TrainConfig
from training.wide import contrasts, fit_wide, gram_matrix
from training.wide_columns import COLUMNS, DOMAINS, domain_of

SOURCES = ("authored", "jigsaw", "cad", "twins", "chatter")  # one of each domain
RECIPE = TrainConfig(
    name="trial",
    version="1",
    permissive=True,
    wide={"sarcasm": {"any": {"own": 1.0}}, "toxicity": {"wiki": {"wiki": 0.5}, "news": {"rudeness": 0.2, "own": 0.1}}},
)


@pytest.fixture
def mixed(examples: list[Example]) -> list[Example]:
    """Our own comments under the names of sources of all domains, some graded ones among them."""
    names = (*SOURCES, "silver_civil")
    return [replace(example, source=names[place % len(names)]) for place, example in enumerate(examples)]


def test_every_source_of_a_column_has_a_domain() -> None:
    everyones = ("", "silver", "graded", "feelings")  # these are written in more ways than one
    named = {prefix for column in COLUMNS.values() for prefix in column.sources if prefix not in everyones}
    assert all(domain_of(prefix) is not None for prefix in named)
    assert [domain_of(source) for source in ("jigsaw", "graded_ucc_unlabelled", "figlang_reddit", "hatemoji")] == [
        0,
        1,
        2,
        3,
    ]
    assert domain_of("elsewhere") is domain_of("feelings") is None


def test_what_is_fitted_ranks_what_it_was_fitted_to(mixed: list[Example], tokenizer_file: Path) -> None:
    held = fit_wide(RECIPE, mixed, tokenizer_file)
    assert held["table"].shape == (1 << BITS, len(DOMAINS) + 3)
    assert held["places"].tolist() == [[CLASSES.index("sarcasm"), EVERYWHERE], [0, 0], [0, 1]]
    tokeniser = Tokeniser.load(tokenizer_file, max_tokens=256, article_tokens=64)
    own = [row for row in mixed if row.source in ("authored", "twins")]
    added = Wide(Letters(tokenizer_file), held).logits(
        [tokens.ids for tokens in tokeniser.comments([row.text for row in own])]
    )
    sarcastic = np.array([row.labels["sarcasm"] > 0.5 for row in own])
    assert 0 < sarcastic.sum() < len(own)
    column = added[:, CLASSES.index("sarcasm")]
    assert column[sarcastic].mean() > column[~sarcastic].mean() + 0.1
    assert abs(column.mean()) < 3  # it was centred on all rows, not on these
    assert not added[:, CLASSES.index("insult")].any()


def test_a_column_without_rows_is_named(mixed: list[Example], tokenizer_file: Path) -> None:
    recipe = replace(RECIPE, wide={"sarcasm": {"any": {"tagged": 1.0}}})
    untagged = [example for example in mixed if not example.source.startswith(("twins", "chatter"))]
    with pytest.raises(ValueError, match="No source of this recipe has the label tagged"):
        fit_wide(recipe, untagged, tokenizer_file)


def test_rows_of_the_matrix_have_length_one(tokenizer_file: Path) -> None:
    grams = gram_matrix(["Lovely, thanks.", "", "no " * 500], tokenizer_file)
    assert np.allclose(np.asarray(grams.multiply(grams).sum(1)), 1)


def test_ngrams_of_one_side_stand_out_and_common_ones_do_not() -> None:
    grams = csr_matrix(np.array([[1, 0, 1], [2, 0, 1], [0, 1, 1], [0, 3, 1]], np.float32))
    found = contrasts(grams, np.array([1.0, 1.0, 0.0, 0.0]))
    np.testing.assert_allclose(found, [np.log(3), np.log(3), 0.0], atol=1e-12)
    np.testing.assert_allclose(contrasts(grams, np.full(4, 0.5)), 0, atol=1e-12)
