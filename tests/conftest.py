"""Fixtures for every test: a scorer without weights, the project's own discussions, the folder of shared material."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from data.records import Article, Comment
from model.scores import ATTRIBUTES, CommentScores

# As many processes as there are cores run the tests; torch with as many threads again in each is ten times slower. Set
# here, since torch reads it when it is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


class FakeScorer:
    """Scores that follow from the text alone: its share of capitals is the toxicity, its length the relevance."""

    version = "fake-1"

    def score(
        self,
        comments: Sequence[Comment],
        article: Article | None = None,
        *,
        spans: bool = False,
        any_language: bool = False,
    ) -> list[CommentScores]:
        return [_scored(comment.text, article) for comment in comments]


def _scored(text: str, article: Article | None) -> CommentScores:
    if not text.strip():
        return CommentScores(dict.fromkeys(ATTRIBUTES), None, "empty")
    shout = sum(letter.isupper() for letter in text) / len(text)
    scores: dict[str, float | None] = dict.fromkeys(ATTRIBUTES, round(shout, 4))
    scores["relevance"] = None if article is None else min(len(text) / 100, 1.0)
    return CommentScores(scores, "en")


@pytest.fixture
def scorer() -> FakeScorer:
    """A scorer that needs no weights; its scores follow from the text."""
    return FakeScorer()


@pytest.fixture
def shared() -> Path:
    """The folder of shared material; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("needs the folder ../shared")
    return SHARED


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reads the developer's own settings or writes to the developer's own database."""
    for name in [name for name in os.environ if name.startswith("BELOWLINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BELOWLINE_DATABASE_URL", f"sqlite:///{tmp_path}/desk.sqlite3")
