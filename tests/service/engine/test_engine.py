from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any, TypeVar

import pytest

from data import language
from data.records import Article, Comment
from model.readable import before_reading
from model.scores import CommentScores, ScorerError
from service.engine.engine import FOREIGN, GIVES_WAY, WARM_UP, Engine, ScorerBusy
from service.engine.waiting import Limits
from tests.conftest import FakeScorer

Result = TypeVar("Result")


class CountingScorer(FakeScorer):
    """Notes the texts that it was asked for; a text "fail" fails, a text "hold" waits."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.threads: set[str] = set()
        self.priority = 0
        self.let_go = threading.Event()

    def score(
        self,
        comments: Sequence[Comment],
        article: Article | None = None,
        *,
        spans: bool = False,
        any_language: bool = False,
    ) -> list[CommentScores]:
        if comments[0].id != "warm":
            self.asked += [comment.text for comment in comments]
            self.threads.add(threading.current_thread().name)
            if sys.platform == "linux":
                self.priority = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        if any(comment.text == "hold" for comment in comments):
            assert self.let_go.wait(10)
        if any(comment.text == "fail" for comment in comments):
            raise ScorerError("asked to")
        return super().score(comments, article)


@pytest.fixture
def scorer() -> CountingScorer:
    return CountingScorer()


@pytest.fixture
def engine(scorer: CountingScorer) -> Iterator[Engine]:
    engine = Engine(scorer, threads=1, limits=Limits(3, 1000, 60.0), cache_entries=100)
    engine.start()
    yield engine
    scorer.let_go.set()
    engine.stop()


def _run(scoring: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(asyncio.wait_for(scoring, 10))


def _comments(*texts: str) -> list[Comment]:
    return [Comment(str(number), text) for number, text in enumerate(texts)]


def test_scores_come_back_in_order_over_many_turns(engine: Engine, scorer: CountingScorer) -> None:
    texts = [f"{'A' * (n % 7)}{n}" for n in range(100)]
    scored = _run(engine.score(_comments(*texts)))
    assert scored == FakeScorer().score(_comments(*texts))
    assert scorer.threads == {"scorer-0"}


def test_a_text_seen_before_is_not_scored_again(engine: Engine, scorer: CountingScorer) -> None:
    first = _run(engine.score(_comments("One", "Two")))
    again = _run(engine.score(_comments("Two", "Three", "One")))
    assert scorer.asked == ["One", "Two", "Three"]
    assert [again[2], again[0]] == first


def test_the_same_text_twice_in_a_request_is_scored_once(engine: Engine, scorer: CountingScorer) -> None:
    scored = _run(engine.score(_comments("Same", "Same")))
    assert scorer.asked == ["Same"]
    assert scored[0] == scored[1]


def test_another_article_is_another_question(engine: Engine, scorer: CountingScorer) -> None:
    _run(engine.score(_comments("One"), Article(title="A")))
    _run(engine.score(_comments("One"), Article(title="B")))
    assert scorer.asked == ["One", "One"]


def test_nothing_asked_nothing_scored(engine: Engine, scorer: CountingScorer) -> None:
    assert _run(engine.score([])) == []
    assert scorer.asked == []


def test_an_error_reaches_the_caller_and_the_next_request_is_served(engine: Engine) -> None:
    with pytest.raises(ScorerError):
        _run(engine.score(_comments("fail", *[f"text {n}" for n in range(50)])))
    assert len(_run(engine.score(_comments("fine")))) == 1
    assert (engine.line.requests, engine.line.comments) == (0, 0)


def test_a_full_line_refuses_at_once(engine: Engine, scorer: CountingScorer) -> None:
    async def crowd() -> list[object]:
        tasks = [asyncio.create_task(engine.score(_comments(text))) for text in ("hold", "b", "c", "d")]
        await asyncio.sleep(0.1)
        assert engine.full
        scorer.let_go.set()
        return list(await asyncio.gather(*tasks, return_exceptions=True))

    outcomes = _run(crowd())
    assert [isinstance(outcome, ScorerBusy) for outcome in outcomes] == [False, False, False, True]


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own on Linux only")
def test_scoring_gives_way_to_the_event_loop(engine: Engine, scorer: CountingScorer) -> None:
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    _run(engine.score(_comments("One")))
    assert scorer.priority == min(19, ours + GIVES_WAY)
    assert os.getpriority(os.PRIO_PROCESS, 0) == ours


def test_work_of_a_caller_that_went_is_not_done(engine: Engine, scorer: CountingScorer) -> None:
    async def leave() -> None:
        holding = asyncio.create_task(engine.score(_comments("hold")))
        leaving = asyncio.create_task(engine.score(_comments("gone")))
        await asyncio.sleep(0.1)
        leaving.cancel()
        await asyncio.sleep(0)
        scorer.let_go.set()
        await holding

    _run(leave())
    assert scorer.asked == ["hold"]
    assert engine.dropped == 1


def test_stopping_finishes_what_waits_and_refuses_the_rest(engine: Engine, scorer: CountingScorer) -> None:
    async def stop() -> tuple[list[CommentScores], object]:
        holding = asyncio.create_task(engine.score(_comments("hold")))
        await asyncio.sleep(0.1)
        stopping = asyncio.get_running_loop().run_in_executor(None, engine.stop)
        await asyncio.sleep(0.05)
        late = (await asyncio.gather(engine.score(_comments("late")), return_exceptions=True))[0]
        scorer.let_go.set()
        await stopping
        return await holding, late

    answered, late = _run(stop())
    assert len(answered) == 1
    assert isinstance(late, ScorerBusy)


def test_a_second_comment_of_the_warm_up_needs_the_language_detector() -> None:
    """It takes up to a second to load, which no reader's comment is to wait for."""
    language._identifier.cache_clear()
    before_reading(WARM_UP.text)
    assert language._identifier.cache_info().currsize == 0
    before_reading(FOREIGN.text)
    assert language._identifier.cache_info().currsize == 1
