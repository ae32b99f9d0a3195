"""Talk pages of MediaWiki: one discussion per section, a comment per signature, answers by indentation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from data.dates import find_date
from data.identity import Identities
from data.page.tree import Element, render, xpath_of
from data.records import Article, Comment, Coverage, Discussion, Kind

MAX_COMMENTS = 20_000
CONFIDENCE = 0.85
_TALK_PAGE = re.compile(r"\bns-(?:\d*[13579])\b")
_OUTPUT = etree.XPath("boolean(descendant::div[contains(@class, 'mw-parser-output')])")
_CONTENT = etree.XPath("//*[contains(concat(' ', @class, ' '), ' mw-parser-output ')] | //*[@id='mw-content-text']")
_NEVER = re.compile(
    r"mw-editsection|\btoc\b|mw-empty|navbox|tmbox|ambox|mbox|catlinks|reference|reflist|printfooter|ext-discussiontools-init-section-bar",
    re.IGNORECASE,
)
_USER = re.compile(
    r"(?:^|/|=)(?:User(?:[_ ]talk)?|Special:Contributions|Benutzer(?:in)?(?:[_ ]Diskussion)?|Utilisat(?:eur"
    r"|rice)|Usuari[oa](?:[_ ]discusión)?|Utente)(?::|/)([^/?#&]+)",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"\d{1,2}:\d{2},?\s.{4,30}\d{4}|\d{4}.{2,20}\d{1,2}:\d{2}")
_CLOSED = re.compile(r"\bdo not modify it\b|\bno further edits should be made\b", re.IGNORECASE)  # a template, no words
_HOLDERS = ("dd", "li", "div")  # whose blocks are read by themselves
_BLOCKS = frozenset("p dd li div dl ul ol h2 h3 blockquote pre table".split())


Signature = tuple[str | None, str | None, str | None]  # author, ISO time, and the time as printed
NOBODY: Signature = (None, None, None)


@dataclass(slots=True)
class _Draft:
    """A comment while it is read: blocks of one author up to the signature, with their indentation and words."""

    pieces: list[tuple[int, Element, str]] = field(default_factory=list)

    @property
    def depth(self) -> int:
        return self.pieces[0][0]

    @property
    def lines(self) -> list[str]:
        return [words for _, _, words in self.pieces]


def find_talk(root: Element, url: str | None) -> list[Discussion]:
    """Return one discussion per section of a wiki's talk page; none for any other page."""
    if not _is_wiki(root) or not _is_talk(root):
        return []
    content = _CONTENT(root)
    if not content:
        return []
    sections = [section for section in _sections(content[0]) if section[1]]
    found = [_discussion(title, units, url) for title, units in sections]
    return [discussion for discussion in found if discussion.comments or discussion.article.paragraphs]


def _is_wiki(root: Element) -> bool:
    """Tell what MediaWiki made by its name in the page's head, or by the classes that its skins have."""
    makers = (meta.get("content") or "" for meta in root.iter("meta") if meta.get("name") == "generator")
    body = root.find("body")
    named = body is not None and "mediawiki" in (body.get("class") or "")
    return named or any("MediaWiki" in maker for maker in makers) or bool(_OUTPUT(root))


def _is_talk(root: Element) -> bool:
    """Tell a talk page by its namespace, which is odd, or else by signatures of several users."""
    body = root.find("body")
    names = f"{root.get('class') or ''} {body.get('class') or ''}" if body is not None else ""
    if "ns-" in names:
        return bool(_TALK_PAGE.search(names))
    signed = [unit for _, units in _sections(root) for unit in units if _signature(unit[1])]
    return len(signed) >= 2


Unit = tuple[int, Element]  # depth of indentation and the block


def _sections(content: Element) -> list[tuple[str | None, list[Unit]]]:
    """Split the page at its second-level headings; blocks come with their indentation."""
    sections: list[tuple[str | None, list[Unit]]] = [(None, [])]
    for depth, element in _units(content):
        if element.tag == "h2":
            sections.append((" ".join(_heading(element).split()), []))
        else:
            sections[-1][1].append((depth, element))
    return sections


