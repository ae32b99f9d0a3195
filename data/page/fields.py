"""The parts of each record of a group: who, when and the words.

The records of one page are built alike, so every part is chosen for all of them at once: the place that most of
them have it at.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from data.dates import epoch_date, find_date
from data.page.names import clean_name
from data.page.survey import CONTROL, Survey
from data.page.tree import Element, brief
from data.relative import relative_time

Key = tuple[str, tuple[str, ...], str]

_DATE_NAMES = re.compile(r"date|time|posted|created|published|when|meta|stamp|datum", re.IGNORECASE)
_JOINED = re.compile(
    r"\bjoin|regist|member since|\bseit\b|inscri|anmeld|last (?:edit|activ|seen|login)|edited|birth|update|bearbeit"
    r"|modifi|beitritt",
    re.IGNORECASE,
)
ABOUT_AUTHOR = re.compile(
    r"user-?_?(?:info|detail|profile|stat|block|cell|meta|extra)|(?:author|member|poster)-?_?(?:info|profile|detail|stat|side)"
    r"|message-?user|profile|sidebar|signature|avatar|extra-?user|message-cell--user",
    re.IGNORECASE,
)
_NAME_HINT = re.compile(
    r"author|user.?name|nick|\bfn\b|commenter|poster|screen.?name|display.?name|autor|pseudo", re.IGNORECASE
)
_NOT_NAME = re.compile(
    r"avatar|title|rank|group|info|stat|count|posts|badge|role|image|photo|meta|details|signature|since", re.IGNORECASE
)
_DATE_ATTRIBUTES = tuple("datetime content data-time data-timestamp data-utime data-date data-created title".split())
_EMPHASIS = frozenset(("b", "strong", "h3", "h4", "h5", "dt", "th"))
_NO_NAME = re.compile(
    r"(?:edited|joined|posts?|messages?|view|profile|send|visit|member since|location|online|offline|quote|reply|follow"
    r"|homepage|website|e-?mail|administrator|moderator|(?:senior |junior |super |new )?(?:member|moderator)$)\b",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[^\W_]")


def is_about_author(element: Element) -> bool:
    """Tell whether an element holds what a forum says of the author: rank, join date, number of posts."""
    name = element.get("class")
    return bool(name) and bool(ABOUT_AUTHOR.search(name)) and len(brief(element, 400)) < 300


@dataclass(slots=True)
class Record:
    """One record: its roots (one element, or several siblings) and everything in them but nested records."""

    roots: list[int]
    members: list[int]
    nested: list[Element] = field(default_factory=list)


def key_of(survey: Survey, number: int) -> Key:
    """Name an element by its tag, its classes and its parent: what is the same in every record."""
    parent = survey.parents[number]
    above = survey.elements[parent].tag + "." + " ".join(survey.classes[parent][:1]) if parent >= 0 else ""
    return survey.elements[number].tag, survey.classes[number], above


def choose_dates(survey: Survey, records: Sequence[Record]) -> list[int | None]:
    """Return for each record the element that says when it was written."""
    candidates = [[number for number in record.members if survey.is_date[number]] for record in records]
    scores: defaultdict[Key, float] = defaultdict(float)
    for numbers in candidates:
        for rank, (key, number) in enumerate(_first_of_each(survey, numbers)):
            scores[key] += _date_worth(survey, number) - 0.02 * rank
    return [_best(survey, numbers, scores) for numbers in candidates]


def _date_worth(survey: Survey, number: int) -> float:
    element = survey.elements[number]
    value = 1.0
    raw, iso = date_of(element)
    if _JOINED.search(_surroundings(element)):
        value -= 2.5
    if any(is_about_author(survey.elements[above]) for above in survey.lineage(number, 4)):
        value -= 1.0
    if iso is not None:
        value += 0.3 if len(iso) > 10 else 0.2
    if element.tag == "time" or _DATE_NAMES.search(f"{element.get('class') or ''} {element.get('itemprop') or ''}"):
        value += 0.3
    if raw is not None and len(brief(element)) > 100:
        value -= 0.5
    return value


def _surroundings(element: Element) -> str:
    """Return the words just before a date, its class and its own words, where "Joined:" or "Edited:" would stand."""
    previous = element.getprevious()
    before = brief(previous, 40) + (previous.tail or "") if previous is not None else ""
    parent = element.getparent()
    lead = (parent.text or "") if parent is not None and previous is None else ""
    return f"{before[-40:]} {lead[-40:]} {element.get('class') or ''} {(element.text or '')[:40]}"


def date_texts(element: Element) -> list[str]:
    """Return the texts in which an element may give its date: attributes that engines keep it in, then own words."""
    texts = [element.get(name) for name in _DATE_ATTRIBUTES]
    texts += [element.text, *(child.tail for child in element)]
    return [text for text in texts if text and text.strip() and len(text) <= 300]


def date_of(element: Element, *, day_first: bool | None = None) -> tuple[str | None, str | None]:
    """Return an element's date as printed or held by an attribute, and in ISO 8601 where it is clear."""
    printed = None
    for raw in date_texts(element):
        found = find_date(raw, day_first=day_first)
        iso = found[1] if found else epoch_date(raw)
        if iso:
            return _with_clock(element, (found[0] if found else raw.strip(), iso), day_first)
        if found or relative_time(raw):
            printed = printed or raw.strip()
    return _wider_date(element, printed, day_first)


