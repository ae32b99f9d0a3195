"""A plain-text dump of a page, as an archive holds it, to one discussion."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from data.identity import Identities
from data.plain.article import read_article
from data.plain.lines import Line, SourceLine, read_lines, stated_count
from data.records import Block, Comment, Coverage, Discussion, Kind

_BARE = (Line.BLANK, Line.NBSP)


def parse_dump(text: str, *, url: str | None = None, source: str = "-") -> Discussion:
    """Return the article of a dump with its comments; none where the evidence is weak."""
    lines = read_lines(text)
    posts = split_by_nbsp(lines)
    article_lines = posts[0] if posts else lines
    article, blocks = read_article(article_lines, url)
    comments = _comments(text, posts[1:], url)
    counts = [count for line in lines if (count := stated_count(line.text)) is not None]
    return Discussion(
        article,
        tuple(comments),
        source,
        kind=Kind.THREAD if posts else Kind.ARTICLE,
        format="text",
        blocks=(*blocks, *_comment_blocks(comments)),
        coverage=_coverage(counts, len(comments)),
    )


def split_by_nbsp(lines: Sequence[SourceLine]) -> list[list[SourceLine]]:
    """Return the posts of a forum dump: each ends with a line of only a no-break space; none if it is no such dump.

    XenForo leaves that line where its pages have an empty `selectToQuoteEnd` element. A text with such lines between
    ordinary paragraphs is told apart by what follows the last one: only links of the page.
    """
    groups = [(is_gap, list(group)) for is_gap, group in groupby(lines, key=lambda line: line.kind is Line.NBSP)]
    segments = [group for is_gap, group in groups if not is_gap]
    gaps = sum(is_gap for is_gap, _ in groups)
    filled = [segment for segment in segments if any(line.text for line in segment)]
    if gaps < 2 or not filled:
        return []
    ends_in_gap = not _has_prose(segments[-1]) if not groups[-1][0] else True
    if not ends_in_gap or not lines_are_posts(filled):
        return []
    return [segment for segment in filled if _has_prose(segment)]


def lines_are_posts(segments: Sequence[Sequence[SourceLine]]) -> bool:
    """Tell posts from the paragraphs of one text that happens to be set apart by no-break spaces."""
    return sum(_has_prose(segment) for segment in segments) >= 2


def _has_prose(segment: Sequence[SourceLine]) -> bool:
    return any(line.text and line.kind not in (Line.CONTROL, Line.RULE, Line.COUNT) for line in segment)


def _comments(text: str, posts: Sequence[Sequence[SourceLine]], url: str | None) -> list[Comment]:
    """Cut each post out of the source, so that its words stay exactly as published."""
    identities, comments = Identities(url), []
    for post in posts:
        start, end = _span(post)
        words = text[start:end]
        place = {"start": start, "end": end, "method": "nbsp", "confidence": 0.9}
        comments.append(Comment(identities.digest([words]), words, extra=place))
    return comments


def _span(post: Sequence[SourceLine]) -> tuple[int, int]:
    """Return where the words of a post begin and end, without the page's buttons around them."""
    words = [line for line in post if line.text]
    while len(words) > 1 and words[-1].kind in (Line.CONTROL, Line.RULE):
        words.pop()
    while len(words) > 1 and words[0].kind in (Line.CONTROL, Line.RULE):
        words.pop(0)
    return words[0].start, words[-1].end


def _comment_blocks(comments: Sequence[Comment]) -> list[Block]:
    return [
        Block("comment", comment.text, comment.extra["start"], comment.extra["end"], None, "nbsp", 0.9)
        for comment in comments
    ]


def _coverage(counts: Sequence[int], found: int) -> Coverage:
    stated = max(counts) if counts else None
    return Coverage(stated, None, True if stated is None else found >= stated)
