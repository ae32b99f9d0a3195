"""How a language model's labels rank a crowd's votes. `python -m training.agreement --data-dir ../shared/datasets`

On comments of UCC's validation part, which nothing is trained on: the grades of the collection `silver`, asked how
sarcastic and how toxic a comment is, beside guesses that were asked the crowd's own questions
(`data/sources/guesses_test.csv`; the reading `agreement` is of the comments that `silver` graded for this, `first` and
`second` are two readings of all unhealthy and 500 healthy ones). The reading `c3` is of 900 comments below articles of
C3 that nothing is trained on: guesses, in the column `unhealthy`, whether the crowd's mean toxicity is 2 or more;
beside it what `data/sources/guesses.csv` guesses of that mean on articles that are trained on. Then how guesses at
pairs (`data/sources/pair_guesses.csv`) tell comments below their own headline from those beside others. AUC, with
bootstrap intervals.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from data.sources.examples import digest
from data.sources.grades import GUESSES, GUESSES_TEST, PAIR_GUESSES
from data.sources.tables import csv_rows
from training.calibrate import Floats
from training.metrics import auc, interval

VOTES = ("sarcastic", "hostile", "antagonize", "condescending", "dismissive", "healthy")
VOTED, GRADED, LEVELS = "ucc/val.csv", "silver/ucc_val_agreement.csv", "c3_globe_and_mail/train.csv"
Rows = Mapping[str, Mapping[str, str]]


def main() -> None:
    """Read the command line and print a line for each reading, vote and label."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True)
    folder = parser.parse_args().data_dir
    for file in (VOTED, GRADED, LEVELS):
        if not (folder / file).is_file():
            parser.error(f"{folder} holds no {file}.")
    for line in (*table(folder), *pairs()):
        print(line)


def table(data_dir: Path) -> Iterator[str]:
    """Yield the lines of the table."""
    voted = {row["_unit_id"]: row for row in csv_rows(data_dir / VOTED)}
    by_digest = {digest(row["comment"]): row for row in voted.values()}
    silver = {
        digest(voted[row["_unit_id"]]["comment"]): row
        for row in csv_rows(data_dir / GRADED)
        if row["_unit_id"] in voted
    }
    for reading, guesses in _readings().items():
        for vote in VOTES if reading != "c3" else ():
            name = "sarcastic" if vote == "sarcastic" else "unhealthy"
            yield _line(f"{reading}: guessed {name}", vote, guesses, name, by_digest)
            if reading == "agreement":
                grade = "sarcasm" if vote == "sarcastic" else "toxicity"
                yield _line(f"{reading}: graded {grade}", vote, silver, grade, by_digest)
    yield from _toxicity(data_dir)


def _toxicity(data_dir: Path) -> Iterator[str]:
    """The lines of C3: what ranks the comments whose mean toxicity, of 1 to 4, is 2 or more."""
    levels = {
        digest(row["comment_text"]): {"toxic": str(int(float(row["crowd_toxicity_level"]) >= 2))}
        for row in csv_rows(data_dir / LEVELS)
        if row["crowd_toxicity_level"]
    }
    yield _line("c3: guessed toxicity", "toxic", _readings().get("c3", {}), "unhealthy", levels)
    learnt_from = {row["digest"]: row for row in csv_rows(GUESSES) if row["source"] == "c3"}
    yield _line("c3, learnt from: guessed level", "toxic", learnt_from, "crowd", levels)


def pairs() -> Iterator[str]:
    """Yield a line for each collection and kind of other headline: random, or `hard`, likely to the network."""
    found: dict[tuple[str, str], list[float]] = {}
    for row in csv_rows(PAIR_GUESSES):
        found.setdefault((row["source"], row["pairing"]), []).append(float(row["likely"]))
    for source, other in sorted(found):
        own = found.get((source, "own"), [])
        if own and other != "own":
            scores = np.array([*own, *found[source, other]])
            labels = np.repeat([1.0, 0.0], [len(own), len(scores) - len(own)])
            yield _shown(f"{source}: guessed pairs", f"own/{other}", labels, scores)


def _readings() -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in csv_rows(GUESSES_TEST):
        found.setdefault(row["reading"], {})[row["digest"]] = row
    return found


def _line(title: str, vote: str, rows: Rows, name: str, voted: Rows) -> str:
    """One line: what ranks (column `name` of `rows`), the vote, comments, positives, AUC and its interval."""
    chosen = [key for key, row in rows.items() if row[name] and key in voted]
    if not chosen:
        return f"{title:34} {vote:14} not asked"
    labels = np.array([float((voted[key][vote] == "1") != (vote == "healthy")) for key in chosen])
    scores = np.array([float(rows[key][name]) for key in chosen])
    return _shown(title, "unhealthy" if vote == "healthy" else vote, labels, scores)


def _shown(title: str, what: str, labels: Floats, scores: Floats) -> str:
    low, high = interval(auc, labels, scores)
    counts = f"{len(labels):5} {int(labels.sum()):4}"
    return f"{title:34} {what:14} {counts}  {auc(labels, scores):.3f} [{low:.3f}, {high:.3f}]"


if __name__ == "__main__":
    main()
