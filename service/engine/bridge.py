"""The engine as a plain `Scorer`, for code that runs on a worker thread and knows nothing of the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from data.records import Article, Comment
from model.scores import CommentScores
from service.engine.engine import Engine


class EngineScorer:
    """Scores through the engine's line and cache; call it from any thread but the event loop's own."""

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop) -> None:
        self._engine = engine
        self._loop = loop

    @property
    def version(self) -> str:
        return self._engine.scorer.version

    def score(
        self,
        comments: Sequence[Comment],
        article: Article | None = None,
        *,
        spans: bool = False,
        any_language: bool = False,
    ) -> list[CommentScores]:
        """Wait for the engine; `ScorerBusy` passes through."""
        scoring = self._engine.score(comments, article, spans=spans, any_language=any_language)
        return asyncio.run_coroutine_threadsafe(scoring, self._loop).result()
