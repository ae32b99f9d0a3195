"""What sort of page it is, and where a thread's first post stands when it is built unlike the others."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from data.page.groups import Group
from data.page.survey import Survey
from data.page.tree import Element, brief

_FORUM_ADDRESS = re.compile(
    r"/(?:forums?|threads?|topics?|t|showthread|viewtopic|viewthread|discussions?|board|questions|talk|community|messages?|gassing)"
    r"(?:[/.?_-]|$)|showthread\.php|viewtopic|viewthread|//(?:www\.)?(?:forums?|community|discuss|board|bbs|talk)\.|index\.php\?topic=",
    re.IGNORECASE,
)
_FORUM_SOFTWARE = re.compile(
    r"phpbb|vbulletin|xenforo|discourse|\bsmf\b|simple machines|mybb|vanilla|invision|ips4|bbpress|flarum"
    r"|nodebb|woltlab"
    r"|burning board|fluxbb|punbb|yabb|ubb\.|jforum|phorum",
    re.IGNORECASE,
)
_MEMBER = re.compile(
    r"\b(?:posts|messages|joined|join date|member since|registered|reputation|beiträge|registriert|dabei seit"
    r"|mitglied seit"
    r"|inscription|anmeldungsdatum|mensajes)\b\s*:?\s*\d|\b(?:joined|registered|registriert|anmeldungsdatum"
    r"|dabei seit|beigetreten)\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"schema\.org/(?:QAPage|Question)$")
_ASIDE = re.compile(
    r"nav|menu|footer|sidebar|breadcrumb|cookie|banner|related|widget|header-|notice|announce|rules", re.IGNORECASE
)
ARTICLE_WORDS = 400  # characters of running text before the first record that make an article
LEAD_WORDS = 25


@dataclass(frozen=True, slots=True)
class Lead:
    """The first post of a thread that stands apart from its answers; numbers of the survey."""

    body: int
    date: int | None
    author: int | None


def kind_of(survey: Survey, root: Element, group: Group, url: str | None) -> str:
    """Return article, thread or qa."""
    if _is_forum(survey, root, group, url):
        return "qa" if _is_question(root) else "thread"
    if group.naming >= 2.0 or words_before(survey, group.spans[0][0]) >= ARTICLE_WORDS:
        return "article"
    return "thread"


def _is_forum(survey: Survey, root: Element, group: Group, url: str | None) -> bool:
    addresses = [
        url or "",
        *_attributes(root, "link", "rel", ("canonical",), "href"),
        *_attributes(root, "meta", "property", ("og:url",), "content"),
    ]
    if any(_FORUM_ADDRESS.search(address) for address in addresses):
        return True
    made = _attributes(root, "meta", "name", ("generator", "application-name"), "content")
    made += [root.get("id") or "", root.get("class") or ""]
    body = root.find("body")
    if body is not None:
        made += [body.get("id") or "", body.get("class") or ""]
    if any(_FORUM_SOFTWARE.search(value) for value in made):
        return True
    records = [" ".join(brief(survey.elements[start], 600).split()) for start, _ in group.spans[:20]]
    return len(records) > 1 and sum(bool(_MEMBER.search(record)) for record in records) >= 0.6 * len(records)


def _attributes(root: Element, tag: str, key: str, values: tuple[str, ...], wanted: str) -> list[str]:
    return [element.get(wanted) or "" for element in root.iter(tag) if (element.get(key) or "").lower() in values]


def _is_question(root: Element) -> bool:
    return any(
        _QUESTION.search(element.get("itemtype") or "")
        for element in root.iter("html", "body", "div", "main", "article")
    )


def words_before(survey: Survey, start: int) -> int:
    """Count the characters of running text, outside links, before a place in the page."""
    return sum(
        survey.own_chars[number]
        for number in range(start)
        if survey.own_chars[number] >= 120 and survey.link_chars[number + 1] == survey.link_chars[number]
    )


def find_lead(survey: Survey, start: int) -> Lead | None:
    """Return the first post before the first record at `start`: the densest words that have a time and a name near."""
    weights: defaultdict[int, float] = defaultdict(float)
    for number in range(start):
        words = survey.own_chars[number] - (survey.link_chars[number + 1] - survey.link_chars[number])
        if words < LEAD_WORDS or survey.elements[number].tag in ("a", "title", "h1", "h2", "button", "label"):
            continue
        for share, above in zip((1.0, 0.9, 0.4), (number, *survey.lineage(number, 2)), strict=False):
            if survey.ends[above] <= start:
                weights[above] += share * words
    for body in sorted(weights, key=lambda number: weights[number], reverse=True)[:3]:
        lead = _signed(survey, body, start)
        if lead is not None and not _is_aside(survey, body):
            return lead
    return None


def _signed(survey: Survey, body: int, start: int) -> Lead | None:
    """Climb from the words to the element that has a time and a name beside them."""
    for around in (body, *survey.lineage(body, 6)):
        if survey.ends[around] > start or survey.elements[around].tag in ("body", "html"):
            break
        if survey.inside(survey.dates, around) and survey.inside(survey.authors, around):
            inside = range(around, survey.ends[around])
            date = next((number for number in inside if survey.is_date[number]), None)
            author = next((number for number in inside if survey.is_author[number]), None)
            return Lead(body, date, author)
    return None


def _is_aside(survey: Survey, number: int) -> bool:
    around = (number, *survey.lineage(number, 8))
    return any(
        survey.elements[above].tag in ("nav", "aside", "header", "footer")
        or _ASIDE.search(f"{survey.elements[above].get('class') or ''} {survey.elements[above].get('id') or ''}")
        for above in around[:-2]
    )
