"""Adapters for comment engines: data in `adapters.toml`, applied by one piece of code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from data.dates import day_comes_first, epoch_date, find_date, is_date_text
from data.page.engines import Adapter, Pick, adapters
from data.page.names import clean_names
from data.page.nests import by_levels, parents_by_indent
from data.page.records import Found, Section
from data.page.selectors import Index
from data.page.tree import Element, render

MAX_RECORDS = 20_000
CONFIDENCE = 0.97


def find_by_adapter(index: Index) -> Section | None:
    """Return the comments by the first adapter that finds about as many words as any; None for unknown engines."""
    sections = [section for adapter in adapters() if adapter.marked(index) and (section := _apply(adapter, index))]
    words = [sum(len(found.text) for found in section.found) for section in sections]
    return next((section for section, count in zip(sections, words, strict=True) if count >= 0.8 * max(words)), None)


def _apply(adapter: Adapter, index: Index) -> Section | None:
    records = _records(adapter, index)
    if not records:
        return None
    fields = _Fields(adapter, index, records)
    found = [fields.read(record, name) for record, name in zip(records, fields.names(), strict=True)]
    _set_parents(adapter, fields, records, found)
    kept = _with_words(found)
    if not kept:
        return None
    section = Section(kept, adapter.name, CONFIDENCE, adapter.kind, adapter.kind != "article")
    if "lead" in adapter.picks:
        section.first_is_article = _add_lead(adapter, index, section)
    return section


def _records(adapter: Adapter, index: Index) -> list[Element]:
    """Return the first selection of record elements that finds any; a later one that finds twice as many is better."""
    best: list[Element] = []
    for pick in adapter.picks["record"]:
        records = pick.elements(index)
        if len(records) >= 2 * len(best) and records:
            best = records
    return best[:MAX_RECORDS]


def _set_parents(adapter: Adapter, fields: _Fields, records: Sequence[Element], found: Sequence[Found]) -> None:
    """Point each comment to the one that it answers, in the way that the engine shows it."""
    parents: Sequence[int | None] = [None] * len(found)
    match adapter.table.get("parent"):
        case "ancestor":
            parents = [fields.around(record) for record in records]
        case "depth":
            parents = by_levels([fields.level(record) for record in records])
        case "blocks":
            parents = parents_by_indent(records)
        case "reference":
            places = {item.engine_id: index for index, item in enumerate(found) if item.engine_id}
            parents = [places.get(fields.reference(record) or "") for record in records]
    for item, parent in zip(found, parents, strict=True):
        item.parent = parent


def _with_words(found: Sequence[Found]) -> list[Found]:
    """Drop records without words, and point past them to the next one up."""
    place = {}
    kept: list[Found] = []
    for index, item in enumerate(found):
        parent, steps = item.parent, 0
        while parent is not None and parent not in place and steps < 50:
            parent, steps = found[parent].parent, steps + 1
        if item.text:
            place[index] = len(kept)
            kept.append(item)
            item.parent = place.get(parent) if parent is not None else None
    return kept


def _add_lead(adapter: Adapter, index: Index, section: Section) -> bool:
    """Put a first post of its own make before the comments; False when the page has none."""
    element = _first(adapter, "lead", index)
    if element is None:
        return False
    author, date = (_first_value(adapter, key, index) for key in ("lead_author", "lead_date"))
    day_first = day_comes_first(raw for raw in (date, *(item.date_raw for item in section.found)) if raw)
    lead = Found(element, render(element), author, None, date, _date(date, day_first))
    section.found.insert(0, lead)
    for item in section.found[1:]:
        item.parent = item.parent + 1 if item.parent is not None else None
    return True


def _first(adapter: Adapter, key: str, index: Index) -> Element | None:
    return next((element for pick in adapter.picks.get(key, ()) for element in pick.elements(index)), None)


def _first_value(adapter: Adapter, key: str, index: Index) -> str | None:
    values = (pick.value(element) for pick in adapter.picks.get(key, ()) for element in pick.elements(index))
    return next((value for value in values if value), None)


class _Fields:
    """Every selector is run once over the page; what it finds belongs to the nearest record around it."""

    def __init__(self, adapter: Adapter, index: Index, records: list[Element]) -> None:
        self._adapter, self._records = adapter, {record: index for index, record in enumerate(records)}
        self._owners = dict(zip(records, records, strict=True))
        if adapter.table.get("siblings"):
            self._owners.update(_followers(self._records))
        wanted = {key: picks for key, picks in adapter.picks.items() if key != "record" and not key.startswith("lead")}
        self._owned = {key: [self._by_owner(pick, index) for pick in picks] for key, picks in wanted.items()}
        self._day_first = day_comes_first(value for record in records for value in self._values("date", record))

    def _by_owner(self, pick: Pick, index: Index) -> dict[Element, list[Element]]:
        if pick.own:
            return {record: [record] for record in self._records}
        owned: dict[Element, list[Element]] = {}
        for element in pick.elements(index):
            owner = self._owner(element)
            if owner is not None:
                owned.setdefault(owner, []).append(element)
        return owned

    def _owner(self, element: Element) -> Element | None:
        while element is not None and element not in self._owners:
            element = element.getparent()
        return self._owners.get(element) if element is not None else None

    def _all(self, key: str, record: Element) -> list[Element]:
        return [element for owned in self._owned.get(key, ()) for element in owned.get(record, ())]

    def _picked(self, key: str, record: Element) -> Iterator[tuple[Pick, str]]:
        """Yield what the field's selectors find for this record, each with its selector, in their order."""
        for pick, owned in zip(self._adapter.picks.get(key, ()), self._owned.get(key, ()), strict=True):
            for element in owned.get(record, ()):
                if value := pick.value(element):
                    yield pick, value

    def _values(self, key: str, record: Element) -> Iterator[str]:
        return (value for _, value in self._picked(key, record))

    def _value(self, key: str, record: Element) -> str | None:
        """Return the first value that the field's selectors yield for this record."""
        return next(self._values(key, record), None)

    def names(self) -> list[str | None]:
        """Return the records' authors: a name's own field is taken as it is, and words around a name are taken off."""
        held = [next(self._picked("author", record), None) for record in self._records]
        cleaned = clean_names([found[1] if found and found[0].in_words else None for found in held])
        return [
            name if found is None or found[0].in_words else found[1] for found, name in zip(held, cleaned, strict=True)
        ]

    def _dated(self, record: Element) -> tuple[str | None, str | None]:
        """Return the first value of the date's selectors in which there is a date, else one that names a time ago."""
        values = list(self._values("date", record))
        exact = ((value, date) for value in values if (date := _date(value, self._day_first)))
        return next(exact, (next((value for value in values if is_date_text(value)), None), None))

    def read(self, record: Element, author: str | None) -> Found:
        """Return one record's comment; its text is empty when the record has no body."""
        body = next((owned[record][0] for owned in self._owned["body"] if record in owned), None)
        skip, quotes = self._all("skip", record), self._all("quote", record)
        nested = (
            [other for other in self._records if other is not record] if body is not None and body is record else []
        )
        raw, published = self._dated(record)
        return Found(
            record,
            render(body, [*skip, *nested], quotes) if body is not None else "",
            author=author,
            author_url=self._value("author_url", record),
            date_raw=raw,
            published=published,
            engine_id=self._id(record),
            status=self._status(record),
            others=[element for element, owner in self._owners.items() if owner is record and element is not record],
        )

    def _status(self, record: Element) -> str | None:
        return next((name for name in ("pending", "deleted") if self._all(name, record)), None)

    def _id(self, record: Element) -> str | None:
        value = self._value("id", record)
        return re.sub("^(?:" + self._adapter.table.get("id_trim", "") + ")", "", value) or None if value else None

    def around(self, record: Element) -> int | None:
        """Return the index of the record that this one is nested in."""
        owner = self._owner(record.getparent())
        return self._records.get(owner) if owner is not None else None

    def level(self, record: Element) -> float:
        """Return how deep the page says that a record is; 0 where it does not say."""
        match = re.search(r"\d+", self._value("depth", record) or "")
        return float(match[0]) if match else 0.0

    def reference(self, record: Element) -> str | None:
        """Return the id that the record names as its parent."""
        return self._value("reference", record)


def _followers(records: Mapping[Element, int]) -> dict[Element, Element]:
    """Give each sibling after a record to it, up to the next record."""
    owners: dict[Element, Element] = {}
    for record in records:
        for sibling in record.itersiblings():
            if sibling in records or sibling in owners:
                break
            owners[sibling] = record
    return owners


def _date(raw: str | None, day_first: bool | None) -> str | None:
    if raw is None:
        return None
    found = find_date(raw, day_first=day_first)
    return found[1] if found else epoch_date(raw)
