"""Comments on pages of unknown make: the best group of repeated records, and in it each record's parts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from data.dates import day_comes_first
from data.page.bodies import choose_bodies, clean_lines, without_template_lines, words_of
from data.page.fields import Record, choose_authors, choose_dates, clean_name, date_of, name_in_words
from data.page.groups import Group, find_groups, merged
from data.page.kinds import Lead, find_lead, kind_of
from data.page.nests import parents_by_indent
from data.page.records import Found, Section
from data.page.survey import Survey
from data.page.tree import Element, brief

MAX_RECORDS = 5_000
_DIGITS = re.compile(r"\d+")
_ID_ATTRIBUTES = ("data-comment-id", "data-commentid", "data-post-id", "data-postid", "data-id", "id", "name")


def find_generic(root: Element, url: str | None = None) -> Section | None:
    """Return the page's comments, or None when nothing on it looks like a discussion."""
    survey = Survey(root)
    groups = find_groups(survey)
    if not groups or not groups[0].likely:
        return None
    group = merged(survey, groups)
    found = _read(survey, group)
    if not found:
        return None
    kind = kind_of(survey, root, group, url)
    lead = find_lead(survey, group.spans[0][0]) if kind != "article" else None
    section = Section(found, "generic", _confidence(group), kind, kind != "article")
    if lead is not None:
        section.found.insert(0, _first_post(survey, lead))
        _shift_parents(section.found)
    return section


def _first_post(survey: Survey, lead: Lead) -> Found:
    """Return the first post of a thread that stands apart from its answers."""
    record = Record([lead.body], list(range(lead.body, survey.ends[lead.body])))
    return _comment(survey, record, [lead.body], lead.date, lead.author, None)


def _shift_parents(found: Sequence[Found]) -> None:
    """Point to the same comments as before one was put in front."""
    for item in found[1:]:
        item.parent = item.parent + 1 if item.parent is not None else None


def _read(survey: Survey, group: Group) -> list[Found]:
    """Return the comments of a group; records without words are left out."""
    records = _records(survey, group)
    parts = group.parts or [0] * len(records)
    found: list[Found | None] = [None] * len(records)
    for part in sorted(set(parts)):
        places = [index for index in range(len(records)) if parts[index] == part]
        for index, item in zip(places, _read_part(survey, [records[index] for index in places]), strict=True):
            found[index] = item
    return _with_parents(group, [item for item in found if item is not None])


def _read_part(survey: Survey, records: Sequence[Record]) -> list[Found]:
    """Return the comments of records that are built alike."""
    dates = choose_dates(survey, records)
    authors = choose_authors(survey, records, dates)
    bodies = choose_bodies(survey, records, dates, authors)
    day_first = day_comes_first(brief(survey.elements[date]) for date in dates if date is not None)
    found = [
        _comment(survey, record, body, date, author, day_first)
        for record, body, date, author in zip(records, bodies, dates, authors, strict=True)
    ]
    for item, text in zip(found, without_template_lines([item.text for item in found]), strict=True):
        item.text = clean_lines(text, item.author, item.date_raw)
    return found


def _records(survey: Survey, group: Group) -> list[Record]:
    """Give each element of the page to the innermost record around it."""
    spans = group.spans[:MAX_RECORDS]
    records = [Record(_roots(survey, span), []) for span in spans]
    for index, around in enumerate(group.outer[:MAX_RECORDS]):
        if around >= 0:
            records[around].nested.append(survey.elements[spans[index][0]])
    inner: set[int] = set()
    for index in range(len(spans) - 1, -1, -1):
        records[index].members = [number for number in range(*spans[index]) if number not in inner]
        if group.outer[index] >= 0:
            inner.update(range(*spans[index]))
    return records


def _roots(survey: Survey, span: tuple[int, int]) -> list[int]:
    """Return the siblings that a span is made of."""
    roots, number = [], span[0]
    while number < span[1]:
        roots.append(number)
        number = survey.ends[number]
    return roots


def _comment(
    survey: Survey, record: Record, body: Sequence[int], date: int | None, author: int | None, day_first: bool | None
) -> Found:
    element = survey.elements[record.roots[0]]
    text = words_of(survey, record, body, (date, author))
    raw, iso = date_of(survey.elements[date], day_first=day_first) if date is not None else (None, None)
    name = clean_name(brief(survey.elements[author])) if author is not None else None
    if name is None:
        name = name_in_words(_pieces_of(survey, record, date))
    link = survey.elements[author].get("href") if author is not None else None
    others = [survey.elements[number] for number in record.roots[1:]]
    return Found(element, text, name, link, raw, iso, _id_of(element), others=others)


def _pieces_of(survey: Survey, record: Record, date: int | None) -> list[str]:
    """Return the short pieces of a record in which its author may be named; those around the date come first."""
    near = [brief(survey.elements[above]) for above in (date, survey.parents[date])] if date is not None else []
    return near + [piece for number in record.members[:60] for piece in _own_pieces(survey.elements[number])][:40]


def _own_pieces(element: Element) -> list[str]:
    return [piece.strip() for piece in (element.text, *(child.tail for child in element)) if piece and piece.strip()]


def _id_of(element: Element) -> str | None:
    """Return the number in the record's id, as engines give it."""
    for candidate in (element, *element[:1], element.getparent()):
        if candidate is None:
            continue
        for name in _ID_ATTRIBUTES:
            value = candidate.get(name)
            if value and (numbers := _DIGITS.findall(value)):
                return str(numbers[-1])
    return None


def _with_parents(group: Group, found: Sequence[Found]) -> list[Found]:
    """Drop comments without words and point each to its parent among those that stay."""
    nested = [around if around >= 0 else None for around in group.outer[: len(found)]]
    parents = nested if any(around is not None for around in nested) else parents_by_indent([f.element for f in found])
    place: dict[int, int] = {}
    kept: list[Found] = []
    for index, item in enumerate(found):
        if not item.text:
            continue
        parent = parents[index]
        item.parent = place.get(parent) if parent is not None else None
        place[index] = len(kept)
        kept.append(item)
    return kept


def _confidence(group: Group) -> float:
    return round(min(0.95, 0.5 + group.score / 80), 2)
