"""The public tests and held-out parts, each a function from the mix and a scorer to named figures."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from data.sources.examples import Example
from model.onnx import CLASSES, OnnxScorer
from model.spans import toxic_spans
from model.thresholds import DEFAULT_THRESHOLDS
from training.augment import IDENTITIES
from training.calibrate import Pool, class_logits, cross_fitted
from training.metrics import (
    auc,
    average_precision,
    best_threshold,
    brier_skill,
    calibration_slope,
    even_odds,
    expected_calibration_error,
    f1,
    interval,
    reliability,
    span_f1,
)
from training.mix import Mix
from training.robustness import DISGUISES
from training.voices import voiced

Figures = dict[str, float]
Bins = list[tuple[float, float, float]]  # mean probability, share of positives, share of the pool's weight
Floats = NDArray[np.float64]
TOXICITY, SARCASM = CLASSES.index("toxicity"), CLASSES.index("sarcasm")
# source -> name in the results
OWN = {
    "authored": "authored",
    "discussions_test": "discussions",
    "chatter_test": "chatter",
    "twins_test": "twins",
    "feelings_test": "feelings",
}
FEW = 10  # clear cases: fewer say nothing
SUBGROUP_ROWS = 100  # fewer say nothing about a group


def ranking_suites(mix: Mix, scorer: OnnxScorer) -> Figures:
    """How toxicity and sarcasm rank the comments of every labelled test."""
    figures: Figures = {}
    ucc = mix.dev["ucc_val"]
    logits = class_logits([row.text for row in ucc], scorer)
    for name, column in (
        ("sarcasm", SARCASM),
        ("hostile", TOXICITY),
        ("antagonize", TOXICITY),
        ("unhealthy", TOXICITY),
    ):
        figures |= _ranked(f"ucc_val {name}", _labels(ucc, name), logits[:, column])
    for name, cut in (("jigsaw_test", 0.5), ("cad_dev", 0.5), ("c3", 1 / 3 - 1e-6)):
        rows = [row for row in mix.dev[name] if "toxicity" in row.labels]
        figures |= _ranked(f"{name} toxicity", _labels(rows, "toxicity", cut), _column(rows, scorer, TOXICITY))
    rows = list(mix.dev["figlang_reddit_test"])
    figures |= _ranked("figlang_reddit_test sarcasm", _labels(rows, "sarcasm"), _column(rows, scorer, SARCASM))
    return figures | _hatemoji(mix, scorer) | _madlibs(mix, scorer) | _own_discussions(mix, scorer)


def span_suite(mix: Mix, scorer: OnnxScorer) -> Figures:
    """Mean character F1 of toxic spans on the shared task's trial part."""
    rows = mix.dev["toxic_spans_trial"]
    scores = []
    for row in rows:
        tokens, reading = scorer.read_tokens(row.text)
        found = toxic_spans(tokens, reading.tokens, scorer.manifest.span_threshold)
        predicted = {offset for span in found for offset in range(span.start, span.end)}
        gold = {offset for start, end in row.spans or () for offset in range(start, end)}
        scores.append(span_f1(predicted, gold))
    return {"tsd_trial span F1": float(np.mean(scores))}


def robustness_suite(mix: Mix, scorer: OnnxScorer) -> Figures:
    """A Jigsaw sample of which only the toxic comments are disguised, beside the plain one: AUC, and accuracy at the
    threshold that is best on other, plain rows.
    """
    chance = random.Random(1)
    rows = chance.sample(list(mix.dev["jigsaw_test"]), 1500)
    texts, labels = [row.text[:400] for row in rows], _labels(rows, "toxicity")
    plain = class_logits(texts, scorer)[:, TOXICITY]
    threshold = best_threshold(_labels(mix.dev["jigsaw"], "toxicity"), _column(mix.dev["jigsaw"], scorer, TOXICITY))
    figures: Figures = {}
    for name, disguise in {"none": _as_it_is, **DISGUISES}.items():
        changed = class_logits([disguise(text, chance) for text in texts], scorer)[:, TOXICITY]
        scores = np.where(labels > 0, changed, plain)
        figures[f"disguise {name} AUC"] = auc(labels, scores)
        figures[f"disguise {name} accuracy"] = float(((scores >= threshold) == (labels > 0)).mean())
    return figures


def calibration_suite(
    found: Mapping[str, Pool], fitting: Mapping[str, NDArray[np.bool_]]
) -> tuple[Figures, dict[str, Bins]]:
    """Calibration error, Brier skill, slope and reliability bins of each pool, every row by the other half's fit."""
    figures: Figures = {}
    bins: dict[str, Bins] = {}
    for name, pool in found.items():
        shares = cross_fitted(pool, fitting[name])
        figures[f"pool {name} ECE"] = expected_calibration_error(pool.labels, shares, pool.weights)
        figures[f"pool {name} Brier skill"] = brier_skill(pool.labels, shares, pool.weights)
        figures[f"pool {name} slope"] = calibration_slope(pool.labels, shares, pool.weights)
        figures[f"pool {name} AUC"] = auc(pool.labels, pool.logits)
        figures[f"pool {name} F1"] = _review_f1(name, pool, shares)
        bins[name] = reliability(pool.labels, shares, pool.weights)
    return figures, bins


