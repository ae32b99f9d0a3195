"""A saved policy judges anew what nobody has decided: in batches, within its scope, as the preview said."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from data.records import Comment
from service.policy import Reason
from service.store import Resolution, Saved, State, Store, audit, rejudging
from service.store.decisions import Judgement, Target, decide
from service.store.filters import Filter, Queue
from service.store.policies import policy_versions, save_policy
from service.store.queue import QueuedComment, list_comments
from service.store.rejudging import rejudge_next
from service.store.simulation import simulate
from service.store.viewers import Viewer
from service.store.webhooks import add_webhook, recent_deliveries
from tests.service.store.conftest import Clock

Save = Callable[..., Saved]


def policy(store: Store, toxicity: float, site: str = "", section: str = "", *, judge_stored: bool = True) -> None:
    save_policy(
        store.database, site, section, {"toxicity": toxicity}, moderator="ada", why="x", judge_stored=judge_stored
    )


def judge_all(store: Store) -> int:
    """Let the chores run until nothing is left, and return the number of batches."""
    batches = 0
    while rejudge_next(store.database):
        batches += 1
    return batches


def by_text(store: Store) -> dict[str, QueuedComment]:
    return {one.text: one for one in list_comments(store.database, Filter(queue=Queue.ALL), Viewer("x")).comments}


def states(store: Store) -> dict[str, State]:
    return {text: one.state for text, one in by_text(store).items()}


def test_what_waits_leaves_and_what_was_published_enters(store: Store, save: Save, ada: Viewer) -> None:
    save(Comment("1", "bad .9"), Comment("2", "bad .6"), scores=None)
    save(Comment("3", "low"), scores={"toxicity": 0.4})
    save(Comment("4", "mid"), scores={"toxicity": 0.6})
    policy(store, 0.7)
    assert simulate(store.database, [{"toxicity": 0.7}], ada)[0].leaving == 1
    judge_all(store)
    assert states(store) == {
        "bad .9": State.WAITING,
        "bad .6": State.WAITING,
        "low": State.PUBLISHED,
        "mid": State.PUBLISHED,
    }
    policy(store, 0.4)
    assert simulate(store.database, [{"toxicity": 0.4}], ada)[0].entering == 2
    judge_all(store)
    assert set(states(store).values()) == {State.WAITING}
    low = by_text(store)["low"]
    assert (low.recommendation, low.reasons[0]["threshold"], low.urgency) == ("review", 0.4, 0.0)
    logged = [one.detail for one in audit.every_entry(store.database) if one.action == "judge anew"]
    assert [len(one["left"]) for one in logged] == [1, 0]
    assert [len(one["entered"]) for one in logged] == [0, 2]
    assert audit.first_break(store.database) is None


def test_what_stays_keeps_its_version_and_gets_the_new_reasons(store: Store, save: Save) -> None:
    save(Comment("1", "bad"))
    before = by_text(store)["bad"]
    policy(store, 0.8)
    judge_all(store)
    after = by_text(store)["bad"]
    assert after.version == before.version
    assert after.reasons[0]["threshold"] == 0.8
    assert after.urgency < before.urgency


def test_a_decision_on_what_left_meanwhile_is_a_clash(store: Store, save: Save, ada: Viewer) -> None:
    save(Comment("1", "bad"))
    seen = by_text(store)["bad"]
    policy(store, 1.0)
    judge_all(store)
    outcome = decide(store.database, ada, Judgement(Resolution.APPROVE), [Target(seen.id, seen.version)])
    assert outcome.done == ()
    assert outcome.clashes[0].state is State.PUBLISHED


def test_what_somebody_decided_or_a_word_list_found_stays(store: Store, save: Save, ada: Viewer) -> None:
    save(Comment("1", "bad one"), Comment("2", "bad two"), Comment("3", "bad three"))
    save(Comment("4", "ok"), reasons=[Reason("banned", 1.0, 0.0, "ok")])
    for text, judgement in (
        ("bad one", Judgement(Resolution.APPROVE)),
        ("bad two", Judgement(Resolution.REJECT, "insult")),
        ("bad three", Judgement(Resolution.DEFER)),
    ):
        one = by_text(store)[text]
        decide(store.database, ada, judgement, [Target(one.id, one.version)])
    before = by_text(store)
    policy(store, 1.0)
    judge_all(store)
    assert by_text(store) == before
    assert before["ok"].reasons[0]["detail"] == "ok"


def test_old_published_comments_do_not_come_back(store: Store, save: Save, clock: Clock) -> None:
    save(Comment("1", "old"), scores={"toxicity": 0.4})
    clock.turn(days=8)
    save(Comment("2", "new"), scores={"toxicity": 0.4})
    policy(store, 0.3)
    judge_all(store)
    assert states(store) == {"old": State.PUBLISHED, "new": State.WAITING}


def test_a_policy_judges_only_what_no_narrower_one_governs(store: Store, save: Save) -> None:
    for site, section in (("daily", "sport"), ("daily", "politics"), ("weekly", "sport")):
        save(Comment("1", f"bad {site} {section}"), site=site, section=section, url=f"https://{site}.example/{section}")
    policy(store, 0.5, "daily", "sport")
    policy(store, 0.5, "weekly", judge_stored=False)
    policy(store, 1.0)
    judge_all(store)
    assert states(store) == {
        "bad daily sport": State.WAITING,
        "bad daily politics": State.PUBLISHED,
        "bad weekly sport": State.WAITING,
    }


def test_batches_go_on_where_the_last_one_ended(store: Store, save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejudging, "BATCH", 2)
    save(*(Comment(str(number), f"bad {number}") for number in range(5)))
    policy(store, 1.0)
    assert rejudge_next(store.database)
    assert sorted(states(store).values()) == [State.PUBLISHED] * 2 + [State.WAITING] * 3
    assert policy_versions(store.database)[0].judging
    assert judge_all(store) == 2
    assert set(states(store).values()) == {State.PUBLISHED}
    assert not policy_versions(store.database)[0].judging


def test_a_newer_version_of_the_same_scope_takes_over(store: Store, save: Save) -> None:
    save(Comment("1", "bad"))
    policy(store, 1.0)
    policy(store, 0.8)
    assert judge_all(store) == 1
    assert states(store) == {"bad": State.WAITING}


def test_without_being_asked_to_nothing_is_judged_anew(store: Store, save: Save) -> None:
    save(Comment("1", "bad"))
    policy(store, 1.0, judge_stored=False)
    assert judge_all(store) == 0
    assert states(store) == {"bad": State.WAITING}


def test_the_platform_is_told_what_left_and_what_entered(store: Store, save: Save) -> None:
    add_webhook(store.database, "https://hook.example/", "daily", moderator="ada")
    save(Comment("c1", "bad"))
    policy(store, 1.0)
    judge_all(store)
    (told,) = recent_deliveries(store.database)
    assert told.event == f"judged-{policy_versions(store.database)[0].id}-{by_text(store)['bad'].id}"