def _with_clock(element: Element, date: tuple[str, str], day_first: bool | None) -> tuple[str | None, str | None]:
    """Return a day with the time of day that another small element beside it says."""
    wider = _wider_date(element, None, day_first) if "T" not in date[1] else date
    return wider if (wider[1] or "").startswith(f"{date[1]}T") else date


def _wider_date(element: Element, printed: str | None, day_first: bool | None) -> tuple[str | None, str | None]:
    """Read a date that is spread over several small elements: this one's whole text, then its parent's."""
    unclear = ""
    for wider in (element, element.getparent()):
        text = brief(wider, 140) if wider is not None else ""
        if text and len(text) < 130 and (found := find_date(text, day_first=day_first)):
            if found[1]:
                return found
            unclear = unclear or found[0]
    return max(unclear, printed or "", key=len) or brief(element) or None, None


def choose_authors(survey: Survey, records: Sequence[Record], dates: Sequence[int | None]) -> list[int | None]:
    """Return for each record the element that holds its author's name; names differ from record to record."""
    chosen = _choose_names(survey, records, dates, lambda number: survey.is_author[number])
    if sum(author is not None for author in chosen) >= 0.5 * len(records) or len(records) < 3:
        return chosen
    emphasised = _choose_names(survey, records, dates, lambda number: survey.elements[number].tag in _EMPHASIS)
    texts = [brief(survey.elements[author]) for author in emphasised if author is not None]
    if len(texts) < 0.8 * len(records) or max(map(len, texts)) > 40:
        return chosen
    beside = [survey.elements[survey.parents[author]] for author in emphasised if author is not None]
    in_profile = sum(is_about_author(element) for element in beside) >= 0.8 * len(texts)
    return emphasised if in_profile or len(set(texts)) >= 0.4 * len(texts) else chosen


def _choose_names(
    survey: Survey, records: Sequence[Record], dates: Sequence[int | None], is_candidate: Callable[[int], bool]
) -> list[int | None]:
    candidates = [
        [number for number in record.members if is_candidate(number) and _is_name(survey, number, date)]
        for record, date in zip(records, dates, strict=True)
    ]
    values: defaultdict[Key, list[str]] = defaultdict(list)
    for numbers in candidates:
        for key, number in _first_of_each(survey, numbers):
            values[key].append(brief(survey.elements[number]))
    scores = {key: _name_worth(key, names) for key, names in values.items()}
    return [_best(survey, numbers, scores) for numbers in candidates]


def _is_name(survey: Survey, number: int, date: int | None) -> bool:
    if number == date or (date is not None and number < date < survey.ends[number]):
        return False
    element = survey.elements[number]
    inner = survey.authors[survey.ends[number]] - survey.authors[number + 1]
    text = clean_name(brief(element))
    if inner or not _LETTER.search(text) or CONTROL.fullmatch(text) or _NO_NAME.match(text):
        return False
    return not find_date(text)


def _name_worth(key: Key, names: Sequence[str]) -> float:
    """Return how well the values at one place look like names: many, different, and so called."""
    label = " ".join(key[1]) + " " + key[2]
    different = len(set(names)) / len(names)
    worth = len(names) * (0.6 + 0.4 * different)
    if _NOT_NAME.search(" ".join(key[1])):
        worth *= 0.2
    elif _NAME_HINT.search(label):
        worth *= 1.3
    if key[0] in ("a", "cite", "b", "strong"):
        worth *= 1.1
    return worth


def _first_of_each(survey: Survey, numbers: Sequence[int]) -> list[tuple[Key, int]]:
    """Return the first element at each place, in document order."""
    first: dict[Key, int] = {}
    for number in numbers:
        first.setdefault(key_of(survey, number), number)
    return list(first.items())


def _best(survey: Survey, numbers: Sequence[int], scores: dict[Key, float]) -> int | None:
    """Return the element at the best place of this record; places that are worth nothing do not count."""
    ranked = [(scores.get(key, 0.0), -number) for key, number in _first_of_each(survey, numbers)]
    if not ranked or max(ranked)[0] <= 0:
        return None
    return -max(ranked)[1]
