"""JSON documents: the list of comments wherever it hangs, answers inside comments, and what is cut off."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.parse import ParseError, parse
from data.tables.columns import ANY_COLUMNS, USUAL, Columns
from data.tables.json_documents import comment_list, is_json
from data.tables.lines import Reject
from data.tables.opening import InputError, open_input
from data.tables.rows import TableRow, read_table, table_kind

THREAD = {
    "article": {"title": "Bridge closed"},
    "comments": [
        {"id": 11, "body": "Again?", "replies": [{"id": 12, "body": "Calm.", "children": [{"id": 13, "body": "No."}]}]},
        {"id": 14, "body": None},
        {"id": 15, "author": "bob"},
        {"id": 16, "parent": 11, "body": "Yes, again."},
    ],
}  # fmt: skip


def read(path: Path, raw: str, columns: Columns = ANY_COLUMNS) -> list[TableRow | Reject]:
    path.write_text(raw, encoding="utf-8")
    with open_input(str(path)) as opened:
        kind = table_kind(path.name, opened.head, columns.text)
        assert kind == ("jsonl" if path.suffix == ".jsonl" else "json")
        return list(read_table(opened, kind, columns))


@pytest.mark.parametrize("indent", [None, 2])
def test_comments_and_their_answers_come_in_order_with_what_they_answer(tmp_path: Path, indent: int | None) -> None:
    found = read(tmp_path / "export.json", json.dumps(THREAD, indent=indent))
    rows = [(row.id, row.parent_id, row.text) for row in found if isinstance(row, TableRow)]
    assert rows == [
        ("11", None, "Again?"),
        ("12", "11", "Calm."),
        ("13", "12", "No."),
        ("14", None, ""),
        ("16", "11", "Yes, again."),
    ]
    assert [(row.line, row.reason) for row in found if isinstance(row, Reject)] == [(3, 'has no "body"')]


def test_a_bare_list_is_read_without_a_telling_name_and_ids_count_from_zero(tmp_path: Path) -> None:
    assert read(tmp_path / "x", '[{"text": "ä"}, {"text": "b"}]') == [TableRow("0", "ä"), TableRow("1", "b")]


def test_a_named_column_finds_its_list(tmp_path: Path) -> None:
    raw = json.dumps({"authors": [{"name": "ada"}], "rows": [{"nr": 7, "said": "Here."}]})
    assert read(tmp_path / "x.json", raw, Columns(text="said", id="nr")) == [TableRow("7", "Here.")]


def test_of_several_lists_the_one_named_after_comments_is_read(tmp_path: Path) -> None:
    raw = json.dumps({"articles": [{"id": 1, "body": "News."}], "comments": [{"id": 2, "body": "Really?"}]})
    assert read(tmp_path / "x.json", raw) == [TableRow("2", "Really?")]


def test_an_article_with_its_comments_in_one_document_is_no_comment(tmp_path: Path) -> None:
    raw = json.dumps({"title": "News", "text": "Long ago.", "tags": [{"text": "x"}], "comments": [{"text": "Really?"}]})
    assert read(tmp_path / "x.json", raw) == [TableRow("0", "Really?")]
    assert table_kind("x.json", f"{raw}\n{raw}\n".encode()) == "jsonl"  # posts, one per line
    assert table_kind("x.jsonl", raw.encode()) == "jsonl"


def test_marks_inside_a_comment_are_no_answers(tmp_path: Path) -> None:
    raw = json.dumps([{"id": 1, "text": "see this", "spans": [{"text": "this", "start": 4}]}])
    assert read(tmp_path / "x.json", raw) == [TableRow("1", "see this")]


def test_a_row_per_line_stays_a_table_even_where_its_answers_come_first() -> None:
    lines = b'{"replies": [{"text": "b"}], "text": "a"}\n{"text": "c"}\n'
    assert comment_list(lines, USUAL["text"]) is None
    assert table_kind("x.json", lines) == "jsonl"


def test_what_came_before_a_cut_is_read_and_the_cut_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('[{"id": 1, "text": "whole"}, {"id": 2, "te', encoding="utf-8")
    with open_input(str(tmp_path / "x.json")) as opened:
        rows = read_table(opened, "json")
        assert next(rows) == TableRow("1", "whole")
        with pytest.raises(InputError, match="ends in the middle"):
            next(rows)


def test_answers_of_answers_may_be_as_deep_as_json_is_read(tmp_path: Path) -> None:
    depth = 1_000
    raw = '[{"text": "x", "answers": ' * depth + "[]" + "}]" * depth
    assert len(read(tmp_path / "deep.json", raw)) == depth


@pytest.mark.parametrize(
    ("head", "json_"),
    [
        (b'{"id": 1', True),
        (b'\xef\xbb\xbf[\n {"a\\"b": [', True),
        (b"{}", False),
        (b"[1] See the notes below.", False),
        (b'["Stop", she said]', False),
        (b"{{ template }}", False),
    ],
)
def test_json_is_told_from_texts_in_brackets(head: bytes, json_: bool) -> None:
    assert is_json(head) is json_


def test_the_parser_takes_no_json_for_an_article() -> None:
    with pytest.raises(ParseError, match="is JSON, but no export that is known"):
        parse('{"comments": [{"id": 1, "te')


def test_a_column_that_the_first_row_lacks_is_found_where_it_turns_up(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"text": "a"}\n{"parent_id": 9, "text": "b"}\n{"text": "c", "id": 4}\n')
    with open_input(str(tmp_path / "x.jsonl")) as opened:
        found = list(read_table(opened, "jsonl"))
    assert found == [TableRow("0", "a"), TableRow("1", "b", "9"), TableRow("4", "c")]


def test_answers_inside_a_row_per_line_are_read_after_it(tmp_path: Path) -> None:
    lines = (
        '{"id": 1, "text": "a", "replies": [{"id": 2, "text": "b", "replies": [{"id": 3, "text": []}]}]}\n'
        '{"id": 4, "text": "c"}\n'
    )
    found = read(tmp_path / "x.jsonl", lines)
    assert found[:2] == [TableRow("1", "a"), TableRow("2", "b", "1")]
    assert found[2] == Reject(1, '"text" is not text', b'{"id": "3"}')
    assert found[3:] == [TableRow("4", "c")]


def test_a_named_column_may_be_missing_in_the_first_row_but_not_in_all(tmp_path: Path) -> None:
    lines = '{"text": "a"}\n{"text": "b", "answers": "0"}\n'
    assert read(tmp_path / "x.jsonl", lines, Columns(parent="answers")) == [TableRow("0", "a"), TableRow("1", "b", "0")]
    with pytest.raises(InputError, match='has no column "reply_to"'):
        read(tmp_path / "x.jsonl", lines, Columns(parent="reply_to"))
