"""Exports: the log with what a statement of reasons needs, statements, and labelled data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from data.records import Comment
from service.policy import Reason
from service.store import Resolution, Saved, Store
from service.store.decisions import Judgement, Target, decide
from service.store.exports import LOG_COLUMNS, labelled_decisions, log_rows, statements
from service.store.filters import Filter, Queue
from service.store.queue import QueuedComment, list_comments
from service.store.tabular import csv_row
from service.store.undoing import undo_last
from service.store.viewers import Viewer

Save = Callable[..., Saved]
Waiting = Callable[[Viewer], list[QueuedComment]]


@pytest.fixture
def decided(store: Store, save: Save, waiting: Waiting, ada: Viewer, clock: Any) -> None:
    """One rejected by hand, two in a batch, one approved, one decision undone."""
    save(*(Comment(f"c{number}", f"bad {number}", published="2026-03-01T10:00:00Z") for number in range(5)))
    clock.turn(hours=1)
    found = sorted(waiting(ada), key=lambda one: one.external_id)
    aims = [Target(one.id, one.version) for one in found]
    decide(store.database, ada, Judgement(Resolution.REJECT, "illegal_speech", "Section 130"), aims[:1])
    decide(store.database, ada, Judgement(Resolution.REJECT, "insult"), aims[1:3])
    decide(store.database, ada, Judgement(Resolution.APPROVE), aims[3:4])
    decide(store.database, ada, Judgement(Resolution.APPROVE), aims[4:])
    undo_last(store.database, ada)


@pytest.mark.usefixtures("decided")
def test_the_log_carries_rule_scores_model_moderator_and_times(store: Store) -> None:
    rows = list(log_rows(store.database))
    assert [row["action"] for row in rows] == ["reject", "reject", "reject", "approve", "approve", "undo"]
    assert all(set(row) == set(LOG_COLUMNS) for row in rows)
    first = rows[0]
    assert first["rules"] == [{"attribute": "toxicity", "score": 0.9, "threshold": 0.5}]
    assert (first["model_version"], first["actor"], first["machine_detected"]) == ("fake-1", "ada", True)
    assert first["received_at"] < first["decided_at"] == first["at"]
    assert rows[4]["undone_at"] is not None


@pytest.mark.usefixtures("decided")
def test_a_statement_of_reasons_has_the_fields_of_the_transparency_database(store: Store) -> None:
    illegal, batch, _ = statements(store.database)
    assert illegal["decision_ground"] == "DECISION_GROUND_ILLEGAL_CONTENT"
    assert illegal["illegal_content_explanation"] == "Section 130"
    assert illegal["automated_decision"] == "AUTOMATED_DECISION_NOT_AUTOMATED"
    assert batch["automated_decision"] == "AUTOMATED_DECISION_PARTIALLY"
    assert batch["incompatible_content_ground"] == "Insult or personal attack"
    assert (illegal["content_date"], illegal["application_date"]) == ("2026-03-01", "2026-03-02")
    assert illegal["automated_detection"] == "Yes"
    assert len({one["puid"] for one in statements(store.database)}) == 3


@pytest.mark.parametrize(
    ("text", "causes"),
    [
        ("bad word", "by the model fake-1 for toxicity 0.90 (threshold 0.50) and by the list of banned words"),
        ("ok word", "by the list of banned words"),
    ],
)
def test_a_statement_does_not_name_a_word_list_as_the_model(
    store: Store, save: Save, waiting: Waiting, ada: Viewer, text: str, causes: str
) -> None:
    save(Comment("1", text), reasons=[Reason("banned", 1.0, 0.0, "word"), Reason("banned", 1.0, 0.0, "ord")])
    (one,) = waiting(ada)
    decide(store.database, ada, Judgement(Resolution.REJECT, "insult"), [Target(one.id, one.version)])
    (made,) = statements(store.database)
    assert made["decision_facts"] == f"The comment was sent to review {causes}; a moderator removed it."


@pytest.mark.parametrize(
    "published", [None, "yesterday", "2026-03", "1999-12-31", "9999-12-31T23:59:59-05:00", "2026-03-03"]
)
def test_a_day_that_a_comment_cannot_be_from_gives_way_to_that_of_its_receipt(
    store: Store, save: Save, waiting: Waiting, ada: Viewer, published: str | None
) -> None:
    save(Comment("1", "bad", published=published))
    (one,) = waiting(ada)
    decide(store.database, ada, Judgement(Resolution.REJECT, "insult"), [Target(one.id, one.version)])
    assert [made["content_date"] for made in statements(store.database)] == ["2026-03-02"]


@pytest.mark.usefixtures("decided")
def test_only_the_rejection_that_stands_has_a_statement(store: Store, ada: Viewer, bob: Viewer) -> None:
    rejected = sorted(list_comments(store.database, Filter(queue=Queue.REJECTED), ada).comments, key=lambda one: one.id)
    aims = [Target(one.id, one.version) for one in rejected]
    decide(store.database, bob, Judgement(Resolution.REJECT, "hate"), aims[:1])
    decide(store.database, bob, Judgement(Resolution.APPROVE), aims[1:2])
    assert {one["moderator"] for one in statements(store.database)} == {"ada", "bob"}
    assert len(list(statements(store.database))) == 2


@pytest.mark.usefixtures("decided")
def test_labelled_data_has_the_text_that_was_judged(store: Store, save: Save) -> None:
    save(Comment("c0", "bad edited later"))
    rows = {row["id"]: row for row in labelled_decisions(store.database)}
    assert {name: (row["text"], row["rejected"]) for name, row in rows.items()} == {
        "daily/c0/1": ("bad 0", True),
        "daily/c1/1": ("bad 1", True),
        "daily/c2/1": ("bad 2", True),
        "daily/c3/1": ("bad 3", False),
    }


def test_a_cell_is_never_a_formula() -> None:
    assert csv_row(["=1+1", "@x", "-3", "plain", None, {"a": 1}, 2]) == [
        "'=1+1",
        "'@x",
        "'-3",
        "plain",
        "",
        '{"a": 1}',
        "2",
    ]
