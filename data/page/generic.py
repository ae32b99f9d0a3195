"""Comments on pages of unknown make: the best group of repeated records, and in it each record's parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from data.dates import day_comes_first
from data.page.bodies import choose_bodies, clean_lines, said_at_all, without_template_lines, words_of
from data.page.fields import Key, Record, choose_authors, choose_dates, date_of, date_texts, key_of
from data.page.groups import Group, find_groups, merged
from data.page.kinds import Lead, find_lead, kind_of
from data.page.names import clean_names, name_in_words
from data.page.nests import parents_by_indent
from data.page.records import Found, Section
from data.page.survey import Survey
from data.page.tree import Element, brief, render

MAX_RECORDS = 5_000
MOST_UNNAMED = 0.2  # share of records whose author would be among the words; with more the places look alike only
WORDS_DEPTH = 4  # elements around an author that may be the words
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
        section.found.insert(0, _first_post(survey, lead, found))
        _shift_parents(section.found)
    return section


def _first_post(survey: Survey, lead: Lead, answers: Sequence[Found]) -> Found:
    """Return the first post of a thread that stands apart from its answers."""
    own = () if lead.date is None else date_texts(survey.elements[lead.date])
    day_first = day_comes_first((*own, *(answer.date_raw for answer in answers if answer.date_raw)))
    record = Record([lead.body], list(range(lead.body, survey.ends[lead.body])))
    post = _comment(survey, record, [lead.body], lead.date, lead.author, day_first)
    [post.author] = clean_names([post.author])
    return post


def _shift_parents(found: Sequence[Found]) -> None:
    """Point to the same comments as before one was put in front."""
    for item in found[1:]:
        item.parent = item.parent + 1 if item.parent is not None else None


def _read(survey: Survey, group: Group) -> list[Found]:
    """Return the comments of a group; records without words are left out."""
    records = _records(survey, group)
    parts = group.parts or [0] * len(records)
    day_first = day_comes_first(_dates_in(survey, records))
    found: list[Found | None] = [None] * len(records)
    for part in sorted(set(parts)):
        places = [index for index in range(len(records)) if parts[index] == part]
        for index, item in zip(
            places, _read_part(survey, [records[index] for index in places], day_first), strict=True
        ):
            found[index] = item
    return _with_parents(group, [item for item in found if item is not None])


def _dates_in(survey: Survey, records: Sequence[Record]) -> Iterator[str]:
    dated = (survey.elements[number] for record in records for number in record.members if survey.is_date[number])
    return (text for element in dated for text in (brief(element), *date_texts(element)))


def _read_part(survey: Survey, records: Sequence[Record], day_first: bool | None) -> list[Found]:
    """Return the comments of records that are built alike."""
    dates = choose_dates(survey, records)
    authors = choose_authors(survey, records, dates)
    bodies = choose_bodies(survey, records, dates, authors)
    if (named := _outside_words(survey, authors, bodies)) != authors:
        authors, bodies = named, choose_bodies(survey, records, dates, named)
    found = [
        _comment(survey, record, body, date, author, day_first)
        for record, body, date, author in zip(records, bodies, dates, authors, strict=True)
    ]
    names, texts = clean_names([item.author for item in found]), without_template_lines([item.text for item in found])
    for item, name, text, body in zip(found, names, texts, bodies, strict=True):
        item.author, item.text = name, clean_lines(text, name, item.date_raw) or (said_at_all(text) if body else "")
    return found


def _outside_words(survey: Survey, authors: Sequence[int | None], bodies: Sequence[Sequence[int]]) -> list[int | None]:
    """Return the authors without the few that stand where other records have their words: those records name nobody."""
    places = {key_of(survey, number) for body in bodies for number in body}
    inside = [author is not None and _is_at(survey, author, places) for author in authors]
    few = sum(inside) <= MOST_UNNAMED * len(authors)
    return [None if few and within else author for author, within in zip(authors, inside, strict=True)]


def _is_at(survey: Survey, author: int, places: set[Key]) -> bool:
    around = (*survey.lineage(author, WORDS_DEPTH), *range(author, survey.ends[author]))
    return any(key_of(survey, number) in places for number in around)


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
    lines = _lines_of(survey, record, body, date) if author is None else ()
    name = name_in_words(lines) if author is None else brief(survey.elements[author])
    if name == " ".join(text.split()):  # the words were taken for a name
        name = None
    link = survey.elements[author].get("href") if author is not None else None
    others = [survey.elements[number] for number in record.roots[1:]]
    return Found(element, text, name, link, raw, iso, _id_of(element), others=others)


def _lines_of(survey: Survey, record: Record, body: Sequence[int], date: int | None) -> list[str]:
    """Return the short lines of a record, outside its words, that may name its author; those by the date come first."""
    lines = [] if date is None else [brief(survey.elements[date])]
    if not body:  # the words stand anywhere
        return lines
    words = {number for root in body for number in range(root, survey.ends[root])}
    header = [number for number in record.members if number not in words]
    if date is not None and (above := survey.parents[date]) in header:
        holds_words = any(above < root < survey.ends[above] for root in body)
        skip = [*record.nested, *(survey.elements[root] for root in body)]
        lines += render(survey.elements[above], skip).splitlines() if holds_words else [brief(survey.elements[above])]
    return lines + [piece for number in header[:60] for piece in _own_pieces(survey.elements[number])][:40]


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
