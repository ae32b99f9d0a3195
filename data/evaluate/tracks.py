"""The tracks of the parser's benchmark; each is reported by itself, never pooled with another.

Adapters are judged on human gold only: the derived gold was read off the same markup that adapters read, so on it
the generic finder runs alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from data.evaluate.fields import FieldCounts, count_fields
from data.evaluate.gold import GoldPage
from data.evaluate.matching import Counts, match, shingles, token_f1, tokens
from data.page.page import Finder
from data.parse import parse
from data.records import Comment, Discussion

THREADS = ("forum", "qa", "aggregator")
HUMAN = "webforum52"
NEGATIVE = "wcxb_no_comments"


@dataclass(slots=True)
class Result:
    """What one track measured."""

    counts: Counts = field(default_factory=Counts)
    fields: FieldCounts = field(default_factory=FieldCounts)
    worst: list[tuple[float, str]] = field(default_factory=list)
    seconds: list[tuple[float, str]] = field(default_factory=list)
    held: int | None = None  # gold comments of which a rendering holds nearly all words


def read(page: GoldPage, *, finder: Finder = Finder.ALL, with_article: bool = True) -> Discussion:
    """Parse a page as one discussion."""
    return parse(page.html, source=page.path.name, with_article=with_article, finder=finder, format="html")[0]


def posts(discussion: Discussion, page: GoldPage) -> list[Comment]:
    """Return the found comments; where the gold counts the first post of a thread, it is one of them."""
    article = discussion.article
    if discussion.kind not in ("thread", "qa") or not article.paragraphs:
        return list(discussion.comments)
    first = Comment("first", article.text, article.byline, article.published)
    opened = page.kind in ("forum", "qa") or bool(match([first.text], [str(c["text"]) for c in page.comments[:2]]))
    return [*([first] if opened else []), *discussion.comments]


def comments_track(pages: Iterable[GoldPage], finder: Finder) -> Result:
    """Match every page's comments with the gold."""
    result = Result()
    for page in pages:
        started = time.perf_counter()
        discussion = read(page, finder=finder)
        result.seconds.append((time.perf_counter() - started, page.path.name))
        score(result, posts(discussion, page), page)
    return result


def score(result: Result, found: Sequence[Comment], page: GoldPage) -> None:
    """Add one page to a result."""
    gold = page.comments
    matched = match([comment.text for comment in found], [str(comment["text"]) for comment in gold])
    result.counts.add(len(found), len(gold), len(matched))
    count_fields(result.fields, found, gold, matched)
    one = Counts()
    one.add(len(found), len(gold), len(matched))
    result.worst.append(
        (one.f1, f"{page.set}/{page.path.name} {page.platform} {len(matched)}/{len(found)}/{len(gold)}")
    )


def leak_track(pages: Iterable[GoldPage]) -> tuple[float, float]:
    """Return the share of gold comment 4-grams found in comments, and the share that leaks into the article."""
    total = found = leaked = 0
    for page in pages:
        gold = shingles(str(page.gold["comments_text"]).splitlines())
        discussion = read(page)
        own = shingles([page.article or ""])
        gold -= own  # an article that quotes a comment leaks nothing
        total += gold.total()
        found += (gold & shingles(line for c in discussion.comments for line in _lines(c))).total()
        leaked += (gold & shingles(discussion.article.paragraphs)).total()
    return found / total, leaked / total


def _lines(comment: Comment) -> list[str]:
    quotes = comment.extra.get("quotes") or ()
    return [*comment.text.splitlines(), *(line for quote in quotes for line in quote["text"].splitlines())]


def article_track(pages: Iterable[GoldPage]) -> list[tuple[float, str]]:
    """Return each page's article word-F1, the worst first."""
    scores = [
        (token_f1(tokens(" ".join(read(page).article.paragraphs)), tokens(page.article or "")), page.path.name)
        for page in pages
    ]
    return sorted(scores)


def false_track(pages: Iterable[GoldPage]) -> list[tuple[int, str]]:
    """Return the number of comments found on each page that has none, the worst first."""
    return sorted(((len(read(page).comments), page.path.name) for page in pages), reverse=True)


def text_track(pages: Iterable[GoldPage], rendering: Callable[[bytes], str | None]) -> Result:
    """Match comments found in a plain-text rendering of each page."""
    result = Result(held=0)
    for page in pages:
        text = rendering(page.html)
        if text is not None and text.strip():
            result.held = (result.held or 0) + held_comments(text, page)
            discussion = parse(text, format="text")[0]
            score(result, posts(discussion, page), page)
    return result


def held_comments(text: str, page: GoldPage) -> int:
    """Count the gold comments of which 80 % of the 3-grams are in a rendering: more cannot be found in it."""
    there = set(shingles([text], 3))
    grams = [set(shingles([str(comment["text"])], 3)) for comment in page.comments]
    return sum(len(gram & there) >= 0.8 * len(gram) for gram in grams if gram)


def speed(pages: Sequence[GoldPage], *, with_article: bool) -> float:
    """Return pages per second on one core, reading from memory; processor time, so that other work does not count."""
    sources = [page.html for page in pages]
    started = time.process_time()
    for source in sources:
        parse(source, with_article=with_article, format="html")
    return len(sources) / (time.process_time() - started)
