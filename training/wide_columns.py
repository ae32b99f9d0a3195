"""What the wide part may learn, and where it counts: columns by label and source, domains by source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from model.onnx import CLASSES

OWN = ("authored", "discussions", "chatter", "twins", "feelings")  # written for this: every recipe may learn from them
GRADED = ("silver", "graded")
NEWS = ("silver_ucc", "silver_civil", "silver_c3", "graded_ucc", "graded_civil")
TAGGED = ("figlang", "sarc_politics", "reddit_tagged", "isarcasm")  # whose authors said so themselves
_KINDS = tuple(kind for kind in CLASSES if kind not in ("toxicity", "sarcasm"))


@dataclass(frozen=True, slots=True)
class Column:
    """One logistic regression: the label it learns, from sources of which prefixes (all that have the label by
    default), scikit-learn's `C`, whether sentences about people of every group join it, and how much more an n-gram
    counts the more one side of the label uses it than the other.
    """

    label: str
    sources: tuple[str, ...] = ("",)
    inverse_penalty: float = 0.15
    templates: bool = True
    contrast: float = 0.0  # power of the log-count ratio that scales the n-grams (NB-SVM: Wang & Manning 2012); 0: none


COLUMNS: Mapping[str, Column] = {
    "wiki": Column("wiki", inverse_penalty=0.1, contrast=1.0),
    "rudeness": Column("rudeness", GRADED, 0.3),
    "news": Column("toxicity", NEWS, 0.3),
    "crowd": Column("voted", inverse_penalty=0.3),  # guesses at it only say again what the network has learnt
    "unhealthy": Column("unhealthy"),
    "hate": Column("hate", inverse_penalty=0.1, contrast=0.5),
    "sarcasm": Column("sarcasm", GRADED, 0.4, templates=False),
    "tagged": Column("tagged", TAGGED, 0.12, templates=False),
    "own": Column("sarcasm", OWN, 0.2, templates=False, contrast=0.5),
    **{f"jigsaw_{kind}": Column(kind, ("jigsaw",)) for kind in _KINDS},
    **{f"graded_{kind}": Column(kind, GRADED, 0.3) for kind in _KINDS},
}

# how a text reads, whoever published it: a talk page, a newspaper, a post, a short sentence by itself, a phone; our
# `feelings` are written in every way, and taken for short sentences they drew phones' comments there (training/LOG.md)
DOMAINS: Mapping[str, tuple[str, ...]] = {
    "wiki": ("jigsaw",),
    "news": (
        *NEWS, "c3", "civil_spans", "toxic_spans", "arc", "graded_arc", "ucc_healthy", "authored", "discussions",
        "headlined",
    ),
    "social": (
        "reddit_tagged", "figlang", "sarc_politics", "sarcasm_v2", "isarcasm", "semeval", "mustard", "cad",
        "graded_cad", "ruddit", "graded_ruddit", "trac", "edos", "neutralnews", "youtube",
    ),
    "lists": ("hatemoji", "templates", "twins"),
    "chat": ("chatter",),
}  # fmt: skip
ANYWHERE = "any"


def domain_of(source: str) -> int | None:
    """Return the place of a source's domain; None for one that has no own way of writing."""
    return next((place for place, known in enumerate(DOMAINS.values()) if source.startswith(known)), None)
