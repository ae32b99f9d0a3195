"""A web page to one discussion: find the comments, take them out of the tree, extract the article from the rest."""

from __future__ import annotations

from collections.abc import Sequence

from data.identity import Identities
from data.page.adapters import find_by_adapter
from data.page.article import extract_article
from data.page.records import Found, Section
from data.page.tree import drop, parse_tree, xpath_of
from data.records import Article, Comment, Coverage, Discussion, Kind, Status


def parse_page(html: str, *, url: str | None = None, source: str = "-", with_article: bool = True) -> list[Discussion]:
    """Return the discussions of a page: one, except on wiki talk pages, which have one per section."""
    root = parse_tree(html)
    if root is None:
        return [Discussion(Article(url=url), source=source, format="html", warnings=("The page is empty.",))]
    section = find_by_adapter(root, html)
    comments, first = _comments(section, url) if section else ((), None)
    for found in section.found if section else ():
        drop(found.element)
    article = extract_article(root, url) if with_article else Article(url=url)
    kind = Kind(section.kind) if section else Kind.ARTICLE
    return [Discussion(article, comments, source, kind, "html", coverage=Coverage(complete=True))]


def _comments(section: Section, url: str | None) -> tuple[tuple[Comment, ...], Found | None]:
    """Settle ids and parents; return the comments, and the first post where that is the article."""
    identities = Identities(url)
    ids = [_identify(found, identities) for found in section.found]
    depths = _depths(section.found)
    comments = [
        Comment(
            ids[index], found.text, found.author, found.published,
            None if found.parent is None else ids[found.parent], depths[index],
            Status(found.status) if found.status else None, _extra(found, section),
        )
        for index, found in enumerate(section.found)
    ]  # fmt: skip
    return tuple(comments), None


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


def _extra(found: Found, section: Section) -> dict[str, object]:
    extra: dict[str, object] = {
        "xpath": xpath_of(found.element),
        "method": section.method,
        "confidence": section.confidence,
    }
    if found.date_raw:
        extra["published_raw"] = found.date_raw
    if found.author_url:
        extra["author_url"] = found.author_url
    if found.quotes:
        extra["quotes"] = found.quotes
    return extra | found.extra
