"""Adapters for comment engines: data in `adapters.toml`, applied by one piece of code."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from cssselect import HTMLTranslator
from lxml import etree

from data.dates import epoch_date, find_date
from data.page.records import Found, Section
from data.page.tree import Element, brief, render

MAX_RECORDS = 20_000
CONFIDENCE = 0.97
_TABLE = Path(__file__).with_name("adapters.toml")
_TRANSLATOR = HTMLTranslator()


class Pick:
    """A selector with the attribute that it reads, compiled once."""

    def __init__(self, source: str) -> None:
        selector, _, self.attribute = source.partition("@") if "@" in source else (source, "", "")
        path = _TRANSLATOR.css_to_xpath(selector or "*", prefix="")
        self.own = not selector
        self._find = etree.XPath(f"descendant::{path}")

    def elements(self, root: Element) -> list[Element]:
        """Return what the selector finds below `root`, in document order."""
        found: list[Element] = self._find(root)
        return found

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
        return str(self.table.get("kind", "article"))

    def marked(self, html: str) -> bool:
        """Tell whether the page's source holds the words that this engine's markup always has."""
        return any(all(word in html for word in words) for words in self.table["marks"])

    @cached_property
    def picks(self) -> dict[str, list[Pick]]:
        listed = {key: value for key, value in self.table.items() if key != "marks" and isinstance(value, list)}
        return {key: [Pick(source) for source in sources] for key, sources in listed.items()}


@cache
def adapters() -> tuple[Adapter, ...]:
    """Return every adapter in the order of the table."""
    return tuple(Adapter(name, table) for name, table in tomllib.loads(_TABLE.read_text("utf-8")).items())


def find_by_adapter(root: Element, html: str) -> Section | None:
    """Return the comments by the adapter that finds the most text, or None when no engine is recognised."""
    sections = [section for adapter in adapters() if adapter.marked(html) and (section := _apply(adapter, root))]
    return max(sections, key=lambda section: sum(len(found.text) for found in section.found), default=None)


def _apply(adapter: Adapter, root: Element) -> Section | None:
    records = _records(adapter, root)
    if not records:
        return None
    fields = _Fields(adapter, root, records)
    found = [fields.read(record) for record in records]
    kept = [item for item in found if item.text]
    return Section(kept, adapter.name, CONFIDENCE, adapter.kind, adapter.kind != "article") if kept else None


def _records(adapter: Adapter, root: Element) -> list[Element]:
    """Return the first non-empty selection of record elements."""
    for pick in adapter.picks["record"]:
        if records := pick.elements(root):
            return records[:MAX_RECORDS]
    return []


class _Fields:
    """Every selector is run once over the page; what it finds belongs to the nearest record around it."""

    def __init__(self, adapter: Adapter, root: Element, records: list[Element]) -> None:
        self._adapter, self._records = adapter, {record: index for index, record in enumerate(records)}
        self._owned = {
            key: [self._by_owner(pick, root) for pick in picks]
            for key, picks in adapter.picks.items()
            if key != "record"
        }

    def _by_owner(self, pick: Pick, root: Element) -> dict[Element, list[Element]]:
        if pick.own:
            return {record: [record] for record in self._records}
        owned: dict[Element, list[Element]] = {}
        for element in pick.elements(root):
            owner = self._owner(element)
            if owner is not None:
                owned.setdefault(owner, []).append(element)
        return owned

    def _owner(self, element: Element) -> Element | None:
        while element is not None and element not in self._records:
            element = element.getparent()
        return element

    def _all(self, key: str, record: Element) -> list[Element]:
        return [element for owned in self._owned.get(key, ()) for element in owned.get(record, ())]

    def _value(self, key: str, record: Element) -> str | None:
        """Return the first value that the field's selectors yield for this record."""
        for pick, owned in zip(self._adapter.picks.get(key, ()), self._owned.get(key, ()), strict=True):
            for element in owned.get(record, ()):
                if value := pick.value(element):
                    return value
        return None

    def read(self, record: Element) -> Found:
        """Return one record's comment; its text is empty when the record has no body."""
        body = next((owned[record][0] for owned in self._owned["body"] if record in owned), None)
        quotes = self._all("quote", record)
        nested = [other for other in self._records if other is not record] if body is None else []
        skip = self._all("skip", record)
        text = render(body, [*skip, *nested], quotes) if body is not None else ""
        raw = self._value("date", record)
        return Found(
            record,
            text,
            author=self._value("author", record),
            author_url=self._value("author_url", record),
            date_raw=raw,
            published=_date(raw),
            engine_id=self._id(record),
            parent=self._parent(record),
            status="pending" if self._all("pending", record) else None,
        )

    def _id(self, record: Element) -> str | None:
        source = self._adapter.table.get("id")
        value = record.get(source.lstrip("@")) if source else None
        return re.sub("^(?:" + self._adapter.table.get("id_trim", "") + ")", "", value) if value else None

    def _parent(self, record: Element) -> int | None:
        if self._adapter.table.get("parent") != "ancestor":
            return None
        owner = self._owner(record.getparent())
        return self._records.get(owner) if owner is not None else None


def _date(raw: str | None) -> str | None:
    if raw is None:
        return None
    found = find_date(raw)
    return found[1] if found else epoch_date(raw)
