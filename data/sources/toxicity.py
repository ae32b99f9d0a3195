"""Sources that label toxicity and its kinds. Each reader maps a published scheme to probabilities in [0, 1].

Hard crowd majorities become 0 and 1; graded schemes keep their grades, because a ranking is what they teach.
"""

from __future__ import annotations

import csv
import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from data.sources.examples import REPLY, Example, Pairing
from data.sources.tables import csv_rows

KINDS = ("severe_toxicity", "identity_attack", "insult", "profanity", "threat")
_JIGSAW = {
    "toxic": "toxicity",
    "severe_toxic": "severe_toxicity",
    "obscene": "profanity",
    "threat": "threat",
    "insult": "insult",
    "identity_hate": "identity_attack",
}
_SPAN_KINDS = {
    "Insult": "insult",
    "Identity based Attack": "identity_attack",
    "Threat": "threat",
    "Profane/Obscene": "profanity",
}
_CAD_KINDS = {
    "IdentityDirectedAbuse": "identity_attack",
    "PersonDirectedAbuse": "insult",
    "AffiliationDirectedAbuse": "insult",
}
_AGGRESSION = {"NAG": 0.05, "CAG": 0.4, "OAG": 0.85}  # none, covert, overt


def jigsaw(folder: Path) -> Iterator[Example]:
    """Wikipedia talk pages: six hard labels by ten raters each."""
    for row in csv_rows(folder / "train.csv"):
        yield Example(row["comment_text"], "jigsaw", {ours: float(row[theirs]) for theirs, ours in _JIGSAW.items()})


def jigsaw_test(folder: Path) -> Iterator[Example]:
    """The public test of the same collection, `toxic` alone, balanced."""
    for row in csv_rows(folder / "test_public.csv"):
        yield Example(row["comment_text"], "jigsaw_test", {"toxicity": float(row["toxic"])})


def civil_spans(folder: Path) -> Iterator[Example]:
    """News comments pre-selected as toxic, with the passages that each of three or more raters marked.

    Only those that two thirds of the raters could mark something in count as toxic; the rest says nothing, since a
    rater who marks no passage may find the whole text toxic. A passage counts when half of the raters marked it.
    """
    raters, marks = _civil_annotations(folder)
    for row in csv_rows(folder / "comments.csv"):
        readers = raters[row["comment_id"]]
        marked = [marks[reader] for reader in readers if reader in marks]
        if len(readers) >= 3 and len(marked) * 3 >= len(readers) * 2:
            text = row["comment_text"]
            spans = _majority([[span[:2] for span in one] for one in marked], len(readers), len(text))
            yield Example(text, "civil_spans", _civil_labels(marked, len(readers)), spans=spans)


def toxic_spans(folder: Path, name: str = "tsd_train.csv") -> Iterator[Example]:
    """SemEval-2021 task 5: the character offsets of the toxic passages of a news comment."""
    for row in csv_rows(folder / name):
        offsets = [int(number) for number in row["spans"].strip("[]").split(",") if number.strip()]
        yield Example(row["text"], "toxic_spans", spans=tuple(runs(offsets)))


def toxic_spans_trial(folder: Path) -> Iterator[Example]:
    """The shared task's trial part, kept for measuring."""
    yield from toxic_spans(folder, "tsd_trial.csv")


def cad(folder: Path, name: str = "cad_v1_1_train.tsv") -> Iterator[Example]:
    """Reddit posts read in context: abuse by its target; a slur quoted or reclaimed stays neutral."""
    for row in csv_rows(folder / name, separator="\t", quoting=csv.QUOTE_NONE):
        named = set(row["labels"].replace(" ", "").split(","))
        found = {_CAD_KINDS[name] for name in named if name in _CAD_KINDS}
        labels = {
            "toxicity": float(bool(found)),
            **{kind: float(kind in found) for kind in ("identity_attack", "insult")},
        }
        yield Example(row["text"].replace("[linebreak]", "\n"), "cad", labels, group=row["id"].split("-")[0])


def cad_dev(folder: Path) -> Iterator[Example]:
    """CAD's development part, kept for choosing."""
    yield from cad(folder, "cad_v1_1_dev.tsv")


def edos(folder: Path) -> Iterator[Example]:
    """Reddit and Gab posts, sexist or not; posts that are not sexist may attack others, so they say no more."""
    for row in csv_rows(folder / "edos_labelled_aggregated.csv"):
        sexist = row["label_sexist"] == "sexist"
        yield Example(
            row["text"], "edos", {"identity_attack": 1.0, "toxicity": 0.85} if sexist else {"identity_attack": 0.05}
        )


