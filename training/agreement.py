"""How a language model's labels rank a crowd's votes. `python -m training.agreement --data-dir ../shared/datasets`

On comments of UCC's validation part, which nothing is trained on: the grades of the collection `silver`, asked how
sarcastic and how toxic a comment is, beside guesses that were asked the crowd's own questions
(`data/sources/guesses_test.csv`; the reading `agreement` is of the comments that `silver` graded for this, `first` and
`second` are two readings of all unhealthy and 500 healthy ones). AUC, with bootstrap intervals.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from data.sources.examples import fingerprint
from data.sources.grades import DIGITS, GUESSES_TEST
from data.sources.tables import csv_rows
from training.metrics import auc, interval

VOTES = ("sarcastic", "hostile", "antagonize", "condescending", "dismissive", "healthy")
VOTED, GRADED = "ucc/val.csv", "silver/ucc_val_agreement.csv"
Rows = Mapping[str, Mapping[str, str]]


def main() -> None:
    """Read the command line and print a line for each reading, vote and label."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True)
    folder = parser.parse_args().data_dir
    for file in (VOTED, GRADED):
        if not (folder / file).is_file():
            parser.error(f"{folder} holds no {file}.")
    for line in table(folder):
        print(line)


def table(data_dir: Path) -> Iterator[str]:
    """Yield the lines of the table."""
    voted = {row["_unit_id"]: row for row in csv_rows(data_dir / VOTED)}
    by_digest = {fingerprint(row["comment"])[:DIGITS]: row for row in voted.values()}
    silver = {
        fingerprint(voted[row["_unit_id"]]["comment"])[:DIGITS]: row
        for row in csv_rows(data_dir / GRADED)
        if row["_unit_id"] in voted
    }
    for reading, guesses in _readings().items():
        for vote in VOTES:
            name = "sarcastic" if vote == "sarcastic" else "unhealthy"
            yield _line(f"{reading}: guessed {name}", vote, guesses, name, by_digest)
            if reading == "agreement":
                grade = "sarcasm" if vote == "sarcastic" else "toxicity"
                yield _line(f"{reading}: graded {grade}", vote, silver, grade, by_digest)


def _readings() -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in csv_rows(GUESSES_TEST):
        found.setdefault(row["reading"], {})[row["digest"]] = row
    return found


def _line(title: str, vote: str, rows: Rows, name: str, voted: Rows) -> str:
    """One line: what ranks (column `name` of `rows`), the vote, comments, positives, AUC and its interval."""
    chosen = [digest for digest, row in rows.items() if row[name] and digest in voted]
    if not chosen:
        return f"{title:34} {vote:14} not asked"
    labels = np.array([float((voted[digest][vote] == "1") != (vote == "healthy")) for digest in chosen])
    scores = np.array([float(rows[digest][name]) for digest in chosen])
    low, high = interval(auc, labels, scores)
    shown = "unhealthy" if vote == "healthy" else vote
    counts = f"{len(chosen):5} {int(labels.sum()):4}"
    return f"{title:34} {shown:14} {counts}  {auc(labels, scores):.3f} [{low:.3f}, {high:.3f}]"


if __name__ == "__main__":
    main()
