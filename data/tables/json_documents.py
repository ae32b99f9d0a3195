"""A JSON document that holds a list of comments: where the list hangs, and what answers what."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress

import ijson

from data.tables.json_articles import answers_in, is_article, is_named, names_in
from data.tables.json_files import Record

_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{|\[\s*\{)\s*"(?:[^"\\]|\\.){0,200}"\s*:')


def is_json(head: bytes) -> bool:
    """Tell JSON, whole or cut off, from a text that begins with a bracket."""
    return _JSON.match(head) is not None


def comment_list(head: bytes, text_names: Collection[str]) -> str | None:
    """Return the path of the list whose objects have a text (`item`, `comments.item`), of several the first that is
    named after comments; None where there is none in the beginning, or where documents with a text follow each other.

    A single document with a text of its own is an article: only a list named after comments counts in it. The comments
    of listed articles hang in lists of their own (`item.comments.item`).
    """
    found: dict[str, None] = {}
    names: dict[str, set[str]] = {}
    documents = 0
    with suppress(ijson.JSONError):
        for path, event, value in ijson.parse(io.BytesIO(head), multiple_values=True):
            documents += not path and event in ("start_map", "start_array")
            if documents > 1:
                break
            if event == "map_key":
                names.setdefault(path, set()).add(value.lower())
                if value.lower() in text_names and path.endswith("item"):
                    found[path] = None
    lists = [path for path in found if outermost(path) == path]
    best = next(filter(is_named, lists), None)
    best = best or next((path for path in found if _is_below_articles(path, names, text_names)), None)
    if not names.get("", set()).isdisjoint(text_names):
        return best if documents == 1 else None
    return best or next(iter(lists), None)


def outermost(path: str) -> str:
    """Return the path of the outer list where a list hangs in the objects of another, else the path itself."""
    parts = path.split(".")
    return ".".join(parts[: parts.index("item") + 1]) if "item" in parts else path


def _is_below_articles(path: str, names: Mapping[str, set[str]], text_names: Collection[str]) -> bool:
    outer = outermost(path)
    inner = path.removeprefix(outer).removesuffix(".item").split(".")[1:]
    if not 1 <= len(inner) <= 2 or "item" in inner or is_named(outer) or not is_named(inner[0]):
        return False
    return is_article(names.get(outer, set()), names[path], text_names)


def with_answers(
    record: Record, text_names: Collection[str], own_id: str | None
) -> Iterator[tuple[Record, str | None]]:
    """Yield a comment and then its answers, from lists in it that are named so, with the id of what each answers."""
    waiting: list[tuple[Record, str | None]] = [(record, None)]
    while waiting:
        found, parent = waiting.pop()
        yield found, parent
        own = found.get(own_id) if own_id else None
        name = None if own is None else str(own)
        answers = (one for one in answers_in(found) if isinstance(one, dict) and names_in(one) & set(text_names))
        waiting += [(answer, name) for answer in reversed(list(answers))]


def as_line(record: object) -> bytes:
    """Return a comment without what hangs below it, as one line of JSON."""
    own = record
    if isinstance(record, dict):
        own = {name: value for name, value in record.items() if not isinstance(value, (dict, list))}
    return json.dumps(own, ensure_ascii=False, default=str).encode("utf-8", "replace")
