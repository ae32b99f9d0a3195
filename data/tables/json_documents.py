"""A JSON document that holds a list of comments: where the list hangs, and what answers what."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any

import ijson

from data.tables.json_files import Record

_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{|\[\s*\{)\s*"(?:[^"\\]|\\.){0,200}"\s*:')

_ANSWERS = re.compile("repl|answer|child|comment|respon", re.IGNORECASE)  # not lists of marks, tags or links


def is_json(head: bytes) -> bool:
    """Tell JSON, whole or cut off, from a text that begins with a bracket."""
    return _JSON.match(head) is not None


def comment_list(head: bytes, text_names: Collection[str]) -> str | None:
    """Return the path of the list whose objects have a text (`item`, `comments.item`), of several the first that is
    named after comments; None where there is none in the beginning, or where documents with a text follow each other.

    A single document with a text of its own is an article: only a list named after comments counts in it.
    """
    found: dict[str, None] = {}
    documents, own = 0, False
    with suppress(ijson.JSONError):
        for path, event, value in ijson.parse(io.BytesIO(head), multiple_values=True):
            documents += not path and event in ("start_map", "start_array")
            if documents > 1:
                break
            if event == "map_key" and value.lower() in text_names:
                own = own or not path
                if _is_of_list(path):
                    found[path] = None
    named = next((path for path in found if "comment" in path.lower()), None)
    if own:
        return named if documents == 1 else None
    return named or next(iter(found), None)


def _is_of_list(path: str) -> bool:
    return path.split(".").count("item") == 1 and path.endswith("item")


def with_answers(record: Record, text: str, own_id: str | None) -> Iterator[tuple[Record, str | None]]:
    """Yield a comment and then its answers, from lists in it that are named so, with the id of what each answers."""
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
    lists: list[Any] = [value for name, value in record.items() if isinstance(value, list) and _ANSWERS.search(name)]
    return [one for values in lists for one in values if isinstance(one, dict) and text in one]
