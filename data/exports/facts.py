"""From a record to facts: an article, an author's name, or comments with the answers nested in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from data.exports.formats import ArticleShape, CommentShape, Format, Names, PersonShape
from data.exports.places import Record, holds, named_text_at, place, text_at
from data.exports.texts import iso, public_name, read_text
from data.records import Article, Comment, Status

MOST_NESTED = 1_000  # levels of answers inside answers; deeper ones are left out
ONLY, ROOT, ENCLOSING = "only", "root", "enclosing"


@dataclass(frozen=True, slots=True)
class ArticleFact:
    """An article under its key; `lone`: it is told of without comments too."""

    key: str
    article: Article
    lone: bool


@dataclass(frozen=True, slots=True)
class PersonFact:
    """The name of an author who is known by a key elsewhere."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class CommentFact:
    """A comment with the key of its article; None where that follows from the chain of parents."""

    article: str | None
    comment: Comment
    about: Article | None = None
    author_key: str | None = None
    alias: str | None = None
    level: int | None = None
    opens: bool = False
    title: str | None = None


Fact = ArticleFact | PersonFact | CommentFact


def facts_of(format_: Format, name: str, record: Record, enclosing: str = "") -> Iterator[Fact]:
    """Yield what a record of this name says; `enclosing` is the key of the article around it."""
    for article in format_.articles:
        if name in article.record and (found := _unwrapped(record, article.unwrap)) and _fits(found, article.where):
            key = _key(found, article.key, enclosing)
            if key is not None:
                yield ArticleFact(key, _article(found, article), _fits(found, article.lone))
                for child in _list_at(found, article.comments):
                    yield from _comments(format_.comments[0], child, key)
    for person in format_.people:
        if name in person.record and _fits(record, person.where):
            yield from _person(person, record)
    for comment in format_.comments:
        if name in comment.record:
            yield from _comments(comment, record, enclosing)


def _unwrapped(record: Any, inside: str | None) -> Any:
    """Return the record inside its node; an object that has no such wrapping is the record."""
    found = place(inside).find(record) if inside else None
    return found if isinstance(found, dict) else record


def _fits(record: Record, where: tuple[tuple[str, str], ...]) -> bool:
    return all(holds(record, spots, pattern) for spots, pattern in where)


def _key(record: Record, source: Names, enclosing: str) -> str | None:
    if source[0] in (ONLY, ENCLOSING):
        return enclosing or ONLY
    return text_at(record, source)


def _article(record: Record, shape: ArticleShape) -> Article:
    text = text_at(record, shape.text)
    words = read_text(text, shape.markup)[0] if text else ""
    return Article(
        title=_line(text_at(record, shape.title)),
        paragraphs=tuple(piece.strip() for piece in words.split("\n\n") if piece.strip()),
        byline=public_name(text_at(record, shape.byline)),
        published=_date(record, shape.published, shape.zone),
        url=_prefixed(record, shape.url, shape.prefix),
    )


def _line(text: str | None) -> str | None:
    """A title is one line of plain text, escaped or not."""
    return " ".join(read_text(text, "html")[0].split()) or None if text else None


def _date(record: Record, source: Names, zone: Mapping[str, str]) -> str | None:
    for spot in source:
        found = named_text_at(record, [spot])
        if found and (date := iso(found[1], zone.get(found[0], ""))):
            return date
    return None


def _prefixed(record: Record, source: Names, prefix: Mapping[str, str]) -> str | None:
    found = named_text_at(record, source)
    if found is None:
        return None
    name, url = found
    return url.strip() if "://" in url else prefix.get(name, "") + url.strip()


def _person(shape: PersonShape, record: Record) -> Iterator[PersonFact]:
    key, name = text_at(record, shape.key), public_name(text_at(record, shape.name))
    if key and name:
        yield PersonFact(key, name)


def _comments(shape: CommentShape, record: Any, enclosing: str) -> Iterator[CommentFact]:
    """Yield a comment and the answers nested in it, in the order of reading."""
    waiting: list[tuple[Any, CommentFact | None, int]] = [(record, None, 0)]
    while waiting:
        node, above, depth = waiting.pop()
        found = _unwrapped(node, shape.unwrap)
        if not isinstance(found, dict):
            continue
        own = None
        if _fits(found, shape.where) and (fact := _comment(shape, found, enclosing, above)):
            own = fact
            yield fact
        if depth < MOST_NESTED:
            children = [child for source in shape.children for child in _list_at(node, source)]
            waiting.extend((child, own or above, depth + 1) for child in reversed(children))


def _list_at(record: Any, source: str | None) -> list[Any]:
    return place(source).find_all(record) if source else []


def _comment(shape: CommentShape, record: Record, enclosing: str, above: CommentFact | None) -> CommentFact | None:
    own = text_at(record, shape.id)
    if own is None:
        return None
    parent = text_at(record, shape.parent)
    raw = text_at(record, shape.text) or ""
    words, quotes = read_text(raw, shape.markup)
    extra: dict[str, Any] = {"quotes": quotes} if quotes else {}
    if votes := text_at(record, shape.votes):
        extra["votes"] = _number(votes)
    comment = Comment(
        id=own.strip(),
        text=words,
        author=public_name(text_at(record, shape.author)),
        published=_date(record, shape.published, shape.zone),
        parent_id=(None if parent is None or parent.strip() in shape.tops else parent.strip())
        or (above.comment.id if above else None),
        status=_status(shape, record),
        extra=extra,
    )
    level = text_at(record, shape.level)
    return CommentFact(
        article=_article_key(shape, record, enclosing, above),
        comment=comment,
        about=_about(shape, record),
        author_key=text_at(record, shape.author_key),
        alias=text_at(record, shape.alias),
        level=int(level) if level and level.isdigit() else None,
        opens=shape.opens is not None and holds(record, *shape.opens),
        title=_line(text_at(record, shape.title)),
    )


def _article_key(shape: CommentShape, record: Record, enclosing: str, above: CommentFact | None) -> str | None:
    """Return the key of the article; answers that name none have that of the comment above, others one of their own."""
    if shape.article[0] == ROOT:
        return None
    return _key(record, shape.article, enclosing) or (above.article if above else None) or ONLY


def _about(shape: CommentShape, record: Record) -> Article | None:
    if not shape.about:
        return None
    url = _prefixed(record, shape.about.get("url", ()), shape.prefix)
    return Article(title=_line(text_at(record, shape.about.get("title", ()))), url=url)


def _number(text: str) -> int | float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return int(value) if value.is_integer() else value


def _status(shape: CommentShape, record: Record) -> Status | None:
    """The first rule that holds decides; without one the usual status, if the record speaks of status at all."""
    for spots, pattern, status in shape.status:
        if holds(record, spots, pattern):
            return status
    spoken = shape.always or any(
        place(spot).find(record) is not None for spots, _, _ in shape.status for spot in spots.split("|")
    )
    return shape.usual if spoken else None
