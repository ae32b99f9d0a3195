"""Policies, simulations and word lists: versioned, tried before they hold, narrowest scope first."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from data.records import Article, Comment, Discussion
from service.policy import DEFAULT_THRESHOLDS, Reason
from service.store import Conflict, Refused, Resolution, Saved, Store
from service.store.decisions import Judgement, Target, decide
from service.store.intake import take_in
from service.store.policies import current_policy, policy_versions, save_policy
from service.store.queue import QueuedComment
from service.store.simulation import simulate
from service.store.viewers import Role, Viewer
from service.store.words import add_rule, list_rules, remove_rule, rules_for
from service.wordlist import RuleKind, WordList, WordRule

Save = Callable[..., Saved]
Waiting = Callable[[Viewer], list[QueuedComment]]


def test_without_a_saved_policy_the_products_own_holds(store: Store) -> None:
    assert current_policy(store.database, "daily", "sport").policy.thresholds == DEFAULT_THRESHOLDS


def test_the_narrowest_policy_holds_and_every_version_is_kept(store: Store) -> None:
    for site, section, limit in (("", "", 0.5), ("daily", "", 0.6), ("", "sport", 0.7), ("daily", "sport", 0.8)):
        save_policy(store.database, site, section, {"toxicity": limit}, moderator="ada", why="a test")

    def limit_of(site: str, section: str) -> float:
        return current_policy(store.database, site, section).policy.thresholds["toxicity"]

    assert (limit_of("x", "y"), limit_of("daily", "y"), limit_of("x", "sport"), limit_of("daily", "sport")) == (
        0.5,
        0.6,
        0.7,
        0.8,
    )
    save_policy(store.database, "daily", "sport", {}, moderator="ada", why="nothing in sport")
    assert current_policy(store.database, "daily", "sport").policy.thresholds == {}
    assert [version.why for version in policy_versions(store.database)][:2] == ["nothing in sport", "a test"]


@pytest.mark.parametrize(
    ("thresholds", "why"), [({"toxicity": 0.5}, " "), ({"toxicity": 1.5}, "x"), ({"wit": 0.5}, "x")]
)
def test_a_policy_without_why_or_out_of_bounds_is_refused(store: Store, thresholds: dict[str, float], why: str) -> None:
    with pytest.raises(Refused):
        save_policy(store.database, "", "", thresholds, moderator="ada", why=why)


def test_a_policy_made_from_a_version_that_is_not_in_force_any_more_conflicts(store: Store) -> None:
    first = save_policy(store.database, "", "", {"toxicity": 0.5}, moderator="ada", why="first", made_from=0)
    for site, section, made_from in (("", "", 0), ("daily", "", 0), ("daily", "sport", -1)):
        with pytest.raises(Conflict):
            save_policy(store.database, site, section, {}, moderator="bob", why="late", made_from=made_from)
    assert [one.why for one in policy_versions(store.database)] == ["first"]
    own = save_policy(store.database, "daily", "", {}, moderator="bob", why="its own", made_from=first.id)
    save_policy(store.database, "", "", {"toxicity": 0.4}, moderator="ada", why="again", made_from=first.id)
    assert current_policy(store.database, "daily", "sport").id == own.id


def test_of_many_admins_at_once_exactly_one_saves(store: Store) -> None:
    def saving(name: str) -> bool:
        try:
            save_policy(store.database, "", "", {"toxicity": 0.5}, moderator=name, why="a test", made_from=0)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(saving, "abcdefgh")) == [False] * 7 + [True]


@pytest.fixture
def decided(store: Store, save: Save, waiting: Waiting, ada: Viewer) -> None:
    """Ten comments with toxicity 0.0, 0.1 ... 0.9 that a threat sent to review; from 0.6 on they were rejected."""
    for number in range(10):
        save(Comment(str(number), f"text {number}"), scores={"toxicity": number / 10, "threat": 0.9})
    for one in waiting(ada):
        high = (one.scores["toxicity"] or 0) >= 0.6
        judgement = Judgement(Resolution.REJECT, "insult") if high else Judgement(Resolution.APPROVE)
        decide(store.database, ada, judgement, [Target(one.id, one.version)])


# threshold -> comments that go to review, precision, recall
SIMULATED: dict[float, tuple[int, float | None, float]] = {
    0.0: (10, 0.4, 1.0),
    0.5: (5, 0.8, 1.0),
    0.6: (4, 1.0, 1.0),
    0.8: (2, 1.0, 0.5),
    1.0: (0, None, 0.0),
}


@pytest.mark.usefixtures("decided")
def test_a_simulation_counts_what_moderators_decided(store: Store, ada: Viewer) -> None:
    for threshold, expected in SIMULATED.items():
        (found,) = simulate(store.database, [{"toxicity": threshold}], ada)
        assert (found.reviewed, found.precision, found.recall) == expected


@pytest.mark.usefixtures("decided")
def test_a_simulation_keeps_to_its_scope(store: Store) -> None:
    reader = Viewer("v", Role.VIEWER, ("politics",))
    assert simulate(store.database, [{}], reader)[0].comments == 0
    assert simulate(store.database, [{}], Viewer("a"), site="other")[0].comments == 0
    assert simulate(store.database, [{}], Viewer("a"), section="sport")[0].comments == 10
    save_policy(store.database, "daily", "sport", {}, moderator="ada", why="sport has its own")
    assert simulate(store.database, [{}], Viewer("a"))[0].comments == 0  # the narrower policy governs them


def test_what_a_word_list_found_goes_to_review_whatever_the_thresholds(store: Store, save: Save, ada: Viewer) -> None:
    save(Comment("1", "ok"), reasons=[Reason("banned", 1.0, 0.0, "ok")])
    assert simulate(store.database, [{}], ada)[0].reviewed == 1


def test_new_comments_are_judged_by_the_current_policy_and_lists(
    store: Store, scorer: Any, waiting: Waiting, ada: Viewer
) -> None:
    save_policy(store.database, "daily", "", {"toxicity": 0.95}, moderator="ada", why="a test")
    add_rule(store.database, "", WordRule(WordList.BANNED, RuleKind.WORD, "walrus"), moderator="ada")
    comments = (Comment("1", "SHOUT SHOUT"), Comment("2", "a w a l r u s? wаlrus!"), Comment("3", "calm"))
    saved = take_in(store, scorer, "daily", Discussion(Article(title="A"), comments))
    assert saved == Saved(new=3, queued=1)
    (one,) = waiting(ada)
    assert one.external_id == "2"
    assert one.reasons[0]["detail"] == "walrus"
    assert take_in(store, scorer, "daily", Discussion(Article(title="A"), comments)) == Saved(unchanged=3)


def test_rules_are_kept_per_site_once(store: Store) -> None:
    add_rule(store.database, "daily", WordRule(WordList.BANNED, RuleKind.WORD, "walrus"), moderator="ada")
    assert rules_for(store.database, "weekly").find("walrus") == []
    assert len(rules_for(store.database, "daily").find("walrus")) == 1
    with pytest.raises(Refused, match="already"):
        add_rule(store.database, "daily", WordRule(WordList.SUSPECT, RuleKind.WORD, "walrus"), moderator="ada")
    remove_rule(store.database, list_rules(store.database)[0].id, moderator="ada")
    with pytest.raises(Refused, match="not there"):
        remove_rule(store.database, 1, moderator="ada")


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        (RuleKind.WORD, " "),
        (RuleKind.WORD, "*"),
        (RuleKind.WORD, "x" * 101),
        (RuleKind.LINK, "no host"),
        (RuleKind.LINK, "x"),
    ],
)
def test_a_rule_that_matches_nothing_or_everything_is_refused(store: Store, kind: RuleKind, pattern: str) -> None:
    with pytest.raises(Refused):
        add_rule(store.database, "", WordRule(WordList.BANNED, kind, pattern), moderator="ada")


def test_a_text_that_is_edited_while_a_discussion_is_scored_does_not_lose_it(store: Store, scorer: Any) -> None:
    def below(*texts: str) -> Discussion:
        return Discussion(Article(title="A"), tuple(Comment(str(at), text) for at, text in enumerate(texts)))

    class Interrupted:
        version, edits = scorer.version, 0

        def score(self, *args: Any, **options: Any) -> Any:
            if not self.edits:
                self.edits = 1
                take_in(store, scorer, "daily", below("edited"))
            return scorer.score(*args, **options)

    take_in(store, scorer, "daily", below("first"))
    saved = take_in(store, Interrupted(), "daily", below("first", "new"))
    assert (saved.new, saved.edited) == (1, 1)
