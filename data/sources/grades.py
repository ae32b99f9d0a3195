"""Grades of our own for comments of other collections: `grades.csv` holds digests and grades, never a text.

29,277 comments that no other grade covers, a quarter of them picked because a model suspected sarcasm, each graded by a
language model that read it, by the same guide as the collection `silver` (0-9 for sarcasm and toxicity, flags for the
kinds). On 200 comments of `silver` that were graded again unseen, the two agree at a correlation of .87 for sarcasm and
.90 for toxicity. A text that is not in the data folder is left out; a collection's licence covers its texts.

`guesses.csv` says of 88,576 comments, graded ones and those of `silver`, in hundredths, how likely most of five raters
of the Unhealthy Comment Corpus would call them no part of a healthy conversation, and sarcastic, as a language model
guesses that was asked the corpus's own questions; of 27,040 it is the mean of two readings. On its validation part
these rank the crowd's votes better than the grades do (training/LOG.md). Of 38,843 it also guesses the mean toxicity
that C3's crowd would give, having read 70 comments of C3 with the crowd's own (`training.agreement` says how well). Of
34,249 posts of discussion sites it says, too, how likely the author meant sarcasm and would have tagged it so ("/s").

`pair_guesses.csv` says of 73,613 pairs of a comment with a headline, its own, a random one or one that the network
found likely, how likely a language model that read both thinks that the comment stood below it, in hundredths. It tells
comments of C3 that are below their own headline from those beside a random one at an AUC of .98 (`training.agreement`).

`headlines.csv` holds headlines of the articles that comments may have stood below, each guessed by a language model
that read the comment alone. They teach what readers' words presuppose; they were never printed and state nothing about
anybody.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from data.sources import news, relevance, toxicity
from data.sources.examples import Example, Pairing, digest
from data.sources.tables import csv_rows

GRADES = Path(__file__).with_name("grades.csv")
PAIR_GRADES = Path(__file__).with_name("pair_grades.csv")
PAIR_GUESSES = Path(__file__).with_name("pair_guesses.csv")
HEADLINES = Path(__file__).with_name("headlines.csv")
GUESSES = Path(__file__).with_name("guesses.csv")
GUESSES_TEST = Path(__file__).with_name("guesses_test.csv")
Key = tuple[str, str]  # collection, and the first digits of the text's fingerprint


def graded(data_dir: Path) -> Iterator[Example]:
    """Yield the graded comments, `source` being `graded_` and the collection that the text comes from."""
    guesses = _rows(GUESSES)
    for key, text, row in _found(data_dir, GRADES):
        labels = _labels(row)
        if key in guesses:  # which say better what a crowd would call unhealthy
            labels.pop("unhealthy", None)
        yield Example(text, f"graded_{key[0]}", labels)


def guessed(data_dir: Path) -> Iterator[Example]:
    """Yield comments with guesses at a crowd's votes, `unhealthy` and `mockery`; for some also at C3's mean level,
    `crowd`, or at whether the author would have tagged it as sarcasm, `tagged`.
    """
    for key, text, row in _found(data_dir, GUESSES):
        labels = {"unhealthy": int(row["unhealthy"]) / 99, "mockery": int(row["sarcastic"]) / 99}
        labels |= {name: int(row[name]) / 99 for name in ("crowd", "tagged") if row[name]}
        yield Example(text, f"guessed_{key[0]}", labels)


def graded_pairs(data_dir: Path) -> Iterator[Example]:
    """Yield comments beside headlines, near ones above all, graded 0-9 for relevance; `group` is the headline."""
    for source, text, title, row in _pairs(data_dir, PAIR_GRADES):
        pairing = Pairing(title, "", news.RELEVANCE_GRADES[int(row["relevance"])])
        yield Example(text, f"graded_pairs_{source}", group=title, pairings=(pairing,))


def guessed_pairs(data_dir: Path) -> Iterator[Example]:
    """Yield comments beside headlines with the guess whether they stood below them; `group` is the headline."""
    for source, text, title, row in _pairs(data_dir, PAIR_GUESSES):
        pairing = Pairing(title, "", int(row["likely"]) / 99)
        yield Example(text, f"guessed_pairs_{source}", group=title, pairings=(pairing,))


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
        key = (source, digest(text))
        if key in rows:
            yield key, text, rows.pop(key)


def _pairs(data_dir: Path, file: Path) -> Iterator[tuple[str, str, str, dict[str, str]]]:
    """Yield source, comment, headline and row of the pairs in a file of which both texts are there."""
    texts, titles = _texts_and_titles(data_dir)
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            source = row["source"]
            text, title = texts.get((source, row["comment"])), titles.get((source, row["headline"]))
            if text and title:
                yield source, text, title, row


def _texts_and_titles(data_dir: Path) -> tuple[dict[Key, str], dict[Key, str]]:
    """The comments and the headlines that pairs are made of, printed and guessed ones."""
    texts = {(source, digest(text)): text for source, text in _texts(data_dir)}
    titles = {(source, digest(row["headline"])): row["headline"] for (source, _), row in _rows(HEADLINES).items()}
    for source, example in _below_headlines(data_dir):
        texts[source, digest(example.text)] = example.text
        titles |= {(source, digest(pairing.title)): pairing.title for pairing in example.pairings}
    return texts, titles


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
    for example in toxicity.edos(data_dir / "edos"):
        yield "edos", example.text
    for example in relevance.arc(data_dir / "arc_nyt_room_for_debate"):
        yield "arc", example.text
    for row in csv_rows(data_dir / "ucc" / "train_unlabelled.csv"):
        yield "ucc_unlabelled", row["comment"]
    for example in news.c3(data_dir / "c3_globe_and_mail"):
        yield "c3", example.text
