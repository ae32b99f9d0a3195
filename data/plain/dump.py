"""A plain-text dump of a page, as an archive holds it, to one discussion."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from data.identity import Identities
from data.language import detect
from data.plain.article import read_article
from data.plain.lines import Line, SourceLine, read_lines, stated_count
from data.plain.posts import Post, find_posts
from data.records import Block, Comment, Coverage, Discussion, Kind

ARTICLE_CHARS = 500  # characters in long lines before the first comment that make an article
_FOOT = re.compile(
    r"(?:reactions?|last edited|likes?|attachments?)\s*:|view attachment\s|\S{1,80}\.(?:png|jpe?g|gif|webp"
    r"|heic|pdf)$|•?\s*reactions:",
    re.IGNORECASE,
)


def parse_dump(text: str, *, url: str | None = None, source: str = "-") -> Discussion:
    """Return the article of a dump with its comments; none where the evidence is weak."""
    lines = read_lines(text)
    segments, posts = split_by_nbsp(lines), find_posts(lines)
    comments: list[Comment]
    article_lines: Sequence[SourceLine]
    if segments and len(segments) >= 0.7 * len(posts):
        kind, article_lines, comments = Kind.THREAD, segments[0], _cut_out(text, segments[1:], url)
    else:
        kind, article_lines, comments = _by_anchors(text, lines, posts, url)
    article, blocks = read_article(article_lines, url)
    counts = [count for line in lines if (count := stated_count(line.text)) is not None]
    return Discussion(
        replace(article, language=detect(article.text)),
        tuple(comments),
        source,
        kind=kind,
        format="text",
        blocks=(*blocks, *_comment_blocks(comments)),
        coverage=_coverage(counts, len(comments)),
    )


def _by_anchors(
    text: str, lines: Sequence[SourceLine], posts: Sequence[Post], url: str | None
) -> tuple[Kind, Sequence[SourceLine], list[Comment]]:
    """Return the kind, the article's lines and the comments of a dump where times stand between the comments."""
    if not posts:
        return Kind.ARTICLE, lines, []
    before = lines[: posts[0].first_line]
    if sum(len(line.text) for line in before if len(line.text) >= 120) >= ARTICLE_CHARS:
        return Kind.ARTICLE, before, _from_posts(text, posts, url)
    first = [line for line in lines if posts[0].start <= line.start and line.end <= posts[0].end]
    return Kind.THREAD, first, _from_posts(text, posts[1:], url)


def split_by_nbsp(lines: Sequence[SourceLine]) -> list[list[SourceLine]]:
    """Return the posts of a forum dump: each ends with a line of only a no-break space; none if it is no such dump.

    XenForo leaves that line where its pages have an empty `selectToQuoteEnd` element, right beside the words of a
    post; in articles such lines stand between blank ones. What follows the last is the page's foot.
    """
    ends = [index for index, line in enumerate(lines) if line.kind is Line.NBSP and _touches(lines, index)]
    if len(ends) < 2:
        return []
    starts = [0, *(index + 1 for index in ends[:-1])]
    segments = [list(lines[start:end]) for start, end in zip(starts, ends, strict=True)]
    return [segment for segment in segments if _has_prose(segment)]


def _touches(lines: Sequence[SourceLine], index: int) -> bool:
    """Tell whether a line stands right below or right above one with words."""
    below = index + 1 < len(lines) and bool(lines[index + 1].text)
    return below or (index > 0 and bool(lines[index - 1].text))


def _has_prose(segment: Sequence[SourceLine]) -> bool:
    return any(line.text and line.kind not in (Line.CONTROL, Line.RULE, Line.COUNT) for line in segment)


def _cut_out(text: str, posts: Sequence[Sequence[SourceLine]], url: str | None) -> list[Comment]:
    """Cut each post out of the source, so that its words stay exactly as published."""
    identities, comments = Identities(url), []
    for post in posts:
        start, end = _span(post)
        words = text[start:end]
        place = {"start": start, "end": end, "method": "nbsp", "confidence": 0.9}
        comments.append(Comment(identities.digest([words]), words, extra=place))
    return comments


def _from_posts(text: str, posts: Sequence[Post], url: str | None) -> list[Comment]:
    identities, comments = Identities(url), []
    for post in posts:
        words = text[post.start : post.end]
        place: dict[str, object] = {"start": post.start, "end": post.end, "method": "anchors", "confidence": 0.7}
        if post.raw:
            place["published_raw"] = post.raw
        own_id = identities.digest([post.author, post.raw, words])
        comments.append(Comment(own_id, words, post.author, post.published, extra=place))
    return comments


def _span(post: Sequence[SourceLine]) -> tuple[int, int]:
    """Return where the words of a post begin and end, without the page's buttons around them."""
    words = [line for line in post if line.text]
    while len(words) > 1 and (words[-1].kind in (Line.CONTROL, Line.RULE) or _FOOT.match(words[-1].text)):
        words.pop()
    while len(words) > 1 and words[0].kind in (Line.CONTROL, Line.RULE):
        words.pop(0)
    return words[0].start, words[-1].end


def _comment_blocks(comments: Sequence[Comment]) -> list[Block]:
    return [
        Block("comment", comment.text, extra["start"], extra["end"], None, extra["method"], extra["confidence"])
        for comment in comments
        for extra in [comment.extra]
    ]


def _coverage(counts: Sequence[int], found: int) -> Coverage:
    stated = max(counts) if counts else None
    return Coverage(stated, None, True if stated is None else found >= stated)
