"""The engine: scores off the event loop, refuses at once when full, drops work whose caller hung up.

Requests are not put together into batches: a run needs texts of one length, so four requests together gain
nothing and sixteen one comment in ten (docs/benchmarks.md), for which all of them would have to wait.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from data.records import Article, Comment
from model.scores import CommentScores, Scorer
from service.engine.cache import ScoreCache, cache_context, cache_key
from service.engine.waiting import Job, Limits, Turn, WaitingLine

log = logging.getLogger("belowline.engine")
GIVES_WAY = 10  # steps of priority: refusals at twice the capacity then took 8 to 10 ms (p99), up to 160 without
WARM_UP = Comment("warm", "A first comment, so that the first reader does not wait for the model to settle in.")
FOREIGN = Comment("words", "Quelques mots en français, pour que le détecteur des langues soit chargé aussi.")


class ScorerBusy(Exception):
    """The line in front of the scorer is full; nothing of the request was done."""


class Engine:
    """Gives requests their scores; `start` and `stop` belong to the life of the application."""

    def __init__(
        self,
        scorer: Scorer,
        *,
        threads: int,
        limits: Limits,
        cache_entries: int,
    ) -> None:
        self.scorer = scorer
        self.cache = ScoreCache(cache_entries)
        self.line = WaitingLine(limits, threads=threads, now=time.monotonic)
        self.warm = False
        self.dropped = 0
        self.scored = 0
        self._threads = [
            threading.Thread(target=self._work, name=f"scorer-{number}", daemon=True) for number in range(threads)
        ]
        self._starting = threading.Lock()

    def start(self) -> None:
        """Score one comment, so that the first request finds the model warm, and start the threads; once."""
        with self._starting:
            if self.warm or self.line.closed:
                return
            self.scorer.score([WARM_UP, FOREIGN], Article(title="A title", paragraphs=("And a paragraph.",)))
            for thread in self._threads:
                thread.start()
            self.warm = True

    def stop(self) -> None:
        """Refuse new work, finish what waits, and end the threads."""
        self.warm = False
        self.line.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    @property
    def full(self) -> bool:
        """Whether a request for scores would be refused now."""
        return self.line.full

    async def score(
        self,
        comments: Sequence[Comment],
        article: Article | None = None,
        *,
        spans: bool = False,
        any_language: bool = False,
    ) -> list[CommentScores]:
        """Return one `CommentScores` per comment, in order; raise `ScorerBusy` at once when the line is full."""
        context = cache_context(self.scorer.version, article, spans=spans, any_language=any_language)
        keys = [cache_key(context, comment) for comment in comments]
        found = {key: scores for key in keys if (scores := self.cache.find(key)) is not None}
        fresh = {key: comment for key, comment in zip(keys, comments, strict=True) if key not in found}
        if fresh:
            scored = await self._wait(list(fresh.values()), article, spans=spans, any_language=any_language)
            self.scored += len(scored)
            for key, scores in zip(fresh, scored, strict=True):
                found[key] = scores
                self.cache.keep(key, scores)
        return [found[key] for key in keys]

    async def _wait(
        self, comments: Sequence[Comment], article: Article | None, *, spans: bool, any_language: bool
    ) -> Sequence[CommentScores]:
        loop = asyncio.get_running_loop()
        if not self.warm:  # an application without its lifespan, as in some tests
            await loop.run_in_executor(None, self.start)
        answer: asyncio.Future[Sequence[CommentScores]] = loop.create_future()

        def done(outcome: Sequence[CommentScores] | Exception) -> None:
            loop.call_soon_threadsafe(_settle, answer, outcome)

        job = Job(comments, article, spans, any_language, done, results=[None] * len(comments))
        if not self.line.add(job):
            raise ScorerBusy
        try:
            return await answer
        except asyncio.CancelledError:  # the caller hung up
            self.line.drop(job)
            self.dropped += 1
            raise

    def _work(self) -> None:
        """Take turns until the line is closed; a failing model fails its request, never the thread."""
        _give_way()
        while (turn := self.line.take()) is not None:
            began = time.monotonic()
            try:
                self._score_turn(turn, began)
            except Exception as error:
                self.line.drop(turn.job)  # its other turns are not worth scoring
                self.line.finish(turn, time.monotonic() - began)
                turn.job.done(error)

    def _score_turn(self, turn: Turn, began: float) -> None:
        job, span = turn.job, slice(turn.start, turn.end)
        scores = self.scorer.score(job.comments[span], job.article, spans=job.spans, any_language=job.any_language)
        if len(scores) != turn.end - turn.start:
            raise RuntimeError(f"the scorer returned {len(scores)} results for {turn.end - turn.start} comments")
        job.results[span] = scores
        if self.line.finish(turn, time.monotonic() - began) and not job.dropped:
            job.done([result for result in job.results if result is not None])


def _give_way() -> None:
    """Let the event loop run before this thread: no refusal waits for scores. Only Linux has priorities of threads."""
    if sys.platform == "linux":
        with suppress(OSError):
            thread = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + GIVES_WAY)


def _settle(answer: asyncio.Future[Sequence[CommentScores]], outcome: Sequence[CommentScores] | Exception) -> None:
    """Hand the outcome to the caller, unless it has gone."""
    if answer.done():
        return
    if isinstance(outcome, Exception):
        answer.set_exception(outcome)
    else:
        answer.set_result(outcome)
