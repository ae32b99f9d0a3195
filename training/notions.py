"""What a label means where it comes from: notions that the shared attributes blur, each with a head of its own.

Wikipedia's raters, a newspaper's crowd and authors of hate lists call different things toxic, and authors who tag
their own sarcasm mean another thing than readers who find some. The shared heads learn from all of them; the notions'
heads learn from one family each, and what ships may add them up (`blend` of the config, chosen on held-out rows).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from data.sources.examples import Example
from data.sources.news import SARCASM_GRADES, TOXICITY_GRADES
from model.onnx import CLASSES

NOTIONS = (*CLASSES, "rudeness", "irony", "crowd", "unhealthy", "offence", "hate", "wiki", "tagged", "mockery")
PARENTS = {"mockery": "irony"}  # what a notion that an earlier run did not have begins as

_GRADED, _OWN = ("silver", "graded", "stories"), ("authored", "discussions", "chatter", "twins", "feelings")
# what a source's name begins with, the attribute whose label is also that of a notion, that notion
_SAME: Sequence[tuple[str, str, str]] = (
    ("jigsaw", "toxicity", "wiki"),
    ("c3", "toxicity", "crowd"),
    ("c3", "toxicity", "voted"),  # no notion: the crowd's level alone, where `crowd` is its mean with a guess
    ("ucc_healthy", "toxicity", "unhealthy"),
    ("ruddit", "toxicity", "offence"),
    ("hatemoji", "toxicity", "hate"),
    ("cad", "identity_attack", "hate"),
    ("edos", "identity_attack", "hate"),
    ("templates", "identity_attack", "hate"),
    ("twins", "identity_attack", "hate"),
    ("figlang", "sarcasm", "tagged"),
    ("sarc_politics", "sarcasm", "tagged"),
    ("reddit_tagged", "sarcasm", "tagged"),
    ("isarcasm", "sarcasm", "tagged"),
    ("twins", "sarcasm", "tagged"),  # authors' tags alone take every gushing post for sarcasm
    ("feelings", "sarcasm", "tagged"),
    ("chatter", "sarcasm", "tagged"),
)


def with_notions(example: Example) -> Example:
    """Return the example with the labels of its source's notions added."""
    labels = dict(example.labels)
    if example.source.startswith((*_GRADED, *_OWN)):
        labels |= _linear(labels)
    if example.source.startswith(_OWN) and "irony" in labels:
        labels["mockery"] = labels["irony"]  # of a graded comment the crowd's vote is guessed instead
    for prefix, attribute, notion in _SAME:
        if example.source.startswith(prefix) and attribute in labels:
            labels[notion] = labels[attribute]
    return replace(example, labels=labels)


def _linear(labels: Mapping[str, float]) -> dict[str, float]:
    """Grades 0-9 in even steps: the shared heads' steep scale hardly tells the low ones apart.

    A label that is no grade came from a copy of the text in a source without grades.
    """
    scales = (("toxicity", TOXICITY_GRADES, "rudeness"), ("sarcasm", SARCASM_GRADES, "irony"))
    return {
        notion: grades.index(labels[attribute]) / 9
        for attribute, grades, notion in scales
        if labels.get(attribute) in grades
    }
