"""Agreement, precision and drift, against values worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from model.scores import ATTRIBUTES
from service.desk.agreement import agreement, by_attribute, by_moderators, by_month, drift, precision_by, week_of
from service.store.quality import Outcome, Pair

AT = datetime(2026, 3, 2, tzinfo=UTC)


def pairs(both_approve: int, both_reject: int, first_only: int, second_only: int) -> list[Pair]:
    """`first_only` are those that only the first moderator rejected."""
    table = {
        ("approve", "approve"): both_approve,
        ("reject", "reject"): both_reject,
        ("reject", "approve"): first_only,
        ("approve", "reject"): second_only,
    }
    return [Pair("ada", "bob", *names, "insult", AT) for names, number in table.items() for _ in range(number)]


def test_kappa_and_alpha_are_those_of_the_textbook() -> None:
    """Cohen 1960: (0.7 - 0.5) / (1 - 0.5); Krippendorff's nominal alpha with 2n - 1 pairable values."""
    found = agreement("All", pairs(20, 15, 10, 5))
    assert found.same == pytest.approx(0.7)
    assert found.kappa == pytest.approx(0.4, abs=1e-4)
    rejected, values = 2 * 15 + 10 + 5, 100
    expected = 1 - (15 * 2 / values) / (2 * rejected * (values - rejected) / (values * (values - 1)))
    assert found.alpha == pytest.approx(expected, abs=1e-9)


def test_full_agreement_is_one() -> None:
    found = agreement("All", pairs(10, 10, 0, 0))
    assert found.kappa == pytest.approx(1.0)
    assert found.alpha == pytest.approx(1.0)


@pytest.mark.parametrize("few", [pairs(2, 2, 0, 0), pairs(9, 0, 0, 0)])
def test_too_few_or_all_the_same_says_nothing(few: list[Pair]) -> None:
    found = agreement("All", few)
    assert (found.kappa, found.alpha, found.same) == (None, None, 1.0)


def test_groups_are_by_attribute_month_and_pair_whoever_was_first() -> None:
    some = [
        Pair("ada", "bob", "approve", "approve", "insult", AT),
        Pair("bob", "ada", "approve", "reject", "threat", AT.replace(month=4)),
    ]
    assert [one.name for one in by_attribute(some)] == ["insult", "threat"]
    assert [one.name for one in by_month(some)] == ["2026-03", "2026-04"]
    assert [(one.name, one.number) for one in by_moderators(some)] == [("ada and bob", 2)]


def test_precision_is_the_share_that_moderators_rejected() -> None:
    outcomes = [Outcome(AT, "insult", rejected, "m1") for rejected in (True, True, True, False)]
    (week,) = precision_by(outcomes, lambda one: week_of(one.decided_at))
    assert (week.name, week.number, week.share) == ("2026-W10", 4, 0.75)


def rows(toxicity: Sequence[float | None]) -> list[tuple[Any, ...]]:
    return [tuple(value if name == "toxicity" else None for name in ATTRIBUTES) for value in toxicity]


def test_drift_is_none_for_the_same_scores_and_large_for_others() -> None:
    low, high = [0.1, 0.2, 0.3] * 20, [0.7, 0.8, 0.9] * 20
    same, moved = drift(rows(low), rows(low))[0], drift(rows(low), rows(high))[0]
    assert same.index == pytest.approx(0.0)
    assert not same.large
    assert moved.large
    assert moved.before == pytest.approx(0.2)
    assert moved.after == pytest.approx(0.8)


def test_drift_without_scores_is_unknown() -> None:
    assert drift([], rows([0.5]))[0].index is None
    assert drift(rows([None]), rows([0.5]))[0].before is None
