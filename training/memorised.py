"""How much a model knows by heart. `python -m training.memorised full --data-dir ../shared/datasets`

Spearman's rank correlation of the logits with the labels, on comments of a source that were learnt from and on comments
of the same source that were held out. What the first has above the second was learnt by heart.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from scipy.stats import spearmanr

from data.sources.examples import Example
from model.manifest import weights_folder
from model.onnx import CLASSES, OnnxScorer, load_scorer
from training.calibrate import class_logits
from training.commands import in_a_sentence
from training.mix import Mix, read_mix

SOURCES = (
    "silver_ucc_train_unlabelled",
    "silver_c3_globe_and_mail",
    "silver_civil_comments_toxic_spans",
    "c3",
    "jigsaw",
    "authored",
)
LABELS = ("sarcasm", "toxicity")
ROWS = 2000  # of each part at most, drawn at random


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="name or folder of the weights")
    parser.add_argument("--data-dir", type=Path, required=True)
    arguments = parser.parse_args()
    with in_a_sentence(parser):
        scorer = load_scorer(weights_folder(arguments.model))
        mix = read_mix(arguments.data_dir, permissive=scorer.manifest.name == "permissive")
    print(f"{'source, label':45} {'learnt':>7} {'held out':>9}")
    for line in table(mix, scorer):
        print(line, flush=True)


def table(mix: Mix, scorer: OnnxScorer) -> Iterator[str]:
    """Yield one line for each source that has both parts, and label."""
    learnt: dict[str, list[Example]] = defaultdict(list)
    for example in mix.train:
        learnt[example.source].append(example)
    for source in SOURCES:
        held = mix.dev.get(source, ())
        for label in LABELS:
            found = [correlation(part, label, scorer) for part in (learnt[source], held)]
            if None not in found:
                yield f"{source + ' ' + label:45} {found[0]:7.3f} {found[1]:9.3f}"


def correlation(examples: Sequence[Example], label: str, scorer: OnnxScorer) -> float | None:
    """Return how the logits of up to `ROWS` of the examples rank with their label; None where none has it."""
    rows = [row for row in examples if label in row.labels]
    if not rows:
        return None
    rows = random.Random(1).sample(rows, min(ROWS, len(rows)))
    logits = class_logits([row.text for row in rows], scorer)[:, CLASSES.index(label)]
    return float(spearmanr(logits, [row.labels[label] for row in rows])[0])


if __name__ == "__main__":
    main()
