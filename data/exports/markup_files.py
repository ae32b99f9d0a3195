"""XML exports as a stream of records: no entity expanded, nothing fetched, memory free of what was read."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import IO, Any

from lxml import etree

from data.exports.places import Record
from data.exports.readable import ReadableXml
from data.exports.row_files import Warn
from data.tables.opening import InputError

MOST_NESTED = 50  # levels inside one record
MOST_LOGGED = 100  # errors of which libxml2 tells: what comes after them is not known
LOCAL = (  # errors behind which the parser finds every later element
    *("xmlParseEntityRef: no name", "EntityRef: expecting ';'", "Sequence ']]>' not allowed", "AttValue: "),
    *("attributes construct error", "Couldn't find end of Start Tag", "Specification mandates value for attribute"),
    *("Unescaped '<' not allowed in attributes values", "Attribute ", "xmlParseCharRef: "),
)


def xml_records(stream: IO[bytes], names: frozenset[str], warn: Warn) -> Iterator[tuple[str, Record, str]]:
    """Yield name, record and the number of the enclosing record for every element of these names, in order.

    A record inside another is yielded before it and bears the same number; a mere reference inside a record (an element
    of the name that is a field of it) is not a record. Damage that leaves the records whole but for some words is told
    to `warn`; other damage raises `InputError` after what could be read.
    """
    events = etree.iterparse(
        ReadableXml(stream), events=("end",), tag=[f"{{*}}{name}" for name in names], recover=True, encoding="utf-8",
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
    _tell_damage(list(events.error_log), warn)


def _tell_damage(log: list[Any], warn: Warn) -> None:
    damages = [entry for entry in log if _loses_words(entry)]
    for damage in damages:
        if not damage.message.startswith(LOCAL) or len(log) >= MOST_LOGGED:
            raise InputError(f"is damaged or cut off {_where(damage)}; what could be read was read")
    for damage in damages:
        warn(f"The XML is damaged {_where(damage)}: words there may be missing.")


def _loses_words(entry: Any) -> bool:
    """Tell what is not as it should be from a name that stands for an unknown character, which is kept as written."""
    return bool(entry.level == etree.ErrorLevels.FATAL and entry.type != etree.ErrorTypes.ERR_UNDECLARED_ENTITY)


def _where(damage: Any) -> str:
    return f"in line {damage.line} ({_told(damage.message)})"


def _told(message: str | None) -> str:
    """Return the parser's reason; what it adds on further lines are words of the export."""
    return ((message or "").strip() or "no reason given").splitlines()[0].rstrip(".")[:150]


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
    if (words := _words(element)).strip():
        record["#"] = words
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
    if next(element.iterchildren(tag=etree.Element), None) is None and not element.attrib:
        return _words(element)
    if depth >= MOST_NESTED:
        return ""
    if element.get("type") == "xhtml":
        return "".join(etree.tostring(child, encoding="unicode", with_tail=True) for child in element)
    return record_of(element, depth)


def _words(element: Any) -> str:
    """Return the text up to the first element; an entity, which is never expanded, stays as it is written."""
    pieces = [element.text or ""]
    for child in itertools.takewhile(lambda child: child.tag is etree.Entity, element):
        pieces += [child.text, child.tail or ""]
    return "".join(pieces)


def _local(name: str) -> str:
    return name.rsplit("}", 1)[-1]
