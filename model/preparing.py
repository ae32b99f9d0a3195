"""What a process beside the scorer does for it: tell the language of texts, normalise and tokenise them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from multiprocessing import get_context
from pathlib import Path

from model.readable import before_reading
from model.tokens import Tokeniser

PIECE = 256  # texts that travel to a process at once
Prepared = tuple[str | None, list[int]]  # language and token ids; no ids where there is nothing that the model reads

_tokenisers: list[Tokeniser] = []  # this process's own, loaded once


class Preparing:
    """Processes that prepare texts; `workers` 0 leaves one core to the process that asks."""

    def __init__(self, tokenizer: Path, *, max_tokens: int, article_tokens: int, workers: int = 0) -> None:
        count = workers or max(1, (os.cpu_count() or 2) - 1)
        arguments = (tokenizer, max_tokens, article_tokens)
        self._pool = ProcessPoolExecutor(count, get_context("spawn"), _begin, arguments)

    def __call__(self, texts: Sequence[str]) -> list[Prepared]:
        """Return language and token ids of each text, in order."""
        pieces = [texts[start : start + PIECE] for start in range(0, len(texts), PIECE)]
        return list(chain.from_iterable(self._pool.map(_prepare, pieces)))

    def close(self) -> None:
        """Stop the processes."""
        self._pool.shutdown(cancel_futures=True)


def _begin(file: Path, max_tokens: int, article_tokens: int) -> None:
    _tokenisers.append(Tokeniser.load(file, max_tokens=max_tokens, article_tokens=article_tokens))


def _prepare(texts: Sequence[str]) -> list[Prepared]:
    known = [before_reading(text) for text in texts]
    chosen = [place for place, one in enumerate(known) if one.reason is None]
    tokens = dict(zip(chosen, _tokenisers[0].comments([texts[place] for place in chosen]), strict=True))
    read = {place: item.ids for place, item in tokens.items() if not item.empty}
    return [(one.language, read.get(place, [])) for place, one in enumerate(known)]
