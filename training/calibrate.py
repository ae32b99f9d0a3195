"""Fits the calibration of each attribute on its named pool of held-out comments.

Sarcasm and toxicity on pools weighted to 20 % positives, which is what a moderation queue looks like; the kinds of
toxicity at their own share in that pool; relevance at 75 % on topic. The rows are newspapers' comments that were never
trained on. What ships is fitted on all of them; what is measured (`training.evaluate`) is fitted on the other half.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from data.records import Article
from data.sources.examples import Example, fingerprint, held_out
from model.calibration import Calibration, sides
from model.onnx import CLASSES, OnnxScorer
from training.mix import Mix

Floats = NDArray[np.float64]
SHARES = {"sarcasm": 0.2, "toxicity": 0.2, "relevance": 0.75}
RARE = 0.1  # of a pool, by weight: identity attacks are 6.5 %, threats 2 %
MAJORITY = 0.5  # graded probability from which most readers say yes
POOL_NAMES = {
    "sarcasm": "held-out newspaper comments, 20 % sarcastic",
    "toxicity": "held-out newspaper comments, 20 % toxic",
    "relevance": "held-out headline and comment pairs, 75 % on topic",
}


@dataclass(frozen=True, slots=True)
class Pool:
    """Rows of one attribute: `logits`, `labels` 0 or 1, `weights` that bring the positives to their share."""

    name: str
    logits: Floats
    labels: Floats
    weights: Floats

    def half(self, fitting: NDArray[np.bool_]) -> Pool:
        """Return the rows that the mask selects."""
        return Pool(self.name, self.logits[fitting], self.labels[fitting], self.weights[fitting])


def cross_fitted(pool: Pool, fitting: NDArray[np.bool_]) -> Floats:
    """Return the probabilities (N,) of a pool, each half's by what the other half fitted."""
    shares = np.empty(len(pool.logits))
    for half in (fitting, ~fitting):
        shares[half] = fit(pool.half(~half)).probabilities(pool.logits[half])
    return shares


def fit(pool: Pool) -> Calibration:
    """Return slopes and offset by weighted logistic regression, practically without a penalty.

    What is `RARE` has one slope for both sides, because too few rows tell the two apart; a slope that would turn the
    ranking round is 0.
    """
    share = float((pool.labels * pool.weights).sum() / pool.weights.sum())
    if share < RARE:
        slopes, offset = _line(pool.logits[:, None], pool)
        return Calibration(slopes[0], slopes[0], offset, pool.name, len(pool.labels), round(share, 4))
    both = np.stack(sides(pool.logits), 1)
    slopes, offset = _line(both, pool)
    if min(slopes) < 0:
        slopes, offset = _line(both * (np.array(slopes) >= 0), pool)
    below, above = slopes
    return Calibration(below, above, offset, pool.name, len(pool.labels), round(share, 4))


def _line(features: Floats, pool: Pool) -> tuple[list[float], float]:
    model = LogisticRegression(C=1e4, max_iter=1000).fit(features, pool.labels, sample_weight=pool.weights)
    return model.coef_[0].tolist(), float(model.intercept_[0])


def pools(mix: Mix, scorer: OnnxScorer) -> dict[str, Pool]:
    """Return the pool of each attribute."""
    return tone_pools(mix, scorer)[0] | relevance_pools(mix, scorer)[0]


def tone_pools(mix: Mix, scorer: OnnxScorer) -> tuple[dict[str, Pool], dict[str, NDArray[np.bool_]]]:
    """Return the pools of all but relevance, and which of their rows are for fitting."""
    comments = [row for source, rows in mix.dev.items() if _graded(source) for row in rows]
    logits = class_logits([row.text for row in comments], scorer)
    toxic = _column(comments, "toxicity")
    by_toxicity = to_share(toxic, SHARES["toxicity"])
    found = {
        name: Pool(POOL_NAMES["toxicity"], logits[:, column], _column(comments, name), by_toxicity)
        for column, name in enumerate(CLASSES)
    }
    sarcastic = _column(comments, "sarcasm")
    found["sarcasm"] = Pool(
        POOL_NAMES["sarcasm"], logits[:, CLASSES.index("sarcasm")], sarcastic, to_share(sarcastic, SHARES["sarcasm"])
    )
    return found, {name: _fitting(comments) for name in CLASSES}


def relevance_pools(mix: Mix, scorer: OnnxScorer) -> tuple[dict[str, Pool], dict[str, NDArray[np.bool_]]]:
    """Return the same for relevance alone."""
    return {"relevance": relevance_pool(mix, scorer)}, {"relevance": _fitting(_pairs(mix))}


def class_logits(texts: Sequence[str], scorer: OnnxScorer) -> Floats:
    """Uncalibrated logits (N, 7) in the order of `CLASSES`."""
    readings = scorer.read_texts(texts)
    return np.array([reading.logits for reading in readings], dtype=np.float64).reshape(-1, len(CLASSES))


def pair_logits(pairs: Iterable[tuple[str, str, str]], scorer: OnnxScorer) -> Floats:
    """Uncalibrated relevance logits (N,) of (title, text, comment)."""
    rows = list(pairs)
    below = scorer.topics_of([Article(title, (text,) if text else ()) for title, text, _ in rows])
    readings = scorer.read_texts([comment for *_, comment in rows], below)
    return np.array([reading.relevance or 0.0 for reading in readings])


def to_share(labels: Floats, share: float) -> Floats:
    """Weights that bring the positives to a share of the whole; their sum is the number of rows."""
    found = float(labels.mean())
    weights: Floats = np.where(labels > 0, share / found, (1 - share) / (1 - found))
    return weights


def _graded(source: str) -> bool:
    return source.startswith("silver") and not source.startswith("silver_pairs")


def _column(examples: Sequence[Example], attribute: str) -> Floats:
    cut = 0.4 if attribute == "severe_toxicity" else MAJORITY
    return np.array([float(example.labels[attribute] >= cut) for example in examples])


def _fitting(examples: Sequence[Example]) -> NDArray[np.bool_]:
    return np.array([held_out("fit" + fingerprint(example.text), 0.5) for example in examples])


def _pairs(mix: Mix) -> list[Example]:
    return [row for source, rows in mix.dev.items() if source.startswith("silver_pairs") for row in rows]


def relevance_pool(mix: Mix, scorer: OnnxScorer) -> Pool:
    """Return the pool of relevance alone."""
    pairs = _pairs(mix)
    logits = pair_logits(((row.pairings[0].title, row.pairings[0].text, row.text) for row in pairs), scorer)
    labels = np.array([float(row.pairings[0].relevance > MAJORITY) for row in pairs])
    return Pool(POOL_NAMES["relevance"], logits, labels, to_share(labels, SHARES["relevance"]))
