"""Scored archives on the desk: stored once, judged by the newsroom's policy of today."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from data.records import Comment
from model.scores import ATTRIBUTES, CommentScores
from service.archive.columns import scored_row
from service.archive.intake import import_rows
from service.archive.reading import Row, article_of
from service.archive.writing import row_writer
from service.commands.archive import archive
from service.policy import Policy
from service.settings import read_settings
from service.store import Store, open_store


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
    missing = CliRunner().invoke(archive, ["import", str(tmp_path / "none.csv"), "--site", "paper"])
    assert (missing.exit_code, "no such file" in missing.stderr) == (1, True)
