"""Grades of our own for comments of other collections: `grades.csv` holds digests and grades, never a text.

29,277 comments that no other grade covers, a quarter of them picked because a model suspected sarcasm, each graded by a
language model that read it, by the same guide as the collection `silver` (0-9 for sarcasm and toxicity, flags for the
kinds). On 200 comments of `silver` that were graded again unseen, the two agree at a correlation of .87 for sarcasm and
.90 for toxicity. A text that is not in the data folder is left out; a collection's licence covers its texts.

`guesses.csv` says of 42,524 comments, graded ones and those of `silver`, in hundredths, how likely most of five raters
of the Unhealthy Comment Corpus would call them no part of a healthy conversation, and sarcastic, as a language model
guesses that was asked the corpus's own questions. On its validation part these rank the crowd's votes better than the
grades do (training/LOG.md).

`headlines.csv` holds headlines of the articles that comments may have stood below, each guessed by a language model
that read the comment alone. They teach what readers' words presuppose; they were never printed and state nothing about
anybody.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from data.sources import news, relevance, toxicity
from data.sources.examples import Example, Pairing, fingerprint
from data.sources.tables import csv_rows

GRADES = Path(__file__).with_name("grades.csv")
PAIR_GRADES = Path(__file__).with_name("pair_grades.csv")
HEADLINES = Path(__file__).with_name("headlines.csv")
GUESSES = Path(__file__).with_name("guesses.csv")
GUESSES_TEST = Path(__file__).with_name("guesses_test.csv")
Key = tuple[str, str]  # collection, and the first digits of the text's fingerprint
DIGITS = 16  # of the fingerprint: enough for one text in 10^9 collections of this size


def graded(data_dir: Path) -> Iterator[Example]:
    """Yield the graded comments, `source` being `graded_` and the collection that the text comes from."""
    guesses = _rows(GUESSES)
    for key, text, row in _found(data_dir, GRADES):
        labels = _labels(row)
        if key in guesses:  # which say better what a crowd would call unhealthy
            labels.pop("unhealthy", None)
        yield Example(text, f"graded_{key[0]}", labels)


def guessed(data_dir: Path) -> Iterator[Example]:
    """Yield comments with guesses at a crowd's votes, `unhealthy` and `mockery`; other sources have them too."""
    for key, text, row in _found(data_dir, GUESSES):
        labels = {"unhealthy": int(row["unhealthy"]) / 99, "mockery": int(row["sarcastic"]) / 99}
        yield Example(text, f"guessed_{key[0]}", labels)


def graded_pairs(data_dir: Path) -> Iterator[Example]:
    """Yield comments beside headlines, near ones above all, graded 0-9 for relevance; `group` is the headline."""
    texts: dict[tuple[str, str], str] = {}
    titles: dict[tuple[str, str], str] = {}
    for source, example in _below_headlines(data_dir):
        texts[source, fingerprint(example.text)[:DIGITS]] = example.text
        for pairing in example.pairings:
            titles[source, fingerprint(pairing.title)[:DIGITS]] = pairing.title
    with PAIR_GRADES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            text, title = (
                known.get((row["source"], row[name])) for known, name in ((texts, "comment"), (titles, "headline"))
            )
            if text and title:
                pairing = Pairing(title, "", news.RELEVANCE_GRADES[int(row["relevance"])])
                yield Example(text, f"graded_pairs_{row['source']}", group=title, pairings=(pairing,))


def headlined(data_dir: Path) -> Iterator[Example]:
    """Yield comments whose article nobody kept below the headline and standfirst that a language model, reading the
    comment alone, thinks it most plausibly stood under; `group` is the headline.
    """
    for key, text, row in _found(data_dir, HEADLINES):
        pairing = Pairing(row["headline"], row["standfirst"], news.OWN_TITLE)
        yield Example(text, f"headlined_{key[0]}", group=row["headline"], pairings=(pairing,))


def _rows(file: Path) -> dict[Key, dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return {(row["source"], row["digest"]): row for row in csv.DictReader(lines)}


def _found(data_dir: Path, file: Path) -> Iterator[tuple[Key, str, dict[str, str]]]:
    """Yield the rows of a file whose texts are there, each once."""
    rows = _rows(file)
    for source, text in _texts(data_dir):
        key = (source, fingerprint(text)[:DIGITS])
        if key in rows:
            yield key, text, rows.pop(key)


def _below_headlines(data_dir: Path) -> Iterator[tuple[str, Example]]:
    yield from (("c3", example) for example in news.c3(data_dir / "c3_globe_and_mail"))
    yield from (("neutralnews", example) for example in relevance.neutralnews(data_dir / "neutralnews_reddit"))
    yield from (("arc", example) for example in relevance.arc(data_dir / "arc_nyt_room_for_debate"))


def _labels(row: Mapping[str, str]) -> dict[str, float]:
    """A part of the newspaper's comments has a grade for how unhealthy they are for a conversation, too."""
    labels = news.graded(int(row["sarcasm"]), int(row["toxicity"]), row["flags"])
    return labels | ({"unhealthy": int(row["unhealthy"]) / 9} if row["unhealthy"] else {})


def _texts(data_dir: Path) -> Iterator[tuple[str, str]]:
    for row in csv_rows(data_dir / "civil_comments_toxic_spans" / "comments.csv"):
        yield "civil_spans", row["comment_text"]
    for example in toxicity.cad(data_dir / "cad_reddit"):
        yield "cad", example.text
    for example in toxicity.ruddit(data_dir / "ruddit"):
        yield "ruddit", example.text
    for example in relevance.arc(data_dir / "arc_nyt_room_for_debate"):
        yield "arc", example.text
    for row in csv_rows(data_dir / "ucc" / "train_unlabelled.csv"):
        yield "ucc_unlabelled", row["comment"]
