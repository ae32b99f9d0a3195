"""Erasing, forgetting, giving out: a person's words go, the newsroom's record stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from data.records import Comment
from service.store import Refused, Resolution, Saved, Store
from service.store.audit import first_break
from service.store.cards import add_note
from service.store.decisions import Judgement, Target, decide
from service.store.exports import labelled_decisions, log_rows
from service.store.filters import Filter, Queue
from service.store.privacy import author_data, erase_author, forget_older
from service.store.queue import QueuedComment, list_comments
from service.store.viewers import Viewer

Save = Callable[..., Saved]
Waiting = Callable[[Viewer], list[QueuedComment]]
SECRET = "walrus"


@pytest.fixture
def eves_history(store: Store, save: Save, waiting: Waiting, ada: Viewer) -> None:
    """Eve's comment, edited, noted and rejected with an explanation; somebody else's beside it."""
    save(Comment("1", f"bad {SECRET} first", author="Eve"), Comment("2", "bad other", author="Dan"))
    save(Comment("1", f"bad {SECRET} second", author="Eve"))
    one = next(found for found in waiting(ada) if found.author == "Eve")
    add_note(store.database, ada, one.id, f"{SECRET} again")
    decide(store.database, ada, Judgement(Resolution.REJECT, "insult", f"says {SECRET}"), [Target(one.id, one.version)])


def dump(store: Store) -> str:
    """Everything in every table, the search index too, as text."""
    from service.store.tables import metadata

    with store.database.read() as connection:
        return repr([connection.execute(text(f'select * from "{table}"')).all() for table in metadata.tables])


@pytest.mark.usefixtures("eves_history")
def test_an_erased_author_is_nowhere_any_more(store: Store, ada: Viewer) -> None:
    assert SECRET in dump(store)
    assert erase_author(store.database, "daily", "Eve", by="test") == 1
    assert SECRET not in dump(store)
    assert "Eve" not in dump(store)
    assert list_comments(store.database, Filter(queue=Queue.ALL, search=SECRET), ada).comments == ()
    assert first_break(store.database) is None


@pytest.mark.usefixtures("eves_history")
def test_erasing_leaves_others_and_the_decisions(store: Store, ada: Viewer) -> None:
    erase_author(store.database, "daily", "Eve", by="test")
    assert [one.author for one in list_comments(store.database, Filter(), ada).comments] == ["Dan"]
    (rejected,) = [row for row in log_rows(store.database) if row["action"] == "reject"]
    assert (rejected["reason"], rejected["explanation"]) == ("insult", None)
    assert rejected["scores"]["toxicity"] == 0.9
    assert list(labelled_decisions(store.database)) == []


@pytest.mark.usefixtures("eves_history")
def test_what_was_erased_does_not_come_back_with_the_next_delivery(store: Store, save: Save) -> None:
    erase_author(store.database, "daily", "Eve", by="test")
    assert save(Comment("1", f"bad {SECRET} second", author="Eve")) == Saved(unchanged=1)
    assert SECRET not in dump(store)


@pytest.mark.usefixtures("eves_history")
def test_a_person_gets_everything_that_is_stored_about_them(store: Store) -> None:
    (one,) = author_data(store.database, "daily", "Eve")
    assert one["text"] == f"bad {SECRET} second"
    assert [old["text"] for old in one["earlier_texts"]] == [f"bad {SECRET} first"]
    assert [made["resolution"] for made in one["decisions"]] == ["reject"]
    assert [note["text"] for note in one["notes"]] == [f"{SECRET} again"]
    assert json.dumps(one)
    assert author_data(store.database, "weekly", "Eve") == []


@pytest.mark.usefixtures("eves_history")
def test_an_unknown_author_is_said_to_be_unknown(store: Store) -> None:
    with pytest.raises(Refused, match="No comment of this author"):
        erase_author(store.database, "daily", "Mallory", by="test")


@pytest.mark.usefixtures("eves_history")
def test_what_is_older_than_the_retention_period_is_forgotten(store: Store, save: Save, clock: Any) -> None:
    clock.turn(days=30)
    save(Comment("3", "bad and new", author="Fay"))
    assert forget_older(store.database, 20, by="test") == 2
    assert SECRET not in dump(store)
    assert "bad and new" in dump(store)
    assert forget_older(store.database, 20, by="test") == 0
    with pytest.raises(Refused):
        forget_older(store.database, 0, by="test")
