"""The article of a page, after its comments have left the tree: trafilatura's extraction, in our paragraphs."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from data.page.head import others, read_head
from data.page.tree import Element, drop
from data.records import Article

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it logs pieces of pages, which belong to nobody's log
_BLOCKS = frozenset({"p", "head", "quote", "item", "code", "cell", "ab", "dt", "dd"})
MAX_LEVELS = 150  # of elements; trafilatura's time grows with the square of the levels, with the cube for tables
MAX_TABLES = 10  # one in another
_HEAD = 3  # paragraphs among which the page may repeat its title


def extract_article(root: Element, linked: list[Any], url: str | None) -> Article:
    """Return the article that is left in the tree; without paragraphs when there is none."""
    from trafilatura import bare_extraction  # imported late: half a second, not needed with --no-article

    head = read_head(root, linked, url)
    _flatten(root)
    document = bare_extraction(
        root, url=url, fast=True, include_comments=False, include_tables=True, include_formatting=False,
        favor_precision=False, with_metadata=False, deduplicate=False,
    )  # fmt: skip
    if document is None:
        return head
    head = head if head.published else replace(head, published=_published(root, url))
    return replace(head, paragraphs=_body(tuple(_paragraphs(document.body)), head.title or ""))


def _flatten(root: Element) -> None:
    """Make text of what lies deeper than pages of people do, and plain blocks of tables in many others."""
    levels, tables = {root: 0}, {root: 0}
    for element in list(root.iter("*")):
        above = element.getparent()
        if above is None or above not in levels:
            continue
        levels[element] = levels[above] + 1
        tables[element] = tables[above] + (element.tag == "table")
        if element.tag == "table" and tables[element] > MAX_TABLES:
            element.tag = "div"
        if levels[element] == MAX_LEVELS and len(element):
            words, tail = " ".join(element.itertext()), element.tail
            element.clear()
            element.text, element.tail = words, tail


def _published(root: Element, url: str | None) -> str | None:
    """Return the date that htmldate finds where the page's head says none; teasers of other articles leave the tree.

    Its extensive search tries every language of dateparser on every short text, which takes seconds on hostile pages.
    """
    from htmldate import find_date

    for element in others(root):
        drop(element)
    date: str | None = find_date(root, extensive_search=False, original_date=True, max_date="2099-12-31", url=url)
    return date


def _body(paragraphs: tuple[str, ...], title: str) -> tuple[str, ...]:
    """Leave out the title where it stands again at the head of the body; it has a field of its own."""
    wanted = " ".join(title.split()).casefold()
    head = [text for text in paragraphs[:_HEAD] if text.casefold() != wanted]
    return (*head, *paragraphs[_HEAD:])


def _paragraphs(body: Element) -> Iterator[str]:
    """Yield the text of each innermost block."""
    for element in body.iter(*_BLOCKS):
        if any(child.tag in _BLOCKS for child in element.iterdescendants()):
            own = (element.text or "").strip()
            if own:
                yield own
            continue
        text = " ".join("".join(element.itertext()).split())
        if text:
            yield text
