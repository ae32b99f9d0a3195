"""Which lines of a dump are comments: a small network on the features of lines, and the best sequence of its labels.

Its parameters lie in `tagger.npz`, made by `python -m training.dumps`; here they run in numpy.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from data.plain.features import Floats, features
from data.plain.lines import Line, SourceLine

PARAMETERS = Path(__file__).with_name("tagger.npz")
PART = 20_000  # lines that the network takes at once


class Label(IntEnum):
    """What a line is in the sequence."""

    OTHER = 0
    BEGIN = 1  # the first line of a comment
    INSIDE = 2
    NAME = 3  # a line that names a comment's author


class Network(NamedTuple):
    """The parameters of the network: standardisation, two layers, and the costs of going from label to label."""

    mean: Floats
    scale: Floats
    first: Floats
    first_bias: Floats
    second: Floats
    second_bias: Floats
    moves: Floats  # log probabilities, of shape (labels, labels)


class Tagged(NamedTuple):
    """The lines that are not blank, with the label and the probability of each."""

    lines: list[SourceLine]
    labels: NDArray[np.int64]
    probabilities: Floats  # of shape (lines, labels)


@cache
def network() -> Network:
    """Load the parameters once."""
    with np.load(PARAMETERS, allow_pickle=False) as held:
        return Network(*(held[name].astype(np.float32) for name in Network._fields))


def tag(lines: Sequence[SourceLine], chosen: Network | None = None) -> Tagged:
    """Label the lines of a dump that are not blank."""
    worded, before = worded_lines(lines)
    if not worded:
        return Tagged([], np.zeros(0, np.int64), np.zeros((0, len(Label)), np.float32))
    used = chosen or network()
    probabilities = _probabilities(features(worded, before), used)
    return Tagged(worded, best_path(np.log(probabilities + 1e-6), used.moves), probabilities)


def worded_lines(lines: Sequence[SourceLine]) -> tuple[list[SourceLine], list[tuple[int, int]]]:
    """Return the lines with words, and how many blank lines and no-break spaces stand before each."""
    worded: list[SourceLine] = []
    before: list[tuple[int, int]] = []
    blank = nbsp = 0
    for line in lines:
        if line.text:
            worded.append(line)
            before.append((blank, nbsp))
            blank = nbsp = 0
        else:
            blank += 1
            nbsp += line.kind is Line.NBSP
    return worded, before


def _probabilities(rows: Floats, used: Network) -> Floats:
    parts = [_forward(rows[start : start + PART], used) for start in range(0, len(rows), PART)]
    return np.concatenate(parts)


def _forward(rows: Floats, used: Network) -> Floats:
    hidden = np.maximum((rows - used.mean) / used.scale @ used.first + used.first_bias, 0)
    scores = hidden @ used.second + used.second_bias
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = raised / raised.sum(axis=1, keepdims=True)
    return result


def best_path(scores: Floats, moves: Floats) -> NDArray[np.int64]:
    """Return the labels of the best sequence (Viterbi): `scores` and `moves` are log probabilities."""
    back = np.zeros(scores.shape, np.int64)
    best = scores[0].copy()
    best[Label.INSIDE] = -np.inf
    for row in range(1, len(scores)):
        reached = best[:, None] + moves
        back[row] = reached.argmax(axis=0)
        best = reached.max(axis=0) + scores[row]
    path = np.zeros(len(scores), np.int64)
    path[-1] = best.argmax()
    for row in range(len(scores) - 1, 0, -1):
        path[row - 1] = back[row, path[row]]
    return path
