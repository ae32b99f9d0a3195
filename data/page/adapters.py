"""Adapters for comment engines: data in `adapters.toml`, applied by one piece of code."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from data.dates import epoch_date, find_date, is_date_text
from data.page.fields import clean_name
from data.page.nests import by_levels, parents_by_indent
from data.page.records import Found, Section
from data.page.selectors import Index, Selector
from data.page.tree import Element, brief, render

MAX_RECORDS = 20_000
CONFIDENCE = 0.97
_TABLE = Path(__file__).with_name("adapters.toml")
_ATTRIBUTE = re.compile(r"@([\w:-]+)$")


class Pick:
    """A selector with the attribute that it reads, compiled once."""

    def __init__(self, source: str) -> None:
        match = _ATTRIBUTE.search(source)
        self.attribute = match[1] if match else ""
        selector = source[: match.start()] if match else source
        self.own = not selector
        self._selector = None if self.own else Selector(selector)

    def elements(self, index: Index) -> list[Element]:
        """Return what the selector finds in the page, in document order."""
        return self._selector.find(index) if self._selector else []

    def value(self, element: Element) -> str | None:
        """Return the attribute that the selector names, or the element's text."""
        raw = element.get(self.attribute) if self.attribute else brief(element)
        return (raw or "").strip() or None


@dataclass(frozen=True)
class Adapter:
    """One engine; the selectors are compiled when a page first needs them."""

    name: str
    table: dict[str, Any]

    @property
    def kind(self) -> str:
        """Return the `Kind` of the pages that this engine makes."""
        return str(self.table.get("kind", "article"))

    def marked(self, index: Index) -> bool:
        """Tell whether the page holds the names that this engine's markup always has."""
        return any(all(word in index.signature for word in words) for words in self.table["marks"])

    @cached_property
    def picks(self) -> dict[str, list[Pick]]:
        listed = {key: value for key, value in self.table.items() if key != "marks" and isinstance(value, list)}
        return {key: [Pick(source) for source in sources] for key, sources in listed.items()}


@cache
def adapters() -> tuple[Adapter, ...]:
    """Return every adapter in the order of the table."""
    return tuple(Adapter(name, table) for name, table in tomllib.loads(_TABLE.read_text("utf-8")).items())


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
    found = [fields.read(record) for record in records]
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
    values = {key: _first_value(adapter, f"lead_{key}", index) for key in ("author", "date")}
    lead = Found(element, render(element), values["author"], None, values["date"], _date(values["date"]))
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

    def _value(self, key: str, record: Element) -> str | None:
        """Return the first value that the field's selectors yield for this record."""
        for pick, owned in zip(self._adapter.picks.get(key, ()), self._owned.get(key, ()), strict=True):
            for element in owned.get(record, ()):
                if value := pick.value(element):
                    return value
        return None

    def _dated(self, record: Element) -> str | None:
        """Return the first value of the date's selectors in which there is a date, else one that names a time ago."""
        picks = zip(self._adapter.picks.get("date", ()), self._owned.get("date", ()), strict=True)
        values = [value for pick, owned in picks for element in owned.get(record, ()) if (value := pick.value(element))]
        exact = next((value for value in values if _date(value)), None)
        return exact or next((value for value in values if is_date_text(value)), None)

    def read(self, record: Element) -> Found:
        """Return one record's comment; its text is empty when the record has no body."""
        body = next((owned[record][0] for owned in self._owned["body"] if record in owned), None)
        skip, quotes = self._all("skip", record), self._all("quote", record)
        nested = (
            [other for other in self._records if other is not record] if body is not None and body is record else []
        )
        raw = self._dated(record)
        return Found(
            record,
            render(body, [*skip, *nested], quotes) if body is not None else "",
            author=clean_name(self._value("author", record) or "") or None,
            author_url=self._value("author_url", record),
            date_raw=raw,
            published=_date(raw),
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


def _date(raw: str | None) -> str | None:
    if raw is None:
        return None
    found = find_date(raw)
    return found[1] if found else epoch_date(raw)
