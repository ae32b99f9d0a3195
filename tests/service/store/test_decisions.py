"""Deciding and undoing: nothing is overwritten silently, nothing is done twice, everything is on record."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from data.records import Comment
from service.store import Refused, Resolution, Saved, State, Store, UnknownComment, audit
from service.store.cards import records, surroundings
from service.store.decisions import Judgement, Outcome, Target, decide
from service.store.filters import Filter, Queue
from service.store.queue import QueuedComment, counts, find_comment, glances, list_comments
from service.store.standing import Clash
from service.store.undoing import undo_last
from service.store.viewers import Role, Viewer

Save = Callable[..., Saved]
Waiting = Callable[[Viewer], list[QueuedComment]]
APPROVE = Judgement(Resolution.APPROVE)
REJECT = Judgement(Resolution.REJECT, "insult", "calls the author names")


@pytest.fixture
def seen(save: Save, waiting: Waiting, ada: Viewer) -> list[QueuedComment]:
    """Five comments that wait, as both moderators saw them."""
    save(*(Comment(str(number), f"bad {number}", author="eve") for number in range(5)))
    return waiting(ada)


def targets(*seen: QueuedComment) -> list[Target]:
    return [Target(one.id, one.version) for one in seen]


def test_a_decision_sticks_and_says_who_and_why(store: Store, seen: list[QueuedComment], ada: Viewer) -> None:
    outcome = decide(store.database, ada, REJECT, targets(seen[0]))
    assert (outcome.done, outcome.clashes) == ((seen[0].id,), ())
    now = find_comment(store.database, seen[0].id, ada)
    assert now.state is State.REJECTED
    (made,) = surroundings(store.database, now, ada).decisions
    assert (made.moderator, made.reason, made.explanation) == ("ada", "insult", "calls the author names")
    assert made.scores["toxicity"] == 0.9
    assert made.model_version == "fake-1"


def test_two_decisions_on_one_comment_never_overwrite_each_other(
    store: Store, seen: list[QueuedComment], ada: Viewer, bob: Viewer
) -> None:
    decide(store.database, ada, APPROVE, targets(seen[0]))
    outcome = decide(store.database, bob, REJECT, targets(seen[0]))
    assert outcome.done == ()
    assert [(clash.state, clash.moderator) for clash in outcome.clashes] == [(State.APPROVED, "ada")]
    assert find_comment(store.database, seen[0].id, ada).state is State.APPROVED


def test_of_many_moderators_at_once_exactly_one_decides(store: Store, seen: list[QueuedComment]) -> None:
    def attempt(number: int) -> Outcome:
        return decide(store.database, Viewer(f"m{number}"), APPROVE, targets(seen[0]))

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(8)))
    assert sum(len(outcome.done) for outcome in outcomes) == 1
    assert sum(len(outcome.clashes) for outcome in outcomes) == 7
    assert audit.first_break(store.database) is None


def test_the_same_decision_sent_twice_is_done_once(store: Store, seen: list[QueuedComment], ada: Viewer) -> None:
    first = decide(store.database, ada, APPROVE, targets(seen[0]))
    again = decide(store.database, ada, APPROVE, targets(seen[0]))
    assert first == again
    assert first.done == (seen[0].id,)
    assert len(surroundings(store.database, find_comment(store.database, seen[0].id, ada), ada).decisions) == 1


@pytest.mark.parametrize(
    "other", [Judgement(Resolution.REJECT, "hate", "calls the author names"), Judgement(Resolution.REJECT, "insult")]
)
def test_the_same_decision_for_another_reason_is_told_what_stands(
    store: Store, seen: list[QueuedComment], ada: Viewer, other: Judgement
) -> None:
    decide(store.database, ada, REJECT, targets(seen[0]))
    outcome = decide(store.database, ada, other, targets(seen[0]))
    assert outcome.done == ()
    assert outcome.clashes == (Clash(seen[0].id, State.REJECTED, "ada", 2, "insult"),)
    again = decide(store.database, ada, other, targets(find_comment(store.database, seen[0].id, ada)))
    assert again.done == (seen[0].id,)
    newest, first = surroundings(store.database, find_comment(store.database, seen[0].id, ada), ada).decisions
    assert (newest.reason, newest.explanation) == (other.reason, other.explanation)
    assert first.reason == "insult"


def test_a_decision_that_stands_no_more_is_not_confirmed(
    store: Store, seen: list[QueuedComment], ada: Viewer, bob: Viewer
) -> None:
    decide(store.database, ada, APPROVE, targets(seen[0]))
    decide(store.database, bob, REJECT, targets(find_comment(store.database, seen[0].id, bob)))
    outcome = decide(store.database, ada, APPROVE, targets(seen[0]))
    assert [(clash.state, clash.moderator) for clash in outcome.clashes] == [(State.REJECTED, "bob")]


@pytest.mark.parametrize("reason", [None, "", "because"])
def test_a_rejection_needs_a_reason_from_the_list(
    store: Store, seen: list[QueuedComment], ada: Viewer, reason: str | None
) -> None:
    with pytest.raises(Refused, match="needs a reason"):
        decide(store.database, ada, Judgement(Resolution.REJECT, reason), targets(seen[0]))
    assert find_comment(store.database, seen[0].id, ada).state is State.WAITING


def test_a_viewer_may_not_decide_or_undo(store: Store, seen: list[QueuedComment]) -> None:
    viewer = Viewer("vic", Role.VIEWER)
    with pytest.raises(Refused, match="may read"):
        decide(store.database, viewer, APPROVE, targets(seen[0]))
    with pytest.raises(Refused, match="may read"):
        undo_last(store.database, viewer)


def test_a_comment_of_another_section_does_not_exist_for_a_moderator(store: Store, seen: list[QueuedComment]) -> None:
    other = Viewer("cleo", Role.MODERATOR, ("politics",))
    with pytest.raises(UnknownComment):
        find_comment(store.database, seen[0].id, other)
    with pytest.raises(UnknownComment):
        decide(store.database, other, APPROVE, targets(*seen))


def test_a_bulk_decision_leaves_alone_what_changed_and_does_the_rest(
    store: Store, seen: list[QueuedComment], ada: Viewer, bob: Viewer
) -> None:
    decide(store.database, bob, APPROVE, targets(seen[1]))
    outcome = decide(store.database, ada, REJECT, targets(*seen))
    assert len(outcome.done) == 4
    assert [clash.comment_id for clash in outcome.clashes] == [seen[1].id]


def test_one_undo_takes_a_whole_bulk_decision_back(
    store: Store, seen: list[QueuedComment], waiting: Waiting, ada: Viewer
) -> None:
    decide(store.database, ada, REJECT, targets(*seen))
    assert waiting(ada) == []
    assert len(undo_last(store.database, ada).done) == 5
    assert len(waiting(ada)) == 5


def test_undo_walks_back_through_ones_own_decisions_only(
    store: Store, seen: list[QueuedComment], ada: Viewer, bob: Viewer
) -> None:
    decide(store.database, ada, APPROVE, targets(seen[0]))
    decide(store.database, bob, APPROVE, targets(seen[1]))
    decide(store.database, ada, REJECT, targets(seen[2]))
    assert undo_last(store.database, ada).done == (seen[2].id,)
    assert undo_last(store.database, ada).done == (seen[0].id,)
    with pytest.raises(Refused, match="no decision of yours"):
        undo_last(store.database, ada)
    assert find_comment(store.database, seen[1].id, ada).state is State.APPROVED


def test_undo_returns_a_comment_to_where_it_was_before(store: Store, seen: list[QueuedComment], ada: Viewer) -> None:
    decide(store.database, ada, Judgement(Resolution.DEFER), targets(seen[0]))
    deferred = find_comment(store.database, seen[0].id, ada)
    decide(store.database, ada, REJECT, targets(deferred))
    undo_last(store.database, ada)
    assert find_comment(store.database, seen[0].id, ada).state is State.DEFERRED


def test_a_decision_that_somebody_changed_since_is_not_undone(
    store: Store, seen: list[QueuedComment], ada: Viewer, bob: Viewer
) -> None:
    decide(store.database, ada, APPROVE, targets(seen[0]))
    decide(store.database, bob, REJECT, targets(find_comment(store.database, seen[0].id, bob)))
    outcome = undo_last(store.database, ada)
    assert outcome.done == ()
    assert [clash.moderator for clash in outcome.clashes] == ["bob"]
    assert find_comment(store.database, seen[0].id, ada).state is State.REJECTED


def test_a_share_goes_to_a_second_moderator_who_does_not_know(
    store: Store, seen: list[QueuedComment], waiting: Waiting, ada: Viewer, bob: Viewer
) -> None:
    decide(store.database, ada, APPROVE, targets(seen[0]), second_share=1.0)
    assert seen[0].id not in [one.id for one in waiting(ada)]
    blind = next(one for one in waiting(bob) if one.id == seen[0].id)
    assert blind.state is State.WAITING
    assert surroundings(store.database, blind, bob).decisions == ()
    assert list_comments(store.database, Filter(queue=Queue.APPROVED), bob).comments == ()
    assert counts(store.database, Filter(), bob) == {**dict.fromkeys(Queue, 0), Queue.WAITING: 5, Queue.ALL: 5}
    assert counts(store.database, Filter(), ada)[Queue.APPROVED] == 1
    other = surroundings(store.database, find_comment(store.database, seen[1].id, bob), bob)
    assert other.author.counts == {State.WAITING: 3}  # of four others, the one that bob must not know of left out
    assert records(store.database, (blind,), bob)[blind.author_key or ""].comments == 4


def test_a_second_opinion_is_kept_and_moves_nothing(
    store: Store, seen: list[QueuedComment], waiting: Waiting, ada: Viewer, bob: Viewer
) -> None:
    decide(store.database, ada, APPROVE, targets(seen[0]), second_share=1.0)
    blind = find_comment(store.database, seen[0].id, bob)
    assert decide(store.database, bob, REJECT, targets(blind), second_share=1.0).done == (seen[0].id,)
    now = find_comment(store.database, seen[0].id, ada)
    assert now.state is State.APPROVED
    assert seen[0].id not in [one.id for one in waiting(bob)]
    assert {made.moderator for made in surroundings(store.database, now, ada).decisions} == {"ada", "bob"}


def test_who_saw_the_comment_before_the_first_decision_gives_the_second_opinion_untold(
    store: Store, seen: list[QueuedComment], ada: Viewer, bob: Viewer
) -> None:
    decide(store.database, ada, APPROVE, targets(seen[0]), second_share=1.0)
    assert [one.change for one in glances(store.database, {seen[0].id: seen[0].version}, bob)] == [None]
    second = decide(store.database, bob, REJECT, targets(seen[0]))
    assert (second.done, second.clashes) == ((seen[0].id,), ())
    assert decide(store.database, bob, REJECT, targets(seen[0])) == second  # sent twice
    now = find_comment(store.database, seen[0].id, ada)
    assert now.state is State.APPROVED
    assert len(surroundings(store.database, now, ada).decisions) == 2
    undo_last(store.database, bob)
    assert len(decide(store.database, bob, APPROVE, targets(seen[0])).clashes) == 1  # an old form after the undo


def test_an_undone_second_opinion_is_asked_for_again(
    store: Store, seen: list[QueuedComment], waiting: Waiting, ada: Viewer, bob: Viewer
) -> None:
    decide(store.database, ada, APPROVE, targets(seen[0]), second_share=1.0)
    decide(store.database, bob, REJECT, targets(find_comment(store.database, seen[0].id, bob)))
    undo_last(store.database, bob)
    assert seen[0].id in [one.id for one in waiting(bob)]
    assert undo_last(store.database, ada).done == (seen[0].id,)


def test_bulk_decisions_and_deferrals_ask_for_no_second_opinion(
    store: Store, seen: list[QueuedComment], waiting: Waiting, ada: Viewer, bob: Viewer
) -> None:
    decide(store.database, ada, REJECT, targets(*seen[:4]), second_share=1.0)
    decide(store.database, ada, Judgement(Resolution.DEFER), targets(seen[4]), second_share=1.0)
    assert waiting(bob) == []


@pytest.mark.parametrize("number", [0, 10_001])
def test_a_selection_has_bounds(store: Store, ada: Viewer, number: int) -> None:
    with pytest.raises(Refused):
        decide(store.database, ada, APPROVE, [Target(1, 1)] * number)
