"""How well dumps are read: rules alone beside network and rules, on sites that the network did not see.

The rules were written with all of the pages at hand, so the comparison favours them.
"""

from __future__ import annotations

from collections.abc import Sequence

from data.evaluate.matching import Counts, match
from data.evaluate.tracks import posts
from data.plain.dump import parse_dump
from data.plain.tagger import Network
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
    ways = table.setdefault((example.rendering, pages), {"rules": Counts(), "network": Counts()})
    for way, counts in ways.items():
        discussion = parse_dump(example.text, rules_alone=way == "rules", network=network)
        found = [comment.text for comment in posts(discussion, example.page)]
        counts.add(len(found), len(gold), len(match(found, gold)) if gold else 0)
