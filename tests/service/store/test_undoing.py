"""Taking back a decision that is named: never another one, once however often it is sent, and only by who may."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from data.records import Comment
from service.store import Refused, Resolution, Saved, State, Store, audit
from service.store.decisions import Judgement, Target, decide
from service.store.queue import QueuedComment, find_comment
from service.store.undoing import is_undoable, undo_batch, undo_comment, undo_last, undoable
from service.store.viewers import Role, Viewer

Save = Callable[..., Saved]
Waiting = Callable[[Viewer], list[QueuedComment]]
APPROVE = Judgement(Resolution.APPROVE)
REJECT = Judgement(Resolution.REJECT, "insult")
ROOT = Viewer("root", Role.ADMIN)


@pytest.fixture
def seen(save: Save, waiting: Waiting, ada: Viewer) -> list[QueuedComment]:
    save(*(Comment(str(number), f"bad {number}") for number in range(3)))
    return waiting(ada)


def act(store: Store, viewer: Viewer, judgement: Judgement, *seen: QueuedComment) -> int:
    """Decide comments as they are now and return the first decision."""
    now = [find_comment(store.database, one.id, viewer) for one in seen]
    return decide(store.database, viewer, judgement, [Target(one.id, one.version) for one in now]).decisions[0]


def test_an_admin_may_undo_for_others(store: Store, seen: list[QueuedComment], ada: Viewer, bob: Viewer) -> None:
    made = act(store, ada, APPROVE, seen[0])
    with pytest.raises(Refused):
        undo_comment(store.database, bob, seen[0].id, made)
    assert undo_comment(store.database, ROOT, seen[0].id, made).done == (seen[0].id,)


def test_an_admin_undoes_the_decision_that_was_named_and_no_other(
    store: Store, seen: list[QueuedComment], bob: Viewer
) -> None:
    own = act(store, ROOT, APPROVE, seen[0])
    act(store, bob, REJECT, seen[0])
    outcome = undo_comment(store.database, ROOT, seen[0].id, own)
    assert outcome.done == ()
    assert [(clash.state, clash.moderator) for clash in outcome.clashes] == [(State.REJECTED, "bob")]
    assert find_comment(store.database, seen[0].id, bob).state is State.REJECTED


def test_a_decision_of_another_comment_is_not_undone(store: Store, seen: list[QueuedComment], ada: Viewer) -> None:
    made = act(store, ada, APPROVE, seen[0])
    for viewer in (ada, ROOT):
        with pytest.raises(Refused):
            undo_comment(store.database, viewer, seen[1].id, made)


def test_the_same_undo_sent_twice_is_done_once(store: Store, seen: list[QueuedComment], ada: Viewer) -> None:
    made = act(store, ada, APPROVE, seen[0])
    first = undo_comment(store.database, ada, seen[0].id, made)
    assert undo_comment(store.database, ada, seen[0].id, made) == first
    assert [entry.action for entry in audit.every_entry(store.database)] == ["approve", "undo"]
    act(store, ada, REJECT, seen[0])
    assert len(undo_comment(store.database, ada, seen[0].id, made).clashes) == 1


def test_of_many_undoings_at_once_one_is_done(store: Store, seen: list[QueuedComment], ada: Viewer) -> None:
    made = act(store, ada, APPROVE, seen[0])
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: undo_comment(store.database, ada, seen[0].id, made), range(8)))
    assert {outcome.done for outcome in outcomes} == {(seen[0].id,)}
    assert [entry.action for entry in audit.every_entry(store.database)] == ["approve", "undo"]


def test_any_decision_of_a_batch_names_all_of_it(store: Store, seen: list[QueuedComment], ada: Viewer) -> None:
    made = act(store, ada, REJECT, *seen[:2])
    act(store, ada, APPROVE, seen[2])
    assert is_undoable(store.database, ada, made)
    first = undo_batch(store.database, ada, made)
    assert set(first.done) == {seen[0].id, seen[1].id}
    assert find_comment(store.database, seen[2].id, ada).state is State.APPROVED
    assert not is_undoable(store.database, ada, made)
    assert set(undo_batch(store.database, ada, made).done) == set(first.done)  # sent twice


def test_a_batch_of_somebody_else_is_not_undone(
    store: Store, seen: list[QueuedComment], ada: Viewer, bob: Viewer
) -> None:
    made = act(store, ada, REJECT, *seen)
    for viewer in (bob, ROOT):
        assert not is_undoable(store.database, viewer, made)
        with pytest.raises(Refused):
            undo_batch(store.database, viewer, made)


def test_what_may_be_undone_is_told_to_those_who_may(
    store: Store, seen: list[QueuedComment], ada: Viewer, bob: Viewer
) -> None:
    def offered(viewer: Viewer) -> int | None:
        found = undoable(store.database, viewer, seen[0].id)
        return None if found is None else found.id

    vic = Viewer("vic", Role.VIEWER)
    assert offered(ada) is None
    first = act(store, ada, APPROVE, seen[0])
    assert [offered(viewer) for viewer in (ada, bob, ROOT, vic)] == [first, None, first, None]
    second = act(store, bob, REJECT, seen[0])
    assert [offered(viewer) for viewer in (ada, bob, ROOT)] == [None, second, second]
    undo_last(store.database, bob)
    assert offered(ada) == first
