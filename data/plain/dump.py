"""A plain-text dump of a page, as an archive holds it, to one discussion."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from data.dates import day_comes_first, iso_date
from data.identity import Identities
from data.language import detect
from data.plain.article import read_article
from data.plain.headed import outnumbers
from data.plain.lines import Line, SourceLine, read_lines, stated_count
from data.plain.listings import is_listing
from data.plain.marks import COMMENTS_HEAD
from data.plain.opening import Opening, opening
from data.plain.posts import Post, find_posts
from data.plain.rest import left_over
from data.plain.tagged import SUPPORTED, is_believable, support, tagged_posts
from data.plain.tagger import Network, tag
from data.records import Block, Comment, Coverage, Discussion, Kind

ARTICLE_CHARS = 500  # characters in long lines before the first comment that make an article
HEADED_CHARS, HEADING_WITHIN = 150, 6  # the same where a heading such as "3 comments" stands among the last lines
MAX_TAGGED = 30_000  # lines that the networks read; with their features it takes three seconds for them
MORE = 1.3  # times as many comments as the networks' make the rules worth a look
FEW = 0.95  # share of the parts between no-break lines from which on the networks' comments are taken
MIN_SEGMENTS = 3  # parts between no-break lines from which on those lines end posts
SURE = 0.75  # confidence from which on they are taken anyway: some forums leave two such lines per post
AGREED = 0.5  # as many as this share of them the rules must find by names, times or buttons for that
_FOOT = re.compile(
    r"(?:reactions?|last edited|likes?|attachments?)\s*:|view attachment\s|\S{1,80}\.(?:png|jpe?g|gif|webp"
    r"|heic|pdf)$|•?\s*reactions:",
    re.IGNORECASE,
)
# of the post before, which some forums print below its no-break line
_LEFT_OVER = re.compile(
    r"last edited\s*:|•?\s*likes?$|(?:likes?\s+)?•?\s*reactions\s*:|"
    r"(?:.{6,40}\bpost )?#\d{1,6}(?:\s*·.{0,20}| of \d{1,6})?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """The comments of a dump as one method found them."""

    posts: list[Post]
    method: str
    confidence: float


def parse_dump(
    text: str,
    *,
    url: str | None = None,
    source: str = "-",
    rules_alone: bool = False,
    network: Network | None = None,
) -> Discussion:
    """Return the article of a dump with its comments; none where the evidence is weak.

    `rules_alone` and another `network` than the shipped one serve measurements.
    """
    lines = read_lines(text)
    found, ruled = _find(lines, rules_alone=rules_alone, network=network)
    if found.posts and is_listing(lines, len(found.posts)):
        found = replace(found, posts=[])
    segments = split_by_nbsp(lines)
    first = opening(segments[0]) if segments else None
    found = replace(found, posts=_opened(_joined(found.posts, segments), segments, first))
    comments: list[Comment]
    article_lines: Sequence[SourceLine]
    if segments and len(segments) >= 0.7 * ruled and not _outdoes(found, ruled, len(segments)):
        kind, article_lines, comments = Kind.THREAD, _words_of(segments[0], first), _cut_out(text, segments[1:], url)
    else:
        kind, article_lines, comments = _by_posts(text, lines, found, url)
    article, blocks = read_article(article_lines, url)
    rest = left_over(lines, article_lines, comments)
    counts = [count for line in lines if (count := stated_count(line.text)) is not None]
    return Discussion(
        replace(article, language=detect(article.text)),
        tuple(comments),
        source,
        kind=kind,
        format="text",
        blocks=(*blocks, *_comment_blocks(comments), *rest),
        coverage=_coverage(counts, len(comments), rest=bool(rest)),
    )


def _find(lines: Sequence[SourceLine], *, rules_alone: bool, network: Network | None) -> tuple[Found, int]:
    """Return what the networks find, or what the rules do where they are unsure, and how many the rules found."""
    ruled = Found(find_posts(lines), "anchors", 0.7)
    if rules_alone or len(lines) > MAX_TAGGED:
        return ruled, len(ruled.posts)
    tagged = tag(lines, network)
    posts = tagged_posts(tagged)
    if not ruled.posts and not is_believable(tagged, posts):
        posts = []
    more = len(ruled.posts) > MORE * len(posts) and (not posts or support(tagged, ruled.posts) >= SUPPORTED)
    if more or outnumbers(lines, ruled.posts, posts):
        return ruled, len(ruled.posts)
    return Found(posts, "tagger", round(support(tagged, posts), 2)), len(ruled.posts)


def _outdoes(found: Found, ruled: int, segments: int) -> bool:
    """Tell whether what was found is to be taken although no-break lines end posts."""
    agreed = found.method == "tagger" and ruled >= AGREED * len(found.posts)
    return len(found.posts) >= FEW * segments or (agreed and found.confidence >= SURE)


def _joined(posts: Sequence[Post], segments: Sequence[Sequence[SourceLine]]) -> list[Post]:
    """Join what was found in pieces: nobody's name or time, nor a no-break line, stands between parts of one post."""
    ends = [segment[-1].end for segment in segments]
    joined: list[Post] = []
    for post in posts:
        if len(ends) >= MIN_SEGMENTS and joined and post.top == post.start and _same(joined[-1], post, ends):
            joined[-1] = replace(joined[-1], end=post.end)
        else:
            joined.append(post)
    return joined


