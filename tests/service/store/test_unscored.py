"""Comments without a score wait like the others: at the end of an order by that score, and in every count."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from data.records import Comment
from model.scores import ATTRIBUTES
from service.policy import Reason
from service.store import Resolution, Saved, Store
from service.store.decisions import Judgement, Target, decide
from service.store.distributions import count_of, histogram
from service.store.filters import Filter, Queue
from service.store.queue import QueuedComment, counts, list_comments, list_end
from service.store.viewers import Viewer

Save = Callable[..., Saved]
Waiting = Callable[[Viewer], list[QueuedComment]]


@pytest.fixture(autouse=True)
def mixed(save: Save) -> None:
    """Ten comments with scores, ties among them, and seven that only a word list sent to review."""
    for number in range(10):
        save(Comment(f"s{number}", f"text {number}"), scores={"threat": 0.9, "sarcasm": number % 4 / 10})
    for number in range(7):
        nothing = dict.fromkeys(ATTRIBUTES)
        save(Comment(f"n{number}", f"wort {number}"), scores=nothing, reasons=[Reason("banned", 1.0, 0.0, "wort")])


def read_all(store: Store, wanted: Filter, viewer: Viewer, limit: int) -> list[QueuedComment]:
    page = list_comments(store.database, wanted, viewer, limit=limit)
    found = list(page.comments)
    while page.after is not None:
        page = list_comments(store.database, wanted, viewer, after=page.after, limit=limit)
        found += page.comments
    return found


@pytest.mark.parametrize("limit", [1, 3, 5, 10, 17, 25])
@pytest.mark.parametrize("sort", ["sarcasm", "relevance"])
def test_an_order_by_a_score_ends_with_what_has_none(store: Store, ada: Viewer, sort: str, limit: int) -> None:
    found = read_all(store, Filter(sort=sort), ada, limit)
    assert len({one.id for one in found}) == len(found) == counts(store.database, Filter(), ada)[Queue.WAITING] == 17
    scores = [one.scores[sort] for one in found]
    assert scores[:10] == sorted((score for score in scores if score is not None), reverse=sort == "sarcasm")
    assert scores[10:] == [None] * 7
    assert [one.id for one in found] == [one.id for one in read_all(store, Filter(sort=sort), ada, 100)]


def test_second_opinions_without_a_score_are_in_their_place(
    store: Store, ada: Viewer, bob: Viewer, waiting: Waiting
) -> None:
    before = [one.id for one in read_all(store, Filter(sort="sarcasm"), bob, 4)]
    for one in waiting(ada)[::3]:
        decide(store.database, ada, Judgement(Resolution.APPROVE), [Target(one.id, one.version)], second_share=1.0)
    assert [one.id for one in read_all(store, Filter(sort="sarcasm"), bob, 4)] == before


def test_a_cursor_that_belongs_to_no_order_starts_at_the_top(store: Store, ada: Viewer) -> None:
    first = list_comments(store.database, Filter(), ada, limit=1).comments
    assert list_comments(store.database, Filter(), ada, after="~5", limit=1).comments == first


def test_a_histogram_counts_scores_and_its_ends_have_some(store: Store, ada: Viewer) -> None:
    assert sum(histogram(store.database, "sarcasm", Filter(), ada)) == 10
    assert count_of(store.database, Filter(), ada) == 17
    ends = list_end(store.database, Filter(), ada, "sarcasm", highest=False, limit=20)
    assert [one.scores["sarcasm"] for one in ends] == sorted(number % 4 / 10 for number in range(10))
