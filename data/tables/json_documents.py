"""A JSON document that holds a list of comments: where the list hangs, and what answers what."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Collection, Iterator
from typing import Any

import ijson

from data.tables.json_files import Record

_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{|\[\s*\{)\s*"(?:[^"\\]|\\.){0,200}"\s*:')


def is_json(head: bytes) -> bool:
    """Tell JSON, whole or cut off, from a text that begins with a bracket."""
    return _JSON.match(head) is not None


def comment_list(head: bytes, text_names: Collection[str]) -> str | None:
    """Return the path of the list whose objects have a text (`item`, `comments.item`); None where the document is such
    an object itself, or has no such list where it begins. Of several it is the first that is named after comments.
    """
    found: dict[str, None] = {}
    try:
        for path, event, value in ijson.parse(io.BytesIO(head), multiple_values=True):
            if event == "map_key" and value.lower() in text_names:
                if not path:
                    return None
                if _is_of_list(path):
                    found[path] = None
            elif not path and event in ("end_map", "end_array"):
                break
    except ijson.JSONError:
        pass
    return next((path for path in found if "comment" in path.lower()), next(iter(found), None))


def _is_of_list(path: str) -> bool:
    return path.split(".").count("item") == 1 and path.endswith("item")


def with_answers(record: Record, text: str, own_id: str | None) -> Iterator[tuple[Record, str | None]]:
    """Yield a comment and then the answers in lists inside it, each with the id of what it answers."""
    waiting: list[tuple[Record, str | None]] = [(record, None)]
    while waiting:
        found, parent = waiting.pop()
        yield found, parent
        own = found.get(own_id) if own_id else None
        name = None if own is None else str(own)
        waiting += [(answer, name) for answer in reversed(_answers(found, text))]


def as_line(record: Record) -> bytes:
    """Return a comment without what hangs below it, as one line of JSON."""
    own = {name: value for name, value in record.items() if not isinstance(value, (dict, list))}
    return json.dumps(own, ensure_ascii=False, default=str).encode("utf-8", "replace")


def _answers(record: Record, text: str) -> list[Record]:
    lists: list[Any] = [value for value in record.values() if isinstance(value, list)]
    return [one for values in lists for one in values if isinstance(one, dict) and text in one]