def _opened(posts: list[Post], segments: Sequence[Sequence[SourceLine]], first: Opening | None) -> list[Post]:
    """Put the first post of a forum before what was found, where its author's card says that it was overlooked."""
    if not posts or first is None or posts[0].start < segments[0][-1].end:
        return posts
    words = [line for line in segments[0][first.start :] if line.text]
    return [Post(words[0].start, words[-1].end, first.author, None, None, words[0].start), *posts]


def _words_of(segment: Sequence[SourceLine], first: Opening | None) -> Sequence[SourceLine]:
    """Return the lines of the first post below the thread's title, without the head of the page where that is known."""
    if first is None:
        return segment
    return [*([first.title] if first.title else []), *segment[first.start :]]


def _same(first: Post, second: Post, ends: Sequence[int]) -> bool:
    """Tell whether two finds lie between the same two of the offsets where posts end."""
    place = bisect_left(ends, first.end)
    return place < len(ends) and bisect_left(ends, second.end) == place


def _by_posts(
    text: str, lines: Sequence[SourceLine], found: Found, url: str | None
) -> tuple[Kind, Sequence[SourceLine], list[Comment]]:
    """Return the kind, the article's lines and the comments; without an article before them it is a thread."""
    posts = found.posts
    if not posts:
        return Kind.ARTICLE, lines, []
    before = [line for line in lines if line.end <= posts[0].top]
    prose = sum(len(line.text) for line in before if len(line.text) >= 120)
    headed = any(COMMENTS_HEAD.match(line.text) for line in before[-HEADING_WITHIN:])
    if prose >= ARTICLE_CHARS or (headed and prose >= HEADED_CHARS):
        return Kind.ARTICLE, before, _from_posts(text, found, posts, url)
    first = [line for line in lines if posts[0].start <= line.start and line.end <= posts[0].end]
    return Kind.THREAD, first, _from_posts(text, found, posts[1:], url)


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


def _from_posts(text: str, found: Found, posts: Sequence[Post], url: str | None) -> list[Comment]:
    identities, comments = Identities(url), []
    day_first = day_comes_first(post.raw for post in posts if post.raw)
    for post in posts:
        words = text[post.start : post.end]
        place: dict[str, object] = {"start": post.start, "end": post.end}
        place |= {"method": found.method, "confidence": found.confidence}
        if post.raw:
            place["published_raw"] = post.raw
        own_id = identities.digest([post.author, post.raw, words])
        published = post.published or iso_date(post.raw, day_first=day_first)
        comments.append(Comment(own_id, words, post.author, published, extra=place))
    return comments


def _span(post: Sequence[SourceLine]) -> tuple[int, int]:
    """Return where the words of a post begin and end, without the page's buttons around them."""
    words = [line for line in post if line.text]
    while len(words) > 1 and (words[-1].kind in (Line.CONTROL, Line.RULE) or _FOOT.match(words[-1].text)):
        words.pop()
    while len(words) > 1 and (words[0].kind in (Line.CONTROL, Line.RULE) or _LEFT_OVER.match(words[0].text)):
        words.pop(0)
    return words[0].start, words[-1].end


def _comment_blocks(comments: Sequence[Comment]) -> list[Block]:
    return [
        Block("comment", comment.text, extra["start"], extra["end"], None, extra["method"], extra["confidence"])
        for comment in comments
        for extra in [comment.extra]
    ]


def _coverage(counts: Sequence[int], found: int, *, rest: bool) -> Coverage:
    """Compare what a dump states with what was found in it; without a number lines that are left over leave it open."""
    if not counts:
        return Coverage(None, None, None if rest else True)
    return Coverage(max(counts), None, found >= max(counts))
