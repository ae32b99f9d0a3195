"""The audit log: append-only, whole, and without anybody's words."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from data.records import Comment
from service.store import Resolution, Saved, Store
from service.store.accounts import add_account
from service.store.audit import entries, every_entry, first_break, record
from service.store.cards import add_note
from service.store.decisions import Judgement, Target, decide
from service.store.privacy import erase_author
from service.store.queue import QueuedComment
from service.store.tables import audit
from service.store.undoing import undo_last
from service.store.viewers import Role, Viewer

Save = Callable[..., Saved]
Waiting = Callable[[Viewer], list[QueuedComment]]


@pytest.fixture
def some_history(store: Store, save: Save, waiting: Waiting, ada: Viewer) -> None:
    save(*(Comment(str(number), f"bad {number}", author="Eve Eavesdrop") for number in range(4)))
    one, *rest = waiting(ada)
    decide(store.database, ada, Judgement(Resolution.REJECT, "hate", "secret words"), [Target(one.id, one.version)])
    decide(store.database, ada, Judgement(Resolution.APPROVE), [Target(other.id, other.version) for other in rest])
    undo_last(store.database, ada)
    add_note(store.database, ada, one.id, "a private remark")


@pytest.mark.usefixtures("some_history")
def test_every_change_is_in_the_log_in_order(store: Store) -> None:
    actions = [entry.action for entry in every_entry(store.database)]
    assert actions == ["reject", *["approve"] * 3, *["undo"] * 3, "note"]
    assert [entry.id for entry in every_entry(store.database)] == list(range(1, 9))


@pytest.mark.usefixtures("some_history")
@pytest.mark.parametrize("change", [update(audit).values(actor="nobody"), delete(audit)])
def test_the_database_refuses_to_change_or_remove_an_entry(store: Store, change: Any) -> None:
    with pytest.raises(DBAPIError, match="append-only"), store.database.write() as connection:
        connection.execute(change)
    assert len(list(every_entry(store.database))) == 8


@pytest.mark.usefixtures("some_history")
def test_a_change_behind_the_databases_back_breaks_the_chain(store: Store) -> None:
    assert first_break(store.database) is None
    disable = (
        "drop trigger audit_no_update" if store.database.is_sqlite else "set local session_replication_role = replica"
    )
    with store.database.write() as connection:
        connection.execute(text(disable))
        connection.execute(update(audit).where(audit.c.id == 3).values(actor="mallory"))
    assert first_break(store.database) == 3
    if store.database.is_sqlite:
        return
    with store.database.write() as connection:
        connection.execute(text("set local session_replication_role = replica"))
        connection.execute(update(audit).where(audit.c.id == 3).values(actor="ada"))
    assert first_break(store.database) is None


@pytest.mark.usefixtures("some_history")
def test_the_log_quotes_and_names_no_reader(store: Store) -> None:
    whole = json.dumps([dict(entry.detail) for entry in every_entry(store.database)])
    for words in ("Eavesdrop", "bad 0", "secret words", "private remark"):
        assert words not in whole


@pytest.mark.usefixtures("some_history")
def test_entries_are_read_in_pages_and_by_action(store: Store) -> None:
    newest = entries(store.database, limit=3)
    assert [entry.id for entry in newest] == [8, 7, 6]
    assert [entry.id for entry in entries(store.database, before=6, limit=3)] == [5, 4, 3]
    assert {entry.action for entry in entries(store.database, action="undo")} == {"undo"}


@pytest.mark.usefixtures("some_history")
def test_a_viewer_of_a_section_reads_what_is_about_its_comments_or_about_none(
    store: Store, save: Save, waiting: Waiting, ada: Viewer
) -> None:
    save(Comment("9", "bad"), section="politics", url="https://daily.example/politics/x")
    (one,) = waiting(Viewer("p", sections=("politics",)))
    decide(store.database, ada, Judgement(Resolution.APPROVE), [Target(one.id, one.version)])
    add_account(store.database, "bob", "a long enough phrase", Role.VIEWER, by="ada")
    moved = {"entered": [one.id, one.id - 1], "left": [one.id - 2]}
    with store.database.write() as connection:
        record(connection, store.database.now(), actor="ada", action="judge anew", subject="policy 1", detail=moved)
    erase_author(store.database, "daily", "Eve Eavesdrop", by="ada")
    found = list(every_entry(store.database, Viewer("p", Role.ADMIN, ("politics",))))
    assert [entry.subject for entry in found] == [f"comment {one.id}", "account bob", "policy 1"]
    assert found[-1].detail == {"entered": [one.id], "left": []}
    assert entries(store.database, Viewer("p", Role.ADMIN, ("politics",)), limit=3) == found[::-1]
    assert len(list(every_entry(store.database, ada))) == len(list(every_entry(store.database))) == 12
