"""A web page to one discussion: find the comments, take them out of the tree, extract the article from the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from data.identity import Identities
from data.page.adapters import find_by_adapter
from data.page.article import extract_article
from data.page.generic import find_generic
from data.page.records import Found, Section
from data.page.tree import Element, drop, parse_tree, split_quotes, xpath_of
from data.records import Article, Block, Comment, Coverage, Discussion, Kind, Status


class Finder(StrEnum):
    """Which ways of finding comments are used; all but `ALL` serve measurements."""

    ALL = "all"
    ADAPTERS = "adapters"
    GENERIC = "generic"


def parse_page(
    html: str,
    *,
    url: str | None = None,
    source: str = "-",
    with_article: bool = True,
    finder: Finder = Finder.ALL,
) -> list[Discussion]:
    """Return the discussions of a page: one, except on wiki talk pages, which have one per section."""
    root = parse_tree(html)
    if root is None:
        return [Discussion(Article(url=url), source=source, format="html", warnings=("The page is empty.",))]
    section = find_section(root, finder, url)
    found = list(section.found) if section else []
    comments = _comments(section, url) if section else ()
    first = found[0] if section and section.first_is_article and found else None
    for item in found:
        for element in (item.element, *item.others):
            drop(element)
    article = Article(url=url)
    blocks: tuple[Block, ...] = ()
    if with_article:
        article = _thread_article(root, first, url) if first else extract_article(root, url)
        if first and section:
            blocks = tuple(_block(first, section, part) for part in article.paragraphs)
    if first:
        comments = _without_first(comments)
    kind = Kind(section.kind) if section else Kind.ARTICLE
    return [Discussion(article, comments, source, kind, "html", blocks, Coverage(complete=True))]


def find_section(root: Element, finder: Finder, url: str | None) -> Section | None:
    """Return the comments by the best method that the page allows."""
    if finder is not Finder.GENERIC and (section := find_by_adapter(root)):
        return section
    return find_generic(root, url) if finder is not Finder.ADAPTERS else None


def _thread_article(root: Element, first: Found, url: str | None) -> Article:
    """Return the first post of a thread as the article, with the page's title."""
    page = extract_article(root, url)
    paragraphs = tuple(part.strip() for part in split_quotes(first.text)[0].split("\n\n") if part.strip())
    return replace(page, paragraphs=paragraphs, byline=first.author, published=first.published)


def _block(first: Found, section: Section, text: str) -> Block:
    return Block("body", text, xpath=xpath_of(first.element), method=section.method, confidence=section.confidence)


def _without_first(comments: Sequence[Comment]) -> tuple[Comment, ...]:
    """Take the first post out; what answers it is at the top level."""
    first, *rest = comments
    return tuple(
        replace(comment, parent_id=None, depth=0) if comment.parent_id == first.id else comment for comment in rest
    )


def _comments(section: Section, url: str | None) -> tuple[Comment, ...]:
    """Settle ids and parents."""
    identities = Identities(url)
    ids = [_identify(found, identities) for found in section.found]
    depths = _depths(section.found)
    comments = []
    for index, found in enumerate(section.found):
        parent_id = None if found.parent is None else ids[found.parent]
        status = Status(found.status) if found.status else None
        text, quotes = split_quotes(found.text)
        extra = _extra(found, section, quotes)
        comments.append(
            Comment(ids[index], text, found.author, found.published, parent_id, depths[index], status, extra)
        )
    return tuple(comments)


def _identify(found: Found, identities: Identities) -> str:
    if found.engine_id and identities.take(found.engine_id):
        return found.engine_id
    return identities.digest([found.author, found.date_raw, found.text])


def _depths(found: Sequence[Found]) -> list[int]:
    depths: list[int] = []
    for item in found:
        known = item.parent is not None and item.parent < len(depths)
        depths.append(depths[item.parent] + 1 if known and item.parent is not None else item.depth or 0)
    return depths


def _extra(found: Found, section: Section, quotes: list[dict[str, int]]) -> dict[str, object]:
    """Return where a comment came from, and what the fixed fields do not hold."""
    extra: dict[str, object] = {
        "xpath": xpath_of(found.element),
        "method": section.method,
        "confidence": section.confidence,
    }
    optional = {"published_raw": found.date_raw, "author_url": found.author_url, "quotes": quotes}
    return extra | {name: value for name, value in optional.items() if value} | found.extra
