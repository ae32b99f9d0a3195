"""The table of comment engines, `adapters.toml`: its selectors are compiled when a page first needs them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from data.page.selectors import Index, Selector
from data.page.tree import Element, brief

_TABLE = Path(__file__).with_name("adapters.toml")
_ATTRIBUTE = re.compile(r"@([\w:-]+)$")
_IN_WORDS = "words:"


class Pick:
    """A selector with the attribute that it reads, compiled once; `in_words`: what it yields stands among words."""

    def __init__(self, source: str) -> None:
        self.in_words, source = source.startswith(_IN_WORDS), source.removeprefix(_IN_WORDS)
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
