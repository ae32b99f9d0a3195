"""Lists of articles with comments: the comments are read, each under its article, and no article is one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from data.tables.columns import ANY_COLUMNS, Columns
from data.tables.lines import Reject
from data.tables.opening import open_input
from data.tables.rows import TableRow, read_table, table_kind

BRIDGE = {"title": "Bridge\nclosed", "text": "Until May.", "comments": [{"id": 1, "text": "Why?"}]}
FERRY = {
    "title": "Ferry",
    "text": "Later now.",
    "comments": [{"id": 2, "text": "At last.", "replies": [{"text": "!"}]}],
}
ROWS = [
    TableRow("1", "Why?", article="Bridge closed\nUntil May."),
    TableRow("2", "At last.", article="Ferry\nLater now."),
    TableRow("2", "!", "2", article="Ferry\nLater now."),
]


def read(path: Path, raw: str, columns: Columns = ANY_COLUMNS) -> list[TableRow | Reject]:
    path.write_text(raw, encoding="utf-8")
    with open_input(str(path)) as opened:
        kind = table_kind(path.name, opened.head, columns.text)
        assert kind is not None
        return list(read_table(opened, kind, columns))


@pytest.mark.parametrize("around", [lambda articles: articles, lambda articles: {"data": {"articles": articles}}])
def test_comments_of_listed_articles_are_read_under_their_articles(tmp_path: Path, around: Any) -> None:
    assert read(tmp_path / "x.json", json.dumps(around([BRIDGE, FERRY]))) == ROWS


@pytest.mark.parametrize("name", ["x.jsonl", "x.json"])
def test_so_are_those_of_an_article_per_line(tmp_path: Path, name: str) -> None:
    assert read(tmp_path / name, f"{json.dumps(BRIDGE)}\n{json.dumps(FERRY)}\n") == ROWS


@pytest.mark.parametrize("title", [{"headline": "Bridge"}, {}])
def test_articles_and_comments_may_name_their_texts_differently(tmp_path: Path, title: dict[str, str]) -> None:
    raw = json.dumps([title | {"content": ["Closed.", "Until May."], "comments": [{"id": 1, "body": "Why?"}]}])
    about = "\n".join((*title.values(), "Closed.", "Until May."))
    assert read(tmp_path / "x.json", raw) == [TableRow("1", "Why?", article=about)]


def test_articles_without_a_text_and_those_in_an_object_of_their_own_are_articles(tmp_path: Path) -> None:
    bare = {"title": "Bridge", "comments": {"count": 1, "data": [{"text": "Why?"}]}}
    inner = {"article": {"title": "Ferry"}, "comments": [{"text": "At last."}]}
    found = read(tmp_path / "x.json", json.dumps([bare, inner]))
    assert found == [TableRow("0", "Why?", article="Bridge"), TableRow("1", "At last.", article="Ferry")]


def test_an_article_without_comments_is_none_even_where_it_comes_first(tmp_path: Path) -> None:
    silent = {"title": "Silent", "text": "Nobody said a word.", "comments": []}
    for name, join in (("x.jsonl", "\n".join), ("x.json", lambda lines: f"[{','.join(lines)}]")):
        assert read(tmp_path / name, join(map(json.dumps, (silent, BRIDGE)))) == ROWS[:1]


def test_a_comment_of_an_article_that_cannot_be_read_is_rejected(tmp_path: Path) -> None:
    raw = json.dumps(
        [BRIDGE, {"title": "T", "text": "x", "tags": ["t"], "comments": ["bare", {"id": 3}, {"text": []}]}]
    )
    found = read(tmp_path / "x.json", raw)
    assert found[0] == ROWS[0]
    assert found[1:] == [
        Reject(2, "has a comment that is not a JSON object", b'"bare"'),
        Reject(2, 'has no "text"', b'{"id": 3}'),
        Reject(2, '"text" is not text', b"{}"),
    ]


def test_an_answer_with_another_name_for_its_text_is_rejected_and_not_lost(tmp_path: Path) -> None:
    found = read(tmp_path / "x.json", json.dumps([{"id": 1, "text": "a", "replies": [{"id": 2, "body": "b"}]}]))
    assert found == [TableRow("1", "a"), Reject(1, 'has no "text"', b'{"id": 2, "body": "b"}')]


@pytest.mark.parametrize(
    "record",
    [
        {"id": 1, "text": "a", "comments": [{"id": 2, "text": "b"}]},  # a comment with answers
        {"id": 1, "title": "Re", "text": "a", "parent": None, "comments": [{"id": 2, "text": "b"}]},
    ],
)
def test_what_has_no_title_or_a_parent_is_a_comment(tmp_path: Path, record: dict[str, Any]) -> None:
    expected = [TableRow("1", "a"), TableRow("2", "b", "1")]
    assert read(tmp_path / "x.json", json.dumps([record])) == expected
    assert read(tmp_path / "y.json", json.dumps({"comments": [record | {"title": "Re"}]})) == expected


def test_a_named_article_column_is_taken_from_the_article(tmp_path: Path) -> None:
    found = read(tmp_path / "x.json", json.dumps([BRIDGE]), Columns(article="title"))
    assert found == [TableRow("1", "Why?", article="Bridge\nclosed")]
