"""What a line of a dump looks like among its neighbours and in the whole dump: numbers for `tagger`.

Pages repeat themselves: names, times and buttons stand at the same places around every comment. So besides what a
line says, its features tell how often the dump has lines like it and how far the nearest times and buttons are.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from data.dates import find_date, is_date_text
from data.plain.lines import Line, SourceLine, stated_count
from data.plain.marks import COMMENTS_HEAD, ENDS, MEMBER, SAYS, SPEAKS, is_button, is_name
from data.relative import relative_time

Floats = NDArray[np.float32]

WINDOW = (-3, -2, -1, 1, 2, 3)  # lines before and after whose own features are seen too
FAR = 40  # lines; a time farther away says nothing
MAX_DATED = 130  # characters of a line that may say a time
_FIRST = re.compile(r"\b(?:i|i'm|i’m|i've|my|me|we|ich|mein|mir|je|mon|moi|yo|mi)\b", re.IGNORECASE)
_SECOND = re.compile(
    r"\b(?:you|your|thanks?|thank|hi|hello|agree|danke|hallo|merci|bonjour|lol|imo|imho)\b", re.IGNORECASE
)
_QUOTING = re.compile(
    r"\b(?:said|wrote|schrieb|a écrit|originally posted by)\b.{0,40}:?$|click to expand|^quote\b|^zitat\b|^>",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://|www\.|\.(?:com|org|net|de)\b", re.IGNORECASE)
_NUMBER = re.compile(r"#\s?\d{1,5}\b")
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"\w+")


def features(lines: Sequence[SourceLine], before: Sequence[tuple[int, int]]) -> Floats:
    """Return the features of each line that is not blank, of shape (lines, features).

    `before` holds for each line how many blank lines stand before it, and how many of those have a no-break space.
    """
    own = np.array([_own(line) for line in lines], np.float32).reshape(len(lines), 2 + len(_OWN))
    gaps = np.array([(min(blank, 3) / 3, float(nbsp > 0)) for blank, nbsp in before], np.float32).reshape(-1, 2)
    near = np.concatenate([own[:, :NEAR], gaps], axis=1)
    shifted = [_shifted(near, offset) for offset in WINDOW]
    return np.concatenate([own, gaps, _shifted(gaps, 1), *shifted, _whole(lines, own)], axis=1)


def _own(line: SourceLine) -> list[float]:
    dated = _dated(line)
    return [dated, float(dated > 0), *(float(feature(line)) for feature in _OWN)]


def _length(line: SourceLine) -> float:
    return math.log1p(len(line.text)) / 6


def _words(line: SourceLine) -> float:
    return min(len(line.text.split()), 40) / 40


def _dated(line: SourceLine) -> float:
    """Return the share of a line that its time takes, 0 where it says none."""
    text = line.text
    if len(text) > MAX_DATED:
        return 0.0
    if found := find_date(text):
        return len(found[0]) / len(text)
    if said := relative_time(text):
        return len(said) / len(text)
    return float(is_date_text(text))


def _share(text: str, test: Callable[[str], bool]) -> float:
    return sum(map(test, text[:400])) / len(text[:400])


# the first NEAR are also seen of the neighbours
_OWN: tuple[Callable[[SourceLine], float], ...] = (
    _length,
    _words,
    lambda line: is_button(line.text),
    lambda line: is_name(line.text),
    lambda line: bool(MEMBER.match(line.text)),
    lambda line: bool(SAYS.fullmatch(line.text)) if len(line.text) < MAX_DATED else False,
    lambda line: bool(_NUMBER.search(line.text[:60])),
    lambda line: line.text[-1] in ".!?…)",
    lambda line: line.kind is Line.CONTROL,
    lambda line: bool(COMMENTS_HEAD.match(line.text)) or stated_count(line.text) is not None,
    lambda line: bool(ENDS.match(line.text)),
    lambda line: bool(_QUOTING.search(line.text[:200])),
    # own only
    lambda line: line.text[-1] == ":",
    lambda line: line.text[0].islower(),
    lambda line: line.text[0].isdigit(),
    lambda line: line.text[0] in "•*-–|»›[(",
    lambda line: line.kind is Line.HEADING,
    lambda line: line.kind is Line.RULE,
    lambda line: line.kind is Line.BYLINE,
    lambda line: line.kind is Line.TEMPLATE,
    lambda line: bool(SPEAKS.search(line.text[:MAX_DATED])),
    lambda line: bool(_FIRST.search(line.text[:400])),
    lambda line: bool(_SECOND.search(line.text[:400])),
    lambda line: bool(_ADDRESS.search(line.text[:400])),
    lambda line: "?" in line.text,
    lambda line: "!" in line.text,
    lambda line: "|" in line.text or "»" in line.text,
    lambda line: _share(line.text, str.isdigit),
    lambda line: _share(line.text, str.isupper),
)
NEAR = 14
WORDS, BUTTON, HEAD = 3, 4, 11  # their places


def _shifted(values: Floats, offset: int) -> Floats:
    """Return for each line the values of the one `offset` lines on; 0 beyond the ends."""
    moved = np.zeros_like(values)
    if abs(offset) < len(values):
        if offset > 0:
            moved[:-offset] = values[offset:]
        else:
            moved[-offset:] = values[:offset]
    return moved


def _whole(lines: Sequence[SourceLine], own: Floats) -> Floats:
    """Return what only the whole dump tells of each line."""
    count = len(lines)
    keys = [_key(line.text) for line in lines]
    often = Counter(keys)
    repeated = np.array([math.log1p(often[key] - 1) / 4 if key else 0.0 for key in keys], np.float32)
    exact = Counter(line.text for line in lines)
    same = np.array([math.log1p(exact[line.text] - 1) / 4 for line in lines], np.float32)
    shapes = [shape_of(line, dated=bool(own[index, 1])) for index, line in enumerate(lines)]
    alike = Counter(shapes)
    shaped = np.array([math.log1p(alike[shape] - 1) / 4 for shape in shapes], np.float32)
    dated, button = own[:, 1] > 0, own[:, BUTTON] > 0
    anchor = dated & (shaped > math.log1p(1) / 4 - 0.01)
    columns = [repeated, same, shaped, *_distances(anchor), *_distances(button), *_distances(repeated > 0.25)]
    place = np.arange(count, dtype=np.float32) / max(1, count)
    totals = [float(dated.mean()), float(anchor.sum() / 20), float(button.mean()), math.log1p(count) / 8]
    totals.append(float(np.minimum(1.0, own[:, WORDS]).mean()))
    heads = np.cumsum(own[:, HEAD]) > 0
    spread = [np.full(count, min(total, 1.5), np.float32) for total in totals]
    neighbours = [_shifted(shaped[:, None], offset)[:, 0] for offset in (-1, 1)]
    return np.stack([*columns, place, *spread, heads.astype(np.float32), *neighbours], axis=1).astype(np.float32)


def _key(text: str) -> str:
    return _DIGITS.sub("#", text.casefold()) if len(text) <= 60 else ""


def shape_of(line: SourceLine, *, dated: bool) -> str:
    """Return what lines at the same place of every comment have in common, however their words differ."""
    text = line.text
    if len(text) > MAX_DATED:
        return "long"
    letters = re.sub(r"[A-Za-zÀ-ÿ]+", "w", _DIGITS.sub("#", text))
    return f"{dated}{re.sub(r'w( w)+', 'w+', letters)}" if dated or len(text) < 40 else "middle"


def _distances(marked: NDArray[np.bool_]) -> list[Floats]:
    """Return how near the marked line before and the one after each line are: 1 is this one, 0 is far or none."""
    places = np.flatnonzero(marked)
    numbers = np.arange(len(marked))
    if not len(places):
        return [np.zeros(len(marked), np.float32)] * 2
    after = np.searchsorted(places, numbers)
    back = np.where(after > 0, numbers - places[np.maximum(after - 1, 0)], FAR)
    on = np.where(after < len(places), places[np.minimum(after, len(places) - 1)] - numbers, FAR)
    return [(1 - np.minimum(np.log1p(gap) / math.log1p(FAR), 1)).astype(np.float32) for gap in (back, on)]
