"""Reader comments of newspapers: human labels (UCC, C3), labels by a language model, and our own texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from data.sources.examples import Example, Pairing, digest
from data.sources.tables import csv_rows

# What share of ordinary readers would say yes, by the grade 0-9 that the language model gave: a smooth reading of
# the guide's own words (5 = "readers would split", 7 = "most would say yes", toxicity 5 = "clearly rude").
SARCASM_GRADES = (0.01, 0.03, 0.07, 0.14, 0.25, 0.42, 0.62, 0.8, 0.92, 0.98)
TOXICITY_GRADES = (0.01, 0.03, 0.08, 0.18, 0.36, 0.6, 0.78, 0.92, 0.97, 0.99)
SEVERE_GRADES = (0.0, 0.0, 0.0, 0.0, 0.0, 0.03, 0.12, 0.45, 0.85, 0.97)
RELEVANCE_GRADES = (0.01, 0.03, 0.06, 0.12, 0.25, 0.5, 0.7, 0.86, 0.94, 0.98)
_FLAGS = {"insult": "I", "identity_attack": "D", "profanity": "P", "threat": "T"}
SHARP = 4  # grade of toxicity from which a comment of `discussions` may attack a group or threaten, unflagged
OWN_STORY = 0.93  # written for it
OWN_TITLE = 0.9  # of 2,501 graded pairs of a comment with its own headline 91 % have a grade of 5 or more


def silver(folder: Path) -> Iterator[Example]:
    """News comments graded 0-9 for sarcasm and toxicity, with flags for its kinds, by a language model.

    `source` names the collection that the text comes from, since that decides the licence; `group` is its article
    where the id tells, else the text's own id.
    """
    for row in csv_rows(folder / "comments.csv"):
        labels = graded(int(row["sarcasm"]), int(row["toxicity"]), row["flags"])
        source = f"silver_{row['source']}"
        yield Example(row["comment"], source, labels, group=_c3_article(row["source_id"]))


def silver_pairs(folder: Path) -> Iterator[Example]:
    """Headlines beside comments, graded 0-9 for relevance by a language model; `group` is the headline."""
    for row in csv_rows(folder / "relevance_pairs.csv"):
        pairing = Pairing(row["title"], "", RELEVANCE_GRADES[int(row["relevance"])])
        yield Example(row["comment"], f"silver_pairs_{row['source']}", group=row["title"], pairings=(pairing,))


def c3(folder: Path) -> Iterator[Example]:
    """Globe and Mail comments: the crowd's mean toxicity level 1-4 as a fraction, under their own headline."""
    for row in csv_rows(folder / "train.csv"):
        labels = {"toxicity": (float(row["crowd_toxicity_level"]) - 1) / 3} if row["crowd_toxicity_level"] else {}
        pairings = (Pairing(row["title"], "", OWN_TITLE),) if row["title"] else ()
        yield Example(row["comment_text"], "c3", labels, group=row["article_id"], pairings=pairings)


def ucc_val(folder: Path) -> Iterator[Example]:
    """UCC's validation part: the crowd's majority per attribute, `unhealthy` being 1 - healthy. For choosing only."""
    names = {"sarcasm": "sarcastic", "hostile": "hostile", "antagonize": "antagonize"}
    for row in csv_rows(folder / "val.csv"):
        labels = {ours: float(row[theirs]) for ours, theirs in names.items()}
        yield Example(
            row["comment"], "ucc_val", labels | {"unhealthy": 1 - float(row["healthy"])}, group=row["_unit_id"]
        )


def ucc_healthy(folder: Path) -> Iterator[Example]:
    """UCC comments of which only the healthy vote is known: a weak sign of toxicity, weighed by its confidence."""
    for row in csv_rows(folder / "train_healthy_only.csv"):
        sure = float(row["healthy_confidence"])
        healthy = sure if row["healthy"] == "1" else 1 - sure
        yield Example(row["comment"], "ucc_healthy", {"toxicity": 0.7 * (1 - healthy)})


def authored(path: Path, source: str = "authored") -> Iterator[Example]:
    """Our own discussions: every comment graded 0-9 for sarcasm, toxicity and relevance to its article, those of
    `discussions` also for how unhealthy it is for a conversation.
    """
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            discussion = json.loads(line)
            article = (discussion["title"], "\n\n".join(discussion["paragraphs"]))
            yield from (_authored(comment, source, discussion["id"], *article) for comment in discussion["comments"])


def stories(path: Path, grades: Path) -> Iterator[Example]:
    """Our own headlines, each with comments that hardly share a word with it: the link has to be known.

    The comments that `grades` has are graded for sarcasm and toxicity and guessed at for a crowd's votes.
    """
    known = {row["digest"]: row for row in csv_rows(grades)}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            story = json.loads(line)
            pairing = Pairing(story["headline"], story["standfirst"], OWN_STORY)
            for text in story["comments"]:
                labels = _read_twice(known.get(digest(text)))
                yield Example(text, "stories", labels, group=story["headline"], pairings=(pairing,))


def _read_twice(row: Mapping[str, str] | None) -> dict[str, float]:
    """Grades 0-9 of sarcasm and toxicity as probabilities, and a crowd's votes as they were guessed, in hundredths."""
    if row is None:
        return {}
    labels = {"sarcasm": SARCASM_GRADES[int(row["sarcasm"])], "toxicity": TOXICITY_GRADES[int(row["toxicity"])]}
    return labels | {"unhealthy": int(row["unhealthy"]) / 99, "mockery": int(row["sarcastic"]) / 99}


def twins(path: Path, source: str = "twins") -> Iterator[Example]:
    """Our own short comments in families of near twins, of which a small change turns the grade: a fan's delight beside
    mock delight, hatred beside words that condemn it, an emoji that harms beside one that does not. Also our own
    comments that feel something, beside those that make as if they did.
    """
    for row in csv_rows(path):
        yield Example(row["text"], source, graded(int(row["sarcasm"]), int(row["toxicity"]), row["flags"]))


def graded(sarcasm: int, toxicity: int, flags: str) -> dict[str, float]:
    """Turn grades 0-9 and flags into probabilities; a kind that was not flagged was looked for and not found."""
    labels = {"sarcasm": SARCASM_GRADES[sarcasm], "toxicity": TOXICITY_GRADES[toxicity]}
    labels["severe_toxicity"] = SEVERE_GRADES[toxicity]
    return labels | {kind: 0.95 if flag in flags else 0.02 for kind, flag in _FLAGS.items()}


def _authored(comment: Mapping[str, str | int], source: str, discussion: str, title: str, text: str) -> Example:
    labels = graded(int(comment["sarcasm"]), int(comment["toxicity"]), str(comment["flags"]))
    if "unhealthy" in comment:
        labels["unhealthy"] = int(comment["unhealthy"]) / 9
    if source != "authored" and int(comment["toxicity"]) >= SHARP:
        labels = {kind: label for kind, label in labels.items() if kind not in ("identity_attack", "threat")}
    pairing = Pairing(title, text, RELEVANCE_GRADES[int(comment["relevance"])])
    return Example(str(comment["text"]), source, labels, group=discussion, pairings=(pairing,))


def _c3_article(source_id: str) -> str:
    """`source1_26023945_62` belongs to article 26023945; other ids name a single text."""
    parts = source_id.split("_")
    return parts[1] if len(parts) >= 3 else source_id
