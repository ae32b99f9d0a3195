"""The data of a run: sources by licence, copies merged, everything that a test holds left out, dev parts apart.

Splits go by article or thread, never by comment, and by a digest of its name, so that every machine draws the same.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from data.sources.examples import Example, Pairing, fingerprint, held_out
from data.sources.registry import (
    SOURCES,
    authored_examples,
    commercial_use,
    discussion_examples,
    feeling_examples,
    story_examples,
    twin_examples,
)
from training.notions import with_notions

TESTS = frozenset(
    {
        "discussions_test",
        "chatter_test",
        "twins_test",
        "feelings_test",
        "jigsaw_test",
        "toxic_spans_trial",
        "cad_dev",
        "hatemoji_check",
        "madlibs",
        "figlang_reddit_test",
        "ucc_val",
    }
)
# copies are merged in this order: grades win over other labels, an own article comes before graded others
LAST = 2
ORDER = {"graded": 0, "silver": 0, "graded_pairs": LAST, "silver_pairs": LAST, "headlined": LAST, "guessed": LAST}
ORDER["guessed_pairs"] = LAST + 1  # after the headlines that they guess at
# what the texts of a source are called since all of them have grades or guesses: recipes of before draw as many
GRADED_SINCE = {
    "civil_spans": "graded_civil_spans",
    "toxic_spans": "graded_civil_spans",
    "headlined_civil_spans": "graded_civil_spans",
    "headlined_ucc_unlabelled": "guessed_ucc_unlabelled",
    "arc": "graded_arc",
}
HELD_OUT = {
    "c3": 0.15,
    "neutralnews": 0.15,
    "authored": 0.2,
    "silver": 0.08,
    "arc": 0.1,
    "jigsaw": 0.03,
    "figlang_reddit": 0.1,
}


@dataclass(frozen=True, slots=True)
class Mix:
    """The examples to learn from and, by source, those held out for choosing and calibrating."""

    train: tuple[Example, ...]
    dev: Mapping[str, tuple[Example, ...]]


def read_mix(data_dir: Path, *, permissive: bool) -> Mix:
    """Read every source and split it; texts that any test or dev part holds are never trained on."""
    train: list[Example] = []
    dev: dict[str, list[Example]] = defaultdict(list)
    held_titles = _held_titles(data_dir)
    for name, example in _all_examples(data_dir):
        if name in TESTS:
            dev[name].append(example)
        elif _is_held_out(example, held_titles):
            dev[example.source].append(example)
        elif not permissive or commercial_use(example.source):
            train.append(example)
    seen = {fingerprint(example.text) for part in dev.values() for example in part}
    kept = merged(example for example in train if fingerprint(example.text) not in seen)
    return Mix(tuple(kept), {source: tuple(part) for source, part in dev.items()})


def merged(examples: Iterable[Example]) -> Iterator[Example]:
    """Join copies of a text: labels that one lacks come from the other, and their first source names them."""
    by_text: dict[str, Example] = {}
    for example in examples:
        key = fingerprint(example.text)
        known = by_text.get(key)
        by_text[key] = example if known is None else _joined(known, example)
    yield from by_text.values()


def draw(examples: Iterable[Example], take: Mapping[str, int], seed: int) -> list[Example]:
    """Draw one epoch: `take[source]` examples of each source without repeats until it is used up, in random order."""
    by_source: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_source[example.source].append(example)
    chance = random.Random(seed)
    drawn: list[Example] = []
    for source, count in sorted(take.items()):
        rows = by_source.get(source, []) + by_source.get(GRADED_SINCE.get(source, ""), [])
        if not rows:
            raise ValueError(f"The run takes from {source}, of which the mix holds nothing.")
        whole, rest = divmod(count, len(rows))
        drawn += rows * whole + chance.sample(rows, rest)
    chance.shuffle(drawn)
    return drawn


def sarcasm_offsets(examples: Iterable[Example], names: Iterable[str]) -> list[float]:
    """Log odds of sarcasm in each source above those of the graded newspaper comments; 0 where it is not labelled."""
    grades: dict[str, list[float]] = defaultdict(list)
    for example in examples:
        if "sarcasm" in example.labels:
            family = "news" if example.source.startswith(("silver", "graded")) else example.source
            grades[family].append(example.labels["sarcasm"])
    odds = {family: _log_odds(sum(values) / len(values)) for family, values in grades.items() if len(values) >= 100}
    return [odds.get(name, odds.get("news", 0.0)) - odds.get("news", 0.0) for name in names]


def _log_odds(share: float) -> float:
    return math.log(share / (1 - share))


def _all_examples(data_dir: Path) -> Iterator[tuple[str, Example]]:
    """Yield every example with its register name; graded texts first, so that copies elsewhere add to theirs."""
    own = (*authored_examples(), *discussion_examples(), *twin_examples(), *feeling_examples(), *story_examples())
    yield from ((example.source, with_notions(example)) for example in own)
    for source in sorted(SOURCES, key=lambda known: (ORDER.get(known.name, 1), known.name)):
        yield from ((source.name, with_notions(example)) for example in source.examples(data_dir))


def _held_titles(data_dir: Path) -> frozenset[str]:
    """Headlines of held-out articles: graded pairs know their article by its headline only."""
    titles = set()
    for source in SOURCES:
        if source.name in ("c3", "neutralnews", "arc"):
            for example in source.examples(data_dir):
                if held_out(example.group, HELD_OUT[source.name]):
                    titles |= {pairing.title for pairing in example.pairings if pairing.relevance > 0.5}
    return frozenset(titles)


def _is_held_out(example: Example, held_titles: frozenset[str]) -> bool:
    source, group = example.source, example.group
    if source.startswith(("silver_pairs", "graded_pairs", "guessed_pairs")):
        return group in held_titles
    if source == "silver_c3_globe_and_mail":
        return held_out(group, HELD_OUT["c3"])
    if source.startswith("silver"):
        return held_out(group, HELD_OUT["silver"])
    if source in ("jigsaw", "figlang_reddit"):
        return held_out(fingerprint(example.text), HELD_OUT[source])
    if source == "hatemoji":
        return group == "validation"
    return source in HELD_OUT and held_out(group, HELD_OUT[source])


def _joined(known: Example, other: Example) -> Example:
    return replace(
        known,
        labels={**other.labels, **known.labels, **_levels(known, other)},
        pairings=_beside(known.pairings, other.pairings),
        spans=known.spans if known.spans is not None else other.spans,
    )


def _levels(known: Example, other: Example) -> dict[str, float]:
    """A crowd of few and a guess at it err apart: where a text has both, or two crowds, what counts is their mean."""
    both = [example.labels["crowd"] for example in (known, other) if "crowd" in example.labels]
    return {"crowd": sum(both) / 2} if len(both) > 1 else {}


def _beside(known: Sequence[Pairing], others: Sequence[Pairing]) -> tuple[Pairing, ...]:
    """Add articles; what a reader said of one that is there already takes the place of what was supposed of it."""
    read = {pairing.title: pairing for pairing in others if pairing.title}
    kept = [replace(one, relevance=read[one.title].relevance) if one.title in read else one for one in known]
    titles = {pairing.title for pairing in known}
    return (*kept, *(pairing for pairing in others if pairing.title not in titles or not pairing.title))
