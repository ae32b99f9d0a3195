"""The formats of `formats.toml` as objects, checked when they are read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from data.records import Kind, Status

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArticleShape:
    """Where a record of an article keeps what."""

    key: Names
    record: Names = ("",)
    unwrap: str | None = None
    title: Names = ()
    url: Names = ()
    byline: Names = ()
    published: Names = ()
    text: Names = ()
    markup: str = "plain"
    comments: str | None = None
    zone: Mapping[str, str] = field(default_factory=dict)
    prefix: Mapping[str, str] = field(default_factory=dict)
    where: tuple[tuple[str, str], ...] = ()
    lone: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PersonShape:
    """Where a record of an author keeps key and name."""

    key: Names
    name: Names
    record: Names = ("",)
    where: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CommentShape:
    """Where a record of a comment keeps what."""

    article: Names
    id: Names
    record: Names = ("",)
    unwrap: str | None = None
    children: Names = ()
    about: Mapping[str, Names] = field(default_factory=dict)
    prefix: Mapping[str, str] = field(default_factory=dict)
    parent: Names = ()
    tops: Names = ()
    alias: Names = ()
    level: Names = ()
    opens: tuple[str, str] | None = None
    title: Names = ()
    author: Names = ()
    author_key: Names = ()
    published: Names = ()
    zone: Mapping[str, str] = field(default_factory=dict)
    text: Names = ()
    markup: str = "plain"
    votes: Names = ()
    status: tuple[tuple[str, str, Status], ...] = ()
    usual: Status | None = None
    always: bool = False
    where: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """One platform's export."""

    name: str
    carrier: str
    sniff: tuple[Names, ...]
    kind: Kind
    first: str | None
    beside: Mapping[str, str]
    window: int | None
    query: str
    articles: tuple[ArticleShape, ...]
    people: tuple[PersonShape, ...]
    comments: tuple[CommentShape, ...]

    @property
    def records(self) -> frozenset[str]:
        """Every path, element or companion file that holds records."""
        shapes: tuple[ArticleShape | PersonShape | CommentShape, ...] = (*self.articles, *self.people, *self.comments)
        return frozenset(name for shape in shapes for name in shape.record)


@cache
def formats() -> Mapping[str, Format]:
    """Every format by its name, in the order in which they are tried."""
    table = tomllib.loads((Path(__file__).parent / "formats.toml").read_text(encoding="utf-8"))
    return {name: _format(name, values) for name, values in table.items()}


def _format(name: str, values: dict[str, Any]) -> Format:
    return Format(
        name=name,
        carrier=values["carrier"],
        sniff=tuple(tuple(needed) for needed in values["sniff"]),
        kind=Kind(values.get("kind", "article")),
        first=values.get("first"),
        beside=values.get("beside", {}),
        window=values.get("window"),
        query=values.get("query", ""),
        articles=tuple(ArticleShape(**_arguments(ArticleShape, entry)) for entry in values.get("articles", ())),
        people=tuple(PersonShape(**_arguments(PersonShape, entry)) for entry in values.get("people", ())),
        comments=tuple(CommentShape(**_arguments(CommentShape, entry)) for entry in values["comments"]),
    )


def _arguments(shape: type, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Turn what TOML gives into what the shapes hold: one place or several become a tuple."""
    types = {spot.name: spot.type for spot in fields(shape)}
    arguments: dict[str, Any] = {}
    for name, value in entry.items():
        arguments[name] = _names(value) if types[name] == "Names" else value
    if "about" in entry:
        arguments["about"] = {name: _names(value) for name, value in entry["about"].items()}
    if "status" in entry:
        arguments["status"] = tuple((spot, pattern, Status(word)) for spot, pattern, word in entry["status"])
    if "usual" in entry:
        arguments["usual"] = Status(entry["usual"])
    for name in ("where", "lone", "opens"):
        if name in entry:
            arguments[name] = tuple(tuple(rule) if isinstance(rule, list) else rule for rule in entry[name])
    return arguments


def _names(value: str | list[str]) -> Names:
    return (value,) if isinstance(value, str) else tuple(value)
