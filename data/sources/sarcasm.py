"""Sources that label sarcasm or irony: by readers, by the author's own tag, or by the author on being asked."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

from data.sources.examples import REPLY, Example, Pairing
from data.sources.tables import csv_rows, json_rows

_TAG = re.compile(r"\s*(?:\(|\[)?(?<!\w)/s(?!\w)(?:\)|\])?\s*", re.IGNORECASE)
_SARC_COLUMNS = ("label", "comment", "author", "subreddit", "score", "ups", "downs", "date", "utc", "parent")


def sarcasm_v2(folder: Path) -> Iterator[Example]:
    """Debate forum posts judged by readers: general sarcasm, hyperbole, rhetorical questions."""
    for part in ("GEN", "HYP", "RQ"):
        for row in csv_rows(folder / f"{part}-sarc-notsarc.csv"):
            yield _example(row["text"], "sarcasm_v2", row["class"] == "sarc")


def figlang_reddit(folder: Path, name: str = "reddit_training.jsonl") -> Iterator[Example]:
    """FigLang-2020 Reddit replies, tagged by their authors; the tag is removed at the source."""
    for row in json_rows(folder / name):
        yield _example(row["response"], "figlang_reddit", row["label"] == "SARCASM", row["context"][-1])


def figlang_reddit_test(folder: Path) -> Iterator[Example]:
    """The shared task's Reddit test, public."""
    yield from figlang_reddit(folder, "reddit_testing.jsonl")


def figlang_twitter(folder: Path) -> Iterator[Example]:
    """FigLang-2020 Twitter replies, tagged by their authors."""
    for row in json_rows(folder / "twitter_training.jsonl"):
        yield _example(row["response"], "figlang_twitter", row["label"] == "SARCASM")


def sarc_politics(folder: Path) -> Iterator[Example]:
    """Short replies of r/politics, tagged by their authors."""
    for row in csv_rows(folder / "test-balanced.csv", separator="\t", quoting=csv.QUOTE_NONE, names=_SARC_COLUMNS):
        yield _example(row["comment"], "sarc_politics", row["label"] == "1", row["parent"])


def reddit_tagged(folder: Path) -> Iterator[Example]:
    """Reddit comments with and without "/s"; the tag is cut, and untagged ones that hold it are left out."""
    for name, sarcastic in (("reddit_sarcasm.csv", True), ("reddit_serious.csv", False)):
        for row in csv_rows(folder / name):
            text = row["Text"].strip().strip('"')
            cut = _TAG.sub(" ", text).strip()
            if cut and _mostly_ascii(cut) and (cut != text) == sarcastic:
                yield _example(cut, "reddit_tagged", sarcastic)


def isarcasm(folder: Path) -> Iterator[Example]:
    """Tweets labelled by their authors, each sarcastic one with the author's own sincere version."""
    for row in csv_rows(folder / "train.En.csv"):
        yield _example(row["tweet"], "isarcasm", row["sarcastic"] == "1")
        if row["sarcastic"] == "1" and row["rephrase"].strip():
            yield _example(row["rephrase"], "isarcasm", False)


def semeval_irony(folder: Path) -> Iterator[Example]:
    """SemEval-2018 task 3: tweets, ironic in one of three ways or not."""
    path = folder / "SemEval2018-T3-train-taskB_emoji.txt"
    for row in csv_rows(path, separator="\t", quoting=csv.QUOTE_NONE):
        yield _example(row["Tweet text"], "semeval_irony", row["Label"] != "0")


def mustard(folder: Path) -> Iterator[Example]:
    """Lines of television comedies, balanced."""
    rows = json.loads((folder / "sarcasm_data.json").read_text(encoding="utf-8"))
    for row in rows.values():
        yield _example(row["utterance"], "mustard", row["sarcasm"])


def _example(text: str, source: str, sarcastic: bool, parent: str = "") -> Example:
    """A reply keeps the topic of its `parent`, which stands for an article."""
    pairings = (Pairing("", parent, REPLY),) if parent.strip() else ()
    return Example(text, source, {"sarcasm": float(sarcastic)}, pairings=pairings)


def _mostly_ascii(text: str) -> bool:
    return sum(letter.isascii() for letter in text) >= 0.9 * len(text)
