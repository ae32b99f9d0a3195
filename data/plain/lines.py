"""The lines of a plain-text dump, each with its class and its place in the source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from data.dates import find_date
from data.labels import COMMENTS, COMMENTS_EAST_ASIAN

MAX_HEADING = 110  # characters; longer lines are paragraphs even without a full stop
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"


class Line(StrEnum):
    """What a line is by itself; the parser decides what it means among its neighbours."""

    BLANK = "blank"
    NBSP = "nbsp"  # only no-break spaces: what forum software leaves after each post
    RULE = "rule"  # "-", "***"
    CONTROL = "control"  # a button or link of the page: "Back", "Reply", "Share"
    DATE = "date"
    BYLINE = "byline"
    TEMPLATE = "template"  # a heading that the publisher's template adds to every article
    HIGHLIGHT = "highlight"  # an item of a bulleted list
    HEADING = "heading"
    COUNT = "count"  # "12 comments"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line without its surrounding white space; offsets are code points of the source, end exclusive."""

    kind: Line
    text: str
    start: int
    end: int


_CONTROLS = frozenset(
    (
        "back|top|back to top|reply|reply to this|quote|like|likes|share|report|report post|flag|permalink|link|"
        "edit|delete|save|follow|print|email|e-mail|subscribe|sign in|log in|login|register|sign up|"
        "click to expand|click to expand...|read more|show more|load more|load more comments|view all comments|"
        "post a comment|leave a comment|leave a reply|add a comment|write a comment|comments|comment|next|"
        "previous|prev|home|menu|search|advertisement|loading|loading...|unread|new|last|first|go|jump to|up|"
        "down|upvote|downvote|vote|award|hide|expand|collapse|more|less|copy link|not open for further replies|"
        "you must log in or register to reply here.|react|bookmark|thanks|antworten|zitieren|melden|teilen|"
        "nach oben|gefällt mir|zurück|répondre|citer|signaler|partager|haut|retour|responder|compartir|arriba|"
        "quote reply|reply with quote|like this|recommend|respond|spoiler|attachments|view previous replies|"
        "more replies|show more replies|continue this thread|view more comments"
    ).split("|")
)
_TEMPLATES = frozenset(
    (
        "highlights|key points|key takeaways|at a glance|in brief|summary|rewritten article|original article|"
        "full article|article|scenario analysis|what this might mean|what this means|what it means|"
        "why it matters|the big picture|our take|related|related articles|related stories|read also|see also|"
        "you may also like|more on this story|recommended|recommended for you|about the author|"
        "share this article|article summary|ai summary|tl;dr|the bottom line"
    ).split("|")
)
_END = re.compile(r"\r{0,2}\n|\r")  # of a line on Unix, on Windows, once converted twice, and on old Macs
_RULE = re.compile(r"[-–—_*=~•·#.+|/\\]{1,80}")
_BULLET = re.compile(r"[-–—•·*▪◦‣●○]\s+(?=\S)")
_BYLINE = re.compile(
    r"^[/|–—\-·•\s]*(?:by|written by|posted by|von|par|por|di|av|door)[:\s]\s*"
    r"(?P<name>[^\W\d_][\w.'’\-]*(?:\s+(?:(?:and|und|et|y|de|van|von|der|del|la|le)\s+)*[^\W\d_][\w.'’\-]*,?){0,5})"
    r"\s*(?:[|,·•–—-].{0,60})?$",
    re.IGNORECASE,
)
_DATE_WORD = re.compile(
    r"^(?:published|updated|posted|veröffentlicht|stand|publié|mis à jour|publicado)\b", re.IGNORECASE
)
_COUNT = re.compile(
    r"^(?:#{1,6} )?(?:view |show |see |all |alle )*\(?(\d{1,3}(?:[,.]\d{3})+|\d{1,6})\)?\s+"
    rf"(?:reader |user )?(?:comments?|replies|responses|kommentare?|commentaires?|comentarios?|antworten|{COMMENTS})\b"
    r".{0,40}$"
    rf"|^(?:#{{1,6}} )?(?:comments?|replies|responses|kommentare|commentaires|comentarios|{COMMENTS})"
    r"\s*[:(]\s*(\d{1,6})\s*\)?$"
    rf"|^(?:{COMMENTS_EAST_ASIAN})\s?[(（:：]?\s?(\d{{1,6}})\s?[件条條个個]?[)）]?$"
    rf"|^(\d{{1,6}})\s?[件条條个個]?の?(?:{COMMENTS_EAST_ASIAN})$",
    re.IGNORECASE,
)


def read_lines(text: str) -> list[SourceLine]:
    """Split a dump into classified lines; nothing of the text is changed."""
    lines: list[SourceLine] = []
    position = 0
    for stop, after in chain((match.span() for match in _END.finditer(text)), [(len(text), len(text))]):
        raw = text[position:stop]
        bare = raw.strip().strip(_INVISIBLE).strip()
        start = position + (raw.find(bare) if bare else 0)
        lines.append(SourceLine(classify(raw, bare), bare, start, start + len(bare)))
        position = after
    return lines


def classify(raw: str, bare: str) -> Line:
    """Return the class of one line; `bare` is the line without surrounding white space."""
    if not bare:
        return Line.NBSP if "\u00a0" in raw else Line.BLANK
    if len(bare) > 3 * MAX_HEADING:
        return Line.HIGHLIGHT if _BULLET.match(bare) else Line.TEXT
    folded = bare.casefold().rstrip(":").strip()
    if folded in _CONTROLS:
        return Line.CONTROL
    if folded in _TEMPLATES:
        return Line.TEMPLATE
    return _classify_short(bare)


def _classify_short(bare: str) -> Line:
    if _RULE.fullmatch(bare):
        return Line.RULE
    if _COUNT.match(bare):
        return Line.COUNT
    if is_date_line(bare):
        return Line.DATE
    if byline(bare):
        return Line.BYLINE
    if _BULLET.match(bare):
        return Line.HIGHLIGHT
    return Line.HEADING if looks_like_heading(bare) else Line.TEXT


def is_date_line(bare: str) -> bool:
    """Tell whether a short line says when something was published and little else."""
    if len(bare) > 70:
        return False
    found = find_date(bare)
    if found is None:
        return False
    rest = len(bare) - len(found[0])
    return rest <= 6 or (bool(_DATE_WORD.match(bare)) and rest <= 30)


def byline(bare: str) -> str | None:
    """Return the name of a line like "/ By Ada Wren", or None."""
    match = _BYLINE.match(bare) if len(bare) <= 90 else None
    if not match or bare[-1] in ".!?":
        return None
    name = match["name"].strip(" ,")
    return name if name[:1].isupper() and len(name) > 2 else None


def stated_count(bare: str) -> int | None:
    """Return the number in a line like "12 comments"."""
    match = _COUNT.match(bare)
    return int(re.sub(r"\D", "", match[match.lastindex or 0])) if match else None


def looks_like_heading(bare: str) -> bool:
    """Tell whether a line could be a heading: short, begins like one, and does not end like a sentence."""
    if len(bare) > MAX_HEADING or bare[-1] in '.!,;:…"”»)' or len(bare.split()) > 16:
        return False
    return bare[0].isupper() or bare[0].isdigit() or bare[0] in "\"“'‘«¿"


def unbulleted(bare: str) -> str:
    """Return an item of a list without its mark."""
    return _BULLET.sub("", bare, count=1)
