"""Train what tells comments in plain-text dumps: `python -m training.dumps ../shared/pages [--folds 4] [-o FILE]`.

Pages with gold are rendered to text in several ways; each line is labelled by the gold comment whose words it holds.
With `--folds` nothing is written: each part of the sites is judged by networks that saw only the others.
"""

from __future__ import annotations

import argparse
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from data.evaluate.gold import GoldPage, read_pages
from data.evaluate.renderings import RENDERINGS, trafilatura_article
from data.plain.features import Floats, features
from data.plain.lines import SourceLine, read_lines
from data.plain.tagger import PARAMETERS, Label, Network, save, worded_lines
from data.plain.words import word_places
from training.dumps_network import Stretch, fit_context, fit_window
from training.dumps_teasers import teasers

SEED = 7
ALONE = "article alone"  # the rendering of an article without its comments
HARDEST = "trafilatura"  # has neither names nor times nor buttons; the networks with words see it twice
CONTEXTS = 2  # networks with words, whose mean errs less than either
TEASERS = 0.8  # lists of teasers for every page
HELD = 0.3  # share of a comment's words that a rendering must have for its lines to count as the comment
CONTAINED = 0.8  # share of a line's words that must be the comment's
APART = 4  # lines between two of the same comment
MAX_LINES = 350  # drawn from one rendering, so that no page outweighs the others
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Example:
    """One rendering of a page."""

    page: GoldPage
    rendering: str
    text: str
    rows: Floats
    labels: NDArray[np.int64]


