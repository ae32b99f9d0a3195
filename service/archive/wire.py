"""How items travel between the machines of a cluster: as rows of an Arrow table, with the place that each is from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import pyarrow as pa

from data.records import Article, Comment, Status
from data.tables.lines import Reject
from service.archive.columns import SCHEMA
from service.archive.reading import BadInput, Item, Note, RejectedRow, Row
from service.archive.writing import table_of

OTHER = "other"  # the column of what is no row: rejects and inputs that cannot be read
INPUT = "input"  # the column that says which of the inputs, counted from 0, an item is from
TEXTS = ("source", "comment", "article", OTHER)
WIRE = pa.schema([*((name, pa.string()) for name in TEXTS), (INPUT, pa.int64())])


@dataclass(frozen=True, slots=True)
class Place:
    """How far a run has come: `items` of the input number `input` are done, and all of the inputs before."""

    input: int = 0
    items: int = 0

    def after(self, numbers: Sequence[int]) -> Place:
        """Return the place after more items, given the numbers of their inputs, in order."""
        last = numbers[-1]
        return Place(last, numbers.count(last) + (self.items if last == self.input else 0))


def sent(item: Item, number: int, path: str, source: str) -> dict[str, Any]:
    """Return an item as a row that travels; the source is again as it was given."""
    row = {"source": source, "comment": None, "article": None, OTHER: None, INPUT: number}
    if isinstance(item, Row):
        article = None if item.article is None else json.dumps(asdict(item.article))
        return {**row, "comment": json.dumps(_facts(item.comment)), "article": article}
    if isinstance(item, RejectedRow):
        told = ["reject", source, item.reject.line, item.reject.reason, item.reject.raw.decode("latin-1")]
    else:
        told = ["note" if isinstance(item, Note) else "bad", source, item.sentence.replace(path, source)]
    return {**row, OTHER: json.dumps(told)}


def _facts(comment: Comment) -> list[Any]:
    """All that a row of output tells of a comment or its scores depend on."""
    about = [comment.id, comment.text, comment.author, comment.published, comment.parent_id, comment.status]
    return [*about, comment.extra.get("quotes")]


def received(row: Mapping[str, Any]) -> Row:
    """Return the comment of a row that travelled."""
    own, text, author, published, parent, status, quotes = json.loads(row["comment"])
    extra = {"quotes": quotes} if quotes else {}
    comment = Comment(own, text, author, published, parent, status=Status(status) if status else None, extra=extra)
    return Row(row["source"], comment, None if row["article"] is None else _article(row["article"]))


@lru_cache(maxsize=256)
def _article(told: str) -> Article:
    facts = json.loads(told)
    return Article(**{**facts, "paragraphs": tuple(facts["paragraphs"])})


def other(told: str) -> Item:
    """Return what is no comment."""
    kind, source, *facts = json.loads(told)
    if kind in ("bad", "note"):
        return BadInput(source, facts[0]) if kind == "bad" else Note(source, facts[0])
    line, reason, raw = facts
    return RejectedRow(source, Reject(line, reason, raw.encode("latin-1")))


def answered(wires: Sequence[Mapping[str, Any]], scored: Mapping[int, Mapping[str, Any]]) -> pa.Table:
    """Return a table of output rows, `scored` by their index, with what is no row in its place between them."""
    nothing = {**dict.fromkeys(SCHEMA.names), "reasons": "[]"}
    table = table_of([scored.get(index, nothing) for index in range(len(wires))])
    table = table.append_column(OTHER, pa.array([wire[OTHER] for wire in wires], pa.string()))
    return table.append_column(INPUT, pa.array([wire[INPUT] for wire in wires], pa.int64()))
