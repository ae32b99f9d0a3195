"""A web page to one discussion: find the comments, take them out of the tree, extract the article from the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any

from data.language import detect
from data.page.adapters import find_by_adapter
from data.page.article import extract_article
from data.page.coverage import find_system, has_next_page, loading_code, measure, stated_counts
from data.page.generic import find_generic
from data.page.head import read_head
from data.page.records import Found, Section
from data.page.schema import complete, find_linked, linked_data
from data.page.selectors import Index
from data.page.settle import blocks_of, settle, without_first
from data.page.talk import find_talk
from data.page.tree import Element, drop, parse_tree, split_quotes, strip_machinery, xpath_of
from data.records import Article, Block, Discussion, Kind


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
    if finder is Finder.ALL and (sections := find_talk(root, url)):
        return [replace(section, source=source) for section in sections]
    objects = linked_data(root)
    linked = find_linked(root, objects) if finder is Finder.ALL else None
    code = loading_code(root)
    strip_machinery(root)
    index = Index(root)
    counts, paged = stated_counts(root), has_next_page(root)
    section = _find(index, finder, url, linked)
    system = find_system(code, index, section.method if section else None)
    comments = settle(section, url) if section else ()
    first = section.found[0] if section and section.first_is_article else None
    marks = _places(first, section)
    _take_out(section)
    article = _article(root, objects, first, url) if with_article else Article(url=url)
    comments = without_first(comments) if first else comments
    return [
        Discussion(
            article,
            comments,
            source,
            Kind(section.kind) if section else Kind.ARTICLE,
            "html",
            (*_article_blocks(article, marks), *blocks_of(section, comments)),
            measure(counts, system, len(comments), paged=paged),
            _warnings(article, with_article=with_article),
        )
    ]


def _find(index: Index, finder: Finder, url: str | None, linked: Section | None) -> Section | None:
    """Return the comments by the best method that the page allows."""
    section = find_by_adapter(index) if finder is not Finder.GENERIC else None
    if section is None and finder is not Finder.ADAPTERS:
        section = find_generic(index.root, url)
    if section is None or (linked and len(linked.found) > 2 * len(section.found)):
        return linked
    if linked:
        complete(section, linked)
    return section


def _take_out(section: Section | None) -> None:
    """Remove every found comment from the tree, so that none can end up in the article."""
    if section is None or section.method == "json-ld":
        return
    for item in section.found:
        for element in (item.element, *item.others):
            drop(element)


def _article(root: Element, objects: list[Any], first: Found | None, url: str | None) -> Article:
    """Return the article of the page; in a thread it is the first post, with the page's title."""
    if first is None:
        article = extract_article(root, objects, url)
    else:
        words = split_quotes(first.text)[0]
        paragraphs = tuple(part.strip() for part in words.split("\n\n") if part.strip())
        head = read_head(root, objects, url, with_names=False)
        article = replace(head, paragraphs=paragraphs, byline=first.author, published=first.published)
    return replace(article, language=detect(article.text) or article.language)


def _places(first: Found | None, section: Section | None) -> tuple[str | None, str, float]:
    """Return where the article comes from: the first post's element, or what is left of the page."""
    if first is None or section is None:
        return None, "trafilatura", 0.9
    return xpath_of(first.element), section.method, section.confidence


def _article_blocks(article: Article, marks: tuple[str | None, str, float]) -> list[Block]:
    path, method, confidence = marks
    parts: Sequence[tuple[str, str | None]] = (
        ("title", article.title),
        ("byline", article.byline),
        ("date", article.published),
    )
    blocks = [Block(role, text, method=method, confidence=confidence) for role, text in parts if text]
    return blocks + [
        Block("body", text, xpath=path, method=method, confidence=confidence) for text in article.paragraphs
    ]


def _warnings(article: Article, *, with_article: bool) -> tuple[str, ...]:
    return ("No article was found on the page.",) if with_article and not article.paragraphs else ()