def main() -> None:
    """Train on every page and write the parameters, or judge held-out sites."""
    parser = argparse.ArgumentParser(prog="python -m training.dumps", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--output", "-o", type=Path, default=PARAMETERS)
    parser.add_argument("--folds", type=int, default=0)
    chosen = parser.parse_args()
    examples = list(read_examples(read_pages(chosen.folder)))
    if chosen.folds:
        from training.dumps_judged import judge

        judge(examples, chosen.folds)
        return
    network = train(examples)
    save(network, chosen.output)
    print(f"{chosen.output}: {len(examples)} renderings, {sum(len(e.labels) for e in examples)} lines")


def fold_of(page: GoldPage, folds: int) -> int:
    """Return the part that a page belongs to: pages of one site are never apart."""
    site = re.sub(r"^www\.", "", re.sub(r"^https?://", "", page.gold.get("url") or page.path.name).split("/")[0])
    return int(hashlib.sha256(site.encode()).hexdigest(), 16) % folds


def read_examples(pages: Iterable[GoldPage]) -> Iterator[Example]:
    """Yield every rendering of every page whose comments are known one by one, or that has none."""
    for page in pages:
        if "comments_text" in page.gold:
            continue
        for name, rendering in RENDERINGS.items():
            text = rendering(page.html)
            if text and text.strip():
                yield example(page, name, text)
        yield from _article_alone(page)


def _article_alone(page: GoldPage) -> Iterator[Example]:
    """Yield a page's article without its comments, so that bare prose is not taken for them; nothing of threads."""
    text = trafilatura_article(page.html) if page.kind in ("article", "product") else None
    if text and text.strip() and not (bare := example(page, ALONE, text)).labels.any():
        yield replace(bare, page=replace(page, gold={**page.gold, "comments": []}))


def example(page: GoldPage, rendering: str, text: str) -> Example:
    """Return a rendering with the features and the labels of its lines."""
    worded, before = worded_lines(read_lines(text))
    labels = label_lines(worded, page.comments)
    return Example(page, rendering, text, features(worded, before), labels)


def label_lines(lines: Sequence[SourceLine], comments: Sequence[dict[str, object]]) -> NDArray[np.int64]:
    """Label each line by the comment whose words it holds, and the lines between two comments that name an author."""
    words = [tuple(_WORD.findall(line.text.casefold())) for line in lines]
    holders: dict[tuple[str, ...], list[int]] = {}
    for index, line in enumerate(words):
        for gram in _grams(line):
            holders.setdefault(gram, []).append(index)
    labels = np.zeros(len(lines), np.int64)
    after = 0
    for comment in comments:
        span = _span(tuple(_WORD.findall(str(comment["text"]).casefold())), words, holders, after)
        if span is None:
            continue
        labels[span[0]] = Label.BEGIN
        labels[span[0] + 1 : span[1] + 1] = Label.INSIDE
        _label_name(lines, labels, span, str(comment.get("author") or ""))
        after = span[1] + 1
    return labels


def _grams(words: tuple[str, ...]) -> set[tuple[str, ...]]:
    return {words[i : i + 3] for i in range(max(1, len(words) - 2))} if words else set()


def _span(
    comment: tuple[str, ...],
    words: Sequence[tuple[str, ...]],
    holders: dict[tuple[str, ...], list[int]],
    after: int,
) -> tuple[int, int] | None:
    """Return the first and the last line that hold a comment; None where the rendering left it out."""
    grams = _grams(comment)
    hits = Counter(index for gram in grams for index in holders.get(gram, ()))
    found = [i for i, n in sorted(hits.items()) if n >= CONTAINED * len(_grams(words[i]))]
    if len(comment) < 3:
        found = [i for i in found if words[i] == comment]
    runs: list[list[int]] = []
    for index in found:
        if runs and index - runs[-1][-1] <= APART:
            runs[-1].append(index)
        else:
            runs.append([index])
    covered = {run[0]: sum(len(words[i]) for i in run) for run in runs}
    runs.sort(key=lambda run: (-min(covered[run[0]], len(comment)) + (run[0] < after) * 0.1 * len(comment), run[0]))
    if not runs or covered[runs[0][0]] < HELD * len(comment):
        return None
    return runs[0][0], runs[0][-1]


def _label_name(lines: Sequence[SourceLine], labels: NDArray[np.int64], span: tuple[int, int], author: str) -> None:
    """Label the nearest short line before or after a comment that holds its author's name."""
    name = author.casefold().strip()
    if len(name) < 2:
        return
    for index in (*range(span[0] - 1, max(-1, span[0] - 9), -1), *range(span[1] + 1, min(len(lines), span[1] + 6))):
        if labels[index] == Label.OTHER and len(lines[index].text) < 120 and name in lines[index].text.casefold():
            labels[index] = Label.NAME
            return


def train(examples: Sequence[Example]) -> Network:
    """Return the networks for some examples, and lists of teasers worded by their articles."""
    torch.manual_seed(SEED)
    known = [*examples, *_teasers(examples)]
    drawn = [_draw(len(one.labels)) for one in known]
    rows = np.concatenate([one.rows[lines] for one, lines in zip(known, drawn, strict=True)])
    labels = np.concatenate([one.labels[lines] for one, lines in zip(known, drawn, strict=True)])
    window = fit_window(rows, labels)
    again = [one for one in examples if one.rendering == HARDEST]
    stretches = [_stretch(one) for one in (*known, *again)]
    contexts = tuple(fit_context(stretches, SEED + number) for number in range(CONTEXTS))
    return Network(window, contexts, moves(examples))


def _teasers(examples: Sequence[Example]) -> list[Example]:
    """Return what is drawn of lists of teasers: every line is another's."""
    pages = list({one.page.path: one.page for one in examples}.values())
    found = []
    for number, text in enumerate(teasers(pages, round(TEASERS * len(pages)), SEED)):
        without = replace(pages[number % len(pages)], gold={})
        found.append(example(without, "teasers", text))
    return found


def _draw(count: int) -> NDArray[np.int64]:
    return np.random.default_rng(SEED).permutation(count)[:MAX_LINES]


def _stretch(one: Example) -> Stretch:
    """Return the lines of an example, a part of them where they are many."""
    lines, _ = worded_lines(read_lines(one.text))
    start = int(np.random.default_rng(SEED + len(lines)).integers(0, max(1, len(lines) - MAX_LINES + 1)))
    part = slice(start, start + MAX_LINES)
    return Stretch(one.rows[part], word_places(lines[part]), one.labels[part])


def moves(examples: Iterable[Example]) -> Floats:
    """Return the log probabilities of going from one label to the next, over what each label is by itself.

    The networks see the neighbours already, so only what is impossible or rare has to be added.
    """
    counts = np.ones((len(Label), len(Label)), np.float64)
    for example in examples:
        np.add.at(counts, (example.labels[:-1], example.labels[1:]), 1)
    share = counts.sum(axis=0) / counts.sum()
    logs = np.log(counts / counts.sum(axis=1, keepdims=True) / share)
    logs[[Label.OTHER, Label.NAME], Label.INSIDE] = -1e4
    costs: Floats = np.minimum(logs, 0).astype(np.float32)
    return costs


if __name__ == "__main__":
    main()
