"""The article of a page, after its comments have left the tree: trafilatura's extraction, in our paragraphs."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from data.page.tree import Element
from data.records import Article

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it logs pieces of pages, which belong to nobody's log
_BLOCKS = frozenset({"p", "head", "quote", "item", "code", "cell", "ab", "dt", "dd"})
# Its extensive search tries every language of dateparser on every short text, which takes seconds on hostile pages.
_DATES = {"extensive_search": False, "original_date": True, "max_date": "2099-12-31"}
_HEAD = 3  # paragraphs among which the page may repeat its title


def extract_article(root: Element, url: str | None) -> Article:
    """Return the article that is left in the tree; empty when there is none."""
    from trafilatura import bare_extraction  # imported late: half a second, not needed with --no-article

    document = bare_extraction(
        root, url=url, fast=True, include_comments=False, include_tables=True, include_formatting=False,
        favor_precision=False, with_metadata=True, deduplicate=False, date_extraction_params=_DATES,
    )  # fmt: skip
    if document is None:
        return Article(url=url)
    return Article(
        title=document.title or None,
        paragraphs=_body(tuple(_paragraphs(document.body)), document.title or ""),
        byline=document.author or None,
        published=document.date or None,
        url=url or document.url or None,
    )


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
