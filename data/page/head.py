"""What a page says of its article: title, byline, date and address, from its head, its JSON-LD and its markup.

Used instead of trafilatura's metadata, which reads the same places but takes as long as the whole of the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from lxml import etree

from data.dates import iso_date
from data.page.schema import nodes, types
from data.page.tree import Element, brief
from data.records import Article

MAX_NAME, MAX_TITLE = 80, 300  # characters
ENOUGH = 0.35  # of a heading's and the head's words in common
MAX_PLACES = 40  # elements looked at for a byline
_ARTICLE = re.compile(r"(?:Article|Posting|Report|Review|WebPage|Recipe|QAPage)$")
_TITLES = ("og:title", "twitter:title", "dc.title", "headline", "title")
_AUTHORS = ("author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "byl")
_DATES = (
    *("article:published_time", "og:published_time", "article:published", "datepublished", "parsely-pub-date"),
    *("sailthru.date", "dc.date.issued", "dcterms.created", "dc.date", "pubdate", "publish-date", "date"),
)
_BYLINES = etree.XPath(
    "descendant-or-self::*[@rel='author' or @itemprop='author' or contains(@class, 'byline')"
    " or contains(@class, 'author') or contains(@class, 'vcard') or contains(@class, 'Author')"
    " or contains(@href, '/author/')]"
)
_TIMES = etree.XPath("descendant-or-self::*[@itemprop='datePublished' or self::time[@datetime or @pubdate]]")
_WORD = re.compile(r"\w+")
_BY = re.compile(
    r"^(?:\W*(?:written |posted |published )?(?:(?:by|von|par|por|di|av|door|author|text)\b|by(?=[A-Z]))\s*:?\s*)",
    re.IGNORECASE,
)
_AFTER = re.compile(r"(?<!\s)\s+(?:[|•·–—]|on\s|in\s|\d).*$|,\s+(?:\d|[A-Z][a-z]+\s\d).*$", re.DOTALL)
_NO_NAME = re.compile(
    r"https?:|www\.|@|\d{4}|\b(?:posts?|comments?|view|share|follow|about|read|more|all|subscribe|updated|min(?:utes)?)\b"
    r"|^(?:admin|editor|staff|author|guest)$",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"related|recent|sidebar|widget|footer|teaser|popular|\bcard|bio|box", re.IGNORECASE)
_COUNT = re.compile(r"\W*\d+\s+\w+\s+(?:to|on|for|zu|sur)\b")  # "15 replies to ..." heads the comments
_SUFFIX = re.compile(r"\s+(?:[|»·•–—]|-|::)\s+")
_OTHERS = re.compile(r"related|recent|sidebar|teaser|popular|recommend|trending", re.IGNORECASE)
MAX_TIMES, MAX_TEASER = 200, 600  # times looked at; characters of a teaser
NEAR = 4  # elements around a time that may be a teaser


def read_head(root: Element, linked: list[Any], url: str | None, *, with_names: bool = True) -> Article:
    """Return title and address of a page, and with `with_names` its byline and date; never its words."""
    metas = _metas(root)
    pieces = [node for node in nodes(linked) if any(_ARTICLE.search(name) for name in types(node))]
    title = _title(root, metas)
    if not with_names:
        return Article(title=title, url=url or _address(root, metas))
    return Article(
        title=title,
        byline=_byline(root, metas, pieces),
        published=_published(root, metas, pieces),
        url=url or _address(root, metas),
    )


def _metas(root: Element) -> dict[str, list[str]]:
    """Return the contents of the page's meta elements by their names, in lower case."""
    metas: dict[str, list[str]] = {}
    for meta in root.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop")
        content = (meta.get("content") or "").strip()
        if name and content:
            metas.setdefault(name.lower(), []).append(content)
    return metas