def _heading(element: Element) -> str:
    headline = element.xpath(".//*[contains(@class, 'mw-headline')]")
    edit = element.xpath(".//*[contains(@class, 'mw-editsection')]")
    return render(headline[0] if headline else element, edit)


def _units(content: Element) -> Iterator[Unit]:
    """Yield the innermost blocks in document order with how many lists they are indented by."""
    stack: list[tuple[int, Element]] = [(0, child) for child in reversed(content)]
    while stack:
        depth, element = stack.pop()
        if not isinstance(element.tag, str) or _NEVER.search(f"{element.get('class') or ''} {element.get('id') or ''}"):
            continue
        inner = [child for child in element if child.tag in _BLOCKS]
        if element.tag in ("h2", "p", "pre", "table", "blockquote") or not inner:
            yield depth, element
            continue
        if element.tag in ("dd", "li"):
            yield depth, element  # its own words; the blocks in it follow
        indented = depth + (element.tag in ("dl", "ul", "ol"))
        stack.extend((indented, child) for child in reversed(inner))


def _discussion(title: str | None, units: list[Unit], url: str | None) -> Discussion:
    """Return a section: every signature ends a comment; unsigned words are the article's before any, nobody's after."""
    identities, comments = Identities(f"{url or ''}#{title or ''}"), list[Comment]()
    draft, path = _Draft(), list[tuple[int, str]]()
    for depth, element in units:
        text = _own_words(element)
        if not text or len(comments) >= MAX_COMMENTS:
            continue
        draft.pieces.append((depth, element, text))
        if signature := _signature(element):
            comments.append(_comment(draft, signature, identities, path))
            draft = _Draft()
    article = Article(title, tuple(draft.lines) if not comments else (), url=url)
    if comments:
        comments += [_comment(reply, NOBODY, identities, path) for reply in _unsigned(draft)]
    coverage = Coverage(None, None, len(comments) < MAX_COMMENTS)
    return Discussion(article, tuple(comments), kind=Kind.TALK, format="html", coverage=coverage)


def _unsigned(draft: _Draft) -> list[_Draft]:
    """Split words that nobody signed where they are indented less than they began: there another comment begins."""
    replies: list[_Draft] = []
    for piece in draft.pieces:
        if piece[1].tag == "h3" or _CLOSED.search(piece[2]):
            continue
        if not replies or piece[0] < replies[-1].depth:
            replies.append(_Draft())
        replies[-1].pieces.append(piece)
    return replies


def _inner(element: Element) -> list[Element]:
    """The blocks inside an element that are read by themselves."""
    return [child for child in element if child.tag in _BLOCKS] if element.tag in _HOLDERS else []


def _own_words(element: Element) -> str:
    return render(element, _inner(element))


def _signature(element: Element) -> Signature | None:
    """Return author, ISO time and the signature's time as printed, when a block ends with a signature."""
    words = _own_words(element)
    stamps = list(_SIGNED.finditer(words[-160:]))
    users = [
        match[1].replace("_", " ")
        for child in element
        if not (element.tag in _HOLDERS and child.tag in _BLOCKS)
        for link in child.iter("a")
        if (match := _USER.search(link.get("href") or ""))
    ]
    if not stamps or not users:
        return None
    found = find_date(words[-160:][stamps[-1].start() - 3 if stamps[-1].start() > 3 else 0 :]) or find_date(
        stamps[-1][0]
    )
    published = found[1] if found else None
    if published and "T" in published and "UTC" in words[-12:]:
        published = published.removesuffix("Z") + "Z"
    return users[-1], published, found[0] if found else stamps[-1][0]


def _comment(draft: _Draft, signature: Signature, identities: Identities, path: list[tuple[int, str]]) -> Comment:
    """Return the comment that a signature ends; `path` holds the open comments by depth."""
    author, published, raw = signature
    text = "\n\n".join(draft.lines)
    while path and path[-1][0] >= draft.depth:
        path.pop()
    parent = path[-1][1] if path else None
    own_id = identities.digest([author, raw, text])
    path.append((draft.depth, own_id))
    extra = {"xpath": xpath_of(draft.pieces[0][1]), "method": "talk", "confidence": CONFIDENCE}
    extra |= {"published_raw": raw} if raw else {}
    return Comment(own_id, text, author, published, parent, len(path) - 1, extra=extra)
