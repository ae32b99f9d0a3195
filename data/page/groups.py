"""Candidates for the records of a discussion: elements of the same signature that each hold words, a time and a name."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from data.page.survey import Survey
from data.page.tree import Element

MIN_CHARS = 2  # of words in a record; a comment may be "+1"
_RECORD_TAGS = frozenset("div li article section tr table td dl dd dt p ol ul blockquote span a details form tbody".split())
_DIGITS = re.compile(r"\d+")
_FOR = re.compile(
    r"comment|reply|replies|response|answer|kommentar|commentaire|comentario|reactie|opini|feedback|discuss|talkback"
    r"|message|\bposts?\b|post[-_]|[-_]post|forum|thread|topic|disqus|guestbook|zuschrift|leserbrief|beitrag|respond|koment"
    r"|letters|remark|viewpoint|bewertung|^c#$|^p#$|^t#|opinion",
    re.IGNORECASE,
)
_STRONG = re.compile(
    r"comment|kommentar|commentaire|comentario|reactie|talkback|disqus|koment|answer(?!ed)|leserbrief|\breply\b|guestbook|opinion#",
    re.IGNORECASE,
)
_AGAINST = re.compile(
    r"related|teaser|recent|latest|popular|recommend|sidebar|widget|\bnav|menu|footer|promo|trending|breadcrumb|share"
    r"|social|archive|listing|search[-_]?result|slider|carousel|gallery|newsletter|author-?(?:bio|box|info)|headline|event"
    r"|calendar|toc\b|faq|accordion|\btags?\b|similar|more-|read-?next|most-?(?:read|viewed)|product|card\b|tweet|feed"
    r"|comment-?form|respond\b|pagination|pager|\brss\b|blogroll|top-?stor|history|revision|changelog|release|ticker",
    re.IGNORECASE,
)
_SCHEMA = re.compile(r"schema\.org/(?:Comment|UserComments|Answer|Question|DiscussionForumPosting)$")


@dataclass(slots=True)
class Group:
    """Elements of one signature; `records` are numbers of the survey, in document order, possibly nested."""

    signature: tuple[str, str]
    records: list[int]
    outer: list[int]  # for each record the index of the record around it, or -1
    score: float = 0.0
    strong: bool = False  # its names say that these are comments


def find_groups(survey: Survey) -> list[Group]:
    """Return the groups that may be comments, the best first."""
    buckets: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for number, element in enumerate(survey.elements):
        if element.tag in _RECORD_TAGS and survey.inside(survey.chars, number) >= MIN_CHARS:
            for key in signatures(survey, number):
                buckets[key].append(number)
    seen: set[tuple[int, ...]] = set()
    groups = []
    for key, records in buckets.items():
        if len(records) < 2 and not _names_comments(survey, records[0], key):
            continue
        if (members := tuple(records)) in seen:
            continue
        seen.add(members)
        group = Group(key, records, nesting(survey, records))
        group.score = _score(survey, group)
        if group.score > 0:
            groups.append(group)
    return sorted(groups, key=lambda group: group.score, reverse=True)


def signatures(survey: Survey, number: int) -> Iterable[tuple[str, str]]:
    """Yield the ways in which an element may be like others: each class, its id without digits, its place."""
    element = survey.elements[number]
    tag = element.tag
    for name in survey.classes[number]:
        yield tag, name
    identity = element.get("id")
    if identity and any(letter.isdigit() for letter in identity):
        yield tag, "#" + _DIGITS.sub("#", identity.lower())[:60]
    schema = element.get("itemtype")
    if schema and _SCHEMA.search(schema):
        yield tag, "itemtype " + schema.rsplit("/", 1)[-1]
    if not survey.classes[number] and tag != "span" and tag != "a":
        yield tag, "in " + _place(survey, number)


def _place(survey: Survey, number: int) -> str:
    """Name the parent and grandparent, for elements without a class."""
    return " ".join(
        survey.elements[above].tag + "." + (survey.classes[above][0] if survey.classes[above] else "")
        for above in survey.lineage(number, 2)
    )


def nesting(survey: Survey, records: Sequence[int]) -> list[int]:
    """Return for each record the index of the one that it lies in, or -1."""
    outer, open_records = [], list[int]()
    for index, number in enumerate(records):
        while open_records and survey.ends[records[open_records[-1]]] <= number:
            open_records.pop()
        outer.append(open_records[-1] if open_records else -1)
        open_records.append(index)
    return outer


def own(survey: Survey, group: Group, sums: Sequence[int]) -> list[int]:
    """Return a sum per record without the records nested in it."""
    values = [survey.inside(sums, number) for number in group.records]
    result = list(values)
    for index, around in enumerate(group.outer):
        if around >= 0:
            result[around] -= values[index]
    return result


def _score(survey: Survey, group: Group) -> float:
    """Weigh what the records hold against what they are called; 0 for what cannot be a discussion."""
    chars, links = own(survey, group, survey.chars), own(survey, group, survey.link_chars)
    words = [max(0, total - linked) for total, linked in zip(chars, links, strict=True)]
    if sum(words) < MIN_CHARS * len(words):
        return 0.0
    evidence = _evidence(survey, group)
    names = _naming(survey, group)
    group.strong = names >= 2.0
    if names < 0 or evidence <= 0.0:
        return 0.0
    linked = sum(links) / max(1, sum(chars))
    if linked > (0.6 if names >= 1.5 else 0.35):
        return 0.0
    count = len(group.records)
    return evidence * (0.6 + names) * math.log2(1 + sum(words)) * math.log2(1.6 + count) * (1 - linked)


def _evidence(survey: Survey, group: Group) -> float:
    """Return how regularly each record holds about one time, one name and some buttons, 0 to 1."""
    dates, authors = own(survey, group, survey.dates), own(survey, group, survey.authors)
    controls = own(survey, group, survey.controls)
    count = len(group.records)
    timed = sum(_about_one(value, 3) for value in dates) / count
    named = sum(_about_one(value, 5) for value in authors) / count
    pressed = sum(value > 0 for value in controls) / count
    return 0.5 * timed + 0.38 * named + 0.12 * pressed if timed >= 0.4 or named >= 0.5 or pressed >= 0.8 else 0.0


def _about_one(value: int, most: int) -> float:
    if value == 0:
        return 0.0
    return 1.0 if value <= most else (most / value) ** 2


def _naming(survey: Survey, group: Group) -> float:
    """Return what the names of the records and of what is around them say: above 1 comments, below 0 something else."""
    key = f"{group.signature[0]} {group.signature[1]}"
    value = 0.0
    if _FOR.search(key):
        value += 1.0
    if _STRONG.search(key) or key.endswith(("Comment", "Answer")):
        value += 1.0
    if _AGAINST.search(key):
        value -= 1.6
    around = " ".join(_label(survey.elements[number]) for number in survey.lineage(group.records[0], 5))
    if _STRONG.search(around):
        value += 0.7
    elif _FOR.search(around):
        value += 0.3
    if _AGAINST.search(around):
        value -= 0.7
    return value


def _label(element: Element) -> str:
    return f"{element.get('id') or ''} {element.get('class') or ''}" if element.tag not in ("body", "html") else ""


def _names_comments(survey: Survey, number: int, key: tuple[str, str]) -> bool:
    """Tell whether a single element is called a comment, so that pages with one comment are read too."""
    return bool(_STRONG.search(key[1])) and survey.inside(survey.dates, number) > 0
