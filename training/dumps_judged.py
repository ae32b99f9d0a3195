"""How well dumps are read: rules alone beside networks and rules, on sites that the networks did not see.

The rules were written with all of the pages at hand, so the comparison favours them. `labels` cuts a rendering where
the labels say that the networks learn from: below what is read, they are at fault and not the rendering.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from data.evaluate.matching import Counts, match
from data.evaluate.tracks import posts
from data.plain.dump import parse_dump
from data.plain.lines import read_lines
from data.plain.tagger import Label, Network, worded_lines
from training.dumps import Example, fold_of, train

Table = dict[tuple[str, str], dict[str, Counts]]


def judge(examples: Sequence[Example], folds: int) -> None:
    """Print F1, precision and recall for each rendering and each way."""
    table: Table = {}
    for fold in range(folds):
        network = train([example for example in examples if fold_of(example.page, folds) != fold])
        for example in examples:
            if fold_of(example.page, folds) == fold:
                _add(table, example, network)
    print(f"{'rendering':18} {'pages':9} {'way':8} F1    P     R     found  gold")
    for (rendering, pages), ways in sorted(table.items()):
        for way, counts in ways.items():
            figures = f"{counts.f1:.3f} {counts.precision:.3f} {counts.recall:.3f} {counts.found:6d} {counts.gold:5d}"
            print(f"{rendering:18} {pages:9} {way:8} {figures}")


def _add(table: Table, example: Example, network: Network) -> None:
    gold = [str(comment["text"]) for comment in example.page.comments]
    pages = "none" if not gold else "XenForo" if example.page.platform == "xenforo2" else "others"
    ways = table.setdefault((example.rendering, pages), {way: Counts() for way in ("rules", "network", "labels")})
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
