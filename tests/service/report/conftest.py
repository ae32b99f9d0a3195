"""Scored rows, and the files that `belowline score` makes of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.records import Comment
from model.scores import ATTRIBUTES, CommentScores
from service.archive.columns import scored_row
from service.archive.reading import Row, article_of
from service.archive.writing import row_writer
from service.policy import Policy

NASTY = '<script>alert("x")</script> & <b>bold</b>'


def scored(number: int, **scores: float | None) -> dict[str, Any]:
    """One scored row: everything at 0.1 but what is given."""
    values: dict[str, float | None] = {**dict.fromkeys(ATTRIBUTES, 0.1), "relevance": 0.9, **scores}
    comment = Comment(str(number), f"comment {number} {NASTY}", "Ann", f"2024-{number % 12 + 1:02d}-03T04:05:06Z")
    row = Row(f"file{number % 2}.csv", comment, article_of(f"Article {number % 4} 🎉"))
    return scored_row(row, CommentScores(values, "en"), Policy(), "fake-1")


@pytest.fixture
def rows() -> list[dict[str, Any]]:
    """Forty comments: every fourth toxic, all of them under one article; one in ten in another language."""
    rows = [scored(number, toxicity=0.8 if number % 4 == 0 else 0.1, sarcasm=number / 40) for number in range(40)]
    for row in rows[::10]:
        row.update({**dict.fromkeys(ATTRIBUTES), "language": "de", "reasons": [], "recommendation": "publish"})
    return rows


@pytest.fixture
def write(tmp_path: Path) -> Callable[[list[dict[str, Any]], str], Path]:
    """Write rows as `belowline score` does."""

    def write_(rows: list[dict[str, Any]], name: str) -> Path:
        with (tmp_path / name).open("wb") as stream:
            writer = row_writer(stream, name.rsplit(".", 1)[-1])
            writer.write(rows)
            writer.close()
        return tmp_path / name

    return write_
