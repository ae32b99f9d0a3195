"""The form of a policy: what was typed, from which version it was made, and what happens when that is out of date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from model.scores import ATTRIBUTES
from service.desk.views import probability, row_number
from service.store.database import Database
from service.store.policies import PolicyVersion, current_policy, version_that_governed

PARAMETER = "t_"  # prefix of a threshold's parameter
Thresholds = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class PolicyForm:
    """Thresholds for a place as somebody typed them, beside the version that is in force there."""

    site: str
    section: str
    current: PolicyVersion
    thresholds: Thresholds
    made_from: int | None  # the version that the form began with; None: it does not say
    why: str
    judge_stored: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """One threshold that somebody changed: where the form began, in force now, and in the form; None for none."""

    attribute: str
    before: float | None
    now: float | None
    form: float | None


def read_form(database: Database, given: Mapping[str, str]) -> PolicyForm:
    """The form as the parameters have it; what makes no sense, and what is not given, is as in force."""
    site, section = given.get("site", "")[:100], given.get("section", "")[:100]
    current = current_policy(database, site, section)
    return PolicyForm(
        site,
        section,
        current,
        _thresholds(given, current.policy.thresholds),
        row_number(given.get("made_from")),
        given.get("why", "")[:2000],
        "why" not in given or given.get("judge_stored") == "on",
    )


def _thresholds(given: Mapping[str, str], current: Thresholds) -> dict[str, float]:
    """The thresholds of a form; a form without any is the current policy, an empty field takes one away."""
    if not any(name.startswith(PARAMETER) for name in given):
        return dict(current)
    found = {}
    for name in ATTRIBUTES:
        text = given.get(PARAMETER + name, "").strip()
        if text:
            found[name] = probability(text, current.get(name, 0.5))
    return found


def on_top(database: Database, form: PolicyForm) -> tuple[PolicyForm, list[Difference]]:
    """The form with its own changes on top of what is in force now, and every threshold that one of the two changed.

    A threshold that both changed is as typed.
    """
    current = current_policy(database, form.site, form.section)
    began = version_that_governed(database, form.made_from, form.site, form.section)
    before, now = (began or current).policy.thresholds, current.policy.thresholds
    thresholds = _merged(before, now, form.thresholds)
    found = [Difference(name, before.get(name), now.get(name), thresholds.get(name)) for name in ATTRIBUTES]
    changed = [one for one in found if len({one.before, one.now, one.form}) > 1]
    return replace(form, current=current, thresholds=thresholds, made_from=current.id), changed


def _merged(before: Thresholds, now: Thresholds, typed: Thresholds) -> dict[str, float]:
    chosen = {name: (typed if typed.get(name) != before.get(name) else now).get(name) for name in ATTRIBUTES}
    return {name: limit for name, limit in chosen.items() if limit is not None}
