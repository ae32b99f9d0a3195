"""What a bag of words reaches on the rows that the model is judged by. `python -m training.baseline --data-dir DATA`

TF-IDF of words and of letters with ridge regression, trained on one source's own training part: figures of others were
measured on other splits, and this one says how hard ours are.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline, make_union

from training.commands import in_a_sentence
from training.metrics import auc
from training.mix import Mix, read_mix

# held-out part, the label that it is judged by, its cut, the label that the training part has
PARTS = (("jigsaw_test", "toxicity", 0.5, "wiki"), ("c3", "crowd", 1 / 3 - 1e-6, "crowd"))


def main() -> None:
    """Read the command line and print one line a part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True)
    data_dir = parser.parse_args().data_dir
    with in_a_sentence(parser):
        mix = read_mix(data_dir, permissive=False)
    for name, figure, rows in baselines(mix):
        print(f"{name} AUC {figure:.3f} from {rows} comments", flush=True)


def baselines(mix: Mix) -> Iterator[tuple[str, float, int]]:
    """Yield name, AUC and the number of training comments of every part."""
    for part, label, cut, taught in PARTS:
        train = [row for row in mix.train if taught in row.labels]
        test = [row for row in mix.dev[part] if label in row.labels]
        words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
        letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True)
        model = make_pipeline(make_union(words, letters), Ridge(alpha=2))
        model.fit([row.text for row in train], [row.labels[taught] for row in train])
        labels = np.array([float(row.labels[label] >= cut) for row in test])
        yield f"{part} {label}", auc(labels, model.predict([row.text for row in test])), len(train)


if __name__ == "__main__":
    main()
