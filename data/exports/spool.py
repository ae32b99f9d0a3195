"""Facts to discussions: comments in any order are gathered by article, on disk when they are many.

The spool is a temporary SQLite database that its library keeps in memory while it is small (`sqlite3.connect("")`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from data.exports.facts import ROOT, ArticleFact, CommentFact, Fact, PersonFact
from data.exports.formats import Format
from data.records import Article, Comment, Coverage, Discussion, Status

MOST_COMMENTS = 20_000  # in one discussion; the rest of its thread follows in another
MOST_DEPTH = 1_000
TABLES = """
create table article (key text primary key, place integer, facts text, lone integer) without rowid;
create table person (key text primary key, name text) without rowid;
create table comment (place integer primary key, key text, id text, parent text, alias text, facts text);
create index by_article on comment (key, place);
"""


class Spool:
    """Gathers facts, then yields discussions in the order in which their articles or comments first appeared."""

    def __init__(self, format_: Format, source: str) -> None:
        self.format, self.source = format_, source
        self.database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self.database.executescript("pragma journal_mode = off; pragma synchronous = off;" + TABLES + "begin;")
        self.count = 0
        self.comments = 0
        self.warnings: list[str] = []
        self.levels: list[str] = []
        self.described: set[str] = set()
        self.rooted = any(shape.article[0] == ROOT for shape in format_.comments)

    def empty(self) -> None:
        """Forget articles and comments; names stay."""
        self.database.execute("delete from comment")
        self.database.execute("delete from article")
        self.described.clear()
        self.comments = 0

    def close(self) -> None:
        """Give the disk back."""
        self.database.close()

    def warn(self, sentence: str) -> None:
        """Keep a sentence for the first discussion; many are counted only."""
        if len(self.warnings) < 20:
            self.warnings.append(sentence)

    def add(self, fact: Fact) -> None:
        """Take one fact."""
        self.count += 1
        if isinstance(fact, ArticleFact):
            self._add_article(fact.key, fact.article, named=True, lone=fact.lone)
        elif isinstance(fact, PersonFact):
            self.database.execute("insert or replace into person values (?, ?)", (fact.key, fact.name))
        else:
            self._add_comment(fact)

    def _add_article(self, key: str, article: Article, *, named: bool, lone: bool = True) -> None:
        """Keep an article; what its own record says goes before what its comments say of it."""
        facts = [article.title, list(article.paragraphs), article.byline, article.published, article.url]
        if row := self.database.execute("select facts from article where key = ?", (key,)).fetchone():
            known = json.loads(row[0])
            pairs = zip(facts, known, strict=True) if named else zip(known, facts, strict=True)
            facts = [first or second for first, second in pairs]
            self.database.execute("update article set facts = ? where key = ?", (json.dumps(facts), key))
            return
        self.database.execute("insert into article values (?, ?, ?, ?)", (key, self.count, json.dumps(facts), lone))

    def _add_comment(self, fact: CommentFact) -> None:
        self.comments += 1
        comment = fact.comment
        if fact.about is not None and fact.article is not None and fact.article not in self.described:
            self._add_article(fact.article, fact.about, named=False)
            if len(self.described) < 100_000:
                self.described.add(fact.article)
        parent = comment.parent_id if fact.level is None else self._above(fact.level, comment.id)
        status = None if comment.status is None else str(comment.status)
        facts: list[Any] = [comment.text, comment.author, comment.published, status, dict(comment.extra)]
        facts += [fact.author_key, fact.opens, fact.title]
        self.database.execute(
            "insert into comment values (?, ?, ?, ?, ?, ?)",
            (self.count, fact.article, comment.id, parent, fact.alias, json.dumps(facts)),
        )

    def _above(self, level: int, own: str) -> str | None:
        """Where the file gives levels only: the parent is the last comment one level up."""
        del self.levels[level:]
        parent = self.levels[-1] if self.levels else None
        self.levels.append(own)
        return parent

    def discussions(self) -> Iterator[Discussion]:
        """Yield everything gathered."""
        self._settle_roots()
        order = """
            select key from (select key, place from article union all select key, min(place) from comment group by key)
            group by key order by min(place)
        """
        for (key,) in self.database.execute(order):
            yield from self._thread(key)

    def _settle_roots(self) -> None:
        """Give comments that name no article the root of their chain of parents."""
        query = "select id, parent from comment where key is null"
        parents: dict[str, str | None] = dict(self.database.execute(query))
        self.database.create_function("root", 1, lambda own: _root(own, parents), deterministic=True)
        self.database.execute("update comment set key = root(id) where key is null")

    def _thread(self, key: str) -> Iterator[Discussion]:
        article = self._article(key)
        opening = self._opening(key)
        if opening is not None:
            article = self._opened(article, opening)
        elif article is None:
            article = Article(url=key if key.startswith(("http://", "https://")) else None)
        pieces = self._comments(key, opening)
        first = next(pieces, ())
        if not first and not self._is_told(key, article):
            return
        yield self._discussion(article, first)
        for more in pieces:
            yield replace(self._discussion(article, more), warnings=("Continues the discussion before it.",))

    def _is_told(self, key: str, article: Article) -> bool:
        """Whether an article is of interest that has no comments."""
        row = self.database.execute("select lone from article where key = ?", (key,)).fetchone()
        return (row is None or bool(row[0])) and bool(article.title or article.paragraphs or article.url)

    def _discussion(self, article: Article, comments: tuple[Comment, ...]) -> Discussion:
        warnings, self.warnings = tuple(self.warnings), []
        return Discussion(
            article,
            comments,
            source=self.source,
            kind=self.format.kind,
            format=self.format.name,
            coverage=Coverage(),
            warnings=warnings,
        )

    def _article(self, key: str) -> Article | None:
        row = self.database.execute("select facts from article where key = ?", (key,)).fetchone()
        if row is None:
            return None
        title, paragraphs, byline, published, url = json.loads(row[0])
        return Article(title, tuple(paragraphs), byline, published, url)

    def _opening(self, key: str) -> int | None:
        """Return the place of the comment that is the article of a thread."""
        queries = {
            "opens": "select place from comment where key = ? and json_extract(facts, '$[6]') order by place limit 1",
            "least id": "select place from comment where key = ? order by cast(id as integer), id limit 1",
            "root": "select place from comment where key = ? and id = key order by place limit 1",
        }
        if self.format.first is None:
            return None
        row = self.database.execute(queries[self.format.first], (key,)).fetchone()
        return None if row is None else int(row[0])

    def _opened(self, article: Article | None, place: int) -> Article:
        row = self.database.execute("select id, parent, facts from comment where place = ?", (place,)).fetchone()
        first, title = self._comment(*row), json.loads(row[2])[7]
        known = article or Article()
        return Article(
            title=known.title or title,
            paragraphs=known.paragraphs or tuple(piece for piece in first.text.split("\n\n") if piece.strip()),
            byline=known.byline or first.author,
            published=known.published or first.published,
            url=known.url or (first.id if first.id.startswith("http") else None),
        )

    def _comment(self, own: str, parent: str | None, facts: str) -> Comment:
        text, author, published, status, extra, author_key, _, _ = json.loads(facts)
        if author is None and author_key is not None:
            row = self.database.execute("select name from person where key = ?", (author_key,)).fetchone()
            author = row[0] if row else None
        return Comment(own, text, author, published, parent, 0, None if status is None else Status(status), extra)

    def _comments(self, key: str, opening: int | None) -> Iterator[tuple[Comment, ...]]:
        """Yield a thread's comments with parents and depths settled, so many at a time."""
        parents = self._parents(key, opening)
        depths: dict[str, int] = {}
        held: list[Comment] = []
        query = "select place, id, parent, facts from comment where key = ? order by place"
        for place, own, parent, facts in self.database.execute(query, (key,)):
            if place == opening:
                continue
            comment = self._comment(own, parents.get(own, parent), facts)
            held.append(replace(comment, depth=_depth(own, parents, depths)))
            if len(held) == MOST_COMMENTS:
                yield tuple(held)
                held = []
        if held:
            yield tuple(held)

    def _parents(self, key: str, opening: int | None) -> dict[str, str | None]:
        """Return id -> parent's id; answers to the opening post or the article answer to nobody."""
        rows = self.database.execute("select place, id, parent, alias from comment where key = ?", (key,)).fetchall()
        aliases = {alias: own for _, own, _, alias in rows if alias is not None}
        above = {own for place, own, _, _ in rows if place == opening}
        if self.rooted and self._article(key) is not None:
            above.add(key)
        found: dict[str, str | None] = {}
        for place, own, parent, _ in rows:
            if place == opening:
                continue
            named = aliases.get(parent) if aliases else parent
            found[own] = None if named in above or named == own else named
        return found


def _root(own: str, parents: Mapping[str, str | None]) -> str:
    """Follow the chain of parents to its end; a circle ends where it is noticed."""
    seen = set()
    while own not in seen and (parent := parents.get(own)) is not None:
        seen.add(own)
        own = parent
    return own


def _depth(own: str, parents: Mapping[str, str | None], depths: dict[str, int]) -> int:
    """Return how many answers up a comment stands; a parent that is not in the file counts as one."""
    chain: list[str] = []
    current: str | None = own
    while current is not None and current not in depths and len(chain) < MOST_DEPTH and current not in chain[-50:]:
        chain.append(current)
        current = parents.get(current)
    depth = depths.get(current, -1) if current is not None else -1
    for name in reversed(chain):
        depth += 1
        depths[name] = depth
    return depths[own]
