"""Distributions: what waits for a moderator includes what they judge as a second one, without being told which."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from data.records import Comment
from service.store import Resolution, Saved, State, Store
from service.store.decisions import Judgement, Target, decide
from service.store.distributions import count_of, grid, histogram, preview
from service.store.filters import Filter, Queue, Range
from service.store.quality import double_decisions
from service.store.queue import QueuedComment, counts, find_comment, list_end
from service.store.viewers import Role, Viewer

Save = Callable[..., Saved]
Waiting = Callable[[Viewer], list[QueuedComment]]
HIGH = Filter(ranges=(Range("toxicity", 0.5, 1.0),))


@pytest.fixture
def twice(store: Store, save: Save, waiting: Waiting, ada: Viewer) -> int:
    """Six comments that wait; ada has rejected one of them, which goes to a second moderator."""
    save(*(Comment(str(number), f"bad {number}") for number in range(6)))
    one = waiting(ada)[2]
    target = [Target(one.id, one.version)]
    decide(store.database, ada, Judgement(Resolution.REJECT, "insult"), target, second_share=1.0)
    return one.id


@pytest.mark.parametrize(("name", "number"), [("ada", 5), ("bob", 6)])
@pytest.mark.usefixtures("twice")
def test_every_count_of_what_waits_is_the_same(store: Store, name: str, number: int) -> None:
    viewer = Viewer(name, Role.MODERATOR)
    found = (
        counts(store.database, Filter(), viewer)[Queue.WAITING],
        sum(histogram(store.database, "toxicity", Filter(), viewer)),
        sum(grid(store.database, "toxicity", "sarcasm", Filter(), viewer).values()),
        count_of(store.database, HIGH, viewer),
        len(preview(store.database, HIGH, viewer).seen),
        len(list_end(store.database, HIGH, viewer, "toxicity", highest=True, limit=10)),
    )
    assert found == (number,) * 6
    assert sum(grid(store.database, "toxicity", "sarcasm", Filter(queue=Queue.ALL), viewer).values()) == 6


def test_a_range_that_is_decided_holds_second_opinions_too(
    store: Store, bob: Viewer, ada: Viewer, waiting: Waiting, twice: int
) -> None:
    found = preview(store.database, HIGH, bob)
    outcome = decide(store.database, bob, Judgement(Resolution.APPROVE), found.targets)
    assert (len(outcome.done), outcome.clashes, waiting(bob)) == (6, (), [])
    assert find_comment(store.database, twice, ada).state is State.REJECTED
    assert double_decisions(store.database, ada) == []  # nobody read each comment of a range
