"""XML exports as a stream of records: no entity expanded, nothing fetched, memory free of what was read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any

from lxml import etree

from data.exports.places import Record
from data.tables.opening import InputError, reading_errors

MOST_NESTED = 50  # levels inside one record
CUT_OFF = ("Premature end", "EndTag: '</' not found", "Extra content", "huge text", "Excessive depth")


class _WithoutJunk:
    """A stream that begins at its first `<`: exports were seen with a stray character or blank lines before it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.begun = stream, False

    def read(self, size: int = -1) -> bytes:
        with reading_errors():
            piece = self.stream.read(size)
        if self.begun or not piece:
            return piece
        self.begun = True
        start = piece.find(b"<")
        return piece[start:] if start > 0 and not piece.startswith((b"\xff\xfe", b"\xfe\xff")) else piece


def xml_records(stream: IO[bytes], names: frozenset[str]) -> Iterator[tuple[str, Record, str]]:
    """Yield name, record and the number of the enclosing record for every element of these names, in order.

    A record inside another is yielded before it and bears the same number; a mere reference inside a record (an element
    of the name that is a field of it) is not a record.
    """
    events = etree.iterparse(
        _WithoutJunk(stream), events=("end",), tag=[f"{{*}}{name}" for name in names], recover=True,
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    number = 0
    try:
        for _, element in events:
            outer = _outermost(element, names)
            if outer is not element and not (outer.tag.endswith("item") and element.getparent() is outer):
                continue
            yield _local(element.tag), record_of(element), str(number)
            number += outer is element
            _forget(element)
    except etree.XMLSyntaxError as error:
        raise InputError(f"is not XML that can be read ({_told(error.msg)})") from None
    if problem := next((entry.message for entry in events.error_log if any(c in entry.message for c in CUT_OFF)), None):
        raise InputError(f"is damaged or cut off ({_told(problem)}); what came before was read")


def _told(message: str | None) -> str:
    return re.sub(r"\s+", " ", message or "no reason given").strip().rstrip(".")[:150]


def _outermost(element: Any, names: frozenset[str]) -> Any:
    found = element
    for above in element.iterancestors():
        if _local(above.tag) in names:
            found = above
    return found


def _forget(element: Any) -> None:
    """Free an element and those before it; the parser still needs the element itself."""
    element.clear(keep_tail=False)
    parent, name = element.getparent(), element.tag
    while (
        parent is not None and (before := element.getprevious()) is not None and (before.tag == name or not len(before))
    ):
        if before.tag != name and _local(parent.tag) == "item":
            return
        parent.remove(before)


def record_of(element: Any, depth: int = 0) -> Record:
    """Return an element as a record: attributes under `@name`, its text under `#`, children by their local names."""
    record: Record = {f"@{_local(name)}": value for name, value in element.attrib.items()}
    if element.text and element.text.strip():
        record["#"] = element.text
    for child in element.iterchildren(tag=etree.Element):
        value: Any = _value(child, depth + 1)
        name = _local(child.tag)
        if name in record:
            before = record[name] if isinstance(record[name], list) else [record[name]]
            record[name] = [*before, value]
        else:
            record[name] = value
    return record


def _value(element: Any, depth: int) -> Any:
    if len(element) == 0 and not element.attrib:
        return element.text or ""
    if depth >= MOST_NESTED:
        return ""
    if element.get("type") == "xhtml":
        return "".join(etree.tostring(child, encoding="unicode", with_tail=True) for child in element)
    return record_of(element, depth)


def _local(name: str) -> str:
    return name.rsplit("}", 1)[-1]