def ruddit(folder: Path) -> Iterator[Example]:
    """Reddit comments by offensiveness from -1 to 1 (best-worst scaling); the middle of the scale is 0.3."""
    for row in csv_rows(folder / "ruddit_with_text.csv"):
        if row["txt"] not in ("[deleted]", "[removed]", ""):
            graded = 1 / (1 + math.exp(-6 * (float(row["offensiveness_score"]) - 0.15)))
            yield Example(row["txt"], "ruddit", {"toxicity": graded}, group=row["post_id"])


def trac_facebook(folder: Path) -> Iterator[Example]:
    """Facebook comments from India by overt and covert aggression."""
    for name in ("agr_en_train.csv", "agr_en_dev.csv"):
        for row in csv_rows(folder / name, names=("id", "text", "label")):
            yield Example(row["text"], "trac_facebook", {"toxicity": _AGGRESSION[row["label"]]})


def trac_youtube(folder: Path) -> Iterator[Example]:
    """YouTube comments by overt and covert aggression."""
    for name in ("trac2_eng_train.csv", "trac2_eng_dev.csv"):
        for row in csv_rows(folder / name):
            yield Example(row["Text"], "trac_youtube", {"toxicity": _AGGRESSION[row["Sub-task A"]]})


def hatemoji(folder: Path) -> Iterator[Example]:
    """Hate written with emoji, and the same sentences made harmless by changing one sign."""
    for name in ("build_train.csv", "build_validation.csv", "build_test.csv"):
        for row in csv_rows(folder / name):
            hateful = float(row["label_gold"])
            labels = {"toxicity": hateful, "identity_attack": hateful}
            yield Example(row["text"], "hatemoji", labels, group=name.removeprefix("build_").removesuffix(".csv"))


def hatemoji_check(folder: Path) -> Iterator[Example]:
    """HatemojiCheck, a public test by functionality (in `group`)."""
    for row in csv_rows(folder / "check_public_test.csv"):
        yield Example(row["text"], "hatemoji_check", {"toxicity": float(row["label_gold"])}, group=row["functionality"])


def cat_context(folder: Path) -> Iterator[Example]:
    """Wikipedia talk pages read together with the parent post, whose topic a reply keeps; 1.5 % are toxic."""
    for row in csv_rows(folder / "gc.csv"):
        pairings = (Pairing("", row["parent"], REPLY),) if row["parent"].strip() else ()
        yield Example(row["text"], "cat_context", {"toxicity": float(row["label"])}, pairings=pairings)


def madlibs(folder: Path) -> Iterator[Example]:
    """Templates with identity terms, for measuring bias only; the identity term's template is in `group`."""
    for row in csv_rows(folder / "bias_madlibs_77k.csv"):
        yield Example(row["Text"], "madlibs", {"toxicity": float(row["Label"] == "BAD")}, group=row["Template"])


def runs(offsets: list[int]) -> Iterator[tuple[int, int]]:
    """Join character offsets into (start, end) spans, end exclusive."""
    start = previous = None
    for offset in sorted(offsets):
        if start is None or previous is None or offset != previous + 1:
            if start is not None and previous is not None:
                yield start, previous + 1
            start = offset
        previous = offset
    if start is not None and previous is not None:
        yield start, previous + 1


_Marks = dict[str, list[tuple[int, int, str]]]


def _civil_annotations(folder: Path) -> tuple[dict[str, list[str]], _Marks]:
    """Return the annotations of each comment, and the marked passages of each annotation."""
    raters: dict[str, list[str]] = defaultdict(list)
    for row in csv_rows(folder / "annotations.csv"):
        raters[row["comment_id"]].append(row["annotation"])
    marks: _Marks = defaultdict(list)
    for row in csv_rows(folder / "spans.csv"):
        if row["start"] and row["end"]:
            marks[row["annotation"]].append((int(float(row["start"])), int(float(row["end"])), row["type"]))
    return raters, marks


def _majority(marked: list[list[tuple[int, int]]], raters: int, length: int) -> tuple[tuple[int, int], ...]:
    """Passages that half of the raters marked; a few marks run past the end of the published text."""
    votes = Counter(offset for spans in marked for offset in {o for start, end in spans for o in range(start, end)})
    return tuple(runs([offset for offset, count in votes.items() if count * 2 >= raters and offset < length]))


def _civil_labels(marked: list[list[tuple[int, int, str]]], raters: int) -> dict[str, float]:
    """Share of the raters who marked a passage of each kind; being marked at all is what makes it toxic."""
    found = Counter(
        kind for spans in marked for kind in {_SPAN_KINDS[name] for *_, name in spans if name in _SPAN_KINDS}
    )
    kinds = {kind: found[kind] / raters for kind in _SPAN_KINDS.values()}
    return {"toxicity": 0.6 + 0.35 * len(marked) / raters, **kinds}