def _first(metas: dict[str, list[str]], names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield from metas.get(name, ())


def _title(root: Element, metas: dict[str, list[str]]) -> str | None:
    """Return the heading that says what the head says, as printed; else the head's title without the site's name."""
    element = next(root.iter("title"), None)
    stated = next(_first(metas, _TITLES), None) or (brief(element, MAX_TITLE) if element is not None else "")
    wanted = set(_words(stated))
    headings = [text for tag in ("h1", "h2") for heading in root.iter(tag) if (text := brief(heading, MAX_TITLE))]
    headings = [text for text in headings if not _COUNT.match(text)]
    alike = {heading: _alike(set(_words(heading)), wanted) for heading in reversed(headings[:20])}
    best = max(reversed(alike), key=alike.__getitem__, default=None)
    if best is not None and alike[best] >= ENOUGH:
        return best
    alone = [text for heading in root.iter("h1") if (text := brief(heading, MAX_TITLE))]
    if len(alone) == 1 and (not wanted or wanted & set(_words(alone[0]))):
        return alone[0]
    return _without_site(stated, metas) or next(iter(headings), None)


def _alike(own: set[str], stated: set[str]) -> float:
    """Return how well a heading repeats the head's title, in which the site's name may follow."""
    shared = len(own & stated)
    return shared / len(own) * (0.5 + 0.5 * shared / len(stated)) if shared and (shared > 1 or own == stated) else 0.0


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _without_site(title: str, metas: dict[str, list[str]]) -> str:
    """Cut " - Name of the site" off a title."""
    site = next(_first(metas, ("og:site_name", "application-name")), "")
    parts = _SUFFIX.split(title)
    if len(parts) > 1 and (not site or _words(parts[-1]) == _words(site)):
        return title[: title.rindex(parts[-1])].rstrip(" |»·•–—-:")
    return title


def _byline(root: Element, metas: dict[str, list[str]], pieces: Sequence[dict[str, Any]]) -> str | None:
    """Return who wrote the article, by the page's data, else by its markup."""
    site = _words(next(_first(metas, ("og:site_name",)), ""))
    for piece in pieces:
        names = [name for author in _listed(piece.get("author")) if (name := _name(_said(author)))]
        if names:
            return ", ".join(dict.fromkeys(names))
    names = [name for raw in _first(metas, _AUTHORS) if (name := _name(raw))]
    persons = [name for name in names if _words(name) != site]
    return next(iter(persons), None) or _printed_byline(root) or next(iter(names), None)


def _printed_byline(root: Element) -> str | None:
    for element in _BYLINES(root)[:MAX_PLACES]:
        around = " ".join(above.get("class") or "" for above in (element, *islice(element.iterancestors(), 3)))
        if element.tag in ("body", "html", "article", "main") or _ASIDE.search(around):
            continue
        if name := _name(brief(element, 2 * MAX_NAME)):
            return name
    return None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _said(author: Any) -> str:
    held = author.get("name") if isinstance(author, dict) else author
    return held if isinstance(held, str) else ""


def _name(raw: str) -> str | None:
    """Return a name as printed, without "by" before it and the date behind it; None for what is no name."""
    name = _AFTER.sub("", _BY.sub("", " ".join(raw.split()))).strip(" ,;|•·–—-:")
    if not 2 < len(name) <= MAX_NAME or len(name.split()) > 9 or _NO_NAME.search(name):
        return None
    return name


def _published(root: Element, metas: dict[str, list[str]], pieces: Sequence[dict[str, Any]]) -> str | None:
    """Return when the article appeared, as exactly as the page says."""
    stated = [date for piece in pieces if isinstance(date := piece.get("datePublished"), str)]
    printed = (time.get("content") or time.get("datetime") or brief(time, 60) for time in _own_times(root))
    for raw in (*stated, *_first(metas, _DATES), *printed):
        if (date := iso_date(raw)) is not None:
            return date
    return None


def _own_times(root: Element) -> Iterator[Element]:
    """Yield the first times of a page that date no other article."""
    elsewhere = set(others(root))
    own = (time for time in _TIMES(root)[:MAX_TIMES] if elsewhere.isdisjoint((time, *time.iterancestors())))
    yield from islice(own, 3)


def others(root: Element) -> list[Element]:
    """Return the elements of a page that hold the dates of other articles: what stands aside, teasers in a row."""
    found: dict[Element, None] = {}
    rows: dict[tuple[Element, str, str], dict[Element, None]] = {}
    for time in _TIMES(root)[:MAX_TIMES]:
        around = [above for above in (time, *time.iterancestors()) if above.tag not in ("html", "body", "main")]
        found |= dict.fromkeys(above for place, above in enumerate(around) if _is_aside(above, near=place < NEAR))
        for above in around[:NEAR]:
            row = rows.setdefault((above.getparent(), above.tag, above.get("class") or ""), {})
            row[above] = None
    for row in rows.values():
        if len(row) > 1 and all(_is_teaser(element) for element in row):
            found |= row
    return [element for element in found if next(element.iter("h1"), None) is None]


def _is_aside(element: Element, *, near: bool) -> bool:
    if element.tag in ("aside", "nav"):
        return True
    return near and _OTHERS.search(f"{element.get('id') or ''} {element.get('class') or ''}") is not None


def _is_teaser(element: Element) -> bool:
    """Tell whether an element is short and leads elsewhere, as neither an article nor the line with its date does."""
    return next(element.iter("a"), None) is not None and len(brief(element, MAX_TEASER)) < MAX_TEASER


def _address(root: Element, metas: dict[str, list[str]]) -> str | None:
    """Return the page's own address, if it says a full one."""
    links = (link.get("href") or "" for link in root.iter("link") if "canonical" in (link.get("rel") or "").split())
    return next((address for address in (*links, *metas.get("og:url", ())) if address.startswith("http")), None)
