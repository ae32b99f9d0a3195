"""Scored archives on the desk: stored once, judged by the newsroom's policy of today."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from data.records import Comment
from model.scores import ATTRIBUTES, CommentScores
from service.archive.columns import scored_row
from service.archive.intake import import_rows
from service.archive.reading import Row, article_of
from service.archive.writing import json_line, row_writer
from service.commands.archive import archive
from service.policy import Policy
from service.settings import read_settings
from service.store import Store, open_store
from service.store.tables import comment as comments


@pytest.fixture
def store() -> Iterator[Store]:
    """The store of the settings, which a test's own folder holds."""
    with open_store(read_settings().database_url) as opened:
        yield opened


@pytest.fixture
def rows() -> list[dict[str, Any]]:
    """Twelve comments on three articles, every third one insulting, one in German."""
    found = []
    for number in range(12):
        scores = {**dict.fromkeys(ATTRIBUTES, 0.05), "relevance": 0.9, "insult": 0.9 if number % 3 == 0 else 0.1}
        scored = CommentScores(scores, "en")
        if number == 5:
            scored = CommentScores(dict.fromkeys(ATTRIBUTES), "de", "language")
        comment = Comment(
            f"c{number}", f"words {number} 🎉", "Ann", "2020-01-02", f"c{number - 1}" if number % 4 else None
        )
        found.append(
            scored_row(Row("a.csv", comment, article_of(f"Article {number // 4}")), scored, Policy(), "fake-1")
        )
    return found


def test_a_scored_archive_is_stored_and_queued_once(store: Store, rows: list[dict[str, Any]]) -> None:
    first = import_rows(store, [rows[:7], rows[7:]], site="paper")
    assert (first.new, first.queued, first.unchanged) == (12, 4, 0)
    again = import_rows(store, [rows], site="paper")
    assert (again.new, again.queued, again.unchanged) == (0, 0, 12)


def test_an_edited_text_is_judged_afresh(store: Store, rows: list[dict[str, Any]]) -> None:
    import_rows(store, [rows], site="paper")
    changed = [{**rows[1], "text": "other words", "insult": 0.95}]
    assert (import_rows(store, [changed], site="paper").edited) == 1


def test_what_the_policy_publishes_can_be_left_out(store: Store, rows: list[dict[str, Any]]) -> None:
    imported = import_rows(store, [rows], site="paper", only_review=True)
    assert (imported.new, imported.passed_over) == (4, 8)


def _of(source: str, own: str, text: str, parent: str | None = None) -> dict[str, Any]:
    """A scored row under the one headline that all of these have."""
    comment = Comment(own, text, parent_id=parent)
    scores = CommentScores(dict.fromkeys(ATTRIBUTES, 0.05), "en")
    return scored_row(Row(source, comment, article_of("Bus late")), scores, Policy(), "fake-1")


def _stored(store: Store) -> dict[str, tuple[str, str | None]]:
    """Text -> id and parent's id of every comment."""
    with store.database.read() as connection:
        found = connection.execute(select(comments.c.text, comments.c.external_id, comments.c.parent_id))
        return {row.text: (row.external_id, row.parent_id) for row in found}


def test_comments_of_two_files_whose_ids_coincide_are_all_kept(store: Store) -> None:
    january = [_of("jan.csv", "0", "one"), _of("jan.csv", "1", "two", "0")]
    february = [_of("feb.csv", "1", "four", "0"), _of("feb.csv", "0", "three"), _of("feb.csv", "2", "five", "1")]
    batches = [january, february]
    first = import_rows(store, batches, site="jf")
    assert (first.new, first.edited, first.unchanged) == (5, 0, 0)
    stored = _stored(store)
    assert stored["one"] == ("0", None)
    assert stored["two"] == ("1", "0")
    assert stored["three"][0].startswith("0~")
    assert stored["four"][1] == stored["three"][0]
    assert stored["five"] == ("2", stored["four"][0])
    again = import_rows(store, batches, site="jf")
    assert (again.new, again.edited, again.unchanged) == (0, 0, 5)
    assert _stored(store) == stored


def test_an_id_that_stands_twice_in_one_file_loses_no_comment(store: Store) -> None:
    batches = [[_of("a.csv", "1", "one"), _of("a.csv", "1", "other")], [_of("a.csv", "2", "two", "1")]]
    assert import_rows(store, batches, site="paper").new == 3
    assert _stored(store)["two"] == ("2", "1")
    again = import_rows(store, batches, site="paper")
    assert (again.new, again.edited, again.unchanged) == (0, 0, 3)


def test_the_same_comment_in_two_files_is_one(store: Store) -> None:
    imported = import_rows(store, [[_of("a.csv", "1", "one")], [_of("b.csv", "1", "one")]], site="paper")
    assert (imported.new, imported.edited, imported.unchanged) == (1, 0, 1)


def test_the_command_says_what_changed(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    path = tmp_path / "scored.parquet"
    with path.open("wb") as stream:
        writer = row_writer(stream, "parquet")
        writer.write(rows)
        writer.close()
    result = CliRunner().invoke(archive, ["import", str(path), "--site", "paper"])
    assert (result.exit_code, result.stderr) == (
        0,
        "scored.parquet: 12 new, 0 edited, 0 unchanged; 4 queued for review.\n",
    )
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(b"".join(json_line({**row, "reasons": []}) for row in rows).replace(b'"author"', b'"writer"'))
    refused = CliRunner().invoke(archive, ["import", str(cut), "--site", "paper"])
    assert (refused.exit_code, 'it has no column "author"' in refused.stderr) == (1, True)
    missing = CliRunner().invoke(archive, ["import", str(tmp_path / "none.csv"), "--site", "paper"])
    assert (missing.exit_code, "no such file" in missing.stderr) == (1, True)
