"""A draw of articles is told from others by what the same scores reach on them."""

from __future__ import annotations

import re

import numpy as np
import pytest

from data.sources.examples import held_out
from training import draws
from training.draws import Rows, line
from training.mix import HELD_OUT


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draws, "DRAWS", 40)


def rows(reversed_in: set[str]) -> Rows:
    """Forty articles of four comments each, ranked rightly but in some, where they are ranked the other way round."""
    groups = [f"article {number}" for number in range(40) for _ in range(4)]
    labels = np.array([False, False, True, True] * 40)
    scores = np.array([(-1.0 if group in reversed_in else 1.0) * so for group, so in zip(groups, labels, strict=True)])
    return Rows(scores, labels, np.array(groups))


def figures(said: str) -> list[float]:
    return [float(found) for found in re.findall(r"\d\.\d{3}", said)]


def test_a_draw_of_hard_articles_is_told() -> None:
    ours = {group for group in set(rows(set()).groups) if held_out(group, HELD_OUT["c3"])}
    assert 2 < len(ours) < 20
    said = line("toxicity", rows(ours))
    everywhere, here, typical, _ = figures(said)
    assert here == 0.0
    assert 0.5 < everywhere < 1.0
    assert abs(typical - everywhere) < 0.1
    assert said.endswith(" 0% of them harder")


def test_a_draw_like_others_is_told() -> None:
    said = line("toxicity", rows(set()))
    assert figures(said)[:3] == [1.0, 1.0, 1.0]
    assert "all 40 articles" in said
