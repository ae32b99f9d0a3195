"""How hard the held-out articles are. `python -m training.draws permissive --data-dir ../shared/datasets`

`permissive` has learnt from none of C3's comments, so all 331 of its articles are held out from it, not only those that
a digest of their names draws for measuring both variants. What it reaches on all of them, on that draw and on random
draws of as many articles says by how much the draw is easier or harder than others. Toxicity of 2 and more, and a
comment's own headline against a random other one.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.sources.examples import Example, held_out
from data.sources.registry import SOURCES
from model.manifest import weights_folder
from model.onnx import CLASSES, OnnxScorer, load_scorer
from training.calibrate import Floats, class_logits, pair_logits
from training.commands import in_a_sentence
from training.metrics import auc
from training.mix import HELD_OUT

DRAWS = 500
TOXIC = 1 / 3 - 1e-6  # a mean of 2 on the crowd's scale of 1 to 4
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rows:
    """Scores (N) with what is so (N) and the article (N) that each belongs to."""

    scores: Floats
    labels: Bools
    groups: NDArray[np.str_]

    def auc(self, chosen: Bools) -> float:
        """Return the AUC of the rows chosen."""
        return auc(self.labels[chosen].astype(float), self.scores[chosen])


def main() -> None:
    """Read the command line and print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="name or folder of weights that have learnt from none of C3's comments")
    parser.add_argument("--data-dir", type=Path, required=True)
    arguments = parser.parse_args()
    with in_a_sentence(parser):
        scorer = load_scorer(weights_folder(arguments.model))
        if any(source["name"].endswith(("c3", "c3_globe_and_mail")) for source in scorer.manifest.sources):
            parser.error(f"{arguments.model} has learnt from C3: only what it did not see is held out from it.")
        source = next(known for known in SOURCES if known.name == "c3")
        examples = [example for example in source.examples(arguments.data_dir) if example.pairings]
    for name, rows in {"toxicity": toxicity(examples, scorer), "own/random": relevance(examples, scorer)}.items():
        print(line(name, rows), flush=True)


def line(name: str, rows: Rows) -> str:
    """Say what is reached on all articles, on those that measure both variants, and on random draws of as many."""
    groups = sorted(set(rows.groups))
    ours = [group for group in groups if held_out(group, HELD_OUT["c3"])]
    found = np.array([rows.auc(chosen) for chosen in _draws(rows, groups, len(ours))])
    own = rows.auc(np.isin(rows.groups, ours))
    harder = np.mean(found < own)
    return (
        f"{name:11} all {len(groups)} articles {rows.auc(np.ones(len(rows.labels), bool)):.3f}   "
        f"the {len(ours)} held out {own:.3f}   {DRAWS} draws {found.mean():.3f} +- {found.std():.3f}, "
        f"{harder:.0%} of them harder"
    )


def _draws(rows: Rows, groups: Sequence[str], count: int) -> Iterator[Bools]:
    chance = random.Random(1)
    for _ in range(DRAWS):
        yield np.isin(rows.groups, chance.sample(groups, count))


def toxicity(examples: Sequence[Example], scorer: OnnxScorer) -> Rows:
    """Score the comments that the crowd judged."""
    judged = [example for example in examples if "toxicity" in example.labels]
    scores = class_logits([example.text for example in judged], scorer)[:, CLASSES.index("toxicity")]
    toxic = np.array([example.labels["toxicity"] >= TOXIC for example in judged])
    return Rows(scores, toxic, np.array([example.group for example in judged]))


def relevance(examples: Sequence[Example], scorer: OnnxScorer) -> Rows:
    """Score every comment below its own headline and below a random other one; both belong to its own article."""
    titles: Mapping[str, str] = {example.group: example.pairings[0].title for example in examples}
    chance, groups = random.Random(1), sorted(titles)
    others = [chance.choice([group for group in groups if group != example.group]) for example in examples]
    below = [*(example.group for example in examples), *others]
    texts = [example.text for example in examples] * 2
    scores = pair_logits(((titles[group], "", text) for group, text in zip(below, texts, strict=True)), scorer)
    own = np.arange(len(texts)) < len(examples)
    return Rows(scores, own, np.array([example.group for example in examples] * 2))


if __name__ == "__main__":
    main()
