"""Grades of our own for comments of other collections: `grades.csv` holds digests and grades, never a text.

29,277 comments that no other grade covers, a quarter of them picked because a model suspected sarcasm, each graded by a
language model that read it, by the same guide as the collection `silver` (0-9 for sarcasm and toxicity, flags for the
kinds). On 200 comments of `silver` that were graded again unseen, the two agree at a correlation of .87 for sarcasm and
.90 for toxicity. A text that is not in the data folder is left out; a collection's licence covers its texts.

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
DIGITS = 16  # of the fingerprint: enough for one text in 10^9 collections of this size


def graded(data_dir: Path) -> Iterator[Example]:
    """Yield the graded comments, `source` being `graded_` and the collection that the text comes from."""
    with GRADES.open(encoding="utf-8", newline="") as file:
        grades = {(row["source"], row["digest"]): row for row in csv.DictReader(file)}
    for source, text in _texts(data_dir):
        row = grades.pop((source, fingerprint(text)[:DIGITS]), None)
        if row is not None:
            yield Example(text, f"graded_{source}", _labels(row))


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
    with HEADLINES.open(encoding="utf-8", newline="") as file:
        rows = {(row["source"], row["digest"]): row for row in csv.DictReader(file)}
    for source, text in _texts(data_dir):
        row = rows.pop((source, fingerprint(text)[:DIGITS]), None)
        if row is not None:
            pairing = Pairing(row["headline"], row["standfirst"], news.OWN_TITLE)
            yield Example(text, f"headlined_{source}", group=row["headline"], pairings=(pairing,))


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
