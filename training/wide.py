"""Fits the wide part (`model.wide`) beside finished graphs.

    python -m training.wide training/configs/full.toml --data-dir ../shared/datasets

Each column is a logistic regression for one label over the texts of one family of sources; what ships are their sums by
the weights of the recipe, per attribute and domain, and a regression that tells the domains apart (a mixture of
experts: Jacobs et al. 1991). The columns never see what the network says, so they do not lean on comments that it
knows by heart. The graphs stay the very files that they were; the calibration is fitted anew.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from data.sources.examples import Example
from model.manifest import TOKENIZER, WEIGHTS, WIDE, read_manifest, sha256
from model.onnx import CLASSES
from model.wide import BITS, EVERYWHERE, Letters
from training.augment import identity_templates
from training.commands import in_a_sentence, recipe
from training.config import TrainConfig
from training.export import calibrate, commit, names_taken, serving_tokeniser
from training.export_relevance import check_tone
from training.mix import Mix, read_mix
from training.notions import with_notions
from training.wide_columns import ANYWHERE, COLUMNS, DOMAINS, OWN, Column, domain_of

TEMPLATES = 2000  # sentences about people of every group, so that the name of a group weighs nothing
TOGETHER = 256  # texts whose n-grams are found at once
SURE = 0.02  # of a label: nearer to 0 or 1 it counts as such
PER_DOMAIN = 15_000  # texts of each domain that teach to tell it
Floats = NDArray[np.float64]


def main() -> None:
    """Read the command line, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=recipe)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--weights", type=Path, help="default: model/weights/NAME")
    arguments = parser.parse_args()
    config: TrainConfig = arguments.config
    folder = arguments.weights or WEIGHTS / config.name
    with in_a_sentence(parser):
        mix = read_mix(arguments.data_dir, permissive=config.permissive)
        write_wide(config, mix, folder)
        calibrate(folder, mix)
    print(folder)


def write_wide(config: TrainConfig, mix: Mix, folder: Path) -> None:
    """Write the wide part beside the tokenizer and name it in the manifest; the calibration is left as it was."""
    before = read_manifest(folder)
    check_tone(before, config)
    allowed = (*names_taken(config), *OWN)
    examples = [example for example in mix.train if example.source.startswith(allowed)]
    arrays: dict[str, Any] = fit_wide(config, examples, folder / TOKENIZER)
    np.savez_compressed(folder / WIDE, **arrays)
    replace(
        before,
        version=config.version,
        recipe={**before.recipe, "version": config.version, "wide": config.wide},
        metrics={},
        commit=commit(),
        files={**before.files, WIDE: sha256(folder / WIDE)},
    ).write(folder)


def fit_wide(config: TrainConfig, examples: Sequence[Example], tokenizer: Path) -> dict[str, Any]:
    """Return the arrays of `model.wide.Wide` by their names."""
    rows = [with_notions(example) for example in (*examples, *identity_templates(TEMPLATES, config.seed))]
    grams = gram_matrix([row.text for row in rows], tokenizer)
    rarity = np.log((1 + len(rows)) / (1 + np.bincount(grams.indices, minlength=1 << BITS))) + 1
    grams.data *= rarity.astype(np.float32)[grams.indices]
    domains = np.array([-1 if (place := domain_of(row.source)) is None else place for row in rows])
    gates, offsets = fit_gates(domains, grams, config.seed)
    parts, places = list(gates.T), []
    for attribute, domain, slopes, offset in sums(config, rows, grams, domains):
        parts.append(slopes)
        offsets.append(offset)
        places.append((CLASSES.index(attribute), domain))
    table = np.stack(parts, 1) * rarity[:, None]
    scales = np.maximum(np.abs(table).max(0), 1e-9) / 127
    return {
        "table": np.round(table / scales).astype(np.int8),
        "scales": scales.astype(np.float32),
        "offsets": np.array(offsets, np.float32),
        "places": np.array(places, np.int8),
    }


