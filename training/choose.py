"""Dev figures of a run, notion by notion. `python -m training.choose artifacts/full-6 --data-dir ../shared/datasets`

What ships may add notions up (`blend` of the config). This prints, for every held-out part that serves choosing, the
AUC of each notion alone and of the blend that the config names: a blend is chosen on rows that no test holds.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from data.sources.examples import Example
from model.manifest import TOKENIZER
from model.onnx import CLASSES
from model.tokens import Tokeniser
from training.batches import padded
from training.checkpoint import load_weights
from training.commands import in_a_sentence, recipe
from training.config import config_of
from training.encoder import base_folder
from training.metrics import Floats, auc
from training.mix import Mix, read_mix
from training.network import Reader, blend_matrix
from training.notions import NOTIONS
from training.parity import load_network

BATCH = 64
# held-out part, label, attribute that should rank it, share from which the label counts as positive
PARTS = (
    ("ucc_val", "sarcasm", "sarcasm", 0.5),
    ("ucc_val", "hostile", "toxicity", 0.5),
    ("ucc_val", "antagonize", "toxicity", 0.5),
    ("ucc_val", "unhealthy", "toxicity", 0.5),
    ("jigsaw", "toxicity", "toxicity", 0.5),
    ("c3", "crowd", "toxicity", 1 / 3 - 1e-6),
    ("hatemoji", "toxicity", "toxicity", 0.5),
    ("figlang_reddit", "sarcasm", "sarcasm", 0.5),
    ("silver_ucc_train_unlabelled", "sarcasm", "sarcasm", 0.5),
    ("silver_civil_comments_toxic_spans", "sarcasm", "sarcasm", 0.5),
    ("authored", "sarcasm", "sarcasm", 0.6),
    ("authored", "toxicity", "toxicity", 0.55),
)


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of a finished training run")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--config", type=recipe, help="default: training/configs/NAME.toml of the folder's name")
    arguments = parser.parse_args()
    with in_a_sentence(parser):
        weights, base = load_weights(arguments.run), base_folder()
        config = arguments.config or config_of(arguments.run)
        reader = load_network(weights, base)
        reader.blend.copy_(blend_matrix(config.blend))
        tokeniser = Tokeniser.load(base / TOKENIZER, max_tokens=config.max_tokens, article_tokens=config.article_tokens)
        print(f"{'held-out part':45} {'blend':>9}" + "".join(f"{notion[:9]:>10}" for notion in NOTIONS))
        for line in table(read_mix(arguments.data_dir, permissive=config.permissive), reader, tokeniser):
            print(line, flush=True)


def table(mix: Mix, reader: Reader, tokeniser: Tokeniser) -> Iterator[str]:
    """Yield one line a part: the AUC of the attribute as blended, then of every notion."""
    blend = reader.blend.numpy()
    for source, label, attribute, cut in PARTS:
        rows = [row for row in mix.dev.get(source, ()) if label in row.labels]
        if not rows:
            continue
        labels = np.array([float(row.labels[label] >= cut) for row in rows])
        logits = notion_logits(rows, reader, tokeniser)
        figures = [auc(labels, logits @ blend[:, CLASSES.index(attribute)])]
        figures += [auc(labels, logits[:, column]) for column in range(len(NOTIONS))]
        yield f"{source + ' ' + label:45}" + "".join(f"{figure:10.3f}" for figure in figures)


def notion_logits(rows: Sequence[Example], reader: Reader, tokeniser: Tokeniser) -> Floats:
    """Return the logits (R, N) of the rows' notions, batched by length."""
    tokens = [item.ids for item in tokeniser.comments([row.text for row in rows])]
    order = sorted(range(len(tokens)), key=lambda index: len(tokens[index]))
    found = np.empty((len(tokens), len(NOTIONS)))
    with torch.inference_mode():
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            found[chosen] = reader(*padded([tokens[index] for index in chosen])).notions.numpy()
    return found


if __name__ == "__main__":
    main()
