"""Agreement between moderators, the model's precision over time, and drift, computed from what the store reads.

Cohen's kappa comes from PyCM, Krippendorff's alpha (nominal) from the package krippendorff; drift is the population
stability index over ten equal steps of a score (Siddiqi, Credit Risk Scorecards, 2006: above .25 the change is large).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import krippendorff
import numpy as np
from pycm import ConfusionMatrix

from model.scores import ATTRIBUTES
from service.store.quality import Outcome, Pair

FEWEST = 5  # double decisions below which agreement is a matter of luck and is not shown
STEPS = 10
LARGE_DRIFT = 0.25


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two moderators agree beyond chance, for one group of double decisions."""

    name: str
    number: int
    same: float
    kappa: float | None
    alpha: float | None


@dataclass(frozen=True, slots=True)
class Precision:
    """Of the comments that the machine sent to review in a group, the share that moderators rejected."""

    name: str
    number: int
    rejected: int

    @property
    def share(self) -> float:
        return self.rejected / self.number


@dataclass(frozen=True, slots=True)
class Drift:
    """How the scores of one attribute moved from the weeks before to the last weeks."""

    attribute: str
    before: float | None
    after: float | None
    index: float | None

    @property
    def large(self) -> bool:
        return self.index is not None and self.index > LARGE_DRIFT


def agreement(name: str, pairs: Sequence[Pair]) -> Agreement:
    """Kappa and alpha of one group; None where there are too few, or all decisions are the same."""
    same = sum(pair.first_resolution == pair.second_resolution for pair in pairs) / len(pairs)
    firsts = [pair.first_resolution for pair in pairs]
    seconds = [pair.second_resolution for pair in pairs]
    if len(pairs) < FEWEST or len({*firsts, *seconds}) < 2:
        return Agreement(name, len(pairs), same, None, None)
    return Agreement(name, len(pairs), same, _kappa(firsts, seconds), _alpha(firsts, seconds))


def _kappa(firsts: list[str], seconds: list[str]) -> float | None:
    found: Any = ConfusionMatrix(actual_vector=firsts, predict_vector=seconds).Kappa
    return float(found) if isinstance(found, int | float) else None


def _alpha(firsts: list[str], seconds: list[str]) -> float:
    numbers = {name: index for index, name in enumerate(sorted({*firsts, *seconds}))}
    ratings = [[numbers[name] for name in row] for row in (firsts, seconds)]
    return float(krippendorff.alpha(reliability_data=ratings, level_of_measurement="nominal"))


def by_attribute(pairs: Sequence[Pair]) -> list[Agreement]:
    return _grouped(pairs, lambda pair: pair.attribute)


def by_month(pairs: Sequence[Pair]) -> list[Agreement]:
    return _grouped(pairs, lambda pair: f"{pair.decided_at:%Y-%m}")


def by_moderators(pairs: Sequence[Pair]) -> list[Agreement]:
    return _grouped(pairs, lambda pair: " and ".join(sorted((pair.first, pair.second))))


def _grouped(pairs: Sequence[Pair], name_of: Callable[[Pair], str]) -> list[Agreement]:
    groups: dict[str, list[Pair]] = {}
    for pair in pairs:
        groups.setdefault(name_of(pair), []).append(pair)
    return [agreement(name, groups[name]) for name in sorted(groups)]


def precision_by(outcomes: Iterable[Outcome], name_of: Callable[[Outcome], str]) -> list[Precision]:
    """The model's precision by any name of a group, in the order of the names."""
    groups: dict[str, list[bool]] = {}
    for outcome in outcomes:
        groups.setdefault(name_of(outcome), []).append(outcome.rejected)
    return [Precision(name, len(groups[name]), sum(groups[name])) for name in sorted(groups)]


def week_of(at: datetime) -> str:
    """The ISO week, such as 2026-W07."""
    year, week, _ = at.isocalendar()
    return f"{year}-W{week:02}"


def drift(before: Sequence[Sequence[Any]], after: Sequence[Sequence[Any]]) -> list[Drift]:
    """Means and stability index per attribute; None where a period has no scores."""
    old, new = _matrix(before), _matrix(after)
    return [_one_drift(name, old[:, column], new[:, column]) for column, name in enumerate(ATTRIBUTES)]


def _matrix(rows: Sequence[Sequence[Any]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([tuple(row) for row in rows], dtype=float).reshape(len(rows), len(ATTRIBUTES))


def _one_drift(name: str, old: np.ndarray[Any, Any], new: np.ndarray[Any, Any]) -> Drift:
    old, new = old[~np.isnan(old)], new[~np.isnan(new)]
    if not len(old) or not len(new):
        return Drift(name, _mean(old), _mean(new), None)
    shares = [np.histogram(part, bins=STEPS, range=(0, 1))[0] / len(part) for part in (old, new)]
    a, b = (np.clip(share, 1e-4, None) for share in shares)  # an empty step would make the index infinite
    return Drift(name, _mean(old), _mean(new), float(np.sum((b - a) * np.log(b / a))))


def _mean(values: np.ndarray[Any, Any]) -> float | None:
    return float(values.mean()) if len(values) else None
