"""Which texts one run of the network reads together: those of one length, which need no padding."""

from __future__ import annotations

from collections.abc import Sequence

TOGETHER = 512  # tokens in one run: the products gain nothing beyond, and what lies between them stays in the L2 cache


def runs_of_one_kind(kinds: Sequence[tuple[int, bool]], most: int = TOGETHER) -> list[list[int]]:
    """Return the indices in runs of equal kinds, a length in tokens and whether the topics are wanted.

    A run has at most `most` tokens, or one text; those with the most tokens come first.
    """
    by_kind: dict[tuple[int, bool], list[int]] = {}
    for index, kind in enumerate(kinds):
        by_kind.setdefault(kind, []).append(index)
    runs = []
    for (length, _), indices in by_kind.items():
        count = max(1, most // max(1, length))
        runs += [indices[start : start + count] for start in range(0, len(indices), count)]
    return sorted(runs, key=lambda run: -len(run) * kinds[run[0]][0])
