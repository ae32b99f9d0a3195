"""Which lines of a dump are comments: small networks, whose probabilities are averaged, and the best sequence of
labels. One sees the features of a line and its nearest neighbours. The others see words too and reach 14 lines either
way by convolutions with holes (Yu and Koltun 2016); they differ by what they began with.

Their parameters lie in `tagger.npz`, made by `python -m training.dumps`; here they run in numpy.
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
from data.plain.words import Places, line_vectors, word_places

PARAMETERS = Path(__file__).with_name("tagger.npz")
PART = 20_000  # lines that the first network takes at once
SHARE = 0.7  # of the networks with words in the probabilities; chosen on pages that none had seen
WIDTH, LAYERS = 5, 3  # lines that a convolution takes together, and how many there are: 2, 4 and 8 lines either way


class Label(IntEnum):
    """What a line is in the sequence."""

    OTHER = 0
    BEGIN = 1  # the first line of a comment
    INSIDE = 2
    NAME = 3  # a line that names a comment's author


class Window(NamedTuple):
    """The parameters of the first network: standardisation and two layers."""

    mean: Floats
    scale: Floats
    first: Floats
    first_bias: Floats
    second: Floats
    second_bias: Floats


class Context(NamedTuple):
    """The parameters of a network with words: their vectors, a first layer, convolutions over lines, a last layer."""

    mean: Floats
    scale: Floats
    words: Floats  # (BUCKETS, D)
    first_words: Floats  # (BUCKETS, D)
    first: Floats
    first_bias: Floats
    layers: Floats  # (layers, WIDTH, H, H)
    layer_biases: Floats  # (layers, H)
    last: Floats
    last_bias: Floats


class Network(NamedTuple):
    """All networks, and the costs of going from label to label."""

    window: Window
    contexts: tuple[Context, ...]
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
        arrays = {name: held[name].astype(np.float32) for name in held.files}
    window = Window(*(arrays[f"window.{name}"] for name in Window._fields))
    numbers = sorted({name.split(".")[1] for name in arrays if name.startswith("context.")})
    contexts = (Context(*(arrays[f"context.{number}.{name}"] for name in Context._fields)) for number in numbers)
    return Network(window, tuple(contexts), arrays["moves"])


def save(chosen: Network, path: Path) -> None:
    """Write the parameters in half precision."""
    named = {f"window.{name}": value for name, value in chosen.window._asdict().items()}
    for number, context in enumerate(chosen.contexts):
        named |= {f"context.{number}.{name}": value for name, value in context._asdict().items()}
    named["moves"] = chosen.moves
    np.savez_compressed(path, **{name: value.astype(np.float16) for name, value in named.items()})


def tag(lines: Sequence[SourceLine], chosen: Network | None = None) -> Tagged:
    """Label the lines of a dump that are not blank."""
    worded, before = worded_lines(lines)
    if not worded:
        return Tagged([], np.zeros(0, np.int64), np.zeros((0, len(Label)), np.float32))
    used = chosen or network()
    rows, places = features(worded, before), word_places(worded)
    near = _by_window(rows, used.window)
    far = np.mean([by_context(rows, places, context) for context in used.contexts], axis=0)
    probabilities: Floats = SHARE * far + (1 - SHARE) * near
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


def _by_window(rows: Floats, used: Window) -> Floats:
    parts = [_two_layers(rows[start : start + PART], used) for start in range(0, len(rows), PART)]
    return np.concatenate(parts)


def _two_layers(rows: Floats, used: Window) -> Floats:
    hidden = np.maximum((rows - used.mean) / used.scale @ used.first + used.first_bias, 0)
    return _softmax(hidden @ used.second + used.second_bias)


def by_context(rows: Floats, places: Places, used: Context) -> Floats:
    """Return what a network with words gives each label of each line, (lines, labels)."""
    known = [(rows - used.mean) / used.scale, line_vectors(places, used.words, used.first_words)]
    hidden = np.maximum(np.concatenate(known, axis=1) @ used.first + used.first_bias, 0)
    for depth, (layer, bias) in enumerate(zip(used.layers, used.layer_biases, strict=True)):
        hidden = hidden + np.maximum(_convolved(hidden, layer, 2**depth) + bias, 0)
    return _softmax(hidden @ used.last + used.last_bias)


def _convolved(hidden: Floats, layer: Floats, apart: int) -> Floats:
    """Sum what a layer makes of the lines `apart` from each other around each line, of shape (lines, H)."""
    middle = len(layer) // 2
    padded = np.pad(hidden, ((middle * apart, middle * apart), (0, 0)))
    parts = [padded[place * apart : place * apart + len(hidden)] @ weight for place, weight in enumerate(layer)]
    total: Floats = np.sum(parts, axis=0)
    return total


def _softmax(scores: Floats) -> Floats:
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