def _review_f1(name: str, pool: Pool, shares: Floats) -> float:
    """F1 of what the default policy sends to review; for relevance that is what lies below its threshold."""
    threshold = DEFAULT_THRESHOLDS[name]
    if name == "relevance":
        return f1(1 - pool.labels, 1 - shares, 1 - threshold, pool.weights)
    return f1(pool.labels, shares, threshold, pool.weights)


def _as_it_is(text: str, chance: random.Random) -> str:
    return text


def _ranked(name: str, labels: Floats, scores: Floats) -> Figures:
    low, high = interval(auc, labels, scores)
    return {
        f"{name} AUC": auc(labels, scores),
        f"{name} AUC low": low,
        f"{name} AUC high": high,
        f"{name} AP": average_precision(labels, scores),
        f"{name} positives": float(labels.mean()),
    }


def _hatemoji(mix: Mix, scorer: OnnxScorer) -> Figures:
    """HatemojiCheck as a whole and by functionality; the threshold comes from the source's held-out validation part."""
    rows = list(mix.dev["hatemoji_check"])
    labels, scores = _labels(rows, "toxicity"), _column(rows, scorer, TOXICITY)
    chosen = mix.dev["hatemoji"]
    threshold = even_odds(_labels(chosen, "toxicity"), _column(chosen, scorer, TOXICITY))
    right = (scores >= threshold) == (labels > 0)
    figures = _ranked("hatemoji_check", labels, scores) | {"hatemoji_check accuracy": float(right.mean())}
    for name in sorted({row.group for row in rows}):
        chosen_rows = np.array([row.group == name for row in rows])
        figures[f"hatemoji_check {name} accuracy"] = float(right[chosen_rows].mean())
    return figures


def _madlibs(mix: Mix, scorer: OnnxScorer) -> Figures:
    """Subgroup, BPSN and BNSP AUC (Borkan et al. 2019): the lowest of all identity terms."""
    rows = random.Random(1).sample(list(mix.dev["madlibs"]), 12_000)
    labels, scores = _labels(rows, "toxicity"), _column(rows, scorer, TOXICITY)
    found: dict[str, list[float]] = defaultdict(list)
    for term in sorted({term for terms in IDENTITIES.values() for term in terms}):
        inside = np.array([f" {term} " in f" {row.text.lower()} " for row in rows])
        if inside.sum() >= SUBGROUP_ROWS:
            found["subgroup"].append(auc(labels[inside], scores[inside]))
            for name, positives in (("BPSN", ~inside), ("BNSP", inside)):
                chosen = np.where(labels > 0, positives, ~positives)
                found[name].append(auc(labels[chosen], scores[chosen]))
    return {f"madlibs lowest {name} AUC": min(values) for name, values in found.items()}


def _own_discussions(mix: Mix, scorer: OnnxScorer) -> Figures:
    """Our own held-out discussions: clear cases against clear counter-cases."""
    figures: Figures = {}
    for source, name in OWN.items():
        rows = mix.dev[source]
        logits = class_logits([row.text for row in rows], scorer)
        for kind, column, high, low in (("sarcasm", SARCASM, 0.6, 0.1), ("toxicity", TOXICITY, 0.55, 0.1)):
            graded = [row.labels[kind] for row in rows]
            if sum(grade >= high for grade in graded) >= FEW:
                figures[f"{name} {kind} AUC"] = clear_cases(logits[:, column], graded, high, low)
    return figures


def clear_cases(scores: Floats, graded: Sequence[float], high: float, low: float) -> float:
    """AUC between what is graded `high` and more and what is graded `low` and less; the rest is left out."""
    grades = np.array(graded)
    clear = (grades >= high) | (grades <= low)
    return auc((grades[clear] >= high).astype(float), scores[clear])


def voices_suite(mix: Mix, scorer: OnnxScorer) -> Figures:
    """The same clear cases of sarcasm when all comments, meant or not, are said as on a phone (`training.voices`)."""
    figures: Figures = {}
    for source in ("discussions_test", "feelings_test", "twins_test"):
        rows, chance = mix.dev[source], random.Random(11)
        said = class_logits([voiced(row.text, chance) for row in rows], scorer)
        graded = [row.labels["sarcasm"] for row in rows]
        figures[f"{OWN[source]} voiced sarcasm AUC"] = clear_cases(said[:, SARCASM], graded, 0.6, 0.1)
    return figures


def _labels(rows: Sequence[Example], name: str, cut: float = 0.5) -> Floats:
    return np.array([float(row.labels[name] >= cut) for row in rows])


def _column(rows: Sequence[Example], scorer: OnnxScorer, column: int) -> Floats:
    return class_logits([row.text for row in rows], scorer)[:, column]
