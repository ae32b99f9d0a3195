"""How well dumps are read: rules alone beside networks and rules, on sites that the networks did not see.

The rules were written with all of the pages at hand, so the comparison favours them. `labels` cuts a rendering where
the labels say that the networks learn from: below what is read, they are at fault and not the rendering. `held` counts
the comments whose words a rendering has: tools that look for the main text drop many, and nobody finds those.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import takewhile

from data.evaluate.matching import Counts, match
from data.evaluate.tracks import held_comments, posts
from data.plain.dump import parse_dump
from data.plain.lines import read_lines
from data.plain.tagger import Label, Network, worded_lines
from training.dumps import Example, fold_of, train

Key = tuple[str, str]  # rendering, pages
Table = dict[Key, dict[str, Counts]]


def judge(examples: Sequence[Example], folds: int) -> None:
    """Print F1, precision and recall for each rendering and each way."""
    table: Table = {}
    held: Counter[Key] = Counter()
    for example in examples:
        held[_key(example)] += held_comments(example.text, example.page)
    for fold in range(folds):
        network = train([example for example in examples if fold_of(example.page, folds) != fold])
        for example in examples:
            if fold_of(example.page, folds) == fold:
                _add(table, example, network)
    print(f"{'rendering':18} {'pages':9} {'way':8} F1    P     R     found  gold  held  F1 of these")
    for (rendering, pages), ways in sorted(table.items()):
        there = held[rendering, pages]
        for way, counts in ways.items():
            figures = f"{counts.f1:.3f} {counts.precision:.3f} {counts.recall:.3f} {counts.found:6d} {counts.gold:5d}"
            of_held = 2 * counts.right / max(1, counts.found + there)
            print(f"{rendering:18} {pages:9} {way:8} {figures} {there:5d}  {of_held:.3f}")


def _key(example: Example) -> Key:
    pages = "none" if not example.page.comments else "XenForo" if example.page.platform == "xenforo2" else "others"
    return example.rendering, pages


def _add(table: Table, example: Example, network: Network) -> None:
    gold = [str(comment["text"]) for comment in example.page.comments]
    ways = table.setdefault(_key(example), {way: Counts() for way in ("rules", "network", "labels")})
    for way, counts in ways.items():
        found = _labelled(example) if way == "labels" else _read(example, network, rules_alone=way == "rules")
        counts.add(len(found), len(gold), len(match(found, gold)) if gold else 0)


def _read(example: Example, network: Network, *, rules_alone: bool) -> list[str]:
    discussion = parse_dump(example.text, rules_alone=rules_alone, network=network)
    return [comment.text for comment in posts(discussion, example.page)]


def _labelled(example: Example) -> list[str]:
    """Return the comments as the labels of a rendering's lines cut them out."""
    lines, _ = worded_lines(read_lines(example.text))
    starts = [index for index, label in enumerate(example.labels) if label == Label.BEGIN]
    found = []
    for start in starts:
        inside = takewhile(lambda index: example.labels[index] == Label.INSIDE, range(start + 1, len(lines)))
        found.append(example.text[lines[start].start : lines[max([start, *inside])].end])
    return found
