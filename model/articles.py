"""Reads articles, each once for all of its comments; titles without a text together with kindred headlines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from data.records import Article
from model.headlines import HeadlineBank, as_text, kindred
from model.tokens import Tokeniser
from model.topics import Kept, Topics

ARTICLES_KEPT = 256  # topics of the articles read last: at most 140 kB each
HEADLINES_KEPT = 4096  # and of the bank's own, some 10 kB each: an archive's titles share most of theirs
TITLES_KEPT = 16384  # of which it is known what to read them with, at most 1 kB each
TOGETHER = 64  # titles whose candidates, some 30 headlines of 10 kB each, are in memory at once
TITLE = 300  # characters: a longer one is a text that stands in the place of the title
Told = tuple[str, str]  # title and text
Read = Callable[[Sequence[list[int]]], list[Topics]]  # token ids of texts -> what each is about
Compare = Callable[[Sequence[tuple[Topics, Topics]]], NDArray[np.float32]]  # article and comment -> logits (N,)


class Articles:
    """What articles are about, by the network that `read` and `compare` run; safe between threads."""

    def __init__(self, tokeniser: Tokeniser, read: Read, compare: Compare, bank: HeadlineBank | None) -> None:
        self._tokeniser, self._read, self._compare, self._bank = tokeniser, read, compare, bank
        self._kept: Kept[Told, Topics] = Kept(ARTICLES_KEPT)
        self._headlines: Kept[str, Topics] = Kept(HEADLINES_KEPT)
        self._kindred: Kept[str, str] = Kept(TITLES_KEPT)

    def topics(self, articles: Sequence[Article | None]) -> list[Topics | None]:
        """Return what each article is about, None for one without title and text; each is read once for all calls."""
        known = [told(article) for article in articles]
        found = self._kept.made([words for words in dict.fromkeys(known) if words is not None], self._as_served)
        return [None if words is None else found[words] for words in known]

    def _as_served(self, known: Sequence[Told]) -> Iterator[Topics]:
        """Read articles, titles without a text with what the bank has on their subject."""
        for start in range(0, len(known), TOGETHER):
            part = known[start : start + TOGETHER]
            alone = [title for title, text in part if self._bank and not text.strip() and len(title) <= TITLE]
            texts = self._kindred.made(list(dict.fromkeys(alone)), self._texts)
            yield from self._as_told([(title, text if text.strip() else texts.get(title, "")) for title, text in part])

    def _as_told(self, known: Sequence[Told]) -> list[Topics]:
        return self._read([self._tokeniser.article(*words) for words in known])

    def _titles(self, titles: Sequence[str]) -> list[Topics]:
        return self._as_told([(title, "") for title in titles])

    def _texts(self, titles: Sequence[str]) -> Iterator[str]:
        """Yield what is read with each title: headlines of the bank that the network finds most relevant to it."""
        topics = self._titles(titles)
        candidates = [self._candidates(title, one) for title, one in zip(titles, topics, strict=True)]
        about = self._headlines.made(sorted({headline for found in candidates for headline in found}), self._titles)
        for found, one in zip(candidates, topics, strict=True):
            pairs = [(one, about[headline]) for headline in found]
            yield as_text(kindred(found, self._compare(pairs).tolist() if pairs else ()))

    def _candidates(self, title: str, topics: Topics) -> list[str]:
        return self._bank.nearest(title, topics.vector) if self._bank else []


def told(article: Article | None) -> Told | None:
    """What is known of an article, title and text; None when that is nothing."""
    words = (article.title or "", article.text) if article else ("", "")
    return words if "".join(words).strip() else None