def gram_matrix(texts: Sequence[str], tokenizer: Path) -> csr_matrix:
    """Return the n-grams (N, 2^18) of texts as comments: 1 over the root of their number where a text has one."""
    tokeniser = serving_tokeniser(tokenizer)
    letters = Letters(tokenizer)
    found = [
        letters.grams([tokens.ids for tokens in tokeniser.comments(texts[start : start + TOGETHER])])
        for start in range(0, len(texts), TOGETHER)
    ]
    counts = np.concatenate([part.counts for part in found])
    values = np.repeat(1 / np.sqrt(counts), counts).astype(np.float32)
    buckets = np.concatenate([part.buckets.astype(np.int32) for part in found])
    return csr_matrix((values, buckets, np.concatenate(([0], np.cumsum(counts)))), shape=(len(texts), 1 << BITS))


def fit_gates(domains: NDArray[np.int64], grams: csr_matrix, seed: int) -> tuple[Floats, list[float]]:
    """Return what tells the domains apart: a slope for every bucket and domain (2^18, D), and offsets."""
    chance = np.random.default_rng(seed)
    drawn = [chance.permutation(np.flatnonzero(domains == place))[:PER_DOMAIN] for place in range(len(DOMAINS))]
    chosen = np.concatenate(drawn)
    model = LogisticRegression(C=0.1, max_iter=300, tol=1e-3).fit(grams[chosen], domains[chosen])
    return model.coef_.T, model.intercept_.tolist()


def sums(
    config: TrainConfig, rows: Sequence[Example], grams: csr_matrix, domains: NDArray[np.int64]
) -> Iterator[tuple[str, int, Floats, float]]:
    """Yield attribute, domain, slopes and offset of every sum of columns; on its own domain a sum is 0 on average."""
    known: dict[str, Floats] = {}
    for attribute, by_domain in config.wide.items():
        for domain, weights in by_domain.items():
            for name in weights.keys() - known.keys():
                known[name] = fit_column(COLUMNS[name], rows, grams)
            slopes: Floats = np.sum([weight * known[name] for name, weight in weights.items()], axis=0)
            place = EVERYWHERE if domain == ANYWHERE else list(DOMAINS).index(domain)
            there = grams if domain == ANYWHERE else grams[domains == place]
            yield attribute, place, slopes, -float((there @ slopes).mean())


def fit_column(column: Column, rows: Sequence[Example], grams: csr_matrix) -> Floats:
    """Return the weight (2^18,) of every bucket; a label between 0 and 1 is a row of either kind with its share."""
    labels = [_label(column, row) for row in rows]
    chosen = np.array([index for index, label in enumerate(labels) if label is not None], np.int64)
    if not len(chosen):
        raise ValueError(f"No source of this recipe has the label {column.label}.")
    shares = np.array([labels[index] for index in chosen], np.float64)
    unsure = (shares > SURE) & (shares < 1 - SURE)
    truths = np.concatenate((np.where(unsure, 1, shares > 0.5), np.zeros(unsure.sum())))
    weights = np.concatenate((np.where(unsure, shares, 1), 1 - shares[unsure]))
    scales = contrasts(grams[chosen], shares) ** column.contrast
    learnt = grams[np.concatenate((chosen, chosen[unsure]))]
    learnt.data *= scales.astype(np.float32)[learnt.indices]
    model = LogisticRegression(C=column.inverse_penalty, max_iter=200)
    model.fit(learnt, truths, sample_weight=weights)
    slopes: Floats = model.coef_[0] * scales
    return slopes


def contrasts(grams: csr_matrix, shares: Floats) -> Floats:
    """Return for every bucket (2^18,) how unlike its shares of what is so and what is not are: the absolute logarithm
    of their ratio, each text counting by its label in `shares` (N,) (the log-count ratio of naive Bayes, add-one).
    """
    there = csr_matrix((np.ones(len(grams.data)), grams.indices, grams.indptr), grams.shape)
    positive, negative = 1 + there.T @ shares, 1 + there.T @ (1 - shares)
    ratios: Floats = np.abs(np.log(positive / positive.sum()) - np.log(negative / negative.sum()))
    return ratios


def _label(column: Column, row: Example) -> float | None:
    if row.source == "templates":
        kind = row.labels.get(column.label, None if column.label in CLASSES else row.labels["toxicity"])
        return kind if column.templates else None
    return row.labels.get(column.label) if row.source.startswith(column.sources) else None


if __name__ == "__main__":
    main()
